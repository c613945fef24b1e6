"""Severe is the whole of grade 3 and up or null, in every fact; recomputed here from the printed rates alone."""

from fractions import Fraction
from typing import Any

import pytest

from app.nouns.measures import Rate
from app.nouns.severity import any_grade, none_among, severe
from app.vocabulary import EventKind, Grades

Facts = list[dict[str, Any]]


def rate(grades: str, **figures: Any) -> Rate:
    return Rate(grades=Grades(grades), **figures)


def summary(rates: list[Rate], at_risk: int | None = None, none_in: tuple[str, ...] = ()) -> Any:
    """What is said of severe: grades, what was added, n, percent, error, bound."""
    found = severe(rates, [Grades(group) for group in none_in], at_risk)
    if not found:
        return None
    return found.grades, found.sum_of, found.patients, found.percent, found.rounding_error, found.percent_below


@pytest.mark.parametrize(
    ("rates", "at_risk", "none_in", "expected"),
    [
        # a printed group is taken as it is
        ([rate(">=3", percent=5), rate("3", percent=4), rate("4", percent=1)], 100, (), (">=3", [], 5, 5, None, None)),
        ([rate("3-4", percent=0.9)], 555, (), ("3-4", [], 5, 0.9, None, None)),
        # but not grades 3 and 4 beside a grade 5 of its own
        (
            [rate("3-4", patients=27, percent=21), rate("5", patients=4, percent=3)], 131, (),
            ("3-5", ["3-4", "5"], 31, 23.66, None, None),
        ),
        # the sum of printed percents, where several n fit them
        ([rate("3", percent=20), rate("4", percent=62)], 662, (), ("3-4", ["3", "4"], None, 82, 1.0, None)),
        ([rate("3", percent=2.0), rate("4", percent=0.25)], None, (), ("3-4", ["3", "4"], None, 2.25, 0.055, None)),
        # n where each percent has but one
        ([rate("3", percent=15), rate("4", percent=6)], 102, (), ("3-4", ["3", "4"], 21, 20.59, None, None)),
        ([rate("3", patients=2), rate("4", patients=1)], None, (), ("3-4", ["3", "4"], 3, None, None, None)),
        # a bound, where one of them has only one
        ([rate("3", percent=11), rate("4", percent_below=1)], 662, (), ("3-4", ["3", "4"], None, None, None, 12.5)),
        # grades in which no one was counted
        ([rate("3", percent=11)], 662, ("4",), ("3-4", ["3", "4"], None, 11, 0.5, None)),
        ([rate("any", patients=51)], 97, ("3-5",), ("3-5", ["3-5"], 0, 0.0, None, None)),
        ([rate("3", percent=1), rate("4-5", percent=2)], None, (), ("3-5", ["3", "4-5"], None, 3, 1.0, None)),
        # a part is no whole
        ([rate("any", percent=20), rate("3", percent=11)], 662, (), None),
        ([rate("4", percent=11)], 662, ("5",), None),
        ([rate("3", percent=1), rate("5", percent=1)], 662, (), None),
        ([rate("2", percent=1), rate(">=2", percent=1), rate("1-4", percent=1)], 662, (), None),
    ],
)  # fmt: skip
def test_severe_is_whole_or_not_there(
    rates: list[Rate], at_risk: int | None, none_in: tuple[str, ...], expected: Any
) -> None:
    assert summary(rates, at_risk, none_in) == expected


def test_what_is_computed_is_named() -> None:
    found = severe([rate("3", percent=20), rate("4", percent=62)], [], 662)
    assert found
    assert found.computed == ["percent", "ci95"]
    assert str(found.percent) == "82"


def test_grades_1_to_4_are_all_grades_of_laboratory_values_only() -> None:
    printed = [rate("1-4", percent=48), rate("3-4", percent=20)]
    assert any_grade(printed, EventKind.CLINICAL, 100) is None
    found = any_grade(printed, EventKind.LABORATORY, 100)
    assert found
    assert (found.grades, found.percent) == ("1-4", 48)


def test_dashes_complete_figures_of_other_grades_only() -> None:
    assert none_among([Grades.ANY, Grades.G3], [Grades.G4]) == ("4",)
    assert none_among([Grades.ANY], [Grades.G3, Grades.G4]) == ()
    assert none_among([Grades.G3_4], [Grades.G5]) == ()


# -- every fact --------------------------------------------------------------------------------------------------------

LEVELS = {"3": "3", "4": "4", "5": "5", "3-4": "34", "4-5": "45", "3-5": "345", ">=3": "345"}


def _bounds(printed: dict[str, Any], at_risk: int | None) -> tuple[Fraction, Fraction] | None:
    """Least and greatest percent that one printed rate can mean."""
    if printed["patients"] is not None and at_risk:
        share = Fraction(100 * printed["patients"], at_risk)
        return share, share
    if printed["percent"] is not None:
        text = str(printed["percent"])
        half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
        return max(Fraction(0), Fraction(text) - half), Fraction(text) + half
    if printed["percent_below"] is not None:
        return Fraction(0), Fraction(str(printed["percent_below"]))
    return None


