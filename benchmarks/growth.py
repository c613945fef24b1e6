"""Growth: what becomes of the time of an answer when the base is multiplied."""

import math
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from benchmarks import questions, servers
from benchmarks.client import Question, measure, question
from benchmarks.multiply import multiply

FACTORS = (1, 10, 100, 1000)
EVENTS_AT_MOST = {1000: 1}
"""How often adverse events are copied, where it is less than the therapies are: fourteen million take 70 GB."""
DISK = {100: 12 << 30, 1000: 40 << 30}
"""Bytes of free disk that a factor needs."""


@dataclass(frozen=True)
class Kind:
    """A kind of question, and its bounds."""

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
    events: int
    bytes: int
    seconds: float
    therapies: int = 0
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
    """Multiply and measure, factor by factor; a factor for which the disk is too small is left out."""
    found = []
    with servers.immunofacts(database) as server:
        ids = questions.ids(server.port)
        pages = [each.target for each in questions.pages(server.port, 300, progress)]
    pages = [page for page in pages if "cursor=" not in page]
    for factor in factors:
        if shutil.disk_usage(folder).free < DISK.get(factor, 0):
            progress(f"growth: {factor}× is left out, there is too little disk")
            continue
        progress(f"growth: multiplying by {factor}")
        larger = folder / f"growth-{factor}.db"
        began = time.perf_counter()
        events = EVENTS_AT_MOST.get(factor, factor)
        multiply(database, larger, factor, events)
        grown = Grown(factor, events, larger.stat().st_size, time.perf_counter() - began)
        with servers.immunofacts(larger) as server:
            [answer] = questions.asked(server.port, ["/therapies?limit=1"])
            grown.therapies = questions.parsed(answer)["total"]
            asked = _targets(server.port, ids, pages, factor)
        for kind, targets in asked.items():
            progress(f"growth: {factor}×: {KINDS[kind].title}")
            with servers.immunofacts(larger, CACHE_BYTES="0", DEADLINE_SECONDS="0") as server:
                _measure(server.port, kind, targets, grown)
                grown.resident = max(grown.resident, server.resident())
        found.append(grown)
        for file in folder.glob(f"{larger.name}*"):
            file.unlink()
    return found


def _measure(port: int, kind: str, targets: list[str], grown: Grown) -> None:
    """One connection, so that latency is the time of an answer; some questions go ahead to warm up."""
    asked: list[Question] = [question(target) for target in targets]
    try:
        measure(port, asked[:20], connections=1, requests=20, seconds=10)
        run = measure(port, asked[20:], connections=1, requests=len(asked) - 20, seconds=30)
    except TimeoutError:
        grown.p50[kind] = grown.p99[kind] = math.inf
        return
    times = run.latencies if len(run.latencies) > 1 else run.latencies * 2
    cuts = quantiles(times, n=100, method="inclusive")
    grown.p50[kind], grown.p99[kind] = cuts[49], cuts[98]


def _targets(port: int, ids: list[str], pages: list[str], factor: int) -> dict[str, list[str]]:
    """Different questions of each kind."""
    chance = random.Random(6)  # noqa: S311  # the same questions in every run
    names = sorted({each.split("-")[0] for each in ids})
    typed = sorted({name[:length] for name in names for length in (3, 4, 5, 6, 8)})
    common = ["treatment", "patients", "cell", "cancer", "blocks", "binds", "with", "adults", "disease", "therapy"]
    return {
        "record": [f"/therapies/{_copy(chance, chance.choice(ids), factor)}" for _ in range(300)],
        "page": pages,
        "deep": _deep(port),
        "suggestion": [f"/suggest?q={name}" for name in chance.sample(typed, min(300, len(typed)))],
        "facets": [f"{page}&facets={questions.FACETS}" for page in pages],
        "text": [f"/therapies?q={word}&limit={20 + number}" for number in range(12) for word in common],
    }


def _copy(chance: random.Random, record_id: str, factor: int) -> str:
    number = chance.randrange(factor)
    return f"{record_id}-c{number}" if number else record_id


def _deep(port: int) -> list[str]:
    """Pages that begin behind 90 % of the list: of all therapies, and of those of an agency."""
    found = []
    for asked in ("/therapies?", "/therapies?agency=FDA&"):
        target: str | None = f"{asked}limit=500&fields=id"
        seen, total = 0, 1
        while target and seen < total * 0.9:
            size = max(1, min(500, int(total * 0.9) - seen)) if seen or total > 1 else 1
            [answer] = questions.asked(port, [target.replace("limit=500", f"limit={size}")])
            page = questions.parsed(answer)
            seen, total = seen + len(page["items"]), page["total"]
            target = page["next"] and page["next"].replace(f"limit={size}", "limit=500")
        assert target  # noqa: S101  # a tenth of the list is left
        onward = [target.replace("limit=500", f"limit={number}") for number in range(1, 16)]
        for answer in questions.asked(port, onward):
            if onto := questions.parsed(answer)["next"]:
                cursor = questions.query_of(onto)["cursor"]
                found += [f"{asked}limit={size}&cursor={cursor}" for size in range(15, 25)]
    random.Random(6).shuffle(found)  # noqa: S311  # the same questions in every run
    return found
