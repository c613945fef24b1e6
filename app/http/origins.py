"""Which pages of other origins may read an answer, and which of its headers (CORS)."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.plain_text_errors import PlainTextErrors

Headers = list[tuple[bytes, bytes]]

EXPOSED = (
    "Allow", "Content-Disposition", "Content-Encoding", "Deprecation", "ETag", "Link", "Location", "RateLimit",
    "RateLimit-Policy", "Retry-After", "Sunset", "Vary", "X-Query", "X-Release", "X-Request-ID",
)  # fmt: skip
"""Headers of answers that scripts may read, beside those that they always may (Fetch standard, 3.3.2)."""
_EXPOSED = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
ANY_ORIGIN = [(b"access-control-allow-origin", b"*"), _EXPOSED]
"""What an answer says where every origin may read."""


class Origins:
    """The origins that may read. Where it is every one, each answer says so, and none varies by origin."""

    def __init__(self, allowed: Sequence[str]) -> None:
        """Allow these; `*` is every origin."""
        self.allowed = list(allowed)
        self.any = "*" in allowed
        self._known = {origin.encode() for origin in allowed}

    def headers(self, scope: Scope) -> Headers:
        """What an answer says of the origin of its request, where some may read; none is named that may not."""
        given = [value for name, value in scope.get("headers", ()) if name == b"origin"]
        return [(b"access-control-allow-origin", given[0]), _EXPOSED] if given and self._known >= set(given) else []


class Preflights(CORSMiddleware):
    """Starlette's answers to preflights; one that is refused is a problem document."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        super().__init__(app, origins.allowed, ["GET", "HEAD", "POST"], ["*"], max_age=86_400)
        self._preflight = PlainTextErrors(super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass a request on; `CompleteHeaders` says who may read other answers."""
        is_preflight = {b"origin", b"access-control-request-method"} <= {name for name, _ in scope["headers"]}
        await (self._preflight if is_preflight else self.app)(scope, receive, send)


def with_vary(headers: Headers, name: bytes) -> Headers:
    """These headers with a name in their one `Vary`."""
    given = [value for key, value in headers if key == b"vary"]
    names = [part.strip() for value in given for part in value.split(b",")]
    if len(given) == 1 and name.lower() in map(bytes.lower, names):
        return headers
    kept = [pair for pair in headers if pair[0] != b"vary"]
    return [*kept, (b"vary", b", ".join(dict.fromkeys([*names, name])))]
