"""Facets: each value is counted as computed over all documents, one by one."""

from typing import Any

import pytest

from app.nouns.declaration import Noun
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.release.facets import facet_values
from app.release.opened import OpenRelease
from app.release.query import matching
from tests.release.brute_force import BruteForce
from tests.release.questions import Questions

THERAPIES = noun_of("therapies")


def facet(release: OpenRelease, noun: Noun, params: dict[str, Any], name: str) -> list[tuple[str, int]]:
    """Values and counts of a facet."""
    values = facet_values(release, noun, params, matching(release, noun, params), name)
    return [(value["id"], value["count"]) for value in values]


def assert_counted(release: OpenRelease, base: BruteForce, noun: Noun, params: dict, name: str) -> None:
    """A facet is that of the documents: most first, equals in the order of their values."""
    counted = facet(release, noun, params, name)
    assert dict(counted) == base.facet(noun, params, name), (noun.name, params, name)
    assert counted == sorted(counted, key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize("name", THERAPIES.facets)
def test_facets_of_therapies_are_those_of_the_documents(release: OpenRelease, base: BruteForce, name: str) -> None:
    questions = Questions(base, THERAPIES, seed=THERAPIES.facets.index(name))
    for _ in range(3):
        assert_counted(release, base, THERAPIES, questions.filters(), name)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"condition": ["melanoma"]},
        {"agency": ["EMA"]},
        {"agency": ["EMA"], "line": ["first"]},
        {"condition": ["lymphoma"], "agency": ["FDA"], "class": ["car-t"]},
        {"approved_from": "2020-01-01", "status": ["approved"]},
    ],
    ids=str,
)
def test_facets_of_joined_filters_are_those_of_the_documents(
    release: OpenRelease, base: BruteForce, params: dict
) -> None:
    """Alone, the counts of a joined filter stand ready; beside others, one and the same record must meet them all."""
    for name in ("area", "line", "setting", "biomarker", "agency"):
        assert_counted(release, base, THERAPIES, params, name)


@pytest.mark.parametrize("noun", [noun for noun in nouns() if noun is not THERAPIES], ids=lambda noun: noun.name)
def test_facets_of_every_list_are_those_of_the_documents(release: OpenRelease, base: BruteForce, noun: Noun) -> None:
    questions = Questions(base, noun, seed=3)
    for name in noun.facets:
        assert_counted(release, base, noun, questions.filters(most=2), name)


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_a_count_is_what_the_filter_then_finds(release: OpenRelease, base: BruteForce, noun: Noun) -> None:
    questions = Questions(base, noun, seed=5)
    for params in ({}, *(questions.filters(most=2) for _ in range(10))):
        for name in noun.facets:
            others = {key: value for key, value in params.items() if key != name}
            for value, count in facet(release, noun, params, name)[:20]:
                assert len(matching(release, noun, others | {name: [value]})) == count, (noun.name, params, name, value)


def test_an_agency_is_counted_where_its_indication_meets_the_other_filters(release: OpenRelease) -> None:
    """Some therapies have a product licensed by the EMA, but an indication for melanoma by the FDA alone."""
    for condition in ("melanoma", "lymphoma", "asthma"):
        params = {"condition": [condition]}
        counted = dict(facet(release, THERAPIES, params, "agency"))
        assert counted.keys() >= {"FDA", "EMA"}
        for agency, count in counted.items():
            assert len(matching(release, THERAPIES, params | {"agency": [agency]})) == count, (condition, agency)


def test_a_facet_leaves_out_its_own_filter_and_values_that_nothing_has(release: OpenRelease) -> None:
    alone = facet(release, THERAPIES, {}, "class")
    assert facet(release, THERAPIES, {"class": ["car-t"]}, "class") == alone
    assert all(count for _, count in facet(release, THERAPIES, {"class": ["car-t"]}, "target"))


def test_values_of_a_tree_name_what_is_directly_above_them(release: OpenRelease, base: BruteForce) -> None:
    """All of a tree is reached from its roots; a parent that is above another parent is left out."""
    for noun in nouns():
        for name in noun.facets:
            tree = getattr(noun.by_name[name], "names", None)
            for value in facet_values(release, noun, {}, matching(release, noun, {}), name):
                if tree not in base.parents:
                    assert "parents" not in value, (noun.name, name)
                elif value["id"] != "unknown":
                    stated = base.parents[tree][value["id"]]
                    above = {parent: base.upwards(tree, parent) - {parent} for parent in stated}
                    direct = [one for one in stated if not any(one in higher for higher in above.values())]
                    assert sorted(direct) == value["parents"], (noun.name, name, value)


def test_a_facet_counts_what_has_no_value(release: OpenRelease) -> None:
    for noun in nouns():
        for name in noun.facets:
            values = facet(release, noun, {}, name)
            if name in noun.optional and noun.owners[name] is noun:
                known = matching(release, noun, {name: [value for value, _ in values if value != "unknown"]})
                assert dict(values).get("unknown", 0) == release.counts[noun.name] - len(known), (noun.name, name)
