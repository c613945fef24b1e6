"""The index of a list: what it finds, that it is stored whole, and that it follows the declarations by itself."""

import asyncio
import datetime as dt
import random
import subprocess
import sys
from array import array
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap

from app.nouns.declaration import Noun
from app.nouns.filters import AsOfFilter, RangeFilter
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.release.columns import Column
from app.release.index import ListIndex, SortOrder
from app.release.indexing import build
from app.release.opened import OpenRelease
from app.release.store import Store
from app.release.stored_index import INPUTS, deserialize, fingerprint, serialize
from tests import databases
from tests.processes import ROOT
from tests.release.brute_force import BruteForce

THERAPIES = noun_of("therapies")


@pytest.fixture(scope="module")
def built(texts: dict[str, list[str]]) -> dict[str, ListIndex]:
    """The indexes, derived anew."""
    return build(texts)


def assert_equal(one: ListIndex, other: ListIndex) -> None:
    """Two indexes are the same in every part."""
    assert (one.size, one.postings, one.columns) == (other.size, other.postings, other.columns)
    assert (one.periods, one.owners) == (other.periods, other.owners)
    assert (one.text, one.titles, one.names) == (other.text, other.titles, other.names)


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_an_index_that_is_stored_comes_back_as_it_was(built: dict[str, ListIndex], noun: Noun) -> None:
    index = built[noun.name]
    content = serialize(index)
    again = deserialize(noun, content)
    assert_equal(again, index)
    assert serialize(again) == content


def test_the_stored_index_is_the_one_that_is_derived(release: OpenRelease, built: dict[str, ListIndex]) -> None:
    for noun in nouns():
        assert_equal(release.lists[noun.name], built[noun.name])


def test_a_list_whose_records_have_names_knows_the_id_of_each(
    built: dict[str, ListIndex], documents: dict[str, list[dict[str, Any]]]
) -> None:
    named = [noun.name for noun in nouns() if noun.names]
    assert {"therapies", "trials", "cohorts", "biomarkers", "endpoints"} <= set(named)
    for name in named:
        ids = [document["id"] for document in documents[name]]
        assert built[name].ids == ids, name
        assert built[name].positions == {record_id: position for position, record_id in enumerate(ids)}, name


def test_an_empty_list_has_an_index_that_finds_nothing() -> None:
    for noun in nouns():
        index = build({})[noun.name]
        assert_equal(deserialize(noun, serialize(index)), index)
        assert index.everything == index.text.matches("a") == index.titles.matches("a") == BitMap()
        for wanted in noun.filters:
            if isinstance(wanted, AsOfFilter):
                found = index.find(wanted.name, {wanted.name: dt.date(2020, 1, 1)})
            else:
                ranged = isinstance(wanted, RangeFilter)
                found = index.range(wanted, 1) if ranged else index.term(wanted.name, ["true"])
            assert found == BitMap()
        for name in noun.sorts:
            assert list(index.in_order(BitMap(), [f"-{name}"])) == []


def test_a_list_of_no_noun_is_passed_over() -> None:
    assert build({"of-a-later-release": ['{"id":"x"}']}).keys() == {noun.name for noun in nouns()}


def test_a_term_finds_what_is_below_it(release: OpenRelease, base: BruteForce) -> None:
    index = release.lists["indications"]
    for term in ("lymphoma", "solid-tumour", "melanoma"):
        if term not in base.parents["conditions"]:
            continue
        expected = [
            position
            for position, record in enumerate(base.documents["indications"])
            if term in base.upwards("conditions", record["condition"]["id"])
        ]
        assert list(index.term("condition", [term])) == expected
    below = {child for child in base.parents["conditions"] if "lymphoma" in base.upwards("conditions", child)}
    assert len(below) > 3
    assert index.term("condition", below) == index.term("condition", ["lymphoma"])


def test_several_values_are_one_or_the_other(release: OpenRelease) -> None:
    index = release.lists[THERAPIES.name]
    one, other = (index.term("class", [value]) for value in ("pd-1-inhibitor", "car-t"))
    assert index.term("class", ["pd-1-inhibitor", "car-t", "no-such-class"]) == one | other
    assert index.term("class", []) == index.term("no-such-filter", ["x"]) == BitMap()


COLUMN = Column(array("d", [1.0, 2.0, 2.0, 5.5]), array("I", [4, 0, 3, 1, 2, 5]))
"""Positions 2 and 5 have no value."""


