"""The load generator: keep-alive connections on one core, every answer checked, every latency kept."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

import uvloop

GIVEN_UP = 120.0
"""Seconds after which an answer is no longer waited for."""


class WrongAnswerError(Exception):
    """An answer was not the one expected: what was measured then means nothing."""


@dataclass(frozen=True)
class Question:
    """A request as it goes over the wire, and what must come back."""

    request: bytes
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


def question(
    target: str, headers: dict[str, str] | None = None, status: int = 200, body: bytes | None = None
) -> Question:
    """A GET of a target, such as `/therapies?limit=20`."""
    lines = [f"GET {target} HTTP/1.1", "Host: bench", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return Question("\r\n".join([*lines, "", ""]).encode(), target, status, body)


class _Script:
    """What all connections of a run share: the questions, whose turn it is, and what was measured."""

    def __init__(self, questions: Sequence[Question], requests: int | None, seconds: float | None, keep: bool) -> None:
        self.questions = questions
        self.left = requests if requests is not None else 1 << 62
        self.seconds = seconds if seconds is not None else math.inf
        self.until = math.inf
        self.turn = 0
        self.latencies: list[float] = []
        self.kept: list[Answer | None] = [None] * len(questions) if keep else []
        self.open = 0
        self.transports: list[asyncio.Transport] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def abort(self) -> None:
        """Close what is still open."""
        for transport in self.transports:
            transport.abort()

    def fail(self, message: str) -> None:
        if not self.done.done():
            self.done.set_exception(WrongAnswerError(message))


class _Connection(asyncio.Protocol):
    """One keep-alive connection: asks, checks the answer, asks the next."""

    transport: asyncio.Transport
    question: Question
    turn: int
    sent: float

    def __init__(self, script: _Script) -> None:
        self.script = script
        self.received = b""
        self.asking = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's transport is one that writes
        self.script.open += 1
        self.script.transports.append(self.transport)

    def ask(self) -> None:
        script, now = self.script, time.perf_counter()
        if script.left <= 0 or now > script.until:
            self.asking = False
            self.transport.close()
            script.open -= 1
            if not script.open and not script.done.done():
                script.done.set_result(None)
            return
        self.asking = True
        script.left -= 1
        self.turn = script.turn
        script.turn = (self.turn + 1) % len(script.questions)
        self.question = script.questions[self.turn]
        self.sent = now
        self.transport.write(self.question.request)

    def data_received(self, data: bytes) -> None:
        if self.received:
            data = self.received + data
        end = data.find(b"\r\n\r\n")
        start = data.find(b"content-length: ", 0, end)
        length = int(data[start + 16 : data.find(b"\r", start)]) if start > 0 else 0
        chunked = start < 0 and data.find(b"transfer-encoding: chunked", 0, end) > 0
        if end < 0 or (not data.endswith(b"\r\n0\r\n\r\n") if chunked else len(data) < end + 4 + length):
            self.received = data
            return
        self.received = b""
        script, asked = self.script, self.question
        script.latencies.append(time.perf_counter() - self.sent)
        body, status = data[end + 4 :], int(data[9:12])
        if chunked:
            body = _unchunked(body)
        elif len(body) != length:
            script.fail(f"{asked.target}: more bytes came than were announced.")
        if status != asked.status or (asked.body is not None and body != asked.body):
            script.fail(f"{asked.target}: {status}, {len(body)} bytes: {body[:300]!r}")
            self.transport.close()
            return
        if script.kept:
            script.kept[self.turn] = Answer(status, data[:end], body)
        self.ask()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # the signature is the protocol's
        if self.asking:
            self.script.fail(f"The server closed a connection instead of answering {self.question.target}.")


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


async def _play(
    port: int, questions: Sequence[Question], connections: int, requests: int | None, seconds: float | None, keep: bool
) -> tuple[Run, list[Answer | None]]:
    loop = asyncio.get_running_loop()
    script = _Script(questions, requests, seconds, keep)
    made = [await loop.create_connection(lambda: _Connection(script), "127.0.0.1", port) for _ in range(connections)]
    await asyncio.sleep(0.05)  # all are accepted before the first asks
    began, busy = time.perf_counter(), time.process_time()
    script.until = began + script.seconds
    for _, connection in made:
        connection.ask()
    longest = GIVEN_UP + (seconds if seconds is not None else len(questions) * 0.5)
    try:
        await asyncio.wait_for(script.done, longest)
    finally:
        script.abort()
    spent = time.perf_counter() - began
    share = (time.process_time() - busy) / spent
    return Run(len(script.latencies), spent, script.latencies, share), script.kept


def measure(
    port: int,
    questions: Sequence[Question],
    *,
    connections: int = 16,
    requests: int | None = None,
    seconds: float | None = None,
) -> Run:
    """Ask the questions in turn, over again, until so many requests were made or so many seconds have passed."""
    return uvloop.run(_play(port, questions, connections, requests, seconds, keep=False))[0]


def answers(port: int, questions: Sequence[Question], connections: int = 4) -> list[Answer]:
    """Ask each question once, and keep the answers, in the order of the questions."""
    kept = uvloop.run(_play(port, questions, connections, len(questions), None, keep=True))[1]
    return [answer for answer in kept if answer is not None]
