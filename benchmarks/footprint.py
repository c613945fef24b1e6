"""What it takes: memory of a worker, time to start, time to load."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import servers, workload
from benchmarks.client import get, measure
from benchmarks.floors import Scale
from benchmarks.growth import START

RESIDENT, LOAD = 150_000_000, 6.0
"""Bytes of memory and seconds, at most."""


@dataclass(frozen=True)
class Memory:
    """Memory of one worker, cache as by default."""

    at_start: int
    after_pages: int
    """Bytes after different requests for pages, facets, records and searches."""
    different: int
    """How many those were."""
    after_mixed: int
    """Bytes after mixed use on top of it."""
    mixed: int
    mixed_seconds: float
    mapped: int
    """Bytes of these that are pages of files."""


@dataclass(frozen=True)
class Footprint:
    """What was found."""

    memory: Memory
    starts: list[float]
    """Seconds from the command to the first 200."""
    loads: list[float]
    """Seconds of migrating and loading into a new file, with the start of Python."""


def load(database: Path) -> float:
    """Load the fact base into a new file, by its own command, and answer how long that took."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "-m", "seed", "load", "--migrate"]
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # our own command
    return time.perf_counter() - began


def footprint(database: Path, folder: Path, scale: Scale, progress: Callable[[str], None]) -> Footprint:
    """Measure memory, starts and loads."""
    memory = _memory(database, scale, progress)
    starts = []
    for number in range(scale.rounds):
        progress(f"start: {number + 1} of {scale.rounds}")
        with servers.immunofacts(database) as server:
            starts.append(server.started_in)
    servers.pin(set(servers.CORES))  # a load is several processes, as where it is run
    loads = []
    for number in range(3):
        progress(f"load: {number + 1} of 3")
        loads.append(load(folder / f"load-{number}.db"))
    return Footprint(memory, starts, loads)


def _memory(database: Path, scale: Scale, progress: Callable[[str], None]) -> Memory:
    """Memory after thousands of different requests, and after mixed use of everything there is."""
    progress("memory: putting together requests")
    with servers.immunofacts(database) as server:
        port = server.port
        different = workload.pages(port, scale.requests, progress)
        different += workload.with_facets(port, different[: scale.requests // 10])
        different += workload.records(port, 275)
        different += workload.texts(port, scale.requests, progress)
        heavy = workload.exports(port) + workload.comparisons(port, 200)
        light = [*workload.names(port), *(each.target for each in different)]
        known = workload.ids(port, "mechanisms")
        release = workload.parsed(workload.answers(port, ["/service-info"])[0])["release"]
    heavy += [f"/releases/{release}/download?format={kind}" for kind in ("sqlite", "jsonl")]
    heavy += ["/openapi.json", "/releases", "/metrics", *(f"/facts/{each}/history" for each in known[:50])]
    chance = random.Random(6)  # noqa: S311  # the same requests in every run
    mixed = [get(chance.choice(heavy if number % 10 == 0 else light)) for number in range(20_000)]
    with servers.immunofacts(database) as server:
        at_start = server.resident()
        progress("memory: different requests")
        measure(server.port, different, count=len(different))
        after_pages = server.resident()
        progress(f"memory: mixed use for {scale.mixed_seconds:.0f} s")
        run = measure(server.port, mixed, seconds=scale.mixed_seconds)
        return Memory(
            at_start,
            after_pages,
            len(different),
            server.resident(),
            run.requests,
            run.seconds,
            server.mapped(),
        )


def rows(found: Footprint) -> list[tuple[str, str, str, str, bool]]:
    """What was measured, the bound, the median, the spread, and whether the bound is held."""
    memory, bound = found.memory, f"< {RESIDENT / 1e6:.0f} MB"
    return [
        (
            f"memory of one worker after {memory.different:,} different requests, cache as by default",
            bound,
            f"{memory.after_pages / 1e6:.0f} MB",
            f"{memory.at_start / 1e6:.0f} MB at start",
            memory.after_pages < RESIDENT,
        ),
        (
            f"the same after {memory.mixed_seconds:.0f} s of mixed use on top: {memory.mixed:,} requests, "
            "a tenth of them exports, comparisons and downloads, 16 at a time",
            bound,
            f"{memory.after_mixed / 1e6:.0f} MB",
            f"{memory.mapped / 1e6:.0f} MB are pages of files",
            memory.after_mixed < RESIDENT,
        ),
        _time("start to first 200", START[1], found.starts),
        _time("migrating and loading the whole base into a new file", LOAD, found.loads),
    ]


def _time(title: str, bound: float, seconds: list[float]) -> tuple[str, str, str, str, bool]:
    middle = median(seconds)
    return title, f"< {bound:g} s", f"{middle:.2f} s", f"{min(seconds):.2f}–{max(seconds):.2f} s", middle < bound
