"""nginx as `compose.yaml` configures it, in front of a real server. Left out where there is no nginx."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from tests.conftest import ROOT
from tests.http.conftest import Running, one, running
from tests.raw import connect, exchange, read, status
from tests.servers import free_port

NGINX = shutil.which("nginx")
pytestmark = pytest.mark.skipif(NGINX is None, reason="There is no nginx on this machine.")


class Proxied(NamedTuple):
    """A server, and the address of nginx before it."""

    url: str
    server: Running
    log: Path


def configuration(folder: Path, port: int, upstream: str) -> str:
    """The configuration of `compose.yaml`, with addresses and folders of this machine."""
    shipped: str = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["configs"]["proxy"]["content"]
    folders = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    replaced = {
        "$$": "$",
        "user nginx;": f"daemon off; pid {folder}/pid;" + ("user root;" if os.getuid() == 0 else ""),
        "resolver 127.0.0.11 valid=5s;": folders,
        "app:8000 resolve": upstream,  # only since 1.27.3
        "listen 80": f"listen 127.0.0.1:{port}",
        "/var/cache/nginx": str(folder),
        "/dev/stdout": f"{folder}/access.log",
        "worker_processes auto;": "worker_processes 1;",
        "client_header_timeout 10s;": "client_header_timeout 2s;",
        "client_body_timeout 10s;": "client_body_timeout 2s;",
    }
    for before, after in replaced.items():
        assert before in shipped, before
        shipped = shipped.replace(before, after)
    return shipped


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """A server that trusts nginx, and nginx before it."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    with running(folder / "log", TRUSTED_PROXIES="127.0.0.1", RATE_LIMIT="1000/minute") as server:
        (folder / "conf").write_text(configuration(folder, port, server.url.removeprefix("http://")))
        process = subprocess.Popen(
            [NGINX or "", "-p", str(folder), "-c", str(folder / "conf"), "-e", str(folder / "err")]
        )
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), connect(f"http://127.0.0.1:{port}"):
                    break
                time.sleep(0.05)
            yield Proxied(f"http://127.0.0.1:{port}", server, folder / "access.log")
        finally:
            process.terminate()
            process.wait(10)


def get(proxied: Proxied, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    return httpx.request(
        method, proxied.url + path, headers={name.replace("_", "-"): headers[name] for name in headers}
    )


def logged(log: Path, text: str, count: int) -> list[dict[str, Any]]:
    """The lines of a log with a text: once there are so many, or after 5 s; and those that come 0.2 s later."""
    end = time.monotonic() + 5
    while sum(text in line for line in log.read_text().splitlines()) < count and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.2)
    return [json.loads(line) for line in log.read_text().splitlines() if text in line]


def asked(proxied: Proxied, text: str, count: int) -> list[dict[str, Any]]:
    """What the server itself was asked, by its log, in which `count` requests are expected."""
    return logged(proxied.server.log, text, count)


def test_what_was_answered_comes_from_nginx_until_it_is_too_old(proxied: Proxied) -> None:
    answers = [get(proxied, "/page?repeated") for _ in range(5)]
    assert len({answer.content for answer in answers}) == 1
    assert len(asked(proxied, "repeated", 1)) == 1
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 5
    assert len(answers[0].headers.get_list("RateLimit")) == 1
    assert not any("RateLimit" in answer.headers for answer in answers[1:])
    etag = answers[0].headers["ETag"]
    assert get(proxied, "/page?repeated", If_None_Match=etag).status_code == 304
    end = time.monotonic() + 20  # it is too old after 5 s by the clock of nginx, which counts whole seconds
    while [line["status"] for line in asked(proxied, "repeated", 1)] == [200] and time.monotonic() < end:
        assert get(proxied, "/page?repeated").content == answers[0].content
    assert [line["status"] for line in asked(proxied, "repeated", 2)] == [200, 304]  # asked only whether it changed


@pytest.mark.parametrize(
    ("name", "values"),
    [("Accept", ["text/a", "text/b", "text/a, text/b"]), ("Accept-Encoding", ["gzip", "zstd", "identity", "gzip;q=0"])],
)
def test_answers_that_vary_are_kept_apart(proxied: Proxied, name: str, values: list[str]) -> None:
    seen: dict[str, set[tuple[str, str | None, str]]] = {}
    for _ in range(2):
        for value in values:
            answer = httpx.get(f"{proxied.url}/page?vary-{name}", headers={name: value})
            seen.setdefault(value, set()).add(
                (answer.headers["ETag"], answer.headers.get("Content-Encoding"), answer.text)
            )
    assert all(len(found) == 1 for found in seen.values())
    if name == "Accept":
        assert all(json.loads(next(iter(found))[2])["accept"] == value for value, found in seen.items())
    else:
        assert [next(iter(found))[1] for found in seen.values()] == ["gzip", "zstd", None, None]


