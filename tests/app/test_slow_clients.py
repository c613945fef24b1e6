"""Clients that hold what others need: silent, slow, endless, or never reading. Others are served meanwhile."""

import contextlib
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.app.raw import connect, exchange, read, status

pytestmark = pytest.mark.only_on_sqlite("No engine plays a part in how clients are waited for.")

PATIENCE = 2
MEMORY = 150_000_000
"""Bytes by which a server may grow under any of these attacks."""
EXPORT = b"GET /adverse-events?format=jsonl HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def hasty(database: Path, start: Callable[..., str]) -> str:
    """A server that waits two seconds for a client."""
    return start(database, REQUEST_SECONDS=str(PATIENCE), CACHE_BYTES="8000000")


@pytest.fixture(scope="module")
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


def memory(url: str) -> int:
    """Bytes that a server holds for itself, without what it shares: the database is a file that it looks into."""
    info = server(url).memory_info()
    return int(info.rss - info.shared)


def held(url: str) -> int:
    """How many connections a server holds."""
    return sum(found.status == psutil.CONN_ESTABLISHED for found in server(url).net_connections("tcp4"))


@contextlib.contextmanager
def others_are_served(url: str, at_most: float = 15) -> Iterator[None]:
    """Meanwhile, another client asks what is kept and what is not, and its server does not grow beyond bounds."""
    with httpx.Client(base_url=url, timeout=at_most) as client:
        client.get("/therapies?limit=1")
        before, done, answered, failed = memory(url), threading.Event(), [0], list[str]()

        def ask() -> None:
            while not done.is_set():
                try:
                    for path in (
                        "/therapies?limit=1",
                        f"/adverse-events?any_percent_from={answered[0] / 50}",
                        "/ready",
                    ):
                        client.get(path).raise_for_status()
                        answered[0] += 1
                except httpx.HTTPError as error:
                    failed.append(repr(error))
                time.sleep(0.02)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield
            grown = memory(url) - before
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
    with contextlib.ExitStack() as stack, others_are_served(hasty):
        silent = [stack.enter_context(connect(hasty)) for _ in range(2_000)]
        assert closed(silent) == 2_000


@pytest.mark.usefixtures("_many_files")
def test_two_thousand_clients_may_stay_as_long_as_the_patience_lasts(database: Path, start: Callable[..., str]) -> None:
    """The usual soft limit of 1,024 open files would not let the last ones in; the server raises it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))
    try:
        url = start(database)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as stack, others_are_served(url):
        for _ in range(2_000):
            stack.enter_context(connect(url))
        assert httpx.get(f"{url}/live", timeout=15).status_code == 200
        assert held(url) > 2_000


HEAD = b"POST /resolve HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
SLOW = {
    "head": (b"", HEAD),
    "head of a further request": (b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n", HEAD),
    "body": (HEAD, b'{"names":["' + b"x" * 1_000),
    "chunks": (HEAD.replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked"), b"1\r\n[\r\n" * 200),
    "empty lines": (b"", b"\r\n" * 500),
}


@pytest.mark.parametrize(("at_once", "slowly"), SLOW.values(), ids=SLOW.keys())
def test_a_client_that_sends_byte_by_byte_is_dropped(hasty: str, at_once: bytes, slowly: bytes) -> None:
    with others_are_served(hasty), connect(hasty) as connection:
        connection.sendall(at_once)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for number in range(len(slowly)):
                connection.sendall(slowly[number : number + 1])
                time.sleep(0.1)
                assert time.monotonic() - began < 30
        with contextlib.suppress(ConnectionError):
            while connection.recv(65_536):
                pass
        assert time.monotonic() - began >= PATIENCE * 0.9


def test_a_client_that_takes_its_time_within_the_patience_is_answered(hasty: str) -> None:
    with connect(hasty) as connection:
        for _ in range(4):  # longer than the patience together: each request has its own
            for part in (b"GET /live HT", b"TP/1.1\r\nHost: x\r", b"\n\r\n"):
                connection.sendall(part)
                time.sleep(PATIENCE / 8)
            assert status(connection.recv(65_536)) == 200


def _never_reading(url: str, request: bytes, stack: contextlib.ExitStack, takes: int = 4_096) -> socket.socket:
    """A client that asks, and takes next to nothing of the answer by itself."""
    where = httpx.URL(url)
    connection = stack.enter_context(socket.socket())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
    connection.settimeout(20)
    connection.connect((where.host, where.port))
    connection.sendall(request)
    return connection


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds() or time.monotonic() < until


@pytest.mark.parametrize("path", ["/adverse-events?format=jsonl", "/adverse-events?limit=500", "/openapi.json"])
def test_clients_that_never_read_are_dropped(hasty: str, path: str) -> None:
    request = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode()
    with contextlib.ExitStack() as stack, others_are_served(hasty):
        # Several answers one after another: what the system itself buffers is full, and the server has to wait.
        connections = [_never_reading(hasty, request * 8, stack) for _ in range(20)]
        assert _within(10, lambda: held(hasty) > 15)
        assert _within(30, lambda: held(hasty) <= 5)  # of others, there are one or two
        assert len(connections) == 20


def test_sixty_exports_that_nobody_reads_do_not_keep_others_waiting(url: str) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            _never_reading(url, EXPORT, stack)
        time.sleep(1)
        with others_are_served(url):
            time.sleep(3)


def test_an_export_that_is_read_slowly_but_steadily_comes_whole(hasty: str) -> None:
    request = EXPORT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    whole = exchange(hasty, request)
    with contextlib.ExitStack() as stack:
        connection = _never_reading(hasty, request, stack, takes=65_536)
        found, began = b"", time.monotonic()
        while time.monotonic() - began < PATIENCE * 3:
            found += connection.recv(65_536)
            time.sleep(0.05)
        assert len(found) < len(whole)
        found += read(connection)
    assert found.endswith(b"0\r\n\r\n")
    assert abs(len(found) - len(whole)) < 2_000


def test_endless_heads_are_cut_off(hasty: str) -> None:
    with others_are_served(hasty):
        for begun in (b"GET /", b"GET /live?", b"GET /live HTTP/1.1\r\nX: ", b"GET /live HTTP/1.1\r\n"):
            sent = 0
            with connect(hasty) as connection, contextlib.suppress(ConnectionError):
                connection.sendall(begun)
                part = b"X: a\r\n" * 10_000 if begun.endswith(b"1.1\r\n") else b"a" * 60_000
                while sent < 100_000_000:
                    connection.sendall(part)
                    sent += len(part)
            assert sent < 100_000_000, begun


def test_pipelined_requests_do_not_pile_up(hasty: str) -> None:
    with contextlib.ExitStack() as stack, others_are_served(hasty):
        few = stack.enter_context(connect(hasty))
        few.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n" * 49 + b"GET /live HTTP/1.0\r\n\r\n")
        assert read(few).count(b"HTTP/1.1 200 OK") == 50
        flood = _never_reading(hasty, b"", stack)
        flood.settimeout(5)
        sent, part = 0, b"GET /therapies?limit=500 HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000
        with contextlib.suppress(TimeoutError, ConnectionError):
            while sent < 50_000_000:
                sent += flood.send(part)
        assert sent < 50_000_000