def _check(fact: dict[str, Any]) -> None:
    printed = {item["grades"]: item for item in fact["rates"] if item["grades"] in LEVELS}
    there = set().union(*(LEVELS[group] for group in printed))
    empty = set().union(*(LEVELS[group] for group in fact["none_in"]))
    found = fact["severe"]
    if found is None:
        assert not {"3", "4"} <= there | empty, "the whole is printed"
        return
    covered = set(LEVELS[found["grades"]])
    assert {"3", "4"} <= covered, "a part stands for the whole"
    assert there <= covered or found["grades"] == ">=3", "a printed grade is left out"
    if not found["sum_of"]:
        own = printed[found["grades"]]
        assert all(found[key] == own[key] or key in found["computed"] for key in ("patients", "percent"))
        return
    groups = [LEVELS[group] for group in found["sum_of"]]
    assert sorted("".join(groups)) == sorted(covered), "the summands are disjoint and complete"
    summed = [printed[group] for group in found["sum_of"] if group in printed]
    assert all(group in printed or set(LEVELS[group]) <= empty for group in found["sum_of"])
    ends = [_bounds(item, fact["patients_at_risk"]) for item in summed]
    known = [end for end in ends if end]
    low, high = sum((end[0] for end in known), Fraction(0)), sum((end[1] for end in known), Fraction(0))
    if all(item["patients"] is not None for item in summed):
        assert found["patients"] == sum(item["patients"] for item in summed)
    assert {"patients", "percent", "percent_below"} - {key for key, value in found.items() if value is None} <= set(
        found["computed"]
    ), "all of a sum is computed"
    if found["percent"] is not None:
        error = Fraction(str(found["rounding_error"] or 0.005))  # n/N is given with two decimals
        assert len(known) == len(summed)
        assert low - error <= Fraction(str(found["percent"])) <= high + error
        if found["rounding_error"]:
            assert found["percent"] == pytest.approx(float(sum(Fraction(str(item["percent"])) for item in summed)))
    elif found["percent_below"] is not None:
        assert Fraction(str(found["percent_below"])) == high


def test_severe_of_every_fact_follows_from_its_printed_rates(documents: dict[str, Facts]) -> None:
    summed = 0
    for fact in documents["adverse-events"]:
        _check(fact)
        summed += bool(fact["severe"] and fact["severe"]["sum_of"])
    assert summed > 400


def test_all_grades_of_every_fact_are_printed_as_such(documents: dict[str, Facts]) -> None:
    for fact in documents["adverse-events"]:
        groups = {item["grades"] for item in fact["rates"]}
        low = "1-4" in groups and fact["kind"] == "laboratory"
        expected = "any" if "any" in groups else "1-4" if low else None
        assert (fact["any_grade"] and fact["any_grade"]["grades"]) == expected, fact["id"]


def test_contrasts_of_the_severe_are_between_equal_grades(client: Any, documents: dict[str, Facts]) -> None:
    """Every trial of which two arms have a severe rate: grades of both arms of each contrast are the same."""
    facts = {fact["id"]: fact for fact in documents["adverse-events"]}
    trials: dict[tuple[str, str], set[str]] = {}
    for fact in facts.values():
        if fact["severe"] and fact["cohort"]["trial"]:
            place = fact["therapy"]["id"], fact["cohort"]["trial"]
            trials.setdefault(place, set()).add(fact["cohort"]["id"])
    seen = 0
    for cohorts in [sorted(cohorts) for cohorts in trials.values() if len(cohorts) > 1][::7]:
        answer = client.get(
            "/adverse-events/compare", params={"cohorts": ",".join(cohorts), "severity": "severe", "limit": 50}
        )
        for item in answer.json()["items"]:
            for contrast in item["contrasts"]:
                arms = [facts[contrast[arm]["fact"]]["severe"] for arm in ("arm", "reference")]
                assert arms[0]["grades"] == arms[1]["grades"]
                seen += 1
    assert seen > 50


def test_echelon_1_has_more_severe_neutropenia_where_more_of_it_is_printed(client: Any) -> None:
    answer = client.get(
        "/adverse-events/compare",
        params={"therapies": "brentuximab-vedotin", "events": "neutropenia", "severity": "severe"},
    ).json()
    arm = "brentuximab-vedotin.echelon-1-brentuximab-vedotin-avd"
    row = next(row for item in answer["items"] for row in item["rows"] if row["fact"] == f"{arm}.neutropenia")
    assert (row["percent"], row["grades"], row["sum_of"], row["rounding_error"]) == (82, "3-4", ["3", "4"], 1.0)
    contrast = next(
        each for item in answer["items"] for each in item["contrasts"] if each["arm"]["fact"] == f"{arm}.neutropenia"
    )
    assert contrast["risk_difference"]["points"] > 0
