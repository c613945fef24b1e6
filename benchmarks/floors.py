"""The floors: each kind of work against a bare application that returns the very same bytes, in alternating rounds."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import servers, workload
from benchmarks.bare import Bare
from benchmarks.client import Request, Run, fetch, get, measure
from benchmarks.servers import Server

PAGE = "/therapies?limit=20"


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    rounds: int
    seconds: float
    """Of each side in each round, where one request is repeated."""
    requests: int
    """Different requests in each round, where each is new."""
    mixed_seconds: float
    """Of mixed use, after which memory is measured."""


FULL = Scale(rounds=5, seconds=2.0, requests=3000, mixed_seconds=120)
QUICK = Scale(rounds=3, seconds=0.5, requests=600, mixed_seconds=20)


@dataclass(frozen=True)
class Work:
    """A row of the table."""

    key: str
    title: str
    floor: float
    """Ratio of requests per second to those of the bare application."""
    p99: float | None = None
    """Seconds at 16 connections, at most."""
    target: str = PAGE
    """What is requested, where one request is repeated."""
    kept: bool = True
    """Its answer may be kept from one request to the next."""


WORK = (
    Work("repeated", "page of 20 therapies, repeated", 0.90),
    Work("logged", "the same, both with their log of requests (ours: as by default)", 1.00),
    Work("not-modified", "the same with `If-None-Match`: 304", 0.70),
    Work("zstd", "the same with `Accept-Encoding: zstd`", 0.90),
    Work("gzip", "the same with `Accept-Encoding: gzip`", 0.90),
    Work("nginx", "the same through the proxy of compose.yaml", 1.50),
    Work("pages", "page of 20 therapies, each URL new", 0.065, p99=0.020),
    Work("facets", "page of 20 with 4 facets, each URL new", 0.03),
    Work("records", "single therapy by id, nothing cached", 0.12),
    Work("texts", "full text, each URL new", 0.05),
)
DIFFERENT = {"pages", "facets", "records", "texts"}
"""Rows whose requests differ."""


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
    """Of an answer's body, on average."""
    ours: Side = field(default_factory=Side)
    bare: Side = field(default_factory=Side)

    @property
    def ratios(self) -> list[float]:
        """Ours to bare, round by round."""
        return [ours / bare for ours, bare in zip(self.ours.per_second, self.bare.per_second, strict=True)]

    @property
    def cpu_ratio(self) -> float:
        """Bare to ours: processor time for a request, which the load generator cannot touch."""
        return median(bare / ours for ours, bare in zip(self.ours.cpu, self.bare.cpu, strict=True))

    @property
    def passed(self) -> bool:
        """Whether the floor is held."""
        fast = self.work.p99 is None or median(self.ours.p99) < self.work.p99
        return median(self.ratios) >= self.work.floor and fast


def floors(
    database: Path,
    scale: Scale,
    only: str | None,
    progress: Callable[[str], None],
    rows: Sequence[Work] = WORK,
    section: str = "floors",
) -> list[Measured]:
    """Measure every row of a section, or the one named; what is missing on this machine is left out."""
    found = []
    for work in rows:
        if only in {None, section, work.key}:
            if work.key == "nginx" and (reason := servers.nginx_missing()):
                progress(reason)
                continue
            progress(f"floor: {work.title}")
            found.append(_floor(work, database, scale, progress))
    return found


def _floor(work: Work, database: Path, scale: Scale, progress: Callable[[str], None]) -> Measured:
    with servers.immunofacts(database) as server:
        requests, bare = _requests(work, server, scale, progress)
    measured = Measured(work, sum(len(answer[2]) for answer in bare.values()) / len(bare))
    different = work.key in DIFFERENT
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yardstick = stack.enter_context(servers.bare(bare, folder, access_log=work.key == "logged"))
        same = None if different else stack.enter_context(_same_server(work, database, folder))
        for each in (yardstick, same):
            if each is not None:
                _warm_up(each, requests)
        for number in range(scale.rounds):
            progress(f"floor: {work.title}: round {number + 1} of {scale.rounds}")
            measured.bare.add(*_run(yardstick, requests, None, scale.seconds))
            with _server(work.key, database, same) as server:
                count = len(requests) if different else None
                measured.ours.add(*_run(server, requests, count, None if different else scale.seconds))
    return measured


