"""Headers that every answer carries, after OWASP's REST Security Cheat Sheet and Secure Headers Project."""

import base64
import hashlib
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

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


class SecurityHeaders:
    """Completes every answer: security headers, the release it was read from, and no caching unless it says so.

    The outermost layer, since refusals and faults of all others are answers too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with complete headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})

        async def send_complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": complete(message.get("headers", []), scope)}
            await send(message)

        await self._app(scope, receive, send_complete)


def complete(headers: Headers, scope: Scope) -> Headers:
    """These headers, and those that are missing."""
    given = {name for name, _ in headers}
    more = [pair for pair in _DEFAULTS.get(scope["scheme"], _HTTP) if pair[0] not in given]
    release = scope["state"].get("release")
    if release and b"x-release" not in given:
        more.append((b"x-release", release.encode()))
    return [*headers, *more]


def page_policy(html: str) -> str:
    """The Content-Security-Policy of a page of the documentation: its own files, and exactly its own inline scripts.

    Swagger UI and ReDoc write styles into the page, draw icons from `data:` and search in a worker from `blob:`.
    """
    inline = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline]
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
