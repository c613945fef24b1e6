"""The pages in a real browser: on small and wide screens, by keyboard, without JavaScript, to those who cannot see.

With SCREENSHOTS in the environment, such as `screenshots`, each page is kept there as a picture, to be looked at.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.api.browsing import violations
from tests.pages.addresses import PAGES, PROBLEMS
from tests.pages.conftest import Open

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREENSHOTS = os.environ.get("SCREENSHOTS")
ADDRESSES = PAGES | {name: path for name, (path, _) in PROBLEMS.items()}
PICTURES_ARE_THERE = (
    "Promise.all([...document.images].map(image => { image.loading = 'eager'; return image.decode(); })).then(() => 0)"
)
"""Waits for all pictures, those too that would only be loaded when they are seen; fails for one that is broken."""
NARROWEST = 320
SCREENS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (390, "light"),
    (1400, "dark"),
    (NARROWEST, "dark"),
)
READ_BY_ALL = {
    (390, "light"): {},
    (1400, "dark"): {"rule": "color-contrast", "skip": "tbody tr:nth-child(n + 13)"},
}
"""Screens of which a picture is kept, and axe looks at a page: at all of it, then at its dark colours, without the rows
of a long table that repeat them."""


def wider_than_the_screen(page: "Page") -> list[str]:
    """What makes a page wider than the screen; what can be scrolled by itself does not."""
    return page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]"
        ".filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll'))"
        ".map(one => one.outerHTML.slice(0, 200)).slice(0, 5).concat('the page')"
    )


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_fits_small_and_wide_screens_and_is_read_by_all(open_page: Open, name: str) -> None:
    page = open_page(ADDRESSES[name], 390, color_scheme="light")
    page.evaluate(PICTURES_ARE_THERE)
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert wider_than_the_screen(page) == []
        if (width, scheme) in READ_BY_ALL:
            assert violations(page, **READ_BY_ALL[width, scheme]) == []
            if SCREENSHOTS:
                picture = Path(SCREENSHOTS, f"{name}-{width}-{scheme}.jpg")
                page.screenshot(path=picture, full_page=True, type="jpeg", quality=80)


def test_what_is_typed_is_suggested_and_chosen_by_keyboard(open_page: Open) -> None:
    page = open_page("")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("#find").focus()
    page.keyboard.type("keytr")
    page.locator("#suggestions a").first.wait_for()
    assert "pembrolizumab" in page.locator("#suggestions").inner_text()
    assert violations(page) == []
    page.keyboard.press("Tab")  # the button, then the first suggestion
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/browse/therapies/pembrolizumab")


def test_facets_are_chosen_by_keyboard_without_loading_the_page_again(open_page: Open) -> None:
    page = open_page("/therapies")
    page.evaluate("window.kept = true")
    page.locator("[id='agency:EMA']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/browse/therapies?agency=EMA")
    page.locator(".chips a").first.wait_for()
    assert page.evaluate("window.kept") is True
    assert page.evaluate("document.activeElement.id") == "agency:EMA"
    assert page.title().startswith("Therapies, EMA")
    assert "/therapies?agency=EMA" in page.locator(".requests").inner_text()
    assert "agency=EMA" in str(page.locator("#behind a", has_text="Permalink").get_attribute("href"))
    assert violations(page) == []
    page.locator("tbody a").first.click()
    page.wait_for_url("**/browse/therapies/*")
    assert page.locator("h1").count() == 1
    page.go_back()
    page.locator(".chips a").first.wait_for()


def test_everything_in_use_is_reached_by_keyboard_and_seen(open_page: Open) -> None:
    page = open_page("/adverse-events/compare?trial=CHECKMATE-067&event=rash")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("[document.activeElement.tagName, document.activeElement.matches(':focus-visible')]"))
    assert {"A", "INPUT", "SELECT", "BUTTON", "DIV"} <= {tag for tag, _ in seen}
    assert all(visible for tag, visible in seen if tag != "BODY")


@contextmanager
def leads_to(page: "Page", pattern: str) -> Iterator[None]:
    """What is done leads to an address."""
    yield
    page.wait_for_url(pattern)


def test_without_javascript_forms_and_links_do_everything(open_page: Open) -> None:
    page = open_page("", java_script_enabled=False)
    page.locator("#find").fill("colitis")
    with leads_to(page, "**/browse/search?q=colitis"):
        page.locator(".find button").click()
    assert page.locator(".hits li").count() > 5
    with leads_to(page, "**/browse/therapies"):
        page.locator("nav[aria-label=Main] a", has_text="Therapies").click()
    with leads_to(page, "**/browse/therapies?agency=EMA"):
        page.locator("[id='agency:EMA']").click()
    page.locator("select[name=sort]").select_option("-first_approval")
    page.locator("aside button").click()
    assert "agency=EMA" in page.url
    assert "sort=-first_approval" in page.url
    with leads_to(page, "**cursor=**"):
        page.locator("a[rel=next]").click()
    with leads_to(page, "**/adverse-events/compare"):
        page.locator("nav[aria-label=Main] a", has_text="Compare").click()
    page.locator("input[name=trial]").fill("CHECKMATE-067")
    page.locator("input[name=event]").fill("rash")
    page.locator(".compare button").click()
    assert page.locator("tbody tr").count() >= 3


def test_arms_are_chosen_and_compared(open_page: Open) -> None:
    page = open_page("/therapies/ipilimumab", java_script_enabled=False)
    boxes = page.locator("input[name=cohort]")
    chosen = [boxes.nth(number).get_attribute("value") for number in (0, 1)]
    for number in (0, 1):
        boxes.nth(number).check()
    page.locator("fieldset button").click()
    assert all(str(cohort) in page.url for cohort in chosen)
    assert page.locator("h1").inner_text() == "Compare adverse events"


def test_a_page_prints_without_what_is_for_screens(open_page: Open) -> None:
    page = open_page("/therapies/ipilimumab")
    page.emulate_media(media="print")
    assert not page.locator(".find").is_visible()
    assert not page.locator("nav[aria-label=Main]").is_visible()
    assert page.locator("#indications").is_visible()
