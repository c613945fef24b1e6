"""The load generator: keep-alive connections on one core, every answer checked, every latency kept."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

import uvloop

TIMEOUT = 120.0
"""Seconds after which an answer is no longer waited for."""


class WrongAnswerError(Exception):
    """An answer was not the one expected: what was measured then means nothing."""


@dataclass(frozen=True)
class Request:
    """A request as it goes over the wire, and what must come back."""

    content: bytes
    target: str
    status: int = 200
    body: bytes | None = None
    """The body expected, to the byte; None takes any that its Content-Length announces."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.encode():
                return value.strip().decode()
        return None


@dataclass(frozen=True)
class Run:
    """What one run measured."""

    requests: int
    seconds: float
    latencies: list[float]
    """Seconds, one for each request."""
    generator_share: float
    """Share of its core that the generator itself was busy."""

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds

    def percentile(self, number: int) -> float:
        """A percentile of the latencies, in seconds."""
        return quantiles(self.latencies, n=100)[number - 1]


def get(target: str, headers: dict[str, str] | None = None, status: int = 200, body: bytes | None = None) -> Request:
    """A GET of a target, such as `/therapies?limit=20`."""
    lines = [f"GET {target} HTTP/1.1", "Host: bench", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return Request("\r\n".join([*lines, "", ""]).encode(), target, status, body)


class _Shared:
    """What all connections of a run share: the requests, whose turn it is, and what was measured."""

    def __init__(
        self, port: int, requests: Sequence[Request], count: int | None, seconds: float | None, collect: bool
    ) -> None:
        self.port = port
        self.requests = requests
        self.left = count if count is not None else 1 << 62
        self.seconds = seconds if seconds is not None else math.inf
        self.until = math.inf
        self.next = 0
        self.latencies: list[float] = []
        self.answers: list[Answer | None] = [None] * len(requests) if collect else []
        self.open = 0
        self.transports: list[asyncio.Transport] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self) -> "_Connection":
        """Open one more connection."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self.port)
        return connection

    async def replace(self) -> None:
        """Go on with a new connection in place of one that the server closes."""
        (await self.connect()).send_next()

    def abort(self) -> None:
        """Close what is still open."""
        for transport in self.transports:
            transport.abort()

    def fail(self, message: str) -> None:
        if not self.done.done():
            self.done.set_exception(WrongAnswerError(message))


class _Connection(asyncio.Protocol):
    """One keep-alive connection: sends a request, checks the answer, sends the next."""

    transport: asyncio.Transport
    request: Request
    number: int
    sent: float

    def __init__(self, shared: _Shared) -> None:
        self.shared = shared
        self.parts: list[bytes] = []
        self.missing = 0
        self.chunked = False
        self.waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's transport is one that writes
        self.shared.open += 1
        self.shared.transports.append(self.transport)

    def send_next(self) -> None:
        shared, now = self.shared, time.perf_counter()
        if shared.left <= 0 or now > shared.until:
            self._close()
            if not shared.open and not shared.done.done():
                shared.done.set_result(None)
            return
        self.waiting = True
        shared.left -= 1
        self.number = shared.next
        shared.next = (self.number + 1) % len(shared.requests)
        self.request = shared.requests[self.number]
        self.sent = now
        self.transport.write(self.request.content)

    def _close(self) -> None:
        self.waiting = False
        self.transport.close()
        self.shared.open -= 1

    def data_received(self, data: bytes) -> None:
        if self.parts:
            self.parts.append(data)
            self.missing -= len(data)
            if self.missing > 0 or (self.chunked and not b"".join(self.parts[-2:]).endswith(b"\r\n0\r\n\r\n")):
                return
            data = b"".join(self.parts)  # once: joining at each part would stop all connections for seconds
        end = data.find(b"\r\n\r\n")
        start = data.find(b"ontent-", 0, end)
        while start > 0 and data[start + 7 : start + 15].lower() != b"length: ":
            start = data.find(b"ontent-", start + 7, end)
        length = int(data[start + 15 : data.find(b"\r", start)]) if start > 0 else 0
        chunked = start < 0 and data.find(b"ransfer-", 0, end) > 0
        if end < 0 or (not data.endswith(b"\r\n0\r\n\r\n") if chunked else len(data) < end + 4 + length):
            self.parts, self.chunked = [data], chunked and end > 0
            self.missing = end + 4 + length - len(data) if end > 0 and not chunked else 0
            return
        self.parts = []
        shared, request = self.shared, self.request
        shared.latencies.append(time.perf_counter() - self.sent)
        body, status = data[end + 4 :], int(data[9:12])
        if chunked:
            body = _unchunked(body)
        elif len(body) != length:
            shared.fail(f"{request.target}: more bytes came than were announced.")
        if status != request.status or (request.body is not None and body != request.body):
            shared.fail(f"{request.target}: {status}, {len(body)} bytes: {body[:300]!r}")
            self.transport.close()
            return
        if shared.answers:
            shared.answers[self.number] = Answer(status, data[:end], body)
        if data.find(b"onnection: close", 0, end) > 0:
            self._close()
            task = asyncio.get_running_loop().create_task(shared.replace())
            shared.tasks.add(task)
            task.add_done_callback(shared.tasks.discard)
        else:
            self.send_next()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # the signature is the protocol's
        if self.waiting:
            self.shared.fail(f"The server closed a connection instead of answering {self.request.target}.")


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


async def _run(
    port: int, requests: Sequence[Request], connections: int, count: int | None, seconds: float | None, collect: bool
) -> tuple[Run, list[Answer | None]]:
    shared = _Shared(port, requests, count, seconds, collect)
    made = [await shared.connect() for _ in range(connections)]
    await asyncio.sleep(0.05)  # all are accepted before the first sends
    began, busy = time.perf_counter(), time.process_time()
    shared.until = began + shared.seconds
    for connection in made:
        connection.send_next()
    longest = TIMEOUT + (seconds if seconds is not None else len(requests) * 0.5)
    try:
        await asyncio.wait_for(shared.done, longest)
    finally:
        shared.abort()
    spent = time.perf_counter() - began
    share = (time.process_time() - busy) / spent
    return Run(len(shared.latencies), spent, shared.latencies, share), shared.answers


def measure(
    port: int,
    requests: Sequence[Request],
    *,
    connections: int = 16,
    count: int | None = None,
    seconds: float | None = None,
) -> Run:
    """Send the requests in turn, over and over, until so many were sent or so many seconds have passed."""
    return uvloop.run(_run(port, requests, connections, count, seconds, collect=False))[0]


def fetch(port: int, requests: Sequence[Request], connections: int = 4) -> list[Answer]:
    """Send each request once, and collect the answers, in the order of the requests."""
    found = uvloop.run(_run(port, requests, connections, len(requests), None, collect=True))[1]
    return [answer for answer in found if answer is not None]
