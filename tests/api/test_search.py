"""Searching everything: ranked by the text alone, with fragments that are safe to show."""

import re

import httpx
import pytest

from app.api.fragments import fragment
from app.api.search import SEARCHED
from app.nouns.declaration import title_of
from app.nouns.registry import named_nouns
from app.release.fulltext import phrases
from app.release.opened import OpenRelease
from app.release.question import parse_question
from app.release.ranking import best_hits
from tests.release.brute_force import BruteForce, asked, joined

NOUNS = list(SEARCHED.values())


def test_search_ranks_titles_first_and_marks_what_it_found(client: httpx.Client) -> None:
    body = client.get("/search", params={"q": "colitis"}).json()
    assert body["total"] == sum(body["totals"].values()) > 0
    assert "colitis" in body["items"][0]["name"].lower()
    assert all("<mark>" in item["fragment"] for item in body["items"])
    for item in body["items"][:5]:
        assert client.get(item["url"]).json()["id"] == item["id"]


def test_words_in_quotes_are_all_needed(client: httpx.Client) -> None:
    texts = '"severe reaction"', '"severe drug reaction"'
    found = [client.get("/search", params={"q": text}).json()["total"] for text in texts]
    assert found[0] > 0
    assert found[1] == 0, "no record has these words"


@pytest.mark.parametrize(
    "question",
    [
        '"',
        "*",
        "NEAR(a b)",
        "<script>",
        "a" * 199,
        "-",
        "(((",
        "drug -",
        "- drug",
        'drug "',
        '" drug',
        "- -",
        '"- " drug',
    ],
)
def test_search_takes_anything_a_user_types(client: httpx.Client, question: str) -> None:
    assert client.get("/suggest", params={"q": question}).status_code in {200, 422}
    assert client.get("/resolve", params={"name": question}).status_code == 200
    answer = client.get("/search", params={"q": question})
    assert answer.status_code in {200, 422}
    assert "<script>" not in answer.text


def test_fragments_are_safe_to_show() -> None:
    shown = fragment(["a <b>bold</b> claim & colitis <script>"], phrases("colitis script"))
    assert shown == "a &lt;b&gt;bold&lt;/b&gt; claim &amp; <mark>colitis</mark> &lt;<mark>script</mark>&gt;"


@pytest.mark.parametrize(
    ("text", "question", "marked"),
    [
        ("Behçet’s disease", "behcet", ["Behçet"]),
        ("Sjögren syndrome", "SJOGREN", ["Sjögren"]),
        ("Guillain-Barré", "barre", ["Barré"]),
        ("Guillain-Barre\u0301 syndrome", "barré", ["Barré"]),
        ("TNF-α and TNFα", "tnf alpha", ["TNF", "α", "TNFα"]),
        ("TNF-α and TNFα", "TNF-alpha", ["TNF-α", "TNFα"]),
        ("leukaemia", "leukemia", ["leukaemia"]),
        ("PD-1 and grade 1", "PD-1", ["PD-1"]),
        ("IL-1, IL-17", "IL-1", ["IL-1"]),
        ("colitis & enterocolitis", "coli", ["colitis"]),
    ],
)
def test_a_fragment_marks_the_words_however_they_are_written(text: str, question: str, marked: list[str]) -> None:
    assert re.findall("<mark>(.*?)</mark>", fragment([text], phrases(question))) == marked


def test_a_long_text_is_cut_around_the_first_word_found() -> None:
    shown = fragment([f"{'before ' * 60}colitis{' after' * 60}"], phrases("colitis"))
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "<mark>colitis</mark>" in shown
    assert len(shown) < 200
    assert fragment([], phrases("x")) == ""
    assert fragment(["a & b"], phrases("x")) == "a &amp; b"


@pytest.mark.parametrize("question", ["lesion", "pembroli", "cytokine release", '"car t"', "skin tox", "adults with"])
def test_hits_are_ranked_by_where_they_hold_the_question(release: OpenRelease, base: BruteForce, question: str) -> None:
    """As computed over all documents, one by one: in the title before the text, whole words before beginnings."""
    ranked, totals = [], {}
    for number, noun in enumerate(NOUNS):
        records = base.documents[noun.name]
        titles = [joined([title_of(noun, record)]) for record in records]
        texts = [base.text(noun, record) for record in records]
        best: dict[int, int] = {}
        for tier, (searched, whole) in enumerate([(titles, True), (titles, False), (texts, True), (texts, False)]):
            for position in asked(searched, question, whole=whole):
                best.setdefault(position, tier)
        totals[noun.kind] = len(best)
        ranked += [(tier, number, position) for position, tier in best.items()]
    expected = [(NOUNS[number].name, position) for _, number, position in sorted(ranked)[:100]]
    meant = parse_question(release, question, NOUNS)
    assert not meant.named
    hits, counted = best_hits(release, meant, NOUNS, 100)
    assert [(noun.name, position) for noun, position in hits] == expected
    assert counted == totals
    few, _ = best_hits(release, meant, NOUNS, 7)
    assert few == hits[:7]


