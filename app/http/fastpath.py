"""uvicorn's connection, with a short way for cached answers. `tests/http/test_fastpath.py` pins what it builds on."""

from functools import partial
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.api.errors import Problem, ProblemType
from app.http.headers import CompleteHeaders, complete
from app.http.origins import Origins
from app.http.plain_text_errors import PlainTextErrors

MAX_HEAD, MAX_REQUEST, MAX_WAITING = 65_536, 8_388_608, 1_000
"""Bytes of a request line with its headers, and of a whole request as sent, with chunk sizes and trailers; and requests
that wait for the answers before them, which take 4 KB each."""
DRAIN_SECONDS = 1.0
"""How long connections stay open once the server is stopped; each answer meanwhile closes its own."""


class FastPathProtocol(HttpToolsProtocol):
    """A connection whose client has `client_timeout` seconds to send each of its requests."""

    def __init__(self, *args: Any, client_timeout: float, origins: Origins, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._origins = origins
        self._cut_off_later = partial(self.loop.call_later, client_timeout, lambda: self.transport.abort())
        self._timer = self._cut_off_later()
        self._answering: RequestResponseCycle | None = None
        self._lookup_cached = getattr(self.app, "lookup_cached", lambda _: None)
        self._draining, self._received, self._limit = False, 0, MAX_HEAD  # bytes since the last whole request, at most

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer under way; uvicorn ends that to the newest of several requests."""
        if self._answering:
            self._answering.disconnected = True
        super().connection_lost(exc)

    def _answers_whole_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body

    def data_received(self, data: bytes) -> None:
        """Parse what the client sends."""
        self._unset_keepalive_if_required()
        self._received += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._parse_without_offer(data[offer.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("The request is not HTTP.")
        if self._received > self._limit == MAX_HEAD:
            self.send_400_response(f"At most {MAX_HEAD} bytes are read.", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._received > self._limit or len(self.pipeline) > MAX_WAITING:
            self.transport.abort()
        elif self._timer.cancelled() and not (self.timeout_keep_alive_task or self._answers_whole_request()):
            self._timer = self._cut_off_later()

    def _parse_without_offer(self, rest: bytes) -> None:
        """Ignore an offer to change the protocol (`Upgrade`); the parser would take the body for that protocol."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = b"".join([b"%s: %s\r\n" % pair for pair in self.headers if pair[0] != b"upgrade"])
        self.parser = httptools.HttpRequestParser(self)
        if method == b"CONNECT":
            self.send_400_response("There is no tunnel here.")
        else:
            self.data_received(b"%s %s HTTP/%s\r\n%s\r\n%s" % (method, self.url, version, lines, rest))

    def on_headers_complete(self) -> None:
        """Begin to answer a request, unless it is parsed again."""
        if not self.parser.should_upgrade():
            self._limit = MAX_REQUEST
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no longer for the rest of a request."""
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self._received, self._limit = 0, MAX_HEAD
            self._timer.cancel()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Write a cached answer; only others need a task."""
        self._answering = cycle
        cycle.keep_alive = cycle.keep_alive and not self._draining
        found = self._lookup_cached(cycle.scope) if app is self.app and not self.flow.write_paused else None
        if found is None:
            if app is not self.app:  # uvicorn's own, which says in plain text that there are too many connections
                app = CompleteHeaders(PlainTextErrors(app), self._origins)
            super()._start_asgi_task(cycle, app)
            return
        date = b"".join([b"%s: %s\r\n" % pair for pair in self.server_state.default_headers])
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(b"".join([STATUS_LINE[found[0]], date, found[1], close, b"\r\n", found[2]]))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete() if not self.pipeline else self.loop.call_soon(self.on_response_complete)

    def send_400_response(self, msg: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        """Refuse what is no request, once the whole requests before it are answered."""
        if self._answers_whole_request():
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        elif self.pipeline or (self.cycle and self.cycle.response_started and not self.cycle.response_complete):
            self.transport.abort()  # what was written now would be taken for a part of another answer
        elif not self.transport.is_closing():
            answer = Problem(ProblemType.MALFORMED, msg, status=status).response("")
            given = [*self.server_state.default_headers, *answer.raw_headers]
            headers = complete(given, {"scheme": self.scheme or "http", "state": {}}, self._origins)
            lines = [b"%s: %s\r\n" % pair for pair in [*headers, (b"connection", b"close")]]
            self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", bytes(answer.body)]))
            self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio reads what uvicorn leaves out
        """Answer a whole request of a client that sends no more (True keeps the connection open)."""
        self.shutdown()
        return self._answers_whole_request()

    def shutdown(self) -> None:
        """Drain the connection: requests within a second are answered, with `Connection: close`."""
        self._draining = True
        if self._answers_whole_request():
            self.cycle.keep_alive = False
        self.loop.call_later(DRAIN_SECONDS, super().shutdown)
