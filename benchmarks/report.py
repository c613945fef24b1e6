"""`RESULTS.md`: what was measured, where, and with what."""

import datetime as dt
import math
import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.alternatives import FIRST, REPEATED, Compared
from benchmarks.client import GIVEN_UP
from benchmarks.floors import Measured
from benchmarks.footprint import Footprint, rows
from benchmarks.growth import KINDS, Grown, exponent

RESULTS = Path(__file__).parent / "RESULTS.md"
LIBRARIES = ("uvicorn", "uvloop", "httptools", "fastapi", "starlette", "sqlalchemy", "pydantic", "datasette")


def table(head: str, rows: list[list[str]]) -> str:
    """A table; the first column is text, the others are figures."""
    names = head.split(" | ")
    lines = [names, ["---"] + ["--:"] * (len(names) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def mark(passed: bool | None) -> str:
    """Whether a bound is held."""
    return "" if passed is None else "yes" if passed else "**no**"


def milliseconds(seconds: float) -> str:
    """A time in milliseconds, to three digits or so."""
    if math.isinf(seconds):
        return f"> {GIVEN_UP * 1000:,.0f}"
    value = seconds * 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def machine(quick: bool) -> str:
    """The machine, the versions and the commit."""
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    state = " with changes" if _git("status", "--porcelain") else ""
    lines = [
        f"- {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        f"- commit {commit}{state}, {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC; load average "
        f"before the run {os.getloadavg()[0]:.1f}",
    ]
    if quick:
        lines.append("- **a quick run, for trying: these figures are rough**")
    return "\n".join(lines) + "\n"


def _git(*command: str) -> str:
    done = subprocess.run(["git", *command], capture_output=True, text=True, check=False)  # noqa: S603, S607  # fixed commands
    return done.stdout.strip()


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def floors_section(measured: list[Measured]) -> str:
    """The floors."""
    lines = [
        [
            row.work.title,
            f"{row.work.floor:.2f}" + (f", p99 < {row.work.p99 * 1000:.0f} ms" if row.work.p99 else ""),
            f"**{median(row.ratios):.3f}**",
            f"{min(row.ratios):.3f}–{max(row.ratios):.3f}",
            mark(row.passed),
            f"{row.cpu_ratio:.3f}",
            f"{median(row.ours.per_second):,.0f}",
            f"{median(row.bare.per_second):,.0f}",
            f"{median(row.ours.cpu) * 1e6:,.0f}",
            milliseconds(median(row.ours.p50)),
            milliseconds(median(row.ours.p99)),
            f"{row.bytes:,.0f}",
        ]
        for row in measured
    ]
    generator = max(max(row.bare.generator) for row in measured)
    server = min(median(row.bare.per_second) * median(row.bare.cpu) for row in measured)
    head = "work | at least | ratio | rounds | held | ratio of CPU | req/s | bare | CPU µs | p50 ms | p99 ms | bytes"
    rounds = len(measured[0].ratios)
    return (
        table(head, lines)
        + f"""
One worker by its own command (`python -m app serve`, cache as by default) on one core; the load, 16 keep-alive
connections, from the other. The bare application is uvicorn (uvloop, httptools) with the very same bytes, content type
and length. Rounds of both alternate; figures are medians over {rounds} of them. The ratio is that of requests a second;
beside it stands that of processor time per request, which the load generator cannot touch. Against the bare
application, the fastest there is, the generator was busy for at most {generator:.0%} of its core, the server for at
least {server:.0%} of its own (where that is far below 100 %, others used the machine at the same time).

Every answer was checked: status, length, and the body to the byte against the answer that another server process gave
to the same URL before. Where each URL is new, every round has a server process of its own that has not seen it;
questions combine filters, names, sorts, bounds and cursors by chance, with one seed, and every page holds 20 therapies.
There are only so many therapies to ask for by id: they are asked for over again, of a server that keeps nothing
(`CACHE_BYTES=0`).
"""
    )


def alternatives_section(compared: list[Compared]) -> str:
    """Against Datasette."""
    lines = [
        [
            row.title,
            row.theirs_is,
            f"**{row.first_ratio:.1f}×**",
            mark(row.first_ratio >= FIRST),
            f"{median(row.first):,.0f}",
            f"{median(row.theirs):,.0f}",
            f"**{row.repeated_ratio:.0f}×**",
            mark(row.repeated_ratio >= REPEATED),
            f"{median(row.repeated):,.0f}",
            f"{median(row.theirs_repeated):,.0f}",
        ]
        for row in compared
    ]
    head = (
        f"work | Datasette | new URLs, ≥ {FIRST:.0f}× | held | req/s | its | repeated, ≥ {REPEATED:.0f}× "
        "| held | req/s | its"
    )
    return (
        table(head, lines)
        + """
Datasette serves the same file, immutable, from one process on the same core, by its JSON table endpoints, which are the
nearest to ours that it has; suggesting facets is switched off. What both answered was compared for every question:
totals and ids, in the same order, and the counts of a facet. Its search answers matching texts, not the records,
and its facets count columns of one table, which is less than is asked of ImmunoFacts. A quarter of the questions goes
ahead, uncounted, on either side: what a server does once only is not what is compared.
"""
    )


def growth_section(grown: list[Grown]) -> str:
    """Growth."""
    lines = []
    for key, kind in KINDS.items():
        found = exponent(grown, key)
        at_100 = next((each.p50[key] for each in grown if each.factor == 100), None)
        bound = f"exponent ≤ {kind.exponent}" if kind.exponent else f"< {(kind.at_100 or 0) * 1000:.0f} ms at 100×"
        held = None
        if kind.exponent and found is not None:
            held = found <= kind.exponent
        elif kind.at_100 and at_100 is not None:
            held = at_100 < kind.at_100
        cells = [f"{milliseconds(each.p50[key])} ({milliseconds(each.p99[key])})" for each in grown]
        lines.append([kind.title, bound, *cells, "" if found is None else f"**{found:.2f}**", mark(held)])
    lines += [
        ["therapies", "", *(f"{each.therapies:,}" for each in grown), "", ""],
        ["adverse events, copied", "", *(f"{each.events}×" for each in grown), "", ""],
        ["file, GB", "", *(f"{each.bytes / 1e9:.2f}" for each in grown), "", ""],
        ["made in, s", "", *(f"{each.seconds:.0f}" for each in grown), "", ""],
        ["memory of the worker, MB", "", *(f"{each.resident / 1e6:.0f}" for each in grown), "", ""],
    ]
    head = f"p50 (p99), ms | bound | {' | '.join(f'{each.factor}×' for each in grown)} | exponent | held"
    return (
        table(head, lines)
        + """
The rows of a loaded release, multiplied by SQL: copy k of a therapy has facts, names and texts of its own, the same
vocabulary, and stands beside its original in every list, so that each filter matches the same share of the records.
One connection, different questions of each kind, nothing kept (`CACHE_BYTES=0`), no deadline, after 20 that are not
counted. The exponent is that of p50 from 1× to 100×: log(p50 at 100× / p50 at 1×) / log 100. What is missing here had
too little disk.
"""
    )


def footprint_section(found: Footprint) -> str:
    """Memory, start and load."""
    lines = [[title, bound, f"**{value}**", spread, mark(held)] for title, bound, value, spread, held in rows(found)]
    return table("what | bound | median | spread | held", lines)
