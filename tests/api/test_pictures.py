"""Pictures as answers: over HTTP as any other format, and as a browser shows them."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.api.formats import MEDIA_TYPES, PICTURES, Format, formats_of
from app.http.headers import SECURITY_HEADERS
from app.nouns.registry import nouns
from app.pictures.frame import MAX_BYTES
from app.pictures.svg import STYLE_HASH, WIDTH
from tests.api.browsing import chromium
from tests.api.documented import documented
from tests.pictures.answers import SVG, read, rows, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUESTIONS = {
    "arms of a trial": "/adverse-events/compare?trial=CheckMate 067&event=rash",
    "one therapy in all its trials": "/adverse-events/compare?therapy=nivolumab",
    "severe": "/adverse-events/compare?therapy=ipilimumab&severity=severe",
    "nothing": "/adverse-events/compare?cohort=nivolumab.checkmate-067-nivolumab&event=rash&kind=laboratory",
    "outcomes of a trial": "/outcomes/compare?trial=keynote-024",
    "outcomes of a class": "/outcomes/compare?class=pd-1-inhibitor&endpoint=overall-survival",
    "a matrix": "/adverse-events/matrix?class=car-t",
    "a whole matrix": "/adverse-events/matrix?class=pd-1-inhibitor&limit=100",
    "all approvals": "/approvals?",
    "one class": "/approvals?class=pd-1-inhibitor",
    "one therapy": "/therapies/pembrolizumab/approvals?",
    "no approval": "/approvals?therapy=nivolumab&on_to=1950-01-01",
}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real browser."""
    with chromium() as browser:
        yield browser


def asked(client: httpx.Client, question: str, format_: Format) -> httpx.Response:
    """The answer to a question in a format."""
    return client.get(f"{question}&format={format_}".replace("?&", "?"))


@pytest.mark.parametrize("format_", PICTURES)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_picture_is_an_answer_as_any_other(client: httpx.Client, question: str, format_: Format) -> None:
    answer = asked(client, question, format_)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, MEDIA_TYPES[format_])
    assert len(answer.content) <= MAX_BYTES
    release, etag = answer.headers["X-Release"], answer.headers["ETag"]
    assert answer.headers["Cache-Control"] == "public, max-age=5, must-revalidate"
    link = re.search(r'<([^>]+)>; rel="permalink"', answer.headers["Link"])[1]  # type: ignore[index]  # each has one
    pinned = client.get(link)
    assert client.get(str(answer.url), headers={"If-None-Match": etag}).status_code == 304
    assert "immutable" in pinned.headers["Cache-Control"]
    whole = f"{str(client.base_url).rstrip('/')}{link}"
    if format_ is Format.SVG:
        assert read(answer.text).findtext(f"{SVG}metadata") == whole
        assert any(release in text for text in words(read(answer.text)))
    else:
        assert json.loads(answer.text)["usermeta"]["permalink"] == whole
    assert pinned.content == answer.content
    head = client.head(link, headers={"Accept-Encoding": "identity"})
    assert head.headers["Content-Length"] == str(len(answer.content))


def test_the_policy_of_a_picture_allows_its_own_style_sheet(client: httpx.Client) -> None:
    answer = asked(client, QUESTIONS["a matrix"], Format.SVG)
    strict = dict(part.split(" ", 1) for part in SECURITY_HEADERS["Content-Security-Policy"].split("; "))
    own = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert own == strict | {"style-src": STYLE_HASH}
    specification = asked(client, QUESTIONS["a matrix"], Format.VEGA_LITE)
    assert specification.headers["Content-Security-Policy"] == SECURITY_HEADERS["Content-Security-Policy"]


def test_a_picture_draws_the_very_figures_of_the_answer(client: httpx.Client) -> None:
    question = QUESTIONS["arms of a trial"]
    answer, picture = client.get(question).json(), read(asked(client, question, Format.SVG).text)
    drawn = [words(row) for row in rows(picture)]
    [item] = answer["items"]
    assert len(drawn) == len(item["rows"]) + len(item["contrasts"]) > 4
    for row, said in zip(item["rows"], drawn, strict=False):
        assert any(text.startswith(f"{row['percent']:g} %") for text in said)
        assert any(str(row["patients_at_risk"]) in text for text in said)
    question = QUESTIONS["a matrix"]
    answer, picture = client.get(question).json(), read(asked(client, question, Format.SVG).text)
    figures = [cell.text for cell in rows(picture, "cell") if cell.text]
    assert figures == ["·" if cell[2] is None else f"{cell[2]:.3g}" for cell in answer["cells"]]
    everything = client.get("/approvals?therapy=pembrolizumab&format=jsonl").text.splitlines()
    dated = [item for item in map(json.loads, everything) if item["on"]]
    values = json.loads(asked(client, QUESTIONS["one therapy"], Format.VEGA_LITE).text)["data"]["values"]
    assert sum(row["actions"] for row in values) == len(dated) > 50


