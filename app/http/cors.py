"""Which pages of other origins may read answers (CORS)."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Send

EXPOSED = (
    "Content-Disposition",
    "Deprecation",
    "ETag",
    "Link",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-Query",
    "X-Release",
    "X-Request-ID",
)
"""Headers of answers that scripts may read."""


class Cors(CORSMiddleware):
    """Starlette's CORS. Where every origin may read, every answer says so and none varies by origin."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        methods = ["GET", "HEAD", "POST"]
        super().__init__(app, origins, methods, ["*"], expose_headers=EXPOSED, max_age=86_400)
        self.any_origin = [(name.lower().encode(), value.encode()) for name, value in self.simple_headers.items()]

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """Add the headers of CORS to an answer."""
        if not self.allow_all_origins:
            await super().send(message, send, request_headers)
            return
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *self.any_origin]}
        await send(message)
