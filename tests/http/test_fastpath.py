"""Cached answers without a task: the bytes, log and counts of those that pass all layers."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from uvicorn.protocols.http import flow_control, httptools_impl

from app.http.cache import OutermostLayer
from tests.http.asgi import ask, scope_of
from tests.http.conftest import Running, one, running
from tests.http.requests import CLOSING, PAGE, SLOW
from tests.raw import connect, exchange

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
    service: Callable[..., OutermostLayer], settings: dict[str, object]
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
