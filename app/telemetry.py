"""What operators see: one log line a request, and the numbers that Prometheus collects.

This layer stands before all others. It counts by the template of the route, never by the raw path: the number of series
stays bounded, whatever is asked for.
"""

import logging
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from itertools import count
from time import perf_counter
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import Database
from app.reader import NotReadyError

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
disable_created_metrics()  # type: ignore[no-untyped-call]  # it carries no types
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_OWN, _COUNTER = secrets.token_hex(5).encode(), count()
"""Ids of our own: what tells this process from others, and a number."""
log = logging.getLogger("immunofacts")


class Telemetry:
    """Gives every request an id, times it, counts it and logs it."""

    def __init__(self, app: ASGIApp, *, log_requests: bool) -> None:
        self._app = app
        self._kept = getattr(app, "at_once", _nothing)
        self._log_requests = log_requests

    def at_once(self, scope: Scope) -> tuple[int, bytes, bytes] | None:
        """Status, head and body of an answer that is at hand; else None."""
        began = perf_counter()
        found = self._kept(scope)
        if found is None:
            return None
        status, head, body = found
        request_id = _id_of(scope)
        self._tell(scope, request_id, status, perf_counter() - began)
        return status, b"%sx-request-id: %s\r\n" % (head, request_id), body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell of it when its answer is out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 0
        scope.setdefault("state", {})
        request_id = _id_of(scope)

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id)]}
            await send(message)

        try:
            await self._app(scope, receive, told)
        except Exception:
            # The answer, a problem document, is out already; here the fault is told of once.
            FAULTS.inc()
            log.exception("fault", extra={"request_id": request_id.decode(), "path": scope["path"][:500]})
            if not status:
                raise
        finally:
            self._tell(scope, request_id, status, perf_counter() - began)

    def _tell(self, scope: Scope, request_id: bytes, status: int, seconds: float) -> None:
        """Count an answer, and log it."""
        state = scope["state"]
        route, cache = state.get("route", "unmatched"), state.get("cache", "none")
        answered, time = _series(route, scope["method"], status, cache)
        answered.inc()
        time.observe(seconds)
        if self._log_requests or status >= 500:
            told = {
                "request_id": request_id.decode(),
                "method": scope["method"],
                "path": scope["path"][:500],
                "query": scope["query_string"][:1000].decode("latin-1"),
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 3),
                "release": state.get("release"),
                "cache": cache,
                "client": (scope.get("client") or ("",))[0],
            }
            log.log(logging.WARNING if status >= 500 else logging.INFO, "request", extra=told)


def _nothing(_: Scope) -> None:
    """Whoever keeps nothing has nothing at hand."""


@lru_cache(maxsize=4096)
def _series(route: str, method: str, status: int, cache: str) -> tuple[Any, Any]:
    """The series of a request, found once: looking them up by their labels costs more than counting."""
    named = method if method in METHODS else "other"
    return REQUESTS.labels(route, named, str(status), cache), SECONDS.labels(route)


def _id_of(scope: Scope) -> bytes:
    """The id that the client gave (`X-Request-ID`), if it is a plain word; else a new one."""
    for key, value in scope["headers"]:
        if key == b"x-request-id" and _GIVEN_ID.fullmatch(value):
            given: bytes = value
            return given
    return b"%s%010x" % (_OWN, next(_COUNTER))


class _Now(Collector):
    """What is read at the moment of asking: the release, and whether the database can be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterable[Metric]:
        ready = GaugeMetricFamily("immunofacts_ready", "1 where the fact base can be read, else 0.", value=0)
        release = GaugeMetricFamily(
            "immunofacts_release_info", "The current release, as labels.", labels=["version", "digest"]
        )
        with suppress(NotReadyError), self._database.read() as reader:
            release.add_metric([reader.version, reader.digest], 1)
            ready = GaugeMetricFamily("immunofacts_ready", "1 where the fact base can be read, else 0.", value=1)
        yield from (ready, release)


def metrics(database: Database) -> bytes:
    """All numbers, of all workers, in the text format of Prometheus."""
    registry = CollectorRegistry()
    if MULTIPROCESS in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it carries no types
    else:
        registry.register(REGISTRY)
    registry.register(_Now(database))
    return generate_latest(registry)


class _Line(OrjsonFormatter):
    """A log line: one line of JSON."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Write the level in small letters, as in the settings."""
        return log_data | {"level": log_data["level"].lower()}


def logging_of(level: str) -> dict[str, Any]:
    """The configuration of logging: every line is one line of JSON on standard output, the server's own too."""
    told = {"handlers": ["stdout"], "level": level.upper(), "propagate": False}
    named = {"levelname": "level", "message": "event", "exc_info": "exception"}
    formatter = {
        "()": _Line,
        "fmt": "%(levelname)s %(message)s",
        "rename_fields": named,
        "timestamp": True,
        "reserved_attrs": [*RESERVED_ATTRS, "color_message"],  # the server's own lines once more, for a terminal
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "loggers": {"uvicorn": told, log.name: told},
    }
