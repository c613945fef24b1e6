"""The pages of the documentation as a researcher sees them: in a browser, without internet, under their policy."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.browsing import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page that reaches this machine only, and must not complain: of scripts, policies, or what it cannot fetch."""
    faults: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 1600})

    def local_only(route: "Route") -> None:
        if not route.request.url.startswith("http://127.0.0.1:"):
            faults.append(route.request.url)
        route.continue_()

    page.route("**/*", local_only)
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    yield page
    page.close()
    assert faults == []


@pytest.mark.parametrize(
    ("operation_id", "tag", "answered"),
    [("list_therapies", "therapies", '"items"'), ("resolve_many", "names", "pembrolizumab")],
)
def test_swagger_ui_executes_an_operation(
    page: "Page", url: str, tmp_path: Path, operation_id: str, tag: str, answered: str
) -> None:
    opened = page.goto(f"{url}/docs#/{tag}/{operation_id}")
    assert opened is not None
    policy = opened.headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in script
    operation = page.locator(f"#operations-{tag}-{operation_id}")
    operation.wait_for()
    if not operation.locator(".try-out__btn").is_visible():
        operation.locator(".opblock-summary-control").click()
    operation.locator(".try-out__btn").click()
    if operation_id == "list_therapies":
        operation.locator("tr[data-param-name='limit'] input").fill("2")
    operation.locator(".execute").click()
    answer = operation.locator(".live-responses-table .response-col_description .highlight-code").first
    answer.wait_for()
    page.screenshot(path=tmp_path / "swagger.png", full_page=True)
    assert "200" in operation.locator(".live-responses-table .response-col_status").nth(1).inner_text()
    assert answered in answer.inner_text()


def test_redoc_draws_and_searches(page: "Page", url: str, tmp_path: Path) -> None:
    page.goto(f"{url}/redoc")
    page.locator("h1", has_text="ImmunoFacts").wait_for()
    page.locator("input[placeholder='Search...']").press_sequentially("therapies")
    page.locator("[data-role='search:results'] label").first.wait_for()  # the search runs in a worker
    page.screenshot(path=tmp_path / "redoc.png")


def test_a_page_runs_no_script_but_its_own(browser: "Browser", url: str) -> None:
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
