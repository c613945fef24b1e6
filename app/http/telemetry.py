"""What operators see: an id, a log line and metrics for each request.

Requests are counted by the template of their route, never by the raw path: the number of series stays bounded.
"""

import os
import re
import secrets
from collections.abc import Iterable
from functools import lru_cache
from itertools import count
from time import perf_counter
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import FAULT, Problem, ProblemType
from app.http.logs import RequestLog, log

REQUESTS = Counter("immunofacts_requests", "Requests answered.", ["route", "method", "status", "cache"])
SECONDS = Histogram(
    "immunofacts_request_seconds",
    "Seconds from the request to the end of its answer.",
    ["route"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
FAULTS = Counter("immunofacts_faults", "Requests that ended in a fault of the server.")
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which workers count together."""
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
LOGGED_FROM = {"debug": 0, "info": 0, "warning": 500, "error": 600}
"""The status from which requests are logged, by log level."""
_CLIENT_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_PROCESS, _NUMBERS = secrets.token_hex(5).encode(), count()
disable_created_metrics()  # type: ignore[no-untyped-call]  # it carries no types


class Telemetry:
    """Gives every request an id, times it, counts it and logs it; logs faults, and answers them."""

    def __init__(self, app: ASGIApp, *, log_level: str) -> None:
        self._app = app
        self._log = RequestLog()
        self._logged_from = LOGGED_FROM[log_level]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and record it when its answer is out."""
        began = perf_counter()
        status = 0
        request_id = new_id(dict(scope["headers"]).get(b"x-request-id"))

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", []), (b"x-request-id", request_id)]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            reason = error.__cause__
            if status and isinstance(reason, Problem):  # no fault of this code, but an answer that ends in the middle
                log.warning("cut short", extra={"request_id": request_id.decode(), "reason": reason.detail})
                return
            FAULTS.inc()
            log.exception("fault", extra={"request_id": request_id.decode(), "path": scope["path"][:500]})
            if not status:
                problem = Problem(ProblemType.FAULT, FAULT)
                await problem.response(scope["path"])(scope, receive, send_with_id)
        finally:
            self.record(scope, request_id, status, perf_counter() - began)

    def record(self, scope: Scope, request_id: bytes, status: int, seconds: float) -> None:
        """Count an answer, and log it."""
        state = scope["state"]
        route, cache = state.get("route", "unmatched"), state.get("cache", "none")
        requests, durations = _series(route, scope["method"], status, cache)
        requests.inc()
        durations.observe(seconds)
        if status >= self._logged_from:
            self._log.write(
                {
                    "level": "warning" if status >= 500 else "info",
                    "event": "request",
                    "request_id": request_id.decode(),
                    "method": scope["method"],
                    "path": scope["path"][:250],  # escaped, with the query, within the 4,096 bytes of a write to a pipe
                    "query": scope["query_string"][:1000].decode("latin-1"),
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 3),
                    "release": state.get("release"),
                    "cache": cache,
                    "client": (scope.get("client") or ("",))[0],
                }
            )


@lru_cache(maxsize=4096)
def _series(route: str, method: str, status: int, cache: str) -> tuple[Any, Any]:
    """The series of a request, found once: looking them up by their labels costs more than counting."""
    name = method if method in METHODS else "other"
    return REQUESTS.labels(route, name, str(status), cache), SECONDS.labels(route)


def new_id(given: bytes | None) -> bytes:
    """The id that the client gave (`X-Request-ID`), if it is a plain word; else a new one."""
    if given is not None and _CLIENT_ID.fullmatch(given):
        return given
    return b"%s%010x" % (_PROCESS, next(_NUMBERS))


class _ReleaseCollector(Collector):
    """The current release, and whether there is one."""

    def __init__(self, release: tuple[str, str] | None) -> None:
        self._release = release

    def collect(self) -> Iterable[Metric]:
        release = self._release
        text = "1 where the fact base can be read, else 0."
        yield GaugeMetricFamily("immunofacts_ready", text, value=0 if release is None else 1)
        info = GaugeMetricFamily(
            "immunofacts_release_info", "The current release, as labels.", labels=["version", "digest"]
        )
        if release is not None:
            info.add_metric(release, 1)
        yield info


def metrics(release: tuple[str, str] | None) -> bytes:
    """All metrics, of all workers, in the text format of Prometheus.

    `release` is version and digest of the current release, or None where the fact base cannot be read.
    """
    registry = CollectorRegistry()
    if MULTIPROCESS in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it carries no types
    else:
        registry.register(REGISTRY)
    registry.register(_ReleaseCollector(release))
    return generate_latest(registry)