def test_accept_asks_for_a_picture_too(client: httpx.Client) -> None:
    of_images = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
    for question in ("/approvals", QUESTIONS["a matrix"], QUESTIONS["arms of a trial"]):
        for accept in (of_images, "image/*"):
            assert client.get(question, headers={"Accept": accept}).headers["Content-Type"] == "image/svg+xml"
    assert client.get("/therapies", headers={"Accept": of_images}).headers["Content-Type"] == "application/json"
    assert client.get("/therapies", headers={"Accept": "image/svg+xml"}).status_code == 406


def test_what_has_no_picture_says_so(client: httpx.Client) -> None:
    for noun in nouns():
        answer = client.get(f"/{noun.name}?format=svg")
        assert answer.status_code == (200 if noun.picture else 422), noun.name
        if not noun.picture:
            assert answer.json()["errors"][0]["allowed"] == f"one of: {', '.join(formats_of(noun))}"
    for question in (
        "/approvals?format=svg&limit=3",
        "/approvals?format=svg&sort=on",
        "/approvals?format=svg&facets=year",
        "/approvals?format=vega-lite&bom=true",
        "/adverse-events/compare?format=svg",
        "/outcomes/compare?format=svg",
        "/outcomes/matrix?trial=keynote-024&format=svg",
        "/adverse-events/matrix?class=car-t&format=png",
        "/approvals?format=svg&class=nothing-of-the-kind",
        "/therapies/pembrolizumab?format=svg",
    ):
        answer = client.get(question)
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json"), question


def test_a_picture_is_documented_as_an_export(client: httpx.Client) -> None:
    paths = documented(client)["paths"]
    questions = {
        "/approvals": "year=2020",
        "/adverse-events/compare": "therapy=nivolumab&event=rash",
        "/adverse-events/matrix": "class=car-t",
        "/outcomes/compare": "trial=keynote-024",
    }
    for path, query in questions.items():
        content = paths[f"/exports{path}"]["get"]["responses"]["200"]["content"]
        assert {MEDIA_TYPES[format_] for format_ in PICTURES} <= content.keys()
        for format_ in PICTURES:
            export = client.get(f"/exports{path}?{query}&format={format_}")
            assert export.headers["Content-Type"] == MEDIA_TYPES[format_]


@pytest.mark.parametrize(
    ("question", "dark"),
    [
        *((question, False) for question in QUESTIONS.values()),
        (QUESTIONS["a matrix"], True),
    ],  # all have one style sheet
    ids=[*QUESTIONS, "dark"],
)
def test_a_browser_shows_it_and_no_word_leaves_its_room(
    browser: "Browser", url: str, client: httpx.Client, tmp_path: Any, question: str, *, dark: bool
) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 800}, color_scheme="dark" if dark else "light")
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"{url}{question}&format=svg".replace("?&", "?"))
    assert faults == [], "by its address, under its policy"
    ground = page.evaluate("getComputedStyle(document.querySelector('.ground')).fill")
    assert ground == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")
    page.goto("about:blank")
    page.set_content(asked(client, question, Format.SVG).text)
    outside = page.evaluate(
        """() => {
            const svg = document.querySelector("svg"), box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text")].filter((text) => {
                const own = text.getBoundingClientRect();
                return own.right > box.right || own.left < box.left || own.bottom > box.bottom || own.top < box.top;
            }).map((text) => text.textContent);
        }"""
    )
    assert outside == []
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll("[role=listitem]")].filter((row) => {
            const boxes = [...row.querySelectorAll(":scope > text")].map((text) => text.getBoundingClientRect());
            boxes.sort((one, other) => one.left - other.left);
            return boxes.some((box, place) => place && boxes[place - 1].right > box.left);
        }).map((row) => row.textContent)"""
    )
    assert overlapping == []
    page.screenshot(path=tmp_path / "picture.png")
    page.close()


def test_an_image_element_shows_it(browser: "Browser", url: str) -> None:
    page = browser.new_page()
    page.set_content(f'<img src="{url}/approvals?class=car-t&amp;format=svg" alt="Approvals">')
    page.wait_for_function("document.images[0].complete")
    assert page.evaluate("document.images[0].naturalWidth") == WIDTH
    assert urlsplit(page.evaluate("document.images[0].currentSrc")).path == "/approvals"
    page.close()
