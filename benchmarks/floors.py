"""The floors: each kind of work against a bare application that returns the very same bytes, in alternating rounds."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import questions, servers
from benchmarks.bare import Bare
from benchmarks.client import Question, Run, answers, measure, question
from benchmarks.servers import Server

PAGE = "/therapies?limit=20"


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    rounds: int
    seconds: float
    """Of each side in each round, where one question is repeated."""
    asked: int
    """Different questions in each round, where each is new."""


FULL = Scale(rounds=7, seconds=2.0, asked=4000)
QUICK = Scale(rounds=3, seconds=0.5, asked=600)


@dataclass(frozen=True)
class Work:
    """A row of the table."""

    key: str
    title: str
    floor: float
    """Ratio of requests per second to those of the bare application."""
    p99: float | None = None
    """Seconds at 16 connections, at most."""


WORK = (
    Work("repeated", "page of 20 therapies, repeated", 0.80),
    Work("not-modified", "the same with `If-None-Match`: 304", 0.95),
    Work("zstd", "the same with `Accept-Encoding: zstd`", 0.75),
    Work("gzip", "the same with `Accept-Encoding: gzip`", 0.75),
    Work("pages", "page of 20 therapies, each URL new", 0.06, p99=0.020),
    Work("facets", "page of 20 with 4 facets, each URL new", 0.04),
    Work("records", "single therapy by id, nothing kept", 0.10),
    Work("texts", "full text, each URL new", 0.04),
)


@dataclass
class Side:
    """What one side measured, a value for each round."""

    per_second: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Seconds of the server's processor time for a request."""
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)

    def add(self, run: Run, cpu: float) -> None:
        """Take the figures of a round."""
        self.per_second.append(run.per_second)
        self.cpu.append(cpu / run.requests)
        self.p50.append(run.percentile(50))
        self.p99.append(run.percentile(99))
        self.generator.append(run.generator_share)


@dataclass
class Measured:
    """A row, measured."""

    work: Work
    bytes: float
    """Of an answer, on average."""
    ours: Side = field(default_factory=Side)
    bare: Side = field(default_factory=Side)

    @property
    def ratios(self) -> list[float]:
        """Requests per second, ours to bare, by round."""
        return [a / b for a, b in zip(self.ours.per_second, self.bare.per_second, strict=True)]

    @property
    def cpu_ratio(self) -> float:
        """Processor time of a request, bare to ours: the same ratio, as the load generator cannot touch it."""
        return median(self.bare.cpu) / median(self.ours.cpu)

    @property
    def passed(self) -> bool:
        """Whether the floor is held."""
        slow = self.work.p99 is not None and median(self.ours.p99) > self.work.p99
        return median(self.ratios) >= self.work.floor and not slow


def floors(database: Path, scale: Scale, only: str | None, progress: Callable[[str], None]) -> list[Measured]:
    """Measure every row, or the one named."""
    found = []
    for work in WORK:
        if only in {None, "floors", work.key}:
            progress(f"floor: {work.title}")
            found.append(_floor(work, database, scale, progress))
    return found


def _floor(work: Work, database: Path, scale: Scale, progress: Callable[[str], None]) -> Measured:
    with servers.immunofacts(database) as server:
        asked, bare = _asked(work.key, server, scale, progress)
    measured = Measured(work, sum(len(answer[2]) for answer in bare.values()) / len(bare))
    once = len(asked) == 1
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        yardstick = stack.enter_context(servers.bare(bare, Path(folder)))
        kept = stack.enter_context(servers.immunofacts(database)) if once else None
        for warmed in (yardstick, kept):
            if warmed is not None:
                _warm_up(warmed, asked)
        for number in range(scale.rounds):
            progress(f"floor: {work.title}: round {number + 1} of {scale.rounds}")
            measured.bare.add(*_run(yardstick, asked, None, scale.seconds))
            with _fresh(work.key, database, kept) as server:
                requests = None if once else len(asked)
                measured.ours.add(*_run(server, asked, requests, scale.seconds if once else None))
    return measured


@contextmanager
def _fresh(key: str, database: Path, kept: Server | None) -> Iterator[Server]:
    """The server of a round: the same one where answers are repeated, else one that has seen none of the questions."""
    if kept is not None:
        yield kept
        return
    # There are only so many therapies: they are asked for over again, of a server that keeps no answer.
    environment = {"CACHE_BYTES": "0"} if key == "records" else {}
    with servers.immunofacts(database, **environment) as server:
        _warm_up(server, _others(server, key))
        yield server


def _others(server: Server, key: str) -> list[Question]:
    """Some questions of the same kind that are not among those measured."""
    facets = f"&facets={questions.FACETS}" if key == "facets" else ""
    if key == "records":
        return [question(f"/therapies/{each}?fields=name") for each in questions.ids(server.port)[:200]]
    if key == "texts":
        return [question(f"/{listed}?q=cell&limit={n}") for listed in questions.TEXTS for n in range(21, 41)]
    return [question(f"/therapies?agency=FDA&status=approved&limit={n}{facets}") for n in range(21, 121)]


def _warm_up(server: Server, asked: list[Question]) -> None:
    measure(server.port, asked, requests=max(200, len(asked)))


def _run(server: Server, asked: list[Question], requests: int | None, seconds: float | None) -> tuple[Run, float]:
    before = server.cpu()
    run = measure(server.port, asked, requests=requests, seconds=seconds)
    return run, server.cpu() - before


def _asked(
    key: str, server: Server, scale: Scale, progress: Callable[[str], None]
) -> tuple[list[Question], dict[str, Bare]]:
    """The questions of a row with the answers they must get, and the same answers for the bare application."""
    if key == "pages":
        return _same(questions.pages(server.port, scale.asked, progress))
    if key == "facets":
        pages = questions.pages(server.port, scale.asked // 4, progress)
        progress("putting together facets")
        return _same(questions.with_facets(server.port, pages))
    if key == "records":
        return _same(questions.records(server.port, scale.asked // 2))
    if key == "texts":
        return _same(questions.texts(server.port, scale.asked, progress))
    headers = {"Accept-Encoding": key} if key in {"zstd", "gzip"} else {}
    [first] = answers(server.port, [question(PAGE, headers)])
    if key == "not-modified":
        asked = question(PAGE, {"If-None-Match": first.header("etag") or ""}, 304, b"")
        return [asked], {PAGE: (304, [], b"")}
    sent = [(b"content-type", b"application/json"), (b"content-length", str(len(first.body)).encode())]
    if headers:
        if first.header("content-encoding") != key:
            raise RuntimeError(f"The service did not answer in {key}.")
        sent.append((b"content-encoding", key.encode()))
    return [question(PAGE, headers, 200, first.body)], {PAGE: (200, sent, first.body)}


def _same(asked: list[Question]) -> tuple[list[Question], dict[str, Bare]]:
    kind = (b"content-type", b"application/json")
    bare: dict[str, Bare] = {}
    for each in asked:
        body = each.body or b""
        bare[each.target] = (200, [kind, (b"content-length", str(len(body)).encode())], body)
    return asked, bare
