"""A real browser, for pages and pictures as researchers see them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
PROGRAMS = "chromium-headless-shell", "chromium", "chromium-browser"
"""Chromium by its programs, best first: without the windows that nobody sees it takes two thirds of the time."""
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-quic"]


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Debian's Chromium; without it, the test is skipped."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium on this machine; `apt-get install chromium-headless-shell` brings it.")
    from playwright.sync_api import sync_playwright  # imported here: only these tests need it, and it takes long

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def violations(
    page: "Page",
    part: "Locator | None" = None,
    *,
    impact: str | None = None,
    rule: str | None = None,
    skip: str | None = None,
) -> list[str]:
    """What axe finds wrong with a page, or a part of it: of one impact, by one rule, or all; but not where it skips.

    What it finds right is left in the page: to hand that over takes longer than to find it.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"]} | ({"runOnly": [rule]} if rule else {})
    look = (part or page.locator("html")).evaluate
    found = look(
        "(include, [exclude, options]) => axe.run({include, exclude}, options).then((found) => found.violations)",
        [[skip] if skip else [], options],
    )
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        for node in fault["nodes"][:3]
        if impact in {None, fault["impact"]}
    ]
