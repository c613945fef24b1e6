"""Many clients that hold what others need: others are served meanwhile, and the server does not grow."""

import contextlib
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest

from tests.raw import connect

SECONDS = 2
MEMORY = 150_000_000
"""Bytes by which a server may grow under any of these attacks."""
EXPORT = b"GET /adverse-events?format=jsonl HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def hasty(database: str, serve_module: Callable[..., str]) -> str:
    """A server that waits two seconds for a client."""
    return serve_module(database, REQUEST_SECONDS=str(SECONDS), CACHE_BYTES="8000000")


@pytest.fixture
def _many_files() -> Iterator[None]:
    """As many open files as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4_500:
        pytest.skip(f"This system allows {hard} open files.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def server(url: str) -> psutil.Process:
    """The process that listens at an address."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            for found in process.net_connections("tcp4"):
                if found.status == psutil.CONN_LISTEN and found.laddr.port == httpx.URL(url).port:
                    return process
    raise AssertionError("The server is gone.")


def memory(process: psutil.Process) -> int:
    """Bytes that a server holds for itself, without what it shares."""
    info = process.memory_info()
    return int(info.rss - info.shared)


@contextlib.contextmanager
def others_are_served(url: str, at_most: float = 15) -> Iterator[None]:
    """Meanwhile, another client asks what is cached and what is not, and its server does not grow beyond bounds."""
    process = server(url)
    with httpx.Client(base_url=url, timeout=at_most) as client:
        client.get("/therapies?limit=1")
        before, done, answered, failed = memory(process), threading.Event(), [0], list[str]()

        def ask() -> None:
            while not done.is_set():
                try:
                    new = f"/adverse-events?any_percent_from={answered[0] / 50}"
                    for path in ("/therapies?limit=1", new, "/ready"):
                        client.get(path).raise_for_status()
                        answered[0] += 1
                except httpx.HTTPError as error:
                    failed.append(repr(error))
                time.sleep(0.02)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield
            grown = memory(process) - before
        finally:
            done.set()
            asking.join(60)
    assert failed == []
    assert answered[0] >= 3
    assert grown < MEMORY


def closed(connections: list[socket.socket], seconds: float = 30) -> int:
    """How many of these the server closes within so many seconds."""
    waiting = selectors.DefaultSelector()
    for connection in connections:
        connection.setblocking(False)
        waiting.register(connection, selectors.EVENT_READ)
    count, until = 0, time.monotonic() + seconds
    while count < len(connections) and time.monotonic() < until:
        for key, _ in waiting.select(1):
            with contextlib.suppress(BlockingIOError):
                try:
                    ended = not key.fileobj.recv(65_536)  # type: ignore[union-attr]  # sockets were registered
                except ConnectionError:
                    ended = True
                if ended:
                    waiting.unregister(key.fileobj)
                    count += 1
    return count


@pytest.mark.usefixtures("_many_files")
def test_two_thousand_silent_clients_lock_nobody_out(hasty: str) -> None:
    """The usual soft limit of 1,024 open files would not let the last ones in; the server raises it."""
    with contextlib.ExitStack() as stack, others_are_served(hasty):
        silent = [stack.enter_context(connect(hasty)) for _ in range(2_000)]
        assert closed(silent) == 2_000


def never_reading(url: str, request: bytes, stack: contextlib.ExitStack) -> socket.socket:
    """A client that asks, and takes next to nothing of the answer."""
    where = httpx.URL(url)
    connection = stack.enter_context(socket.socket())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(20)
    connection.connect((where.host, where.port))
    connection.sendall(request)
    return connection


def test_sixty_exports_that_nobody_reads_keep_nobody_waiting(url: str) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            never_reading(url, EXPORT, stack)
        with others_are_served(url):
            time.sleep(2)


def test_pipelined_requests_do_not_pile_up(hasty: str) -> None:
    with contextlib.ExitStack() as stack, others_are_served(hasty):
        flood = never_reading(hasty, b"", stack)
        flood.settimeout(2)
        sent, part = 0, b"GET /therapies?limit=500 HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000
        with contextlib.suppress(TimeoutError, ConnectionError):
            while sent < 50_000_000:
                sent += flood.send(part)
        assert sent < 50_000_000


def test_endless_heads_are_cut_off(hasty: str) -> None:
    with others_are_served(hasty):
        for begun in (b"GET /", b"GET /live HTTP/1.1\r\nX: ", b"GET /live HTTP/1.1\r\n"):
            sent = 0
            with connect(hasty) as connection, contextlib.suppress(ConnectionError):
                connection.sendall(begun)
                part = b"X: a\r\n" * 10_000 if begun.endswith(b"1.1\r\n") else b"a" * 60_000
                while sent < 20_000_000:
                    connection.sendall(part)
                    sent += len(part)
            assert sent < 20_000_000, begun
