"""What a browser and a proxy may do with answers: security headers, hosts, proxies, and the pages of documentation."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from app.hardening import HARDENED
from tests.app.raw import exchange, status
from tests.app.test_documentation import ARGUMENTS, CHROMIUM
from tests.conftest import run

pytestmark = pytest.mark.only_on_sqlite("No engine plays a part in headers, hosts and limits.")

ANSWERS = {
    "a page": ("GET", "/therapies?limit=1", 200),
    "a kept page": ("GET", "/therapies?limit=1", 200),
    "a head": ("HEAD", "/therapies?limit=1", 200),
    "an export": ("GET", "/targets?format=csv", 200),
    "the service": ("GET", "/live", 200),
    "the document": ("GET", "/openapi.json", 200),
    "a redirect": ("GET", "/therapies/keytruda", 307),
    "the way to the documentation": ("GET", "/", 307),
    "a refusal by the gate": ("GET", "/therapies?limit=1&limit=2", 422),
    "a refusal by an operation": ("GET", "/therapies?limit=0", 422),
    "an unknown record": ("GET", "/therapies/nothing-of-the-kind", 404),
    "an unknown path": ("GET", "/nothing", 404),
    "another method": ("DELETE", "/therapies", 405),
    "a posted answer": ("POST", "/resolve", 200),
    "an asset": ("GET", "/assets/swagger-ui.css", 200),
    "a page of documentation": ("GET", "/docs", 200),
}


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_is_hardened(client: httpx.Client, method: str, path: str, status: int) -> None:
    body = {"names": ["Keytruda"]} if method == "POST" else None
    answer = client.request(method, path, json=body, headers={"Origin": "https://app.example"})
    assert answer.status_code == status
    _assert_hardened(answer, own_policy=path == "/docs")


def _assert_hardened(answer: httpx.Response, *, own_policy: bool = False) -> None:
    for name, value in HARDENED.items():
        if not (own_policy and name == "Content-Security-Policy"):
            assert answer.headers.get_list(name) == [value], name
    assert "Strict-Transport-Security" not in answer.headers  # this is not https
    assert "Server" not in answer.headers


def test_an_unchanged_answer_a_preflight_and_broken_http_are_hardened(client: httpx.Client) -> None:
    etag = client.get("/therapies?limit=1").headers["ETag"]
    unchanged = client.get("/therapies?limit=1", headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    _assert_hardened(unchanged)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    preflight = client.options("/therapies", headers=asked)
    assert preflight.status_code == 200
    _assert_hardened(preflight)


def test_what_is_not_http_is_answered_with_a_hardened_problem(url: str) -> None:
    head, body = exchange(url, b"GET /therapies HTTP/1.1\r\nContent-Length: -1\r\n\r\n").split(b"\r\n\r\n")
    headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")[1:]]
    answer = httpx.Response(400, headers=headers, content=body)
    assert b" 400 " in head
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 400
    _assert_hardened(answer)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    if CHROMIUM is None:
        pytest.skip("There is no chromium on this machine; `apt-get install chromium` brings it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must not complain: what it writes to its console, and what it could not fetch, are faults."""
    faults: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    yield page
    page.close()
    assert faults == []


def test_swagger_ui_executes_an_operation_under_its_policy(page: Page, url: str, tmp_path: Path) -> None:
    answer = page.goto(f"{url}/docs#/names/resolve_many")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in script
    operation = page.locator("#operations-names-resolve_many")
    operation.wait_for()
    if not operation.locator(".try-out__btn").is_visible():
        operation.locator(".opblock-summary-control").click()
    operation.locator(".try-out__btn").click()
    operation.locator(".execute").click()
    answered = operation.locator(".live-responses-table .response-col_description .highlight-code").first
    answered.wait_for()
    page.screenshot(path=tmp_path / "swagger.png")
    assert "200" in operation.locator(".live-responses-table .response-col_status").nth(1).inner_text()
    assert "pembrolizumab" in answered.inner_text()


def test_redoc_draws_and_searches_under_its_policy(page: Page, url: str, tmp_path: Path) -> None:
    page.goto(f"{url}/redoc")
    page.locator("h1", has_text="ImmunoFacts").wait_for()
    page.locator("input[placeholder='Search...']").press_sequentially("therapies")
    page.locator("[data-role='search:results'] label").first.wait_for()  # the search runs in a worker
    page.screenshot(path=tmp_path / "redoc.png")


