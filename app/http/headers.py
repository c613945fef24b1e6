"""Headers: of requests, each with one value; of answers, what all carry.

The headers of answers follow OWASP's REST Security Cheat Sheet and Secure Headers Project.
"""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import Problem, ProblemType
from app.http.origins import ANY_ORIGIN, Headers, Origins, with_vary

SINGLE_VALUED = frozenset({
    b"access-control-request-method", b"authorization", b"content-length", b"content-range", b"content-type", b"host",
    b"if-modified-since", b"if-range", b"if-unmodified-since", b"max-forwards", b"origin", b"proxy-authorization",
    b"range",
})  # fmt: skip
"""Headers that hold one value and can change an answer. All others are lists, or are not read."""

HOST = re.compile(rb"(\[[\da-fA-Fv:.]+\]|[\w.~!$&'()*+;=%-]*)(:\d*)?")
"""A host and its port as `Host` writes them (RFC 3986, 3.2.2); empty where a URI has none."""


class RequestHeaders:
    """Gives the layers behind it request headers in which no name occurs twice, or answers 400."""

    def __init__(self, app: ASGIApp, options: ASGIApp) -> None:
        """Pass requests on to `app`, those with the method OPTIONS to `options`."""
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Combine repeated headers, or refuse the request."""
        headers = dict(scope["headers"])
        detail = wrong_host(scope, headers) or unexpected_body(scope, headers)
        if not detail and len(headers) < len(scope["headers"]):
            headers, detail = combine(scope["headers"])
            scope = {**scope, "headers": list(headers.items())}
        if detail:
            await Problem(ProblemType.MALFORMED, detail).response(scope["path"])(scope, receive, send)
        else:
            await (self._options if scope["method"] == "OPTIONS" else self._app)(scope, receive, send)


def wrong_host(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """What is wrong with `Host`: HTTP/1.1 needs a valid one (RFC 9112, 3.2); else nothing."""
    host = headers.get(b"host")
    if host is None:
        return "The header `Host` is missing." if scope["http_version"] == "1.1" else ""
    return "" if HOST.fullmatch(host) else "The header `Host` is not the name of a host."


def unexpected_body(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """What is wrong with a body on GET or HEAD: it has no meaning, and may hide a second request (RFC 9110, 9.3.1)."""
    if scope["method"] in {"GET", "HEAD"} and (
        b"transfer-encoding" in headers or headers.get(b"content-length", b"0").strip(b"0")
    ):
        return f"{scope['method']} takes no body."
    return ""


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


SECURITY_HEADERS: dict[str, str] = {
    # For programs: a browser that shows such an answer runs nothing, loads nothing, and frames it nowhere.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",  # CORS says which origins may read
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HTTP = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_DEFAULTS = {
    "http": [*_HTTP, (b"cache-control", b"no-store")],
    "https": [*_HTTP, (b"cache-control", b"no-store"), (b"strict-transport-security", b"max-age=31536000")],
}


class CompleteHeaders:
    """Completes every answer: security headers, who may read it, its release, and no caching unless it says so.

    The outermost layer, since refusals and faults of all others are answers too.
    """

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with complete headers."""
        scope.setdefault("state", {})

        async def send_complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": complete(message.get("headers", []), scope, self._origins)}
            await send(message)

        await self._app(scope, receive, send_complete)


def complete(headers: Headers, scope: Scope, origins: Origins) -> Headers:
    """These headers, and those that are missing."""
    reading = ANY_ORIGIN
    if not origins.any:
        headers, reading = with_vary(headers, b"Origin"), origins.headers(scope)
    given = {name for name, _ in headers}
    expected = [*_DEFAULTS.get(scope["scheme"], _HTTP), *reading]
    more = [pair for pair in expected if pair[0] not in given]
    release = scope["state"].get("release")
    if release and b"x-release" not in given:
        more.append((b"x-release", release.encode()))
    return [*headers, *more]
