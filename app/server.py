"""The server: uvicorn as it is run here, one worker or several."""

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from starlette.types import ASGIApp

from app.config import Settings
from app.main import create_app
from app.protocol import PatientProtocol
from app.telemetry import MULTIPROCESS, logging_of

M_ARENA_MAX = -8
"""What `mallopt` of glibc calls the number of places that memory is taken from."""
TURN_SECONDS = 0.0005
"""How long one thread may keep the others waiting: those that read the database wait for a turn after each step."""


def worker() -> ASGIApp:
    """The application of one worker process."""
    settings = Settings()
    sys.setswitchinterval(TURN_SECONDS)
    _share_memory()
    return create_app(settings)


def _share_memory() -> None:
    """Let all threads take their memory from one place: what each leaves in one of its own is 20 MB in the end."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # only glibc can be told
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


@contextmanager
def shared_metrics(workers: int) -> Iterator[None]:
    """Let several workers count into one folder, so that each can tell the numbers of all."""
    if workers == 1 or MULTIPROCESS in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="immunofacts-metrics-") as folder:
        os.environ[MULTIPROCESS] = folder
        yield


def options(settings: Settings) -> dict[str, Any]:
    """The options of uvicorn by which the server is run."""
    trusting = settings.trusted_proxies != "none"
    return {
        "http": partial(PatientProtocol, patience=settings.request_seconds),
        "ws": "none",
        "timeout_graceful_shutdown": settings.shutdown_seconds,
        "proxy_headers": trusting,
        "forwarded_allow_ips": settings.trusted_proxies if trusting else "",
        "server_header": False,
        "access_log": False,
        "log_config": logging_of(settings.log_level),
    }


def raise_file_limit() -> None:
    """Allow as many connections as the system permits: the usual soft limit lets 1,000 idle clients lock others out."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
