"""How often one client is answered."""

import ipaddress
import math
import time

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import Problem, ProblemType
from app.http.limits import is_exempt


class RateLimit:
    """Answers a client so many times in a sliding window; then 429, until the window has moved on.

    Each worker counts for itself, in memory: the limit of a service is that of its workers together.
    """

    def __init__(self, app: ASGIApp, limit: RateLimitItem) -> None:
        self._app = app
        self._limit = limit
        # Two counters a client, however many requests are allowed; a list of times could be made to fill the memory.
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._policy = f'"default";q={limit.amount};w={limit.get_expiry()}'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through and say what is left, or answer 429."""
        if is_exempt(scope):
            await self._app(scope, receive, send)
            return
        client = client_key(scope)
        allowed = self._limiter.hit(self._limit, client)
        window = self._limiter.get_window_stats(self._limit, client)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        state = b'"default";r=%d;t=%d' % (window.remaining, seconds)

        async def send_with_limit(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(b"ratelimit-policy", self._policy), (b"ratelimit", state)]
                message = {**message, "headers": [*message.get("headers", []), *more]}
            await send(message)

        if allowed:
            await self._app(scope, receive, send_with_limit)
            return
        detail = f"{self._limit} are answered to one client; ask again in {seconds} s."
        problem = Problem(ProblemType.TOO_MANY_REQUESTS, detail, headers={"Retry-After": str(seconds)})
        await problem.response(scope["path"])(scope, receive, send_with_limit)


def client_key(scope: Scope) -> str:
    """What a client is counted by: its address, or the /64 of an IPv6 address, all of which one client has."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"  # what a trusted proxy makes up must not become as many clients
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
