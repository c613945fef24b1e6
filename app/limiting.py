"""Who may ask, and how often: two plain ASGI layers in front of the cache, there only where a setting asks for them."""

import ipaddress
import math
from http import HTTPStatus

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import ProblemError, response

EXEMPT = {"/live", "/ready", "/metrics"}
"""What probes and monitors ask, by whatever address they know, and as often as they do."""


class Hosts:
    """Answers only under the names that the service is known by."""

    def __init__(self, app: ASGIApp, allowed: list[str]) -> None:
        self._app = app
        self._exact = {name.lower() for name in allowed}
        self._ends = tuple(name.lower()[1:] for name in allowed if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] == "http" and scope["path"] not in EXEMPT and not self._allows(scope):
            detail = "The service is not known by the name in `Host`."
            problem = ProblemError(HTTPStatus.BAD_REQUEST, "wrong-host", "Wrong host", detail=detail)
            await response(problem, scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _allows(self, scope: Scope) -> bool:
        given = [value.decode("latin-1").lower() for key, value in scope["headers"] if key == b"host"]
        names = [value.partition("]")[0] + "]" if value.startswith("[") else value.partition(":")[0] for value in given]
        return len(names) == 1 and (names[0] in self._exact or names[0].endswith(self._ends))


class RateLimit:
    """Answers a client so many times in a window; then 429, until the window has moved on.

    Each worker counts for itself, in memory: the limit of a service is that of its workers together.
    """

    def __init__(self, app: ASGIApp, limit: RateLimitItem) -> None:
        self._app = app
        self._limit = limit
        # Two counters a client, however many requests are allowed; a list of moments could be made to fill the memory.
        self._storage = MemoryStorage()
        self._counts = SlidingWindowCounterRateLimiter(self._storage)
        self._policy = f'"default";q={limit.amount};w={limit.get_expiry()}'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through and say what is left, or answer it with a problem."""
        if scope["type"] != "http" or scope["path"] in EXEMPT:
            await self._app(scope, receive, send)
            return
        client = client_key(scope)
        allowed = self._counts.hit(self._limit, client)
        remaining, seconds = self._left(client)
        left = b'"default";r=%d;t=%d' % (remaining, seconds)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(b"ratelimit-policy", self._policy), (b"ratelimit", left)]
                # A list of its own: the headers that came are those of the answer that is kept.
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        if allowed:
            await self._app(scope, receive, told)
            return
        detail = f"{self._limit} are answered to one client; ask again in {seconds} s."
        problem = ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many requests", detail=detail)
        problem.headers = {"Retry-After": str(seconds)}
        await response(problem, scope["path"])(scope, receive, told)

    def _left(self, client: str) -> tuple[int, int]:
        """How many requests are left to a client, and in how many seconds there will be more."""
        amount, window = self._limit.amount, self._limit.get_expiry()
        before, before_ttl, current, current_ttl = self._storage.get_sliding_window(self._limit.key_for(client), window)
        remaining = max(0, amount - math.floor(before * before_ttl / window + current))
        if remaining or current >= amount:
            wait = current_ttl - window  # until this window is the one before, and fades
        else:
            wait = before_ttl - (amount - current) * window / before
        return remaining, max(1, math.ceil(wait))


def client_key(scope: Scope) -> str:
    """What a client is known by: its address, or the /64 of an IPv6 address, all of which one client has."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"  # what a trusted proxy makes up must not become as many clients
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return host
