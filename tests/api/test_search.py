"""Searching everything: ranked by the text alone, with fragments that are safe to show."""

import httpx
import pytest

from app.api.search import SEARCHED, best_hits, fragment
from app.nouns.declaration import title_of
from app.release.opened import OpenRelease
from tests.release.brute_force import BruteForce, holds, joined


def test_search_ranks_titles_first_and_marks_what_it_found(client: httpx.Client) -> None:
    body = client.get("/search", params={"q": "colitis"}).json()
    assert body["total"] == sum(body["totals"].values()) > 0
    assert "colitis" in body["items"][0]["name"].lower()
    assert all("<mark>" in item["fragment"] for item in body["items"])
    for item in body["items"][:5]:
        assert client.get(item["url"]).json()["id"] == item["id"]


@pytest.mark.parametrize("question", ['"', "*", "NEAR(a b)", "<script>", "a" * 199, "-", "((("])
def test_search_takes_anything_a_user_types(client: httpx.Client, question: str) -> None:
    answer = client.get("/search", params={"q": question})
    assert answer.status_code in {200, 422}
    assert "<script>" not in answer.text


def test_fragments_are_safe_to_show() -> None:
    shown = fragment(["a <b>bold</b> claim & colitis <script>"], "colitis script")
    assert shown == "a &lt;b&gt;bold&lt;/b&gt; claim &amp; <mark>colitis</mark> &lt;<mark>script</mark>&gt;"


@pytest.mark.parametrize(
    "question", ["colitis", "melanoma", "pembro", "pd-1", "cytokine release", '"car t"', "skin tox"]
)
def test_hits_are_ranked_by_their_title_then_in_the_order_of_the_lists(
    release: OpenRelease, base: BruteForce, question: str
) -> None:
    """As computed over all documents, one by one: records whose title holds the question come first."""
    ranked, totals = [], {}
    for number, (kind, noun) in enumerate(SEARCHED.items()):
        found = [
            (not holds(joined([title_of(noun, record)]), question), number, position)
            for position, record in enumerate(base.documents[noun.name])
            if holds(base.text(noun, record), question)
        ]
        totals[kind] = len(found)
        ranked += found
    expected = [(list(SEARCHED.values())[number].name, position) for _, number, position in sorted(ranked)[:100]]
    hits, counted = best_hits(release, question, list(SEARCHED), 100)
    assert [(noun.name, position) for noun, position in hits] == expected
    assert counted == totals
    few, _ = best_hits(release, question, list(SEARCHED), 7)
    assert few == hits[:7]


def test_whatever_its_title_finds_a_record_is_found_by_its_text(release: OpenRelease, base: BruteForce) -> None:
    """Else there would be more hits than the total says."""
    for noun in SEARCHED.values():
        index = release.lists[noun.name]
        for record in base.documents[noun.name][:: max(1, len(base.documents[noun.name]) // 40)]:
            for word in joined([title_of(noun, record)]).split():
                assert index.titles.matches(word) <= index.text.matches(word), (noun.name, record["id"], word)
