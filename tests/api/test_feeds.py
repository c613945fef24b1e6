"""Atom feeds: read by a reader of feeds, and what they say of two releases."""

from collections.abc import Callable, Iterator

import feedparser
import httpx
import pytest
from lxml import etree

from tests.conftest import Two

FEEDS = ["/releases.atom", "/therapies/examplumab/changes.atom"]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def site(two: Two, serve: Callable[..., str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=serve(two.database), timeout=30) as client:
        yield client


def read(site: httpx.Client, path: str) -> feedparser.FeedParserDict:
    """A feed as a reader understands it, once it is sound by RFC 4287."""
    answer = site.get(path)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.content)
    for element in (root, *root.iter(f"{ATOM}entry")):
        for tag in ("id", "title", "updated"):
            assert len(element.findall(ATOM + tag)) == 1, tag
        assert element.findall(f"{ATOM}link[@rel='alternate']")
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.updated_parsed
        assert site.get(entry.link).status_code == 200
    return feed


def test_each_release_says_what_it_changed(site: httpx.Client, two: Two) -> None:
    newest, oldest = read(site, "/releases.atom").entries
    assert newest.title.startswith(f"Release {two.second}: ")
    assert oldest.title == f"Release {two.first}: the first"
    counts = site.get(f"/releases/{two.first}/diff/{two.second}").json()["counts"]
    assert f"warnings: {counts['warnings']['removed']} removed" in newest.content[0].value
    assert newest.link.endswith(f"/releases/{two.first}/diff/{two.second}")


def test_a_therapy_says_what_changed_of_it(site: httpx.Client, two: Two) -> None:
    [entry] = read(site, "/therapies/examplumab/changes.atom").entries
    diff = site.get(f"/releases/{two.first}/diff/{two.second}?limit=500").json()["items"]
    own = [item for item in diff if item["id"].split(".")[0] == "examplumab"]
    lines = entry.content[0].value.splitlines()
    assert set(lines) == {f"{item['change']}: {item['kind']} {item['id']}" for item in own}
    assert any(line.startswith("removed: warnings examplumab.") for line in lines)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_that_is_known_is_not_sent_again_and_takes_no_parameters(site: httpx.Client, path: str) -> None:
    etag = site.get(path).headers["etag"]
    assert site.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert site.get(path, params={"limit": 3}).status_code == 422


def test_a_brand_leads_to_the_feed_of_its_therapy(site: httpx.Client) -> None:
    answer = site.get("/therapies/Examplara/changes.atom")
    assert answer.headers["location"] == "/therapies/examplumab/changes.atom"
    assert site.get("/therapies/nothing-like-it/changes.atom").status_code == 404
