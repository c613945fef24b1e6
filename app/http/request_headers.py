"""One value for each request header: repeated ones are combined or refused before they are read (RFC 9110, 5.3)."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import Problem, ProblemType

SINGLE_VALUED = frozenset(
    {
        b"access-control-request-method",
        b"authorization",
        b"content-length",
        b"content-range",
        b"content-type",
        b"host",
        b"if-modified-since",
        b"if-range",
        b"if-unmodified-since",
        b"max-forwards",
        b"origin",
        b"proxy-authorization",
        b"range",
    }
)
"""Headers that hold one value and can change an answer. All others are lists, or are read by nobody."""

HOST = re.compile(rb"(\[[\da-fA-Fv:.]+\]|[\w.~!$&'()*+;=%-]*)(:\d*)?")
"""A host and its port as `Host` writes them (RFC 3986, 3.2.2); empty where a URI has none."""


class RequestHeaders:
    """Gives the layers behind it request headers in which no name occurs twice, or answers 400."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Combine repeated headers, or refuse the request."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            detail = wrong_host(scope, headers)
            if not detail and len(headers) < len(scope["headers"]):
                headers, detail = combine(scope["headers"])
                scope = {**scope, "headers": list(headers.items())}
            if detail:
                await Problem(ProblemType.MALFORMED, detail).response(scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)


def wrong_host(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """What is wrong with `Host`: HTTP/1.1 needs a valid one (RFC 9112, 3.2); else nothing."""
    host = headers.get(b"host")
    if host is None:
        return "The header `Host` is missing." if scope["http_version"] == "1.1" else ""
    return "" if HOST.fullmatch(host) else "The header `Host` is not the name of a host."


def combine(headers: list[tuple[bytes, bytes]]) -> tuple[dict[bytes, bytes], str]:
    """Each header once, its values joined in their order; and what is wrong, if one may not be repeated."""
    combined: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in combined:
            combined[name] = value
        elif name in SINGLE_VALUED:
            return combined, f"The header `{name.decode('latin-1').title()}` is given more than once."
        else:
            combined[name] += (b"; " if name == b"cookie" else b", ") + value
    return combined, ""
