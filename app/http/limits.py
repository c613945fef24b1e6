"""What is refused whatever it asks for: bodies that are too long, hosts that are not served."""

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import Problem, ProblemType

EXEMPT = frozenset({"/live", "/ready", "/metrics"})
"""Paths of probes and monitors, which ask by any address and as often as they like."""
MAX_BODY = 1_048_576
"""Bytes of a request body."""


def is_exempt(scope: Scope) -> bool:
    """Whether a request is one of a probe or a monitor."""
    return scope["path"].removeprefix(scope.get("root_path", "")) in EXEMPT


class BodyLimits:
    """Reads request bodies, up to a limit, before the application is called."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body read, or refuse it."""
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if b"transfer-encoding" not in headers and not length.strip(b"0"):
            await self._app(scope, receive, send)
            return
        try:
            if int(length) > MAX_BODY:
                raise _too_long()
            body = bytearray()
            async for part in Request(scope, receive).stream():
                body += part
                if len(body) > MAX_BODY:
                    raise _too_long()
        except ClientDisconnect:
            return
        except Problem as problem:
            if b"expect" in headers:
                problem.headers["Connection"] = "close"  # whether the body still comes is for the client to decide
            await problem.response(scope["path"])(scope, receive, send)
            return
        await self._app(scope, _replay(bytes(body), receive), send)


def _too_long() -> Problem:
    return Problem(ProblemType.BODY_TOO_LONG, f"At most {MAX_BODY} bytes are read.")


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


class AllowedHosts(TrustedHostMiddleware):
    """Starlette's check of `Host`, from which probes are exempt."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 400."""
        if is_exempt(scope):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
