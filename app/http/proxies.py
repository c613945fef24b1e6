"""What a trusted proxy says of a request: who asks, by which scheme, and under which path it offers the service."""

import re
from typing import Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.http.origins import with_vary

_PREFIX = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")
_HEADER = b"x-forwarded-prefix"


class TrustedProxies(ProxyHeadersMiddleware):
    """uvicorn's layer for `X-Forwarded-For` and `-Proto`, and `X-Forwarded-Prefix`, the path that a proxy strips.

    Of several proxies, each adds the prefix that it stripped, the first one first. What is no path is not believed.
    """

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        """Believe these addresses and networks, written with commas."""
        super().__init__(cast(Any, app), trusted)  # uvicorn has types of its own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]  # as above
        """Pass a request on as the client sent it to the first proxy."""
        if scope["type"] == "http" and (scope.get("client") or [None])[0] in self.trusted_hosts:
            given = b",".join(value for name, value in scope["headers"] if name == _HEADER).decode("latin-1")
            prefix = "".join(part.strip().rstrip("/") for part in given.split(","))
            if _PREFIX.fullmatch(prefix):
                scope = with_prefix(prefix, scope)

        async def send_varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": with_vary(message.get("headers", []), b"X-Forwarded-Prefix")}
            await send(message)

        await super().__call__(cast(Any, scope), cast(Any, receive), cast(Any, send_varying))


def with_prefix(prefix: str, scope: Scope) -> Scope:
    """A request under a prefix, instead of under the one of the settings."""
    root = scope.get("root_path", "")
    raw = scope.get("raw_path") or scope["path"].encode()
    path, raw_path = prefix + scope["path"].removeprefix(root), prefix.encode() + raw.removeprefix(root.encode())
    return {**scope, "root_path": prefix, "path": path, "raw_path": raw_path}
