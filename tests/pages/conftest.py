"""A server of the whole fact base with its oldest release, which lacks what came later, and a browser to look at it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.release.database import writing_engine
from seed.bundles import named
from seed.load import restore
from tests import databases
from tests.api.browsing import chromium
from tests.conftest import DOWNLOADS
from tests.servers import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

Open = Callable[..., "Page"]
OLDEST = "2026.11.21"
"""The release with the least: the lists of trials and outcomes came later."""


@pytest.fixture(scope="session")
def past(shared: Path, facts_on: Callable[[str], str]) -> str:
    """URL of the whole fact base with the oldest release beside it; made once for all workers of a test run."""

    def make() -> str:
        url = databases.create(databases.SQLITE, shared, facts_on(databases.SQLITE))
        engine = writing_engine(url)
        restore(engine, named(OLDEST), lambda _: None)
        engine.dispose()
        return url

    if "TEST_DATABASE" in os.environ:
        return facts_on(databases.SQLITE)
    return databases.once(shared, "past", databases.SQLITE, make)


@pytest.fixture(scope="session")
def site(past: str, shared: Path) -> Iterator[str]:
    """Address of a server of it, which keeps its files where the servers of the fact base do."""
    with served(past, DOWNLOADS=str(shared / DOWNLOADS)) as (address, _):
        yield address


@pytest.fixture(scope="session")
def visitor(site: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=site, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def contexts(browser: "Browser") -> Iterator[Callable[..., "BrowserContext"]]:
    """Contexts of the browser by their options: one for all pages that are opened alike."""
    made: dict[str, BrowserContext] = {}

    def context(**options: Any) -> "BrowserContext":
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = browser.new_context(**options)
        return made[key]

    yield context
    for each in made.values():
        each.close()


@pytest.fixture
def open_page(contexts: Callable[..., "BrowserContext"], site: str) -> Iterator[Open]:
    """Open pages of the site, which reach this machine only and must not complain."""
    faults: list[str] = []
    pages: list[Page] = []

    def local_only(route: "Route") -> None:
        if not route.request.url.startswith(site):
            faults.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    def complained(message: Any) -> None:
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            faults.append(message.text)

    def open_page(path: str, width: int = 1400, **options: Any) -> "Page":
        page = contexts(viewport={"width": width, "height": 900}, **options).new_page()
        pages.append(page)
        page.route("**/*", local_only)
        page.on("console", complained)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{site}/browse{path}")
        return page

    yield open_page
    for page in pages:
        page.close()
    assert faults == []