def test_a_page_runs_no_script_but_its_own(browser: Browser, url: str) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{url}/docs")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.broken = 1\">')")
    page.evaluate("document.body.appendChild(document.createElement('script')).text = 'window.broken = 2'")
    page.wait_for_timeout(200)
    assert page.evaluate("window.broken") is None
    assert any("Content Security Policy" in text for text in refused)
    page.close()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("facts.example", 200),
        ("FACTS.example:8000", 200),
        ("eu.facts.example", 200),
        ("[::1]:8000", 200),
        ("facts.example.evil.example", 400),
        ("evilfacts.example", 400),
        ("127.0.0.1", 400),
        ("", 400),
    ],
)
def test_only_allowed_hosts_are_answered(guarded: str, host: str, status: int) -> None:
    answer = httpx.get(f"{guarded}/targets?limit=1", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        _assert_hardened(answer)
    assert httpx.get(f"{guarded}/ready", headers={"Host": host}).status_code == 200  # probes know addresses only


def test_no_answer_leads_to_the_host_that_a_client_names(client: httpx.Client) -> None:
    for path in (
        "/therapies/",
        "/docs/",
        "/assets",
        "//evil.example/",
        "/therapies/keytruda",
        "/",
        "/therapies//x.example",
    ):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "//" not in answer.headers.get("Location", "")
        assert answer.status_code in {307, 404}


def test_two_hosts_are_none(guarded: str) -> None:
    request = b"GET /targets HTTP/1.1\r\nHost: facts.example\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert status(exchange(guarded, request)) == 400


@pytest.fixture(scope="module")
def guarded(database: Path, start: Callable[..., str]) -> str:
    """A server that is known by few names."""
    return start(database, ALLOWED_HOSTS="facts.example, *.facts.example, [::1]")


@pytest.fixture(scope="module")
def limited(database: Path, start: Callable[..., str]) -> dict[str, str]:
    """Servers that answer a client three times a day: one trusts this machine as a proxy, the other nobody."""
    return {trusted: start(database, RATE_LIMIT="3/day", TRUSTED_PROXIES=trusted) for trusted in PROXIES}


PROXIES = ("none", "10.0.0.0/8, 127.0.0.1", "127.0.0.0/8")
OF_A_PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


def test_what_a_stranger_forwards_changes_nothing(limited: dict[str, str]) -> None:
    untrusted = limited["none"]
    left = []
    for number in range(5):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Forwarded-Proto": "https", "Forwarded": "for=1.2.3.4"}
        answer = httpx.get(f"{untrusted}/service-info", headers=headers)
        left.append((answer.status_code, answer.headers["RateLimit"].split(";")[1]))
        assert "Strict-Transport-Security" not in answer.headers
        if answer.status_code == 200:
            assert answer.json()["documentationUrl"] == f"{untrusted}/docs"
    assert left == [(200, "r=2"), (200, "r=1"), (200, "r=0"), (429, "r=0"), (429, "r=0")]


@pytest.mark.parametrize("trusted", PROXIES[1:])
def test_what_a_trusted_proxy_forwards_is_believed(limited: dict[str, str], trusted: str) -> None:
    url = limited[trusted]
    for number in range(5):
        # What the client forged itself stands before what the proxy added.
        headers = {"X-Forwarded-For": f"127.0.0.1, 198.51.100.{number}", "X-Forwarded-Proto": "https"}
        answer = httpx.get(f"{url}/service-info", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["RateLimit"].startswith('"default";r=2;t=')
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.json()["documentationUrl"] == url.replace("http://", "https://") + "/docs"
    plain = httpx.get(f"{url}/targets?limit=1", headers={"X-Forwarded-For": "203.0.113.1"})
    secure = httpx.get(f"{url}/targets?limit=1", headers={**OF_A_PROXY, "X-Forwarded-For": "203.0.113.1"})
    assert "Strict-Transport-Security" not in plain.headers
    assert "Strict-Transport-Security" in secure.headers  # although the same answer was kept for the other


def test_a_client_that_asks_too_often_is_told_when_to_ask_again(limited: dict[str, str]) -> None:
    url = limited[PROXIES[1]]
    for left in (2, 1, 0):
        answer = httpx.get(f"{url}/targets?limit=2", headers=OF_A_PROXY)
        assert answer.headers.get_list("RateLimit-Policy") == ['"default";q=3;w=86400']
        assert len(answer.headers.get_list("RateLimit")) == 1  # those of earlier answers were not kept
        assert answer.headers["RateLimit"].startswith(f'"default";r={left};t=')
    refused = httpx.get(f"{url}/targets?limit=2", headers={**OF_A_PROXY, "Origin": "https://app.example"})
    assert refused.status_code == 429
    assert refused.json()["status"] == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_400
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "RateLimit" in refused.headers["Access-Control-Expose-Headers"].split(", ")
    for path in ("/live", "/ready"):
        answer = httpx.get(f"{url}{path}", headers=OF_A_PROXY)
        assert answer.status_code == 200
        assert "RateLimit" not in answer.headers


def test_an_ipv6_client_has_its_network(limited: dict[str, str]) -> None:
    url = limited[PROXIES[2]]
    network = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1")
    seen = [httpx.get(f"{url}/targets?limit=3", headers={"X-Forwarded-For": who}).status_code for who in network]
    assert seen == [200, 200, 200, 429]
    assert httpx.get(f"{url}/targets", headers={"X-Forwarded-For": "2001:db8:1:3::1"}).status_code == 200


def test_a_rate_moves_on(database: Path, start: Callable[..., str]) -> None:
    url = start(database, RATE_LIMIT="5/second")
    answers = [httpx.get(f"{url}/classes?limit=1") for _ in range(40)]
    assert {answer.status_code for answer in answers} <= {200, 429}
    time.sleep(2.1)
    assert httpx.get(f"{url}/classes?limit=1").status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMIT", "often"),
        ("RATE_LIMIT", "0/minute"),
        ("RATE_LIMIT", "10/fortnight"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "my-proxy"),
        ("ALLOWED_HOSTS", "https://facts.example"),
        ("ALLOWED_HOSTS", "a.*.example"),
        ("REQUEST_SECONDS", "0"),
        ("SHUTDOWN_SECONDS", "soon"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(name: str, value: str) -> None:
    done = run("app", "serve", "--port", "0", **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"Wrong settings.\n{name}: ")
    assert "Traceback" not in done.stderr
