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

from benchmarks import calls
from benchmarks.alternatives import FIRST, REPEATED, Compared
from benchmarks.client import TIMEOUT
from benchmarks.floors import Measured
from benchmarks.footprint import Footprint, rows
from benchmarks.growth import KINDS, START, Grown, exponent
from benchmarks.soak.findings import Findings
from benchmarks.soak.findings import table as soak_table
from benchmarks.soak.run import CLIENTS, EXCUSED, STALE

RESULTS = Path(__file__).parent / "RESULTS.md"
LIBRARIES = ("uvicorn", "uvloop", "httptools", "fastapi", "starlette", "sqlalchemy", "pydantic", "datasette")


NGINX = (
    "nginx is that of this machine, with the proxy of compose.yaml and its log of requests, on the core of the server."
)


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
        return f"> {TIMEOUT * 1000:,.0f}"
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


HEAD = (
    "work | at least | ratio | rounds | held | ratio of CPU | req/s | bare | CPU µs | p50 ms | p99 ms | bytes"
    " | generator"
)
"""Columns of the floors."""


def _floor_lines(measured: list[Measured]) -> list[list[str]]:
    """The rows of floors, as measured."""
    return [
        [
            row.work.title,
            f"{row.work.floor:.3g}" + (f", p99 < {row.work.p99 * 1000:.0f} ms" if row.work.p99 else ""),
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
            f"{median(row.ours.generator):.0%}",
        ]
        for row in measured
    ]


def pages_section(measured: list[Measured]) -> str:
    """The pages, against a bare application that returns the very same HTML."""
    return (
        table(HEAD, _floor_lines(measured))
        + """
Measured as the floors are. *The first time* is out of a server that keeps no answer (`CACHE_BYTES=0`): each request
asks the API anew, in the same process, and draws the page anew; the release is in memory. *Repeated* is out of the
cache, as by default.
"""
    )


def floors_section(measured: list[Measured], missing: str | None) -> str:
    """The floors; `missing` says why one is not measured here."""
    server = min(median(row.bare.per_second) * median(row.bare.cpu) for row in measured)
    rounds = len(measured[0].ratios)
    return (
        table(HEAD, _floor_lines(measured))
        + f"""
One worker by its own command (`immunofacts serve`, cache as by default) on one core; the load, 16 keep-alive
connections, from the other. The bare application is uvicorn (uvloop, httptools) with the very same bytes, content type
and length. Neither logs requests, but in the row that says so: there ours logs as by default (a line of JSON with id,
route, release and time), and uvicorn its access log, both into a file. Rounds of both alternate; figures are medians
over {rounds} of them. The ratio is that of requests a second; beside it stands that of processor time per request,
which the load generator cannot touch; the last column is the share of its core for which the generator was busy with
our answers: near 100 % the server could answer more. Against the bare application the server was busy for at least
{server:.0%} of its core (where that is far below 100 %, others used the machine at the same time).
{missing or NGINX}

Every answer was checked: status, length, and the body to the byte against the answer that another server process gave
to the same URL before. Where each URL is new, every round has a server process of its own that has not seen it;
requests combine filters, names, sorts, bounds and cursors by chance, with one seed, and every page holds 20 therapies.
There are only so many therapies: they are requested over again, of a server that caches nothing (`CACHE_BYTES=0`).
"""
    )


def calls_section(entered: list[calls.Function]) -> str:
    """The way of one request."""
    files = list(dict.fromkeys(each.file for each in entered))
    held = len(entered) <= calls.MAX_FUNCTIONS and len(files) <= calls.MAX_FILES
    bound = f"≤ {calls.MAX_FUNCTIONS} in ≤ {calls.MAX_FILES}"
    line = [f"`GET {calls.TARGET}`", bound, f"**{len(entered)}** in **{len(files)}**", mark(held)]
    return (
        table("request | bound | functions of app/, in files | held", [line])
        + f"""
Every function of `app/` that the request enters, from its first byte to the end of the answer, not from the cache;
comprehensions and lambdas count with the function they stand in. `python -m benchmarks.calls` lists them. The files, in
the order in which they are entered: {", ".join(files)}.
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
Datasette serves a copy of the same file, immutable, from one process on the same core, by its JSON table endpoints,
which are the nearest to ours that it has; suggesting facets is switched off. The copy has what it needs for the same
answers: a view of therapies with their documents in the list, which a page holds, and a table of the searched texts
with FTS5. What both answer is compared for every request: totals and ids, in the same order, and the counts of a facet;
the few that they do not answer alike, as ours finds words that are written apart too, are left out. Its search answers
texts, not the records, and its facets count columns of one table, which is less than is requested of ImmunoFacts. A
quarter of the requests goes ahead, uncounted, on either side: what a server does once only is not what is compared.
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
    starts = [median(each.starts) for each in grown]
    bounds = [START[each.factor] for each in grown if each.factor in START]
    held = all(start <= bound for start, bound in zip(starts, bounds, strict=False))
    bound = ", ".join(f"≤ {START[each.factor]:g} s at {each.factor}×" for each in grown if each.factor in START)
    lines += [
        ["start to first 200, s", bound, *(f"{start:.2f}" for start in starts), "", mark(held)],
        ["therapies", "", *(f"{each.therapies:,}" for each in grown), "", ""],
        ["records of all lists", "", *(f"{each.records:,}" for each in grown), "", ""],
        ["file, GB", "", *(f"{each.bytes / 1e9:.2f}" for each in grown), "", ""],
        ["made in, s", "", *(f"{each.seconds:.0f}" for each in grown), "", ""],
        ["memory of the worker, MB", "", *(f"{each.resident / 1e6:.0f}" for each in grown), "", ""],
    ]
    head = f"p50 (p99), ms | bound | {' | '.join(f'{each.factor}×' for each in grown)} | exponent | held"
    return (
        table(head, lines)
        + """
The records of a loaded release, multiplied: copy k of a therapy has facts, names and texts of its own, the same
vocabulary, and stands beside its original in every list, so that each filter matches the same share of the records; the
index is built anew, as by a load. One connection, different requests of each kind, nothing cached (`CACHE_BYTES=0`), no
deadline, after 20 that are not counted. The exponent is that of p50 from 1× to 100×: log(p50 at 100× / p50 at 1×) /
log 100. 1000× is left out: an index is built from all documents in memory (70 GB at that size) and stored as one value
a list, which in SQLite has at most 1 GB. What else is missing here had too little disk or memory.
"""
    )


def footprint_section(found: Footprint) -> str:
    """Memory, start and load."""
    lines = [[title, bound, f"**{value}**", spread, mark(held)] for title, bound, value, spread, held in rows(found)]
    return table("what | bound | median | spread | held", lines)


def soak_section(seconds: float, findings: Findings) -> str:
    """The soak."""
    lines = [soak_table(findings), *findings.examples, *findings.failed_actions]
    return (
        "\n".join(lines)
        + f"""
`make soak`, here for {seconds:.0f} s: two workers on both cores, {CLIENTS} connections that send requests of all kinds,
some pinned to a release, while releases are activated, removed and loaded, a worker is killed, and the server is
stopped and started, one of these every few seconds. Each answer was held against the one that a quiet server gave
before to the same URL pinned to the release that the answer names. *Mixed* is the answer of another release than it
names, *stale* one of the release before, {STALE} s after an activation. A connection that is closed unanswered within
{EXCUSED:.0f} s of a kill, a restart, or the removal of a release that an export reads is counted apart; the request was
sent again, as clients do. *Lost* is what was never answered.
"""
    )
