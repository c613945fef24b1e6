"""The server: uvicorn with patience, so that slow and silent clients cannot hold what others need."""

import asyncio
import os
import socket
import struct
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from math import inf
from typing import Any

from starlette.types import ASGIApp, Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.cache import FINISHED
from app.config import Settings
from app.main import create_app
from app.problems import ProblemError, response
from app.telemetry import MULTIPROCESS, configure

MAX_HEAD = 65_536
"""Bytes of a request line and its headers; what exceeds it is refused as soon as it is seen."""
MAX_WAITING = 64
"""Requests that a client may send ahead of the answers; one packet could hold thousands."""
STEADY = 16_384
"""Bytes that a client must take of its answer in the time of its patience, to count as one that reads."""
MAX_REQUEST = 8_388_608
"""Bytes of a whole request as sent, with chunk sizes and trailers: a client that sends on is cut off."""


class PatientProtocol(HttpToolsProtocol):
    """A connection whose client has `patience` seconds to send a request, and to read on in its answer.

    One timer a connection looks at what the client was last seen to do; nothing is armed for each request.
    """

    def __init__(self, *arguments: Any, patience: float, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._patience = patience
        self._timer: asyncio.TimerHandle | None = None
        self._sending_since: float | None = None
        """When the client began to owe us the rest of a request."""
        self._unread_since: float | None = None
        """When the client was last seen to read its answer, if it is behind."""
        self._unread = inf
        self._received = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Begin to count: a client that says nothing is no better than one that says it slowly."""
        super().connection_made(transport)
        self._sending_since = self.loop.time()
        self._timer = self.loop.call_later(self._patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        now = self.loop.time()
        if self.transport.is_closing() and self._unread_since is None:
            self._unread_since = now  # the last bytes are out only when the client has read the ones before
        if self.flow.read_paused and self._sending_since is not None:
            self._sending_since = now  # it is the server that does not read
        if self._unread_since is not None and now - self._unread_since >= self._patience:
            unread = self.transport.get_write_buffer_size() + _unsent(self.transport)
            if unread <= self._unread - STEADY:
                self._unread_since, self._unread = now, unread
        since = min((began for began in (self._sending_since, self._unread_since) if began is not None), default=now)
        if now - since >= self._patience:
            self._drop()
        else:
            self._timer = self.loop.call_later(since + self._patience - now, self._look)

    def _drop(self) -> None:
        """End the connection, and what the system still holds to be sent: it would be held for minutes."""
        with suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    def pause_writing(self) -> None:
        """Note that the client is behind."""
        super().pause_writing()
        self._unread_since, self._unread = self.loop.time(), inf

    def resume_writing(self) -> None:
        """Note that the client reads on."""
        super().resume_writing()
        self._unread_since = None

    def data_received(self, data: bytes) -> None:
        """Take what the client sends, up to a bound."""
        self._received += len(data)
        super().data_received(data)
        if self._received > (MAX_HEAD if self._in_head else MAX_REQUEST) and not self.transport.is_closing():
            if self._in_head:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"At most {MAX_HEAD} bytes are read.")
            else:
                self._drop()

    def on_message_begin(self) -> None:
        """Count from the first byte of a request."""
        super().on_message_begin()
        if self._sending_since is None:
            self._sending_since = self.loop.time()

    def on_message_complete(self) -> None:
        """Stop counting: the client has said what it wants."""
        super().on_message_complete()
        self._sending_since = None
        self._received = 0
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Let the request begin, unless too many wait before it; its answer may come finished."""
        self._in_head = False
        if len(self.pipeline) >= MAX_WAITING:
            raise ValueError("Too many requests wait for the answers before them.")
        self.scope["extensions"] = {FINISHED: {}}
        super().on_headers_complete()
        if self.cycle:
            self.cycle.send = partial(_finish, self.cycle, self.cycle.send)  # type: ignore[method-assign]  # it is asked for when the request runs

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP with a problem document, as everything else is refused."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        if self.pipeline or (self.cycle and self.cycle.response_started and not self.cycle.response_complete):
            self._drop()  # whatever was written now would be taken for a part of another answer
            return
        answer = response(ProblemError(status, "http", status.phrase, detail=detail), "")
        headers = [*self.server_state.default_headers, *answer.raw_headers, (b"connection", b"close")]
        lines = b"".join(b"%s: %s\r\n" % pair for pair in headers)
        self.transport.write(b"".join([STATUS_LINE[status], lines, b"\r\n", bytes(answer.body)]))
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a request to change the protocol is answered in this one, and is no fault of the operator."""


async def _finish(cycle: RequestResponseCycle, send: Callable[[Any], Awaitable[None]], message: Message) -> None:
    """Send a finished answer in one piece: uvicorn looks at each header of it, though none has changed."""
    if message["type"] != FINISHED:
        await send(message)
        return
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    cycle.response_started = cycle.response_complete = True
    lines = [b"%s: %s\r\n" % pair for pair in cycle.default_headers]
    if not cycle.keep_alive:
        lines.append(b"connection: close\r\n")
    parts = [STATUS_LINE[message["status"]], *lines, message["head"], b"\r\n", message["body"]]
    cycle.transport.write(b"".join(parts))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


def worker() -> ASGIApp:
    """The application of one worker process, whose log lines are JSON."""
    settings = Settings()
    configure(settings.log_level)
    return create_app(settings)


@contextmanager
def shared_metrics(workers: int) -> Iterator[None]:
    """Let several workers count into one folder, so that each can tell the numbers of all."""
    if workers == 1 or MULTIPROCESS in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="immunofacts-metrics-") as folder:
        os.environ[MULTIPROCESS] = folder
        yield


def _unsent(transport: asyncio.Transport) -> int:
    """Bytes that the system holds for the client, who has not taken them; 0 where it does not say."""
    try:
        from fcntl import ioctl
        from termios import TIOCOUTQ

        count = ioctl(transport.get_extra_info("socket").fileno(), TIOCOUTQ, b"\0" * 4)
    except (ImportError, OSError):
        return 0
    return int.from_bytes(count, sys.byteorder)


def options(settings: Settings) -> dict[str, Any]:
    """The options of uvicorn by which the server is run."""
    trusting = settings.trusted_proxies != "none"
    return {
        "http": partial(PatientProtocol, patience=settings.request_seconds),
        "ws": "none",
        "timeout_graceful_shutdown": settings.shutdown_seconds,
        "proxy_headers": trusting,
        "forwarded_allow_ips": settings.trusted_proxies if trusting else "",
        "server_header": False,
        "access_log": False,
        "log_config": configure(settings.log_level),
    }


def raise_file_limit() -> None:
    """Allow as many connections as the system permits: the usual soft limit lets 1,000 idle clients lock others out."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
