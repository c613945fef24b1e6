"""What a list of facts says nothing of: for which of the therapies under its filters nothing is curated, or found."""

from typing import Any

import httpx
import pytest

from app.nouns.declaration import Noun
from app.nouns.filters import TermFilter
from app.nouns.registry import fact_nouns
from app.nouns.registry import noun as noun_of
from tests.release.brute_force import BruteForce

THERAPIES = noun_of("therapies")
QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"class": ["car-t"]},
    {"class": ["immune-checkpoint-inhibitor"]},
    {"therapy": ["pembrolizumab", "brexucabtagene-autoleucel", "camrelizumab"]},
    {"condition": ["melanoma"]},
    {"condition": ["lymphoma"], "class": ["adoptive-cell-therapy"]},
    {"agency": ["EMA"], "area": ["oncology"]},
)


def kinds_of(noun: Noun) -> list[str]:
    """Kinds of coverage of a list of facts."""
    assert noun.section
    return list(noun.section.coverage) or [noun.section.absence_kind]


def missing(base: BruteForce, kinds: list[str], filters: dict[str, Any]) -> list[str]:
    """The therapies under some filters of which a kind is not curated."""
    found = base.find(THERAPIES, filters)
    return [one["id"] for one in found if any(one["coverage"][kind] == "not curated" for kind in kinds)]


@pytest.mark.parametrize("noun", fact_nouns(), ids=lambda noun: noun.name)
def test_every_list_of_facts_says_for_which_therapies_nothing_is_curated(
    client: httpx.Client, base: BruteForce, noun: Noun
) -> None:
    for params in QUESTIONS:
        if not params.keys() <= noun.by_name.keys():
            continue
        body = client.get(f"/{noun.name}", params={"limit": 1, **params}).json()
        said = {
            wanted.of_therapies: params[name]
            for name, wanted in noun.by_name.items()
            if name in params and isinstance(wanted, TermFilter) and wanted.of_therapies
        }
        expected = missing(base, kinds_of(noun), said)
        assert body["not_curated"]["count"] == len(expected), params
        assert body["not_curated"]["ids"] == expected[:50], params
        assert client.get(body["not_curated"]["therapies"] + "&limit=1").json()["total"] == len(expected), params
        assert ("none_found" in body) == bool(said), params
        assert expected or noun.name not in {"adverse-events", "cohorts"} or params, params


@pytest.mark.parametrize("noun", fact_nouns(), ids=lambda noun: noun.name)
def test_a_therapy_without_facts_under_the_filters_is_named(client: httpx.Client, base: BruteForce, noun: Noun) -> None:
    """Every therapy of a class has facts, is named as not curated, or as one of which none was found."""
    for therapy_class in ("car-t", "pd-1-inhibitor", "interleukin-inhibitor"):
        under = {one["id"] for one in base.find(THERAPIES, {"class": [therapy_class]})}
        wanted = noun.by_name["therapy"]
        facts = base.find(noun, {"class": [therapy_class]})
        having = {value for fact in facts for value in base.values(wanted, fact)} & under
        body = client.get(f"/{noun.name}", params={"class": therapy_class, "limit": 1}).json()
        not_curated = {*missing(base, kinds_of(noun), {"class": [therapy_class]})}
        assert {*body["none_found"]["ids"]} == under - having - not_curated
        assert body["none_found"]["count"] == len(under - having - not_curated)


def test_a_product_whose_label_was_read_without_the_event_is_named(client: httpx.Client, base: BruteForce) -> None:
    body = client.get("/adverse-events?class=car-t&event=CRS&limit=500").json()
    shown = {therapy["id"] for item in body["items"] for therapy in item["cohort"]["therapies"]}
    named = {*body["none_found"]["ids"], *body["not_curated"]["ids"]}
    assert not shown & named
    assert shown | named == {one["id"] for one in base.find(THERAPIES, {"class": ["car-t"]})}


def test_levels_tell_the_kinds_of_warnings_apart(client: httpx.Client, base: BruteForce) -> None:
    for level, kinds in (
        ("boxed", ["boxed_warning"]),
        ("warning", ["warnings"]),
        ("boxed,warning", ["boxed_warning", "warnings"]),
    ):
        said = client.get(f"/warnings?level={level}&limit=1").json()["not_curated"]
        assert said["kinds"] == kinds
        assert said["count"] == len(missing(base, kinds, {}))


def test_facts_of_no_therapy_say_nothing_of_gaps_in_therapies(client: httpx.Client) -> None:
    body = client.get("/adverse-events?therapy=unknown&limit=1").json()
    assert body["total"] > 0
    assert not {"not_curated", "none_found"} & body.keys()
    assert "not_curated" not in client.get("/statements?limit=1").json()


def test_the_list_of_one_therapy_says_so_of_it(client: httpx.Client) -> None:
    body = client.get("/therapies/camrelizumab/adverse-events").json()
    assert body["not_curated"]["ids"] == ["camrelizumab"]
    assert body["absence"][0]["coverage"] == "not curated"
