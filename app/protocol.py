"""A connection: uvicorn's, with patience that ends, and with a short way for what was answered before.

Slow and silent clients cannot hold what others need. What the application can answer at once (see `app/cache.py`) is
written at once, without a task; and a request that comes again to the byte is not parsed again.
"""

import asyncio
import socket
import struct
import sys
from contextlib import suppress
from http import HTTPStatus
from math import inf
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.problems import ProblemError, response

MAX_HEAD = 65_536
"""Bytes of a request line and its headers; what exceeds it is refused as soon as it is seen."""
MAX_WAITING = 64
"""Requests that a client may send ahead of the answers; one packet could hold thousands."""
STEADY = 16_384
"""Bytes that a client must take of its answer in the time of its patience, to count as one that reads."""
MAX_REQUEST = 8_388_608
"""Bytes of a whole request as sent, with chunk sizes and trailers: a client that sends on is cut off."""
KNOWN, KNOWN_BYTES = 1000, 2048
"""Requests that are known to the byte, and how long each may be."""
PARSED = ("type", "asgi", "http_version", "method", "path", "raw_path", "query_string", "root_path", "headers")
"""What of an ASGI scope the bytes of a request alone decide."""
NOT_ALONE = {b"content-length", b"transfer-encoding", b"expect", b"upgrade"}
"""Headers after which more may come than a head."""

_known: dict[bytes, dict[str, Any]] = {}
"""What requests were parsed to, if they could be answered at once."""


class PatientProtocol(HttpToolsProtocol):
    """A connection whose client has `patience` seconds to send a request, and to read on in its answer.

    One timer a connection looks at what the client was last seen to do; nothing is armed for each request.
    """

    says_goodbye = False
    """Whether every answer from now on is the last of its connection: the process was told to stop."""

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
        self._idle_since: float | None = None
        """When the last answer was out, if nothing was asked since."""
        self._begun = 0
        """Requests that began since the bytes last received."""
        self._between = True
        """Whether the bytes received so far end with a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Begin to count: a client that says nothing is no better than one that says it slowly."""
        super().connection_made(transport)
        self._sending_since = self.loop.time()
        self._look()

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
            return
        if self._idle_since is not None and now - self._idle_since >= self.timeout_keep_alive:
            self._idle_since = None
            self.transport.close()
        self._timer = self.loop.call_later(min(since + self._patience - now, self.timeout_keep_alive), self._look)

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
        first = self._between
        if first and data in _known and self._answers_again(_known[data]):
            return
        self._received += len(data)
        self._begun = 0
        super().data_received(data)
        if self._received > (MAX_HEAD if self._in_head else MAX_REQUEST) and not self.transport.is_closing():
            if self._in_head:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"At most {MAX_HEAD} bytes are read.")
            else:
                self._drop()
        elif first and self._between and self._begun == 1 and len(data) <= KNOWN_BYTES:
            self._get_to_know(data)

    def _get_to_know(self, data: bytes) -> None:
        """Remember what one whole request was parsed to, if it was answered at once and may be followed by others."""
        alone = not NOT_ALONE.intersection(name for name, _ in self.headers)
        if alone and self.cycle.response_complete and self.cycle.keep_alive:
            if len(_known) >= KNOWN:
                _known.clear()
            _known[data] = {key: self.scope[key] for key in PARSED}  # type: ignore[literal-required]  # they are keys of it

    def _answers_again(self, parsed: Scope) -> bool:
        """Answer a request whose parts are known, if that can be done at once."""
        if self.says_goodbye or (self.cycle is not None and not self.cycle.response_complete):
            return False
        one: Scope = {
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "state": self.app_state.copy(),
        }
        if not self._answers_at_once({**parsed, **one}, b""):
            return False
        self._sending_since = None
        self.on_response_complete()
        return True

    def _answers_at_once(self, scope: Scope, more: bytes) -> bool:
        """Write the answer to a request, if the application has it at hand and the client reads."""
        at_once = getattr(self.app, "at_once", None)
        finished = at_once(scope) if at_once and not self.flow.write_paused else None
        if finished is None:
            return False
        status, head, body = finished
        ours = b"".join([b"%s: %s\r\n" % pair for pair in self.server_state.default_headers])
        lines = b"%s%s%s%s\r\n" % (STATUS_LINE[status], ours, more, head)
        self.transport.writelines([lines, body])
        return True

    def on_message_begin(self) -> None:
        """Count from the first byte of a request."""
        super().on_message_begin()
        self._begun += 1
        self._between = False
        self._idle_since = None
        if self._sending_since is None:
            self._sending_since = self.loop.time()

    def on_message_complete(self) -> None:
        """Stop counting: the client has said what it wants."""
        super().on_message_complete()
        self._sending_since = None
        self._received = 0
        self._in_head = self._between = True

    def on_headers_complete(self) -> None:
        """Let the request begin, unless too many wait before it."""
        self._in_head = False
        if len(self.pipeline) >= MAX_WAITING:
            raise ValueError("Too many requests wait for the answers before them.")
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Answer at once what can be; only the rest is a task."""
        cycle.keep_alive = cycle.keep_alive and not self.says_goodbye
        if not self._answers_at_once(cycle.scope, b"" if cycle.keep_alive else b"connection: close\r\n"):  # type: ignore[arg-type]  # a dictionary with known keys
            super()._start_asgi_task(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """Go on with what waits; else count from now how long the client asks nothing."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._idle_since = self.loop.time()

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


def _unsent(transport: asyncio.Transport) -> int:
    """Bytes that the system holds for the client, who has not taken them; 0 where it does not say."""
    try:
        from fcntl import ioctl
        from termios import TIOCOUTQ

        count = ioctl(transport.get_extra_info("socket").fileno(), TIOCOUTQ, b"\0" * 4)
    except (ImportError, OSError):
        return 0
    return int.from_bytes(count, sys.byteorder)
