"""A real browser, for pages and pictures as researchers see them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-quic"]


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Debian's Chromium; without it, the test is skipped."""
    if CHROMIUM is None:
        pytest.skip("There is no chromium on this machine; `apt-get install chromium` brings it.")
    from playwright.sync_api import sync_playwright  # imported here: only these tests need it, and it takes long

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
