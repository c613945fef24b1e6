"""What a comparison says of itself, in plain sentences."""

from typing import Any

import pytest

from app.api.compare.cautions import join_words, of_comparison, of_event
from app.api.compare.contrasts import CountedFact
from tests.api.test_contrasts import cohort, counted


def said(*items: CountedFact, obstacles: dict[tuple[str, str], str] | None = None) -> str:
    return " ".join(of_comparison(items, obstacles or {}))


def arm(number: int, **different: Any) -> dict[str, Any]:
    return cohort(number, **{"pooled_from": []} | different)


def test_nothing_found_is_said() -> None:
    assert "Nothing was found" in said()


def test_cohorts_of_different_trials_are_told_apart() -> None:
    assert "different trials" not in said(counted(arm(0), 1), counted(arm(1), 1))
    assert "different trials" in said(counted(arm(0), 1), counted(arm(1, trial="Other"), 1))
    one = {"nct_id": "NCT00000001"}  # a registered trial has one number, whatever two sources call it
    assert "different trials" not in said(counted(arm(0, **one), 1), counted(arm(1, **one, trial="Other"), 1))


def test_pooled_cohorts_say_whose_patients_they_hold() -> None:
    pool = arm(2, pooled=True, trial=None, pooled_from=["Trial", "Elsewhere"])
    assert f"{pool['id']} is pooled and holds patients of Trial, shown too" in said(
        counted(arm(0), 1), counted(pool, 1)
    )
    assert f"may hold patients of other cohorts: {pool['id']};" in said(counted(pool, 1))


def test_one_arm_reported_by_two_sources_is_told() -> None:
    one = arm(1, nct_id="NCT00000001", id="drug.trial-arm")
    other = one | {"id": "other.trial-arm"}
    assert "reported by two sources and never contrasted or added up: drug.trial-arm and other.trial-arm." in said(
        counted(one, 1), counted(other, 1)
    )
    assert "two sources" not in said(counted(one, 1), counted(other | {"patients": 7}, 1))


def test_reasons_are_told_of_cohorts_that_are_shown() -> None:
    one, other = arm(0), arm(1)
    obstacles = {(one["id"], other["id"]): "they were treated alike"}
    assert "Some arms of Trial (source on drug) are not contrasted: they were treated alike." in said(
        counted(one, 1), counted(other, 1), obstacles=obstacles
    )
    assert "not contrasted" not in said(counted(one, 1), obstacles=obstacles)
    both = {(one["id"], other["id"]): "both are comparators"}
    assert "not contrasted" not in said(counted(one, 1), counted(other, 1), obstacles=both)


@pytest.mark.parametrize(
    ("rates", "different", "sentence"),
    [
        ([{"grades": "3-4"}, {"grades": ">=3"}], {}, "different groups of grades (3-4 and >=3)"),
        ([{}], {"denominator": 50}, "a denominator of their own"),
        ([{}], {"denominator_range": [40, 50]}, "a denominator of their own"),
        ([None], {}, "only a frequency band"),
        ([{"percent_below": 1}], {}, "only an upper bound"),
    ],
)
def test_what_holds_for_one_event(rates: list[dict[str, Any] | None], different: dict[str, Any], sentence: str) -> None:
    plain = {"denominator": None, "denominator_range": None}
    group = []
    for number, rate in enumerate(rates):
        fact = counted(arm(number), 1, **plain | different)
        group.append(CountedFact(fact.cohort, fact.fact, None if rate is None else {**(fact.rate or {}), **rate}))
    assert sentence in " ".join(of_event(group))
    assert not list(of_event([counted(arm(number), 1, **plain) for number in range(2)]))


def test_several_terms_in_one_cohort_are_told() -> None:
    fact = counted(arm(0), 1, denominator=None, denominator_range=None)
    assert f"more than one reported term in {fact.cohort['id']};" in " ".join(of_event([fact, fact]))


def test_words_are_listed_as_in_a_sentence() -> None:
    assert [join_words("a"), join_words("ab"), join_words("abc")] == ["a", "a and b", "a, b and c"]
