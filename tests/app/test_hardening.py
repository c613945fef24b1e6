"""What a browser and a proxy may do with answers: security headers, hosts, proxies, and the pages of documentation."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from app.hardening import HARDENED
from tests.app.raw import exchange
from tests.app.test_documentation import ARGUMENTS, CHROMIUM

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
