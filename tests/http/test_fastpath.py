"""Connections, as bytes: cached answers without a task, offers of other protocols, slow clients, draining."""

import contextlib
import hashlib
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from uvicorn.protocols.http import flow_control, httptools_impl

from app.http.cache import Service
from tests.http.asgi import ask, scope_of
from tests.http.conftest import Running, one, running
from tests.raw import connect, exchange, read, status

PAGE = b"GET /page?a=1 HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
SLOW = b"GET /slow?seconds=0.3 HTTP/1.1\r\nHost: x\r\n\r\n"
BUILT_ON = "ea814cf42e50628d"
"""SHA-256 of the parts of uvicorn that `app/http/fastpath.py` overrides and calls."""


def test_uvicorn_is_what_the_fast_path_is_built_on() -> None:
    """Where this fails, read what changed in uvicorn, mend `fastpath.py`, and write the new value here."""
    sources = [Path(module.__file__ or "").read_bytes() for module in (httptools_impl, flow_control)]
    assert hashlib.sha256(b"".join(sources)).hexdigest()[:16] == BUILT_ON


def plain(answers: bytes) -> list[bytes]:
    """Answers without what tells one request, or server, from another, and their headers in one order."""
    answers = answers.replace(b", X-Forwarded-Prefix", b"").replace(b"vary: X-Forwarded-Prefix\r\n", b"")
    answers = re.sub(rb"(date|x-request-id): [^\r]*\r\n", b"", answers)
    parts = [part.partition(b"\r\n\r\n") for part in re.split(rb"(?=HTTP/1\.1 \d)", answers) if part]
    return [b"\r\n".join(sorted(head.split(b"\r\n"))) + b"\r\n\r\n" + body for head, _, body in parts]


def memory(server: Running) -> int:
    """Bytes that a server holds."""
    return int(psutil.Process(server.process.pid).memory_info().rss)


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose cached answers pass all layers: a layer wraps the service where a proxy is trusted."""
    with running(tmp_path_factory.mktemp("layered") / "log", TRUSTED_PROXIES="192.0.2.1") as server:
        yield server


@pytest.mark.parametrize(
    "request_",
    [
        PAGE,
        PAGE.replace(b"GET", b"HEAD"),
        PAGE.replace(b"1.1", b"1.0"),
        PAGE[:-2] + b"Accept-Encoding: gzip\r\n\r\n",
        PAGE[:-2] + b"Accept: text/x\r\nOrigin: https://a.example\r\n\r\n",
        PAGE[:-2] + b"If-None-Match: *\r\n\r\n",
        PAGE[:-2] + b"Accept: text/x\r\nAccept: text/y\r\n\r\n",
        PAGE[:-2] + b"Content-Length: 0\r\n\r\n",
        PAGE[:-2] + b"Connection: close\r\n\r\n",
        PAGE.replace(b"Host: x\r\n", b""),
        PAGE[:-2] + b"Host: y\r\n\r\n",
    ],
)
def test_the_fast_path_answers_as_the_layers_do(server: Running, layered: Running, request_: bytes) -> None:
    answers = []
    for url in (server.url, layered.url):
        for _ in range(3):
            with connect(url) as connection:
                answers.append(plain(one(connection, request_)))
    assert all(answer == answers[0] for answer in answers), answers


def test_the_fast_path_is_taken(server: Running, layered: Running) -> None:
    """By the order of headers: only what passed the layers has its id before the security headers."""
    for url, first in ((server.url, b"x-frame-options"), (layered.url, b"x-request-id")):
        with connect(url) as connection:
            answers = [one(connection, PAGE) for _ in range(2)]
        assert answers[-1].index(first) == min(
            answers[-1].index(name) for name in (b"x-frame-options", b"x-request-id")
        )


@pytest.mark.parametrize(
    "settings",
    [{"rate_limit": "9/day"}, {"allowed_hosts": ["test"]}, {"cors_origins": ["https://a.example"]}],
)
def test_the_fast_path_is_not_taken_where_a_layer_looks_at_each_request(
    service: Callable[..., Service], settings: dict[str, object]
) -> None:
    for app, taken in ((service(), True), (service(**settings), False)):
        ask(app, "/page")
        assert (app.lookup_cached(scope_of("/page", headers=[("Host", "test")])) is not None) == taken


def test_what_is_logged_and_counted_is_the_same_on_both_ways(server: Running, layered: Running) -> None:
    path = b"/page?counted"
    for url in (server.url, layered.url):
        with connect(url) as connection:
            for _ in range(3):
                one(connection, PAGE.replace(b"/page?a=1", path))
        metrics = exchange(url, CLOSING.replace(b"/live", b"/metrics")).decode()
        hits = re.search(r'requests_total\{cache="hit",method="GET",route="/page",status="200"\} (\d+)', metrics)
        assert hits
        assert int(hits[1]) >= 2
    lines = [[line for line in run.log.read_text().splitlines() if "counted" in line] for run in (server, layered)]
    kinds = [[re.findall(r'"(?:status|cache|route|method|query)":"?[^",]*', line) for line in log] for log in lines]
    assert kinds[0] == kinds[1]
    assert len(kinds[0]) == 3


def test_many_requests_in_one_packet_are_all_answered_in_order(server: Running) -> None:
    requests = [SLOW, *(PAGE.replace(b"a=1", b"n=%d" % (number % 7)) for number in range(900)), CLOSING]
    answers = exchange(server.url, b"".join(requests), seconds=60)
    assert answers.count(b"HTTP/1.1 200 OK") == len(requests)
    assert answers.index(b'"slow"') < answers.index(b'"query"')
    found = re.findall(rb'"query":"n=(\d)"', answers)
    assert found == [b"%d" % (number % 7) for number in range(900)]


@pytest.mark.parametrize("at", [1, 20, len(PAGE) - 2, len(PAGE) - 1])
def test_a_request_in_two_pieces_is_one(server: Running, at: int) -> None:
    with connect(server.url) as connection:
        whole = plain(one(connection, PAGE))
        connection.sendall(PAGE[:at])
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(20)
        assert plain(one(connection, PAGE[at:])) == whole


BODY = b'{"names":["Keytruda"]}'
OFFERS = [b"h2c", b"websocket", b"TLS/1.0", b"h2c, websocket"]
ECHO = b"POST /echo HTTP/1.1\r\nHost: x\r\n"
POST = ECHO + b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nUpgrade: "


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
    assert [status(answer) for answer in plain(answers)] in ([200] * 4, [0] * 4)
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


HIDDEN = b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n"
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
