"""Clients that send or take too much, too slowly or too little: what is dropped, and that nothing piles up."""

import contextlib
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.http.conftest import Running, one
from tests.http.requests import CLOSING, ECHO, HIDDEN, PAGE, POST, SLOW
from tests.raw import connect, exchange, read, status


def memory(server: Running) -> int:
    """Bytes that a server holds."""
    return int(psutil.Process(server.process.pid).memory_info().rss)


def test_endless_heads_are_refused(server: Running) -> None:
    for begun in (b"GET /", b"GET /live?", b"GET /live HTTP/1.1\r\nHost: x\r\nX: "):
        assert status(exchange(server.url, begun + b"a" * 2_000_000)) in {0, 431}
    many = b"".join(b"X-%d: a\r\n" % number for number in range(100_000))
    assert status(exchange(server.url, b"GET /live HTTP/1.1\r\nHost: x\r\n" + many)) in {0, 431}
    with connect(server.url) as connection:  # one that waits for the answer gets it
        connection.sendall(b"GET /live HTTP/1.1\r\nX: " + b"a" * 70_000)
        assert status(read(connection)) == 431


def test_an_endless_head_behind_a_pending_answer_is_not_read(server: Running) -> None:
    """The answer before it comes; meanwhile nothing piles up."""
    before = memory(server)
    with connect(server.url) as connection:
        connection.sendall(SLOW.replace(b"0.3", b"1.5") + b"GET /")
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError):
            for _ in range(3000):
                connection.sendall(b"a" * 10_000)
        assert memory(server) - before < 10_000_000
        connection.settimeout(20)
        assert status(read(connection)) == 200


def test_more_requests_than_may_wait_are_not_read(server: Running) -> None:
    before = memory(server)
    request = SLOW.replace(b"seconds=0.3", b"seconds=1")
    with connect(server.url) as connection, contextlib.suppress(ConnectionError):
        for _ in range(60):
            connection.sendall(request * 2000)
        read(connection)
    assert memory(server) - before < 60_000_000
    with connect(server.url) as connection:
        connection.sendall(SLOW * 900)
        assert status(connection.recv(65_536)) == 200


def test_a_client_that_leaves_is_no_fault(start: Callable[..., Running]) -> None:
    """With several requests under way, the answer to the first is the one that is written when the client is gone."""
    server = start()
    for _ in range(5):
        with connect(server.url) as connection:
            connection.sendall(SLOW + b"GET /export?rows=500 HTTP/1.1\r\nHost: x\r\n\r\n" * 5 + SLOW)
            time.sleep(0.5)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(1)
    assert b"immunofacts_faults_total 0.0" in exchange(server.url, CLOSING.replace(b"/live", b"/metrics"))


def test_answers_that_nobody_reads_do_not_pile_up(server: Running) -> None:
    before = memory(server)
    with connect(server.url) as connection:
        one(connection, PAGE)
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError, ConnectionError):
            for _ in range(60):
                connection.sendall(PAGE * 2000)
        assert memory(server) - before < 60_000_000


def test_endless_bodies_chunks_and_trailers_are_cut_off(server: Running) -> None:
    head = ECHO + b"Transfer-Encoding: chunked\r\n\r\n"
    for part, before in ((b"10000\r\n%s\r\n" % (b"z" * 65_536), b""), (b"X: aaaaaaaa\r\n" * 5000, b"1\r\nx\r\n0\r\n")):
        sent = 0
        with connect(server.url) as connection, contextlib.suppress(ConnectionError):
            connection.sendall(head + before)
            while sent < 100_000_000:
                connection.sendall(part)
                sent += len(part)
        assert sent < 60_000_000  # most of it in the buffers of the system


