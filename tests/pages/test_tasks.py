"""What researchers and frontend developers come for, done by pages alone on a small dark screen."""

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.pages.conftest import Open
from tests.pages.test_browser import wider_than_the_screen

if TYPE_CHECKING:
    from playwright.sync_api import Page

SMALL = 390


class Task(NamedTuple):
    """What somebody wants to know: where they begin, what they press and write, where this leads, what they read."""

    begins: str
    steps: tuple[str, ...]
    """A link or a button by its words, `field: text` to write into one, or `css=…` for what has no words."""
    leads_to: str
    reads: str
    scripts: bool = True


TASKS = {
    "a brand leads to its therapy": Task(
        "", ("find: keytruda", "Search", "pembrolizumab"), "/therapies/pembrolizumab", "PD-1 inhibitor"
    ),
    "the same without scripts": Task(
        "", ("find: keytruda", "Search", "pembrolizumab"), "/therapies/pembrolizumab", "PD-1 inhibitor", False
    ),
    "a typing error is forgiven": Task("", ("find: nivolumap", "Search", "nivolumab"), "/therapies/nivolumab", "PD-1"),
    "a wrong address says what is meant": Task(
        "/therapies/pembrolizumap", ("pembrolizumab",), "/therapies/pembrolizumab", "PD-1"
    ),
    "PD-1 inhibitors that the EMA approved for melanoma": Task(
        "", ("Which PD-1 inhibitors are approved", "css=[id='agency:EMA']"), "agency=EMA", "Opdualag"
    ),
    "a filter is taken away again": Task(
        "/therapies?class=car-t&agency=EMA", ("css=.chips a >> nth=0",), "/therapies?agency=EMA", "agency: EMA"
    ),
    "the next page of a list, without scripts": Task("/therapies", ("Next page",), "cursor=", "First page", False),
    "a label warns in a box": Task(
        "/therapies/axicabtagene-ciloleucel",
        ("Cytokine release syndrome >> nth=0",),
        "/events/cytokine-release-syndrome",
        "Its warnings",
    ),
    "what is not curated is said": Task(
        "/classes/pd-l1-inhibitor", ("tagitanlimab",), "/therapies/tagitanlimab", "Indications: not curated"
    ),
    "where a fact was read": Task(
        "/therapies/ipilimumab",
        ("css=#mechanism ~ p .evidence a", "css=.sources a >> nth=3"),
        "/sources/",
        "What was read in it",
    ),
    "the most frequent severe events": Task(
        "/therapies/pembrolizumab", ("Grade 3 and up",), "sort=-severe_percent", "Grade 3 and up ↓"
    ),
    "the arms of a trial, with differences": Task(
        "/trials/keynote-006",
        ("Arm by arm, with differences",),
        "/adverse-events/compare?trial=keynote-006",
        "Within trials, computed",
    ),
    "outcomes of a trial side by side": Task(
        "/trials/keynote-006", ("Endpoint by endpoint",), "/outcomes/compare", "overall survival"
    ),
    "arms are compared by a form": Task(
        "/adverse-events/compare",
        ("trial: CHECKMATE-067", "event: rash", "css=.compare button"),
        "event=rash",
        "Within trials, computed",
    ),
    "too much to compare is narrowed": Task(
        "/adverse-events/compare?class=immunosuppressive-biologic",
        ("css=.charts a >> nth=0",),
        "/adverse-events/compare?",
        "Source",
    ),
    "a heat map of a class": Task(
        "/classes/car-t",
        ("Their adverse events as a heat map",),
        "/adverse-events/matrix?class=car-t",
        "What is not shown, and why",
    ),
    "first-line uses in a condition": Task(
        "/conditions/non-small-cell-lung-cancer", ("css=tbody td.n a >> nth=0",), "line=first", "first"
    ),
    "approvals of an agency by year": Task("", ("Approvals >> nth=0", "css=[id='agency:EMA']"), "/approvals?", "EMA"),
    "what changed of therapies": Task(
        "/releases", ("since 2026", "css=tbody tr >> nth=0 >> css=a >> nth=0"), "kind=therapies", "Shown: therapies"
    ),
    "a release is read in all pages": Task(
        "/releases/", ("2026.11.21 >> nth=-1", "Therapies >> nth=0"), "release=2026.11.21", "as this address asks for"
    ),
    "a page is kept for good": Task("/targets/PDCD1", ("Permalink of this page",), "release=", "PD-1"),
    "the request behind a page": Task(
        "/therapies?class=car-t", ("css=.requests a >> nth=0",), "/therapies?class=car-t", '"total"'
    ),
}


def done(page: "Page", step: str) -> None:
    """Do a step as somebody would: what cannot be seen cannot be pressed."""
    name, colon, text = step.partition(": ")
    if step.startswith("css="):
        page.locator(step).first.click()
    elif colon:
        page.locator(f"[name={'q' if name == 'find' else name}]").first.fill(text)
    else:
        words, _, which = step.partition(" >> nth=")
        found = page.locator("a, button").filter(has_text=words)
        found.nth(int(which or 0)).click()


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_done_on_a_small_dark_screen(open_page: Open, name: str) -> None:
    task = TASKS[name]
    page = open_page(task.begins, SMALL, color_scheme="dark", java_script_enabled=task.scripts)
    for step in task.steps:
        done(page, step)
    page.wait_for_url(lambda url: task.leads_to in url)
    page.locator("body", has_text=task.reads).wait_for()
    if task.scripts:
        assert wider_than_the_screen(page) == []
