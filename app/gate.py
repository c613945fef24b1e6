"""The gate: one plain ASGI layer before the framework. It refuses what no operation can answer."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.hardening import harden
from app.problems import Culprit, ProblemError, response

MAX_QUERY = 16_384
"""Bytes of a query string."""
MAX_PARAMETERS = 500
MAX_BODY = 1_048_576
"""Bytes of a request body."""
SINGLE = {"q", "limit", "cursor", "release", "as_of", "format", "facet_limit"}
"""Parameters that take one value on every operation: given twice, one of the two would be ignored."""
WRITABLE = "%!$&'()*+,;=:@/?-._~"
"""What may stand in the query of an address as it is, beside letters and digits (RFC 3986, 3.4)."""


class Asked(NamedTuple):
    """A parameter of a query string: its name, its value, and both as they were written."""

    name: str
    value: str
    written: str


class Gate:
    """Refuses query strings that are too long, not UTF-8 or ambiguous; notes what is asked.

    It completes the headers of every answer; the cache stands in front, and keeps them with the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _completed(scope, send)
        problem = _refusal(scope)
        try:
            if problem:
                await response(problem, scope["path"])(scope, receive, send)
            elif scope["method"] == "POST":
                await self._with_body(scope, receive, send)
            else:
                await self._app(scope, receive, send)
        finally:
            scope["state"]["route"] = getattr(scope.get("route"), "path", "unmatched")

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body here, so that one that is too long is refused before the framework holds it."""
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_BODY:
                detail = f"At most {MAX_BODY} bytes are read."
                problem = ProblemError(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long", "The body is too long", detail=detail
                )
                await response(problem, scope["path"])(scope, receive, send)
                return
        given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        await self._app(scope, lambda: _next(given, receive), send)


async def _next(given: list[Message], receive: Receive) -> Message:
    return given.pop() if given else await receive()


def _refusal(scope: Scope) -> ProblemError | None:
    query: bytes = scope["query_string"]
    if len(query) > MAX_QUERY:
        detail = f"The query string has {len(query)} bytes; at most {MAX_QUERY} are read."
        return ProblemError(HTTPStatus.REQUEST_URI_TOO_LONG, "too-long", "The query is too long", detail=detail)
    if "\x00" in scope["path"] or "�" in scope["path"]:
        return ProblemError(HTTPStatus.NOT_FOUND, "not-found", "No such path", detail="The path is not plain UTF-8.")
    try:
        written = quote(query.decode("ascii"), safe=WRITABLE)
        pairs = parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        return _bad("query", "The query string is not UTF-8, percent-encoded.")
    except ValueError:
        return _bad("query", f"More than {MAX_PARAMETERS} parameters are given.")
    seen = set()
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            return _bad(name.replace("\x00", ""), "A parameter holds a null character.")
        if name in seen and (name in SINGLE or name.endswith(("_from", "_to"))):
            return _bad(name, f"`{name}` is given more than once; it takes one value.")
        seen.add(name)
    pieces = filter(None, written.split("&"))
    scope["state"]["asked"] = [Asked(*pair, piece) for pair, piece in zip(pairs, pieces, strict=True)]
    return None


def _bad(parameter: str, detail: str) -> ProblemError:
    culprit = Culprit(parameter=parameter[:100] or "query", detail=detail)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-parameter", "A parameter cannot be answered", [culprit])


def _completed(scope: Scope, send: Send) -> Send:
    """Say in every answer which release was read for it, problems included, and what a browser may do with it."""
    state = scope.setdefault("state", {})

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = harden(message, scope)
            if "release" in state:
                MutableHeaders(scope=message).setdefault("X-Release", state["release"])
        await send(message)

    return complete