@contextmanager
def _same_server(work: Work, database: Path, folder: Path) -> Iterator[Server]:
    """The server of all rounds of a row whose request is repeated."""
    logs = {"LOG_LEVEL": "info"} if work.key in {"logged", "nginx"} else {}
    with servers.immunofacts(database, **logs, **({} if work.kept else {"CACHE_BYTES": "0"})) as server:
        if work.key != "nginx":
            yield server
            return
        with servers.nginx(server, folder) as proxy:
            yield proxy


@contextmanager
def _server(key: str, database: Path, same: Server | None) -> Iterator[Server]:
    """The server of a round: the same one where one request is repeated, else one that has seen none of them."""
    if same is not None:
        yield same
        return
    # There are only so many therapies: they are requested over again, of a server that caches no answer.
    environment = {"CACHE_BYTES": "0"} if key == "records" else {}
    with servers.immunofacts(database, **environment) as server:
        _warm_up(server, _others(server, key))
        yield server


def _others(server: Server, key: str) -> list[Request]:
    """Some requests of the same kind that are not among those measured."""
    facets = f"&facets={workload.FACETS}" if key == "facets" else ""
    if key == "records":
        return [get(f"/therapies/{each}?fields=name") for each in workload.ids(server.port)[:200]]
    if key == "texts":
        return [get(f"/{listed}?q=cell&limit={n}") for listed in workload.TEXTS for n in range(21, 41)]
    return [get(f"/therapies?agency=FDA&status=approved&limit={n}{facets}") for n in range(21, 121)]


def _warm_up(server: Server, requests: list[Request]) -> None:
    measure(server.port, requests, count=max(200, len(requests)))


def _run(server: Server, requests: list[Request], count: int | None, seconds: float | None) -> tuple[Run, float]:
    before = server.cpu()
    run = measure(server.port, requests, count=count, seconds=seconds)
    return run, server.cpu() - before


def _requests(
    work: Work, server: Server, scale: Scale, progress: Callable[[str], None]
) -> tuple[list[Request], dict[str, Bare]]:
    """The requests of a row with the answers they must get, and the same answers for the bare application."""
    key, target = work.key, work.target
    if key == "pages":
        return _with_bare(workload.pages(server.port, scale.requests, progress))
    if key == "facets":
        pages = workload.pages(server.port, scale.requests // 4, progress)
        progress("putting together facets")
        return _with_bare(workload.with_facets(server.port, pages))
    if key == "records":
        return _with_bare(workload.records(server.port, scale.requests // 2))
    if key == "texts":
        return _with_bare(workload.texts(server.port, scale.requests, progress))
    headers = {"Accept-Encoding": key} if key in {"zstd", "gzip"} else {}
    [first] = fetch(server.port, [get(target, headers)])
    if key == "not-modified":
        request = get(target, {"If-None-Match": first.header("etag") or ""}, 304, b"")
        return [request], {target: (304, [], b"")}
    sent = [
        (b"content-type", (first.header("content-type") or "").encode()),
        (b"content-length", str(len(first.body)).encode()),
    ]
    if headers:
        if first.header("content-encoding") != key:
            raise RuntimeError(f"The service did not answer in {key}.")
        sent.append((b"content-encoding", key.encode()))
    return [get(target, headers, 200, first.body)], {target: (200, sent, first.body)}


def _with_bare(requests: list[Request]) -> tuple[list[Request], dict[str, Bare]]:
    kind = (b"content-type", b"application/json")
    bare: dict[str, Bare] = {}
    for each in requests:
        body = each.body or b""
        bare[each.target] = (200, [kind, (b"content-length", str(len(body)).encode())], body)
    return requests, bare
