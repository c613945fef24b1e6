"""Growth: what becomes of the time of an answer, and of the start, when the base is multiplied."""

import math
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from app.release.stored_index import fingerprint
from benchmarks import servers, workload
from benchmarks.client import Request, get, measure

FACTORS = (1, 10, 100)
START = {1: 1.5, 10: 10.0}
"""Seconds from the command to the first 200, at most, by factor."""
DISK = {100: 12 << 30}
"""Bytes of free disk that a factor needs."""
MEMORY = {100: 9 << 30}
"""Bytes of memory that making a base takes: its documents are indexed at once."""


@dataclass(frozen=True)
class Kind:
    """A kind of request, and its bounds."""

    title: str
    exponent: float | None = None
    """Of p50, from 1× to 100×."""
    at_100: float | None = None
    """Seconds of p50 at 100×."""


KINDS = {
    "record": Kind("single therapy", exponent=0.15),
    "page": Kind("filtered page of 20", exponent=0.15),
    "deep": Kind("deep page, 90 % in", exponent=0.15),
    "suggestion": Kind("suggestion", exponent=0.15),
    "facets": Kind("page with 4 facets", at_100=0.010),
    "text": Kind("full text of a common word", at_100=0.010),
}


@dataclass
class Grown:
    """A base that was multiplied: what it took, and p50 and p99 of each kind in seconds."""

    factor: int
    bytes: int
    seconds: float
    therapies: int = 0
    records: int = 0
    starts: list[float] = field(default_factory=list)
    p50: dict[str, float] = field(default_factory=dict)
    p99: dict[str, float] = field(default_factory=dict)
    resident: int = 0


def exponent(grown: list[Grown], kind: str) -> float | None:
    """The exponent with which p50 grows from 1× to 100×."""
    by_factor = {each.factor: each.p50[kind] for each in grown}
    if not by_factor.keys() >= {1, 100}:
        return None
    return math.log(by_factor[100] / by_factor[1]) / math.log(100)


def growth(database: Path, folder: Path, factors: tuple[int, ...], progress: Callable[[str], None]) -> list[Grown]:
    """Multiply and measure, factor by factor; a factor for which disk or memory are too small is left out.

    Multiplied bases stay in the folder, and are used again where they follow from the same base and code.
    """
    found = []
    with servers.immunofacts(database) as server:
        ids = workload.ids(server.port)
        pages = [each.target for each in workload.pages(server.port, 300, progress)]
    pages = [page for page in pages if "cursor=" not in page]
    for factor in factors:
        if shutil.disk_usage(folder).free < DISK.get(factor, 0) or servers.free_memory() < MEMORY.get(factor, 0):
            progress(f"growth: {factor}× is left out, there is too little disk or memory")
            continue
        larger = folder / f"growth-{factor}.db"
        grown = Grown(factor, 0, _multiply(database, larger, factor, progress))
        grown.bytes = larger.stat().st_size
        with servers.immunofacts(larger) as server:
            info = workload.parsed(workload.answers(server.port, ["/service-info"])[0])
            grown.therapies, grown.records = info["counts"]["therapies"], sum(info["counts"].values())
            targets = _targets(server.port, ids, pages, factor)
        for kind in targets:
            progress(f"growth: {factor}×: {KINDS[kind].title}")
            with servers.immunofacts(larger, CACHE_BYTES="0", DEADLINE_SECONDS="0") as server:
                grown.starts.append(server.started_in)
                _measure(server.port, kind, targets[kind], grown)
                grown.resident = max(grown.resident, server.resident())
        found.append(grown)
    return found


def _multiply(source: Path, target: Path, factor: int, progress: Callable[[str], None]) -> float:
    """Make a larger base, in a process of its own, which gives its memory back; answer the seconds that took."""
    noted = target.with_suffix(".seconds")
    if target.exists() and noted.exists() and _digest(source) == _digest(target):
        progress(f"growth: {target} is used again")
        return float(noted.read_text())
    progress(f"growth: multiplying by {factor}")
    began = time.perf_counter()
    target.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.multiply", str(source), str(target), str(factor)]
    subprocess.run(command, check=True)  # noqa: S603  # our own command
    seconds = time.perf_counter() - began
    noted.write_text(f"{seconds:.1f}")
    return seconds


def _digest(database: Path) -> list[tuple[str, str]]:
    """What a base and its stored index follow from."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        query = "SELECT DISTINCT digest, fingerprint FROM release JOIN list_index ON release_id = release.id ORDER BY 1"
        found = connection.execute(query).fetchall()
    return [(digest, stored if stored == fingerprint() else "outdated") for digest, stored in found]


def _measure(port: int, kind: str, targets: list[str], grown: Grown) -> None:
    """One connection, so that latency is the time of an answer; some requests go ahead to warm up."""
    requests: list[Request] = [get(target) for target in targets]
    try:
        measure(port, requests[:20], connections=1, count=20, seconds=10)
        run = measure(port, requests[20:], connections=1, count=len(requests) - 20, seconds=30)
    except TimeoutError:
        grown.p50[kind] = grown.p99[kind] = math.inf
        return
    times = run.latencies if len(run.latencies) > 1 else run.latencies * 2
    cuts = quantiles(times, n=100, method="inclusive")
    grown.p50[kind], grown.p99[kind] = cuts[49], cuts[98]


def _targets(port: int, ids: list[str], pages: list[str], factor: int) -> dict[str, list[str]]:
    """Different URLs of each kind."""
    chance = random.Random(6)  # noqa: S311  # the same requests in every run
    names = sorted({each.split("-")[0] for each in ids})
    typed = sorted({name[:length] for name in names for length in (3, 4, 5, 6, 8)})
    common = ["treatment", "patients", "cell", "cancer", "blocks", "binds", "with", "adults", "disease", "therapy"]
    return {
        "record": [f"/therapies/{_copy(chance, chance.choice(ids), factor)}" for _ in range(300)],
        "page": pages,
        "deep": _deep(port),
        "suggestion": [f"/suggest?q={name}" for name in chance.sample(typed, min(300, len(typed)))],
        "facets": [f"{page}&facets={workload.FACETS}" for page in pages],
        "text": [f"/therapies?q={word}&limit={20 + number}" for number in range(12) for word in common],
    }


def _copy(chance: random.Random, record_id: str, factor: int) -> str:
    number = chance.randrange(factor)
    return f"{record_id}-c{number}" if number else record_id


def _deep(port: int) -> list[str]:
    """Pages that begin behind 90 % of the list: of all therapies, and of those of an agency."""
    found = []
    for query in ("/therapies?", "/therapies?agency=FDA&"):
        target: str | None = f"{query}limit=500&fields=id"
        seen, total = 0, 1
        while target and seen < total * 0.9:
            size = max(1, min(500, int(total * 0.9) - seen)) if seen or total > 1 else 1
            [answer] = workload.answers(port, [target.replace("limit=500", f"limit={size}")])
            page = workload.parsed(answer)
            seen, total = seen + len(page["items"]), page["total"]
            target = page["next"] and page["next"].replace(f"limit={size}", "limit=500")
        assert target  # noqa: S101  # a tenth of the list is left
        onward = [target.replace("limit=500", f"limit={number}") for number in range(1, 16)]
        for answer in workload.answers(port, onward):
            if following := workload.parsed(answer)["next"]:
                cursor = workload.query_of(following)["cursor"]
                found += [f"{query}limit={size}&cursor={cursor}" for size in range(15, 25)]
    random.Random(6).shuffle(found)  # noqa: S311  # the same requests in every run
    return found
