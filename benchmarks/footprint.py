"""What it takes: memory of a worker, time to start, time to load."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import questions, servers
from benchmarks.client import measure
from benchmarks.floors import Scale

RESIDENT, START, LOAD = 150_000_000, 1.0, 5.0
"""Bytes of memory and seconds, at most."""


@dataclass(frozen=True)
class Footprint:
    """What was found."""

    resident_at_start: int
    resident: int
    """Bytes after so many different questions."""
    mapped: int
    """Bytes of these that are pages of files."""
    asked: int
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
    progress("memory: putting together questions")
    with servers.immunofacts(database) as server:
        asked = questions.pages(server.port, scale.asked, progress)
        asked += questions.with_facets(server.port, asked[: scale.asked // 10])
        asked += questions.records(server.port, 275)
        asked += questions.texts(server.port, scale.asked, progress)
    with servers.immunofacts(database) as server:
        progress("memory: asking")
        at_start = server.resident()
        measure(server.port, asked, requests=len(asked))
        resident, mapped = server.resident(), server.mapped()
    starts = []
    for number in range(scale.rounds):
        progress(f"start: {number + 1} of {scale.rounds}")
        with servers.immunofacts(database) as server:
            starts.append(server.started_in)
    loads = []
    for number in range(3):
        progress(f"load: {number + 1} of 3")
        loads.append(load(folder / f"load-{number}.db"))
    return Footprint(at_start, resident, mapped, len(asked), starts, loads)


def rows(found: Footprint) -> list[tuple[str, str, str, str, bool]]:
    """What was measured, the bound, the median, the spread, and whether the bound is held."""
    return [
        (
            f"memory of one worker after {found.asked:,} different questions, cache as by default",
            f"< {RESIDENT / 1e6:.0f} MB",
            f"{found.resident / 1e6:.0f} MB",
            f"{found.resident_at_start / 1e6:.0f} MB at start; {found.mapped / 1e6:.0f} MB are pages of files",
            found.resident < RESIDENT,
        ),
        _time("start to first 200", START, found.starts),
        _time("migrating and loading the whole base into a new file", LOAD, found.loads),
    ]


def _time(title: str, bound: float, seconds: list[float]) -> tuple[str, str, str, str, bool]:
    middle = median(seconds)
    return title, f"< {bound:.0f} s", f"{middle:.2f} s", f"{min(seconds):.2f}–{max(seconds):.2f} s", middle < bound
