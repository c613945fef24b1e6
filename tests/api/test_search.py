"""Searching everything: ranked by the text alone, with fragments that are safe to show."""

import httpx
import pytest

from app.api.search import fragment


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
