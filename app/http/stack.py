"""The layers between uvicorn and the application, in their order, and the short way of a cached answer past them.

From the outside to the inside, each where it is because of what it must see:

1. `Service`, the `SecurityHeaders`: completes every answer, refusals and faults of all other layers included.
2. `Telemetry`: times, counts and logs whatever is answered; answers a fault of any layer.
3. `RequestHeaders`: no layer behind it sees a header twice, so key and answer are made from one value; GET has no body.
4. `Cors`: before what refuses, since a page of another origin may read why; before the cache, so that what is cached
   does not depend on the origin.
5. `AllowedHosts`, 6. `RateLimit`: before the cache, since a cached answer too is for allowed hosts, and counts.
7. `ResponseCache`; what it does not cache goes through `BodyLimits`.
"""

from collections.abc import Callable

from starlette.types import ASGIApp

from app.config import Settings
from app.http.cache import Release, ResponseCache, Service
from app.http.headers import Cors, RequestHeaders
from app.http.limits import AllowedHosts, BodyLimits
from app.http.plain_text_errors import PlainTextErrors
from app.http.telemetry import Telemetry


def build(app: ASGIApp, settings: Settings, peek: Callable[[], Release | None]) -> Service:
    """The application behind its layers. `peek` gives the current release without blocking (see `ResponseCache`)."""
    cache = ResponseCache(app, peek, settings.cache_bytes, others=BodyLimits(app))
    refusing: ASGIApp = cache
    if settings.rate_limit != "none":
        from limits import parse  # imported here: it takes a tenth of a second, and few need it

        from app.http.rate_limit import RateLimit

        refusing = RateLimit(refusing, parse(settings.rate_limit))
    if "*" not in settings.allowed_hosts:
        refusing = PlainTextErrors(AllowedHosts(refusing, settings.allowed_hosts))
    cors = Cors(refusing, settings.cors_origins)
    telemetry = Telemetry(RequestHeaders(cors), log_level=settings.log_level)
    every_request_alike = refusing is cache and cors.allow_all_origins
    return Service(telemetry, cors, cache if every_request_alike else None)