def test_two_accept_headers_poison_nothing(proxied: Proxied) -> None:
    request = b"GET /page?poison HTTP/1.1\r\nHost: x\r\nAccept: text/a\r\nAccept: text/b\r\nConnection: close\r\n\r\n"
    assert b'"accept":"text/a, text/b"' in exchange(proxied.url, request)
    for accept in ("text/a", "text/b"):
        answer = httpx.get(f"{proxied.url}/page?poison", headers={"Accept": accept, "Host": "x"})
        assert answer.json()["accept"] == accept


def test_what_is_not_to_be_stored_is_not(proxied: Proxied) -> None:
    for path in ("/nothing?not-stored", "/live?not-stored"):
        for _ in range(2):
            answer = get(proxied, path)
            assert answer.headers["Cache-Control"] == "no-store"
            assert "RateLimit" in answer.headers or path.startswith("/live")
    assert len(asked(proxied, "not-stored", 4)) == 4


def test_another_host_is_another_answer(proxied: Proxied) -> None:
    for host in ("one.example", "two.example"):
        httpx.get(f"{proxied.url}/page?by-host", headers={"Host": host})
    assert len(asked(proxied, "by-host", 2)) == 2


def test_head_runs_no_export_and_is_cached_apart(proxied: Proxied) -> None:
    head = get(proxied, "/export?rows=100000", method="HEAD")
    assert head.status_code == 200
    assert [line["method"] for line in asked(proxied, "rows=100000", 1)] == ["HEAD"]
    sizes = [get(proxied, "/page?head", method=method).headers["Content-Length"] for method in ("HEAD", "GET", "HEAD")]
    assert len(set(sizes)) == 1


def test_a_body_after_an_offer_of_another_protocol_arrives(proxied: Proxied) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    with connect(proxied.url) as connection:
        connection.sendall(head + b"Content-Length: 5\r\n\r\n")
        time.sleep(0.1)
        assert b'"body":"hello"' in one(connection, b"hello")


REFUSED = {
    "no host": (b"GET /page HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET /page HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    "garbage": (b"\x00\x01\r\n\r\n", 400),
    "a long head": (b"GET /page HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 50_000 + b"\r\n\r\n", 400),
    "a long line": (b"GET /page?" + b"a" * 50_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a long body": (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", 413),
    "metrics": (b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
}


@pytest.mark.parametrize(("request_", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_nginx_refuses_is_a_problem_document(proxied: Proxied, request_: bytes, expected: int) -> None:
    answer = exchange(proxied.url, request_)
    assert status(answer) == expected
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"nosniff" in head
    assert json.loads(body)["status"] == expected


@pytest.mark.parametrize(
    "begun", [b"", b"GET /page HT", b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"]
)
def test_slow_clients_end_at_nginx(proxied: Proxied, begun: bytes) -> None:
    began = time.monotonic()
    with connect(proxied.url) as connection:
        connection.sendall(begun)
        answer = read(connection)
    assert time.monotonic() - began < 5
    assert status(answer) in {0, 408}


def test_one_client_cannot_take_all_connections(proxied: Proxied) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            connection = stack.enter_context(socket.socket())
            connection.connect(("127.0.0.1", int(proxied.url.rsplit(":", 1)[1])))
            connection.sendall(b"GET /slow?seconds=2 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.5)
        answer = get(proxied, "/page")
        assert (answer.status_code, answer.json()["title"]) == (429, "Too Many Requests")
        assert answer.headers["Retry-After"] == "1"


def test_each_request_is_a_line_of_json(proxied: Proxied) -> None:
    get(proxied, '/nothing?"logged"\\')
    get(proxied, "/metrics?logged")
    lines = logged(proxied.log, "logged", 2)
    assert [line["target"].partition("?")[0] for line in lines] == ["/nothing", "/metrics"]
    assert re.fullmatch(r"[0-9a-f]{32}", lines[0]["request_id"])
