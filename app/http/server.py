"""uvicorn as it is run here, with one worker or several."""

import ctypes
import errno
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.importer import import_from_string
from uvicorn.supervisors import Multiprocess

from app.config import Settings
from app.http.fastpath import FastPathProtocol
from app.http.logs import log, logging_config
from app.http.origins import Origins
from app.http.telemetry import MULTIPROCESS
from app.temporary import temporary_folder

FILES_KEPT_FREE = 200
"""Open files that connections leave for databases, downloads and the like."""
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the event loop waiting. Beside two busy threads, cached answers take 10 to 14 ms (p99),
not 26 to 65 as with Python's 0.005; beside none, the same."""
M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8
"""Options of `mallopt` (malloc.h)."""
TRIM_BYTES = 131_072
"""Free bytes at the end of the heap that are given back to the system; glibc lets it grow to 64 MB."""


def bind(settings: Settings) -> socket.socket:
    """The socket of an address. Says in a sentence why it cannot be had, and exits with 3."""
    found = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with _refusals_as_sentences(settings):
        found.bind((settings.host, settings.port))
    found.set_inheritable(True)
    return found


@contextmanager
def _refusals_as_sentences(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f"port {settings.port} of {settings.host}"
        reason = f"The server cannot listen on {where}: {error.strerror}."
        if error.errno == errno.EADDRINUSE:
            reason = f"The {where} is taken by another program: end that one, or choose another port, as by PORT=8001."
        print(reason, file=sys.stderr)
        sys.exit(STARTUP_FAILURE)


def run(settings: Settings, factory: str, listening: socket.socket | None = None) -> None:
    """Serve what a factory makes (such as `app.main:worker`, called in each worker) until a signal stops it.

    To have stopped then is no failure. Exits with 3 where the application does not start, or the address is taken.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listening = listening or bind(settings)
    config = uvicorn.Config(partial(start_worker, factory), factory=True, **options(settings))
    with suppress(OSError, AttributeError):  # Linux: it drops a client that takes nothing of its answer for so long
        milliseconds = int(settings.request_seconds * 1000)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    with _refusals_as_sentences(settings):  # another that is bound too may have begun to listen
        listening.listen(config.backlog)
    if config.workers > 1:
        with metrics_folder():
            Supervisor(config, [listening]).run()
        return
    server = _Server(config)
    with suppress(KeyboardInterrupt):
        server.run([listening])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def say_where(listening: socket.socket) -> None:
    """Log the address of a socket."""
    host, port = listening.getsockname()[:2]
    log.info("ImmunoFacts is served at %s", f"http://{f'[{host}]' if ':' in host else host}:{port}")


class _Server(uvicorn.Server):
    """uvicorn's; it says at last where it is."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say where."""
        await super().startup(sockets)
        if self.started and sockets:
            say_where(sockets[0])


def start_worker(factory: str) -> ASGIApp:
    """The application of a worker, in its process."""
    gc.disable()  # until a release is open: what is imported and read stays; a server starts in 0.9 s, not 1.1
    sys.setswitchinterval(SWITCH_SECONDS)
    _spare_memory()
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the end of a terminal; a supervisor restarts its workers at it
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        threading.Thread(target=_stop_after, args=[supervisor], daemon=True).start()
    app: ASGIApp = import_from_string(factory)()
    return app


def _spare_memory() -> None:
    """Let all threads allocate from one arena of glibc, and give back what is free.

    After 15 s of mixed load by 16 clients, 154 MB, not 168, for the first; after comparisons and exports 166 MB, not
    173, for the second.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # only glibc has it
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(M_ARENA_MAX, 1)
            mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)


def _stop_after(supervisor: Any) -> None:
    """Stop this worker when its supervisor has ended, however that was."""
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)


class Supervisor(Multiprocess):
    """uvicorn's; it logs its address, and closes its sockets before its workers stop: new connections are refused."""

    def init_processes(self) -> None:
        """Start the workers, and say where they listen."""
        super().init_processes()
        say_where(self.sockets[0])

    def terminate_all(self) -> None:
        """Stop all workers."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


@contextmanager
def metrics_folder() -> Iterator[None]:
    """A folder in which workers count together, so that each can tell the metrics of all."""
    if MULTIPROCESS in os.environ:
        yield
        return
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder("immunofacts-metrics-"))
        except OSError as error:
            sys.exit(f"No temporary folder can be made for metrics: {error}. Set TMPDIR to one that can be written.")
        os.environ[MULTIPROCESS] = str(folder)
        yield


def options(settings: Settings) -> dict[str, Any]:
    """The options of uvicorn."""
    files = raise_file_limit()
    return {
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "http": partial(
            FastPathProtocol, client_timeout=settings.request_seconds, origins=Origins(settings.cors_origins)
        ),
        "ws": "none",
        "limit_concurrency": files - FILES_KEPT_FREE if files else None,
        "timeout_graceful_shutdown": settings.shutdown_seconds,
        "root_path": settings.root_path.rstrip("/"),
        "proxy_headers": False,  # `TrustedProxies` reads them
        "server_header": False,
        "access_log": False,
        "log_config": logging_config(settings.log_level),
    }


def raise_file_limit() -> int | None:
    """Allow as many open files as the system permits: with the usual limit, 1,000 idle clients lock others out."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return None if hard == resource.RLIM_INFINITY else hard
