"""Connections, as bytes: offers of other protocols, what is no HTTP, pipelines and their end."""

import socket
import time

import pytest

from tests.http.conftest import Running, one
from tests.http.requests import BODY, CLOSING, ECHO, HIDDEN, PAGE, POST, SLOW
from tests.raw import connect, exchange, read, status

OFFERS = [b"h2c", b"websocket", b"TLS/1.0", b"h2c, websocket"]


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_the_body_after_an_offer_of_another_protocol_is_kept(
    server: Running, offer: bytes, apart: bool, chunked: bool
) -> None:
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(BODY)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY) if chunked else BODY
    head = POST + offer + b"\r\n" + framing + b"\r\n\r\n"
    with connect(server.url) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(2):  # and the connection goes on
            for part in [head[:50], head[50:], body[:7], body[7:]] if apart else [head + body]:
                connection.sendall(part)
                time.sleep(0.05 if apart else 0)
            answer = one(connection, b"")
            assert status(answer) == 200
            assert b"Keytruda" in answer
        connection.sendall(head + body + PAGE + head + body + CLOSING)
        answers = read(connection)
    assert answers.count(b"HTTP/1.1 200") == 4
    assert answers.count(b"Keytruda") == 2


def test_an_offer_without_a_body_is_ignored_too(server: Running) -> None:
    offer = b"GET /page?a=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    answers = exchange(server.url, offer * 3 + CLOSING)
    assert answers.count(b"HTTP/1.1 200") == 4


def test_a_client_that_makes_an_offer_may_close(server: Running) -> None:
    offer = POST.replace(b"Upgrade, HTTP2-Settings", b"Upgrade, close") + b"h2c\r\nContent-Length: 1\r\n\r\nx"
    answers = exchange(server.url, offer + PAGE)
    assert answers.count(b"HTTP/1.1 200") == answers.count(b"HTTP/1.1 ") == 1


def test_a_body_of_an_offer_beyond_the_limit_is_refused(server: Running) -> None:
    head = POST + b"h2c\r\nContent-Length: 1048577\r\n\r\n"
    with connect(server.url) as connection:
        assert status(one(connection, head)) == 413


NO_HTTP = {
    "length and chunks": ECHO + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": ECHO + b"Content-Length: 0\r\nContent-Length: 30\r\n\r\n",
    "two lengths after an offer": POST + b"h2c\r\nContent-Length: 0\r\nContent-Length: 30\r\n\r\n",
    "signed length": ECHO + b"Content-Length: +22\r\n\r\n",
    "folded header": ECHO + b"X: a\r\n Y: b\r\n\r\n",
    "tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "tunnel to a path": b"CONNECT /page HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("request_", NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_is_refused_with_a_complete_problem_document(server: Running, request_: bytes) -> None:
    answer = exchange(server.url, request_ + HIDDEN)
    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    for header in (b"application/problem+json", b"nosniff", b"no-store", b"connection: close"):
        assert header in answer


def test_garbage_does_not_replace_the_answer_before_it(server: Running) -> None:
    for requests in (SLOW, SLOW + PAGE, SLOW * 2):
        answers = exchange(server.url, requests + b"\x00garbage\r\n\r\n")
        assert answers.count(b"HTTP/1.1 200 OK") == requests.count(b"GET")
        assert answers.count(b"HTTP/1.1 ") == requests.count(b"GET")


def test_a_client_that_sends_no_more_is_answered(server: Running) -> None:
    for requests in (SLOW, SLOW + PAGE, PAGE + SLOW):
        with connect(server.url) as connection:
            connection.sendall(requests)
            connection.shutdown(socket.SHUT_WR)
            began = time.monotonic()
            assert read(connection).count(b"HTTP/1.1 200 OK") == requests.count(b"GET")
        assert time.monotonic() - began < 3  # closed with its answer, not when it is idle for too long
