"""The layers between uvicorn and the application, in their order, and the short way of a cached answer past them.

From the outside to the inside, each where it is because of what it must see:

1. `SecurityHeaders`: completes every answer, refusals and faults of all other layers included.
2. `Telemetry`: times, counts and logs whatever is answered; answers a fault of any layer.
3. `RequestHeaders`: no layer behind it sees a header twice, so key and answer are made from one value.
4. `PlainTextErrors`: the errors of the next two are plain text.
5. `Cors`: before what refuses, since a page of another origin may read why; before the cache, so that what is cached
   does not depend on the origin.
6. `AllowedHosts`, 7. `RateLimit`: before the cache, since a cached answer too is for allowed hosts, and counts.
8. `BodyLimits`: before the cache, which would ignore the body of a GET.
9. `ResponseCache`.
"""

from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from app.config import Settings
from app.http.cache import Answer, Release, ResponseCache
from app.http.cors import Cors
from app.http.limits import AllowedHosts, BodyLimits
from app.http.plain_text_errors import PlainTextErrors
from app.http.request_headers import RequestHeaders, wrong_host
from app.http.security_headers import SecurityHeaders, complete
from app.http.telemetry import Telemetry, new_id


def build(app: ASGIApp, settings: Settings, peek: Callable[[], Release | None]) -> "Service":
    """The application behind its layers. `peek` gives the current release without blocking (see `ResponseCache`)."""
    cache = ResponseCache(app, peek, settings.cache_bytes)
    refusing: ASGIApp = BodyLimits(cache)
    if settings.rate_limit != "none":
        from limits import parse  # imported here: it takes a tenth of a second, and few need it

        from app.http.rate_limit import RateLimit

        refusing = RateLimit(refusing, parse(settings.rate_limit))
    if "*" not in settings.allowed_hosts:
        refusing = AllowedHosts(refusing, settings.allowed_hosts)
    cors = Cors(refusing, settings.cors_origins)
    telemetry = Telemetry(RequestHeaders(PlainTextErrors(cors)), log_level=settings.log_level)
    every_request_alike = isinstance(refusing, BodyLimits) and cors.allow_all_origins
    return Service(SecurityHeaders(telemetry), telemetry, cors, cache if every_request_alike else None)


class Service:
    """The application behind its layers."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, cors: Cors, cache: ResponseCache | None) -> None:
        self._app = app
        self._telemetry = telemetry
        self._cors = cors
        self._cache = cache
        """None where a setting makes layers look at each request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through all layers."""
        await self._app(scope, receive, send)

    def lookup_cached(self, scope: Scope) -> tuple[int, bytes, bytes] | None:
        """Status, headers and body, ready to be written, of what the layers would answer from the cache; else None.

        The answer is the same to the byte, and recorded as it would be; it is only not passed through each layer.
        """
        began = perf_counter()
        headers = dict(scope["headers"])
        repeated = len(headers) < len(scope["headers"])
        has_body = b"content-length" in headers or b"transfer-encoding" in headers
        if self._cache is None or repeated or has_body or wrong_host(scope, headers):
            return None
        answer = self._cache.lookup(scope, headers)
        if answer is None:
            return None
        status = answer.status(headers.get(b"if-none-match"))
        request_id = new_id(headers.get(b"x-request-id"))
        head = b"%sx-request-id: %s\r\n" % (
            answer.serialized.get(status) or self._serialize(answer, status, scope),
            request_id,
        )
        body = answer.body if status == 200 and scope["method"] == "GET" else b""
        self._telemetry.record(scope, request_id, status, perf_counter() - began)
        return status, head, body

    def _serialize(self, answer: Answer, status: int, scope: Scope) -> bytes:
        """The headers of an answer as the layers complete them, but for the id of the request."""
        headers = [*(answer.headers if status == 200 else answer.not_modified), *self._cors.any_origin]
        head = b"".join(b"%s: %s\r\n" % pair for pair in complete(headers, scope))
        answer.serialized[status] = head
        return head
