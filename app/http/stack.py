"""The layers between uvicorn and the application, in their order, and the short way of a cached answer past them.

From the outside to the inside, each where it is because of what it must see:

0. `TrustedProxies`, where there are some: who asks, by which scheme and under which prefix, as a proxy says.
1. `OutermostLayer`, the `CompleteHeaders`: completes every answer, refusals and faults of all other layers included,
   and says which origins may read it; what is cached does not depend on the origin.
2. `Telemetry`: times, counts and logs whatever is answered; answers a fault of any layer.
3. `RequestHeaders`: no layer behind it sees a header twice, so key and answer are made from one value; GET has no body.
4. `Preflights`, for OPTIONS only: answers those of browsers.
5. `AllowedHosts`, 6. `RateLimit`: before the cache, since a cached answer too is for allowed hosts, and counts.
7. `ResponseCache`; what it does not cache goes through `BodyLimits`.
"""

from collections.abc import Callable

from starlette.types import ASGIApp

from app.config import Settings
from app.http.cache import OutermostLayer, Release, ResponseCache
from app.http.headers import RequestHeaders
from app.http.limits import AllowedHosts, BodyLimits
from app.http.origins import Origins, Preflights
from app.http.plain_text_errors import PlainTextErrors
from app.http.proxies import TrustedProxies
from app.http.telemetry import Telemetry


def build(app: ASGIApp, settings: Settings, peek: Callable[[], Release | None]) -> ASGIApp:
    """The application behind its layers. `peek` gives the current release without blocking (see `ResponseCache`)."""
    cache = ResponseCache(app, peek, settings.cache_bytes, others=BodyLimits(app))
    refusing: ASGIApp = cache
    if settings.rate_limit != "none":
        from limits import parse  # imported here: it takes a tenth of a second, and few need it

        from app.http.rate_limit import RateLimit

        refusing = RateLimit(refusing, parse(settings.rate_limit))
    if "*" not in settings.allowed_hosts:
        refusing = PlainTextErrors(AllowedHosts(refusing, settings.allowed_hosts, www_redirect=False))
    origins = Origins(settings.cors_origins)
    telemetry = Telemetry(RequestHeaders(refusing, Preflights(refusing, origins)), log_level=settings.log_level)
    every_request_alike = refusing is cache and origins.any
    outermost = OutermostLayer(app, telemetry, origins, cache if every_request_alike else None)
    return outermost if settings.trusted_proxies == "none" else TrustedProxies(outermost, settings.trusted_proxies)