def first(client: httpx.Client, question: str, count: int = 1, **more: str) -> list[tuple[str, str]]:
    items = client.get("/search", params={"q": question, **more}).json()["items"]
    return [(item["type"], item["id"]) for item in items[:count]]


def test_records_of_that_very_name_come_first(client: httpx.Client, base: BruteForce) -> None:
    """For every name and synonym of every class, and every tenth of the other records that have names."""
    asked_for = 0
    for kind, noun in named_nouns().items():
        called: dict[str, set[str]] = {}
        for record in base.documents[noun.name]:
            for how, name in noun.names(record) if noun.names else ():
                if how in {"name", "brand", "synonym"} and name and '"' not in name and len(name) < 100:
                    called.setdefault(name, set()).add(record["id"])
        for name in list(called)[:: 1 if kind == "class" else 40]:
            assert first(client, name, type=kind)[0][1] in called[name], name
            asked_for += 1
    assert asked_for > 200


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("colitis", ("event", "colitis")),
        ("car t", ("class", "car-t")),
        ("CAR-T", ("class", "car-t")),
        ("yescrata", ("therapy", "axicabtagene-ciloleucel")),
        ("keytrda", ("therapy", "pembrolizumab")),
        ("humira biosimilar", ("therapy", "adalimumab")),
        ("covid antibody", ("class", "covid-19-antibody")),
        ("leukemia", ("condition", "leukaemia")),
        ("leukaemia", ("condition", "leukaemia")),
        ("TNFα", ("target", "TNF")),
        ("interferon-γ", ("target", "IFNG")),
    ],
)
def test_what_is_meant_is_found_first(client: httpx.Client, question: str, expected: tuple[str, str]) -> None:
    assert first(client, question)[0] == expected


def test_words_that_say_what_is_wanted_steer_and_exclude_nothing(client: httpx.Client) -> None:
    found = first(client, "ms drug", 5)
    assert {kind for kind, _ in found} == {"therapy"}
    against = client.get("/therapies?target=PD-1&limit=500").json()["items"]
    assert set(first(client, "PD1 drugs", len(against), limit="100")) == {("therapy", found["id"]) for found in against}
    assert {key for _, key in found} <= {
        key for _, key in first(client, "multiple sclerosis", 100, type="therapy", limit="100")
    }
    with_word = client.get("/search", params={"q": "melanoma drug"}).json()
    assert with_word["total"] == client.get("/search", params={"q": "melanoma"}).json()["total"]
    assert with_word["items"][0]["type"] == "therapy"
    assert client.get("/search", params={"q": "antibody"}).json()["total"] > 0


def test_typing_errors_are_said(client: httpx.Client) -> None:
    assert client.get("/search", params={"q": "keytrda"}).json()["corrected"] == "keytruda"
    assert client.get("/search", params={"q": "melanoma"}).json()["corrected"] is None
    nothing = client.get("/search", params={"q": "qqqqqqqqqqqq"}).json()
    assert (nothing["total"], nothing["corrected"]) == (0, None)


def test_a_number_is_found_whole(client: httpx.Client) -> None:
    for question, never in (("IL-1", "IL-1[0-9]"), ("CD3", "CD3[0-9]"), ("CD1", "CD1[0-9]")):
        for item in client.get("/search", params={"q": question, "limit": 100}).json()["items"]:
            assert not re.search(f"<mark>{never}", item["fragment"]), item
            assert not re.fullmatch(never, item["name"]), item


def test_what_is_called_so_is_found_under_its_other_names_too(client: httpx.Client) -> None:
    for one, other in (("Humira", "adalimumab"), ("CRS", "cytokine release syndrome"), ("anaemia", "anemia")):
        short, long = ({(kind, key) for kind, key in first(client, name, 100, limit="100")} for name in (one, other))
        assert len(short & long) > len(long) * 0.8, one


def test_whatever_its_title_finds_a_record_is_found_by_its_text(release: OpenRelease, base: BruteForce) -> None:
    """Else there would be more hits than the total says."""
    for noun in SEARCHED.values():
        index = release.lists[noun.name]
        for record in base.documents[noun.name][:: max(1, len(base.documents[noun.name]) // 40)]:
            for word in joined([title_of(noun, record)]).split():
                word = word.split("|")[0]
                found = index.titles.matches(word) <= index.text.matches(word)
                assert found, f"{word!r} stands in the title of {record['id']}: let `text` of {noun.name} have it too."
