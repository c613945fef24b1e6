"""Connections: what is answered at once is the same, however its bytes come, and keeps its place among the others."""

import re
import socket
from collections.abc import Callable

import pytest

from tests.app.raw import connect, exchange, read, status

pytestmark = pytest.mark.only_on_sqlite("No engine plays a part in how bytes are read.")

KEPT = b"GET /therapies?limit=3 HTTP/1.1\r\nHost: x\r\n\r\n"
NEVER_KEPT = b"GET /therapies?format=csv&class=car-t HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def plain(answers: bytes) -> bytes:
    """Answers without what tells one request from another."""
    return re.sub(rb"(date|x-request-id): [^\r]*\r\n", b"", answers)


def one(connection: socket.socket, request: bytes) -> bytes:
    """The whole answer to a request, and nothing that comes after it."""
    connection.sendall(request)
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65_536)
    head, _, body = found.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: ([0-9]+)", head)
    wanted = 0 if request.startswith(b"HEAD") or length is None else int(length[1])
    while len(body) < wanted:
        body += connection.recv(65_536)
    assert len(body) == wanted
    return head + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def fresh(database: str, start: Callable[..., str]) -> bytes:
    """What a server that keeps nothing says to the request."""
    with connect(start(database, CACHE_BYTES="0")) as connection:
        return plain(one(connection, KEPT))


def test_asked_over_again_the_answer_is_the_fresh_one(url: str, fresh: bytes) -> None:
    with connect(url) as connection:
        for _ in range(5):
            assert plain(one(connection, KEPT)) == fresh
    assert plain(exchange(url, KEPT * 5 + CLOSING)).startswith(fresh * 5)


@pytest.mark.parametrize("at", [1, 20, len(KEPT) - 2, len(KEPT) - 1])
def test_a_request_in_two_pieces_is_one(url: str, fresh: bytes, at: int) -> None:
    with connect(url) as connection:
        for _ in range(3):
            one(connection, KEPT)
        connection.sendall(KEPT[:at])
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(20)
        connection.sendall(KEPT[at:] + CLOSING)
        assert plain(read(connection)).startswith(fresh)


def test_the_end_of_a_body_is_never_taken_for_a_request(url: str) -> None:
    exchange(url, KEPT * 3 + CLOSING)
    with connect(url) as connection:
        for _ in range(3):  # known to the byte by now
            one(connection, KEPT)
        head = b"POST /resolve HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(KEPT))
        connection.sendall(KEPT)
        connection.sendall(CLOSING)
        answers = read(connection)
    assert status(answers) == 422
    assert answers.count(b"HTTP/1.1 ") == 2


def test_what_is_at_hand_waits_for_the_answer_before(url: str) -> None:
    for _ in range(3):
        exchange(url, KEPT + CLOSING)
    with connect(url) as connection:
        connection.sendall(NEVER_KEPT)
        connection.sendall(KEPT)
        connection.sendall(KEPT + CLOSING)
        answers = read(connection)
    kinds = re.findall(rb"\r\ncontent-type: ([a-z/]+)", answers)
    assert kinds == [b"text/csv", b"application/json", b"application/json", b"application/json"]


def test_the_parts_of_a_request_that_count_are_told_apart(url: str) -> None:
    """One connection, bytes that differ in a header only: each gets its own answer, again and again."""
    _, _, etag = exchange(url, KEPT + CLOSING).partition(b"etag: ")
    known = KEPT[:-2] + b"If-None-Match: " + etag.split(b"\r\n")[0] + b"\r\n\r\n"
    head = KEPT.replace(b"GET", b"HEAD")
    packed = KEPT[:-2] + b"Accept-Encoding: gzip\r\n\r\n"
    with connect(url) as connection:
        for _ in range(4):
            for request, expected, coding in ((KEPT, 200, 0), (known, 304, 0), (packed, 200, 1), (head, 200, 0)):
                found = one(connection, request)
                assert status(found) == expected
                assert found.count(b"content-encoding: gzip") == coding
                assert found.endswith(b"\r\n\r\n") == (request in {known, head})


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(url: str) -> None:
    with connect(url) as connection:
        for _ in range(8):
            assert status(one(connection, KEPT)) == 200
            connection.settimeout(1)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        connection.settimeout(20)
        assert connection.recv(1) == b""


def test_a_client_that_closes_is_closed(url: str) -> None:
    closing = KEPT[:-2] + b"Connection: close\r\n\r\n"
    for _ in range(4):
        answer = exchange(url, closing)
        assert status(answer) == 200
        assert b"\r\nconnection: close\r\n" in answer