@pytest.mark.parametrize(
    ("bound", "from_", "to"),
    [
        (0, {0, 1, 3, 4}, set()),
        (1, {0, 1, 3, 4}, {4}),
        (2, {0, 1, 3}, {0, 3, 4}),
        (2.1, {1}, {0, 3, 4}),
        (5.5, {1}, {0, 1, 3, 4}),
        (float("inf"), set(), {0, 1, 3, 4}),
    ],
)
def test_a_range_has_its_ends_and_no_unknown_values(bound: float, from_: set[int], to: set[int]) -> None:
    assert set(COLUMN.between(bound, lower=True)) == from_
    assert set(COLUMN.between(bound, lower=False)) == to


def test_unknown_values_take_the_one_given() -> None:
    assert COLUMN.by_position(float("inf")) == [2.0, 5.5, float("inf"), 2.0, 1.0, float("inf")]


def test_days_are_compared_as_days(release: OpenRelease, base: BruteForce) -> None:
    wanted = THERAPIES.by_name["first_approved_to"]
    assert isinstance(wanted, RangeFilter)
    found = release.lists[THERAPIES.name].range(wanted, dt.date(2014, 9, 4))
    days = {record["id"]: (record["first_approval"] or {}).get("on") for record in base.documents["therapies"]}
    assert {base.documents["therapies"][position]["id"] for position in found} == {
        name for name, day in days.items() if day and day <= "2014-09-04"[: len(day)]
    }
    assert days["pembrolizumab"] == "2014-09-04"


@pytest.mark.parametrize("length", [1, 7, 64, 30_000])
@pytest.mark.parametrize("share", [0.0, 0.002, 0.02, 0.5, 1.0])
def test_an_order_is_walked_from_any_rank_whether_few_are_found_or_many(length: int, share: float) -> None:
    chance = random.Random(length)  # noqa: S311  # the same orders in every run
    ordered = chance.sample(range(length), length)
    order = SortOrder(array("I", ordered))
    assert [order.rank_of[position] for position in ordered] == list(range(length))
    found = BitMap(position for position in range(length) if chance.random() < share)
    for start in (0, length // 2, length - 1, length, length + 5):
        expected = [(rank, ordered[rank]) for rank in range(start, length) if ordered[rank] in found]
        assert list(order.walk(found, start)) == expected


def test_an_order_by_several_keys_puts_unknown_values_last(release: OpenRelease, base: BruteForce) -> None:
    index, records = release.lists["adverse-events"], base.documents["adverse-events"]
    for sort in (["any_percent"], ["-any_percent", "severe_percent"], ["therapy", "-patients_at_risk"], ["-therapy"]):
        ranked = [records[position] for position in index.order(sort).by_rank]
        assert ranked == base.sort(noun_of("adverse-events"), records, sort), sort
    assert index.order(["any_percent"]) is index.order(["any_percent"])  # sorted once


def test_a_stored_index_of_other_code_is_derived_anew(loaded: str) -> None:
    """Whatever stands in a row of another fingerprint is not read."""
    kept = opened(loaded)
    assert databases.rows(loaded, "SELECT DISTINCT fingerprint FROM list_index") == [(fingerprint(),)]
    databases.execute(loaded, "UPDATE list_index SET fingerprint = 'other', content = content WHERE list = 'warnings'")
    derived = opened(loaded)
    databases.execute(loaded, "DELETE FROM list_index")
    for again in (derived, opened(loaded)):
        for noun in nouns():
            assert_equal(again.lists[noun.name], kept.lists[noun.name])


@pytest.mark.only_on_sqlite("Imports are the same on both.")
def test_a_fingerprint_is_of_all_code_that_an_index_follows_from() -> None:
    """Of whatever these import of ours, however indirectly."""
    code = """if True:
        import sys
        import app.release.indexing, app.release.stored_index
        print(*(module.__file__ for name, module in sys.modules.items() if name.startswith("app.")), sep="\\n")
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {Path(line) for line in done.stdout.split()} - {ROOT / "app" / "release" / "__init__.py"}
    assert ROOT / "app" / "vocabulary" / "clinical.py" in imported
    assert imported <= set(INPUTS)


def opened(database: str) -> OpenRelease:
    """The current release of a database."""
    store = Store(database)
    try:
        return asyncio.run(store.current())
    finally:
        store.close()
