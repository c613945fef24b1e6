"""Hosts, proxies and rate limits of the whole service, as its settings say."""

from collections.abc import Callable

import httpx
import pytest

from tests.conftest import run
from tests.raw import exchange

TRUSTED = "10.0.0.0/8, 127.0.0.1"
OF_A_PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="module")
def direct(reading: str, serve_module: Callable[..., str]) -> str:
    """A server that trusts nobody, answers a client three times a day, and is known by few names."""
    hosts = "127.0.0.1, facts.example, *.facts.example"
    return serve_module(
        reading, RATE_LIMIT="3/day", ALLOWED_HOSTS=hosts, CORS_ORIGINS="https://one.example, https://two.example"
    )


@pytest.fixture(scope="module")
def behind(reading: str, serve_module: Callable[..., str]) -> str:
    """A server that trusts this machine as a proxy, and answers a client three times a day."""
    return serve_module(reading, RATE_LIMIT="3/day", TRUSTED_PROXIES=TRUSTED)


def test_only_allowed_hosts_are_answered(direct: str) -> None:
    for host, status in (("eu.facts.example", 200), ("evilfacts.example", 400), ("", 400)):
        answer = httpx.get(f"{direct}/targets?limit=1", headers={"Host": host})
        assert answer.status_code == status
        if status == 400:
            assert answer.json()["type"].endswith((":wrong-host", ":http"))
        assert httpx.get(f"{direct}/ready", headers={"Host": host or "x"}).status_code == 200  # probes know no names


def test_origins_are_narrowed_by_setting(direct: str) -> None:
    for origin, allowed in (("https://two.example", True), ("https://three.example", False)):
        answer = httpx.get(f"{direct}/live", headers={"Origin": origin})
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed
        assert "Origin" in answer.headers["Vary"]
    assert "Origin" in httpx.get(f"{direct}/live").headers["Vary"]
    refused = exchange(direct, b"GET /live HTTP/1.1\r\nContent-Length: -1\r\n\r\n")
    assert b"\r\nvary: Origin\r\n" in refused


def test_what_a_stranger_forwards_changes_nothing(direct: str) -> None:
    left = []
    for number in range(5):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Forwarded-Proto": "https", "Forwarded": "for=1.2.3.4"}
        answer = httpx.get(f"{direct}/service-info", headers=headers)
        left.append((answer.status_code, answer.headers["RateLimit"].split(";")[1]))
        assert "Strict-Transport-Security" not in answer.headers
        if answer.status_code == 200:
            assert answer.json()["documentationUrl"] == f"{direct}/docs"
    assert left[-2:] == [(429, "r=0"), (429, "r=0")]
    assert {status for status, _ in left} <= {200, 429}


def test_what_a_trusted_proxy_forwards_is_believed(behind: str) -> None:
    for number in range(5):
        # What the client forged itself stands before what the proxy added.
        headers = {"X-Forwarded-For": f"127.0.0.1, 198.51.100.{number}", "X-Forwarded-Proto": "https"}
        answer = httpx.get(f"{behind}/service-info", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["RateLimit"].startswith('"default";r=2;t=')
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.json()["documentationUrl"] == behind.replace("http://", "https://") + "/docs"
    plain = httpx.get(f"{behind}/targets?limit=1", headers={"X-Forwarded-For": "203.0.113.1"})
    secure = httpx.get(f"{behind}/targets?limit=1", headers={**OF_A_PROXY, "X-Forwarded-For": "203.0.113.1"})
    assert "Strict-Transport-Security" not in plain.headers
    assert "Strict-Transport-Security" in secure.headers  # although the same answer is cached for the other


def test_a_client_that_asks_too_often_is_told_when_to_ask_again(behind: str) -> None:
    for left in (2, 1, 0):
        answer = httpx.get(f"{behind}/targets?limit=2", headers=OF_A_PROXY)
        assert answer.headers.get_list("RateLimit-Policy") == ['"default";q=3;w=86400']
        assert len(answer.headers.get_list("RateLimit")) == 1  # those of earlier answers are not cached
        assert answer.headers["RateLimit"].startswith(f'"default";r={left};t=')
    refused = httpx.get(f"{behind}/targets?limit=2", headers={**OF_A_PROXY, "Origin": "https://app.example"})
    assert refused.status_code == refused.json()["status"] == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_400
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "RateLimit" in refused.headers["Access-Control-Expose-Headers"].split(", ")
    for path in ("/live", "/ready"):
        answer = httpx.get(f"{behind}{path}", headers=OF_A_PROXY)
        assert answer.status_code == 200
        assert "RateLimit" not in answer.headers


def test_an_ipv6_client_has_its_network(behind: str) -> None:
    network = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1")
    seen = [httpx.get(f"{behind}/targets?limit=3", headers={"X-Forwarded-For": who}).status_code for who in network]
    assert seen == [200, 200, 200, 429]
    assert httpx.get(f"{behind}/targets", headers={"X-Forwarded-For": "2001:db8:1:3::1"}).status_code == 200


WRONG = {
    "RATE_LIMIT": ["often", "0/minute", "10/fortnight"],
    "TRUSTED_PROXIES": ["*", "10.0.0.1/8", "my-proxy"],
    "ALLOWED_HOSTS": ["https://facts.example", "a.*.example"],
    "REQUEST_SECONDS": ["0"],
    "SHUTDOWN_SECONDS": ["soon"],
    "PORT": ["eighty"],
    "ROOT_PATH": ["facts", "//facts", "/a//b", "https://facts.example", "/a b", "/.."],
}


def test_a_wrong_setting_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic import ValidationError

    from app.config import Settings

    for name, values in WRONG.items():
        for value in values:
            monkeypatch.setenv(name, value)
            with pytest.raises(ValidationError) as error:
                Settings()
            assert [part["loc"] for part in error.value.errors()] == [(name.lower(),)], value
            monkeypatch.delenv(name)


def test_a_wrong_setting_ends_the_start_in_a_sentence() -> None:
    done = run("app", "serve", RATE_LIMIT="often", PORT="eighty")
    assert done.returncode == 1
    assert done.stderr.startswith("Wrong settings.\nPORT: ")
    assert "\nRATE_LIMIT: " in done.stderr
    assert "Traceback" not in done.stderr