SLOWLY = {
    "nothing": (b"", b""),
    "a head": (b"", HIDDEN),
    "a further head": (PAGE, HIDDEN),
    "a body": (ECHO + b"Content-Length: 1000\r\n\r\n", b"x" * 1000),
    "chunks": (ECHO + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n" * 200),
    "a body after an offer": (POST + b"h2c\r\nContent-Length: 1000\r\n\r\n", b"x" * 1000),
    "empty lines": (b"", b"\r\n" * 500),
    "empty lines after an answer": (PAGE, b"\r\n" * 500),
}


def seconds_until_dropped(url: str, at_once: bytes, slowly: bytes) -> float:
    """How long a server puts up with a client that sends a part at once, and then byte after byte."""
    began = time.monotonic()
    with connect(url) as connection:
        connection.sendall(at_once)
        connection.settimeout(0.2)
        for number in range(100):
            try:
                connection.sendall(slowly[number : number + 1])
                while connection.recv(65_536):
                    pass
                break
            except TimeoutError:
                pass
            except ConnectionError:
                break
    return time.monotonic() - began


def test_a_client_that_never_finishes_a_request_is_dropped(server: Running) -> None:
    """The server waits two seconds; nothing that comes meanwhile makes it wait for longer."""
    with ThreadPoolExecutor(len(SLOWLY)) as clients:
        seconds = clients.map(lambda parts: seconds_until_dropped(server.url, *parts), SLOWLY.values())
    assert {name: 1.8 <= taken < 5 for name, taken in zip(SLOWLY, seconds, strict=True)} == dict.fromkeys(SLOWLY, True)


def test_a_client_that_takes_its_time_is_answered(server: Running) -> None:
    with connect(server.url) as connection:
        for _ in range(4):  # longer than the timeout together: each request has its own
            for part in (b"GET /live HT", b"TP/1.1\r\nHost: x\r"):
                connection.sendall(part)
                time.sleep(0.4)
            assert status(one(connection, b"\n\r\n")) == 200


def test_an_answer_may_take_longer_than_a_request(server: Running) -> None:
    with connect(server.url) as connection:
        assert status(one(connection, SLOW.replace(b"0.3", b"3"))) == 200


def read_all(connection: socket.socket) -> None:
    """Read until the server closes; raises where it cut the connection off."""
    while connection.recv(65_536):
        pass


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="The system has no timeout for unread data.")
def test_clients_that_read_nothing_are_dropped_by_the_system(server: Running) -> None:
    where = server.url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(socket.socket()) for _ in range(2)]
        for connection, path in zip(connections, (b"/page?a=1", b"/export?rows=2000"), strict=True):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(20)
            connection.connect((where[0], int(where[1])))
            connection.sendall(PAGE.replace(b"/page?a=1", path) * 1000)
        time.sleep(8)
        for connection in connections:
            with pytest.raises(ConnectionError):
                read_all(connection)


def test_a_client_that_reads_slowly_gets_everything(server: Running) -> None:
    request = PAGE.replace(b"/page?a=1", b"/export?rows=300")[:-2] + b"Connection: close\r\n\r\n"
    with connect(server.url) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.sendall(request)
        found, began = b"", time.monotonic()
        while time.monotonic() - began < 5:
            found += connection.recv(16_384)
            time.sleep(0.05)
        assert len(found) < 3_000_000
        found += read(connection)
    assert found.endswith(b"0\r\n\r\n")
    assert found.count(b"x" * 10_000) == 300


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(server: Running) -> None:
    with connect(server.url) as connection:
        for _ in range(7):
            assert status(one(connection, PAGE)) == 200
            time.sleep(0.8)
        connection.settimeout(20)
        assert connection.recv(1) == b""


def test_too_many_connections_are_answered_503(start: Callable[..., Running]) -> None:
    """Before the system has no file left: what answers a request needs some too."""
    server = start(limit_files=230)
    connections = [connect(server.url) for _ in range(40)]
    try:
        refused = exchange(server.url, CLOSING)
    finally:
        for connection in connections:
            connection.close()
    assert status(refused) == 503
    for header in (b"application/problem+json", b"nosniff", b"retry-after"):
        assert header in refused
    time.sleep(0.2)
    assert status(exchange(server.url, CLOSING)) == 200
