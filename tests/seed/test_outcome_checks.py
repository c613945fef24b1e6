"""Bad outcomes in fact files: each is found by its check, and what is sound passes."""

import json
from pathlib import Path
from typing import Any

import pytest

from seed.checks import findings_of
from seed.files import read
from tests.seed.base import MEDIAN, ORR, RATIO, facts_with, write

THERAPY = "therapies/examplumab.json"
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown endpoint": (ORR | {"endpoint": "no-such"}, "unknown-reference"),
    "an unknown arm": (ORR | {"cohort": "no-such"}, "unknown-reference"),
    "an unknown biomarker": (ORR | {"biomarkers": [{"id": "no-such", "state": "high"}]}, "unknown-reference"),
    "a share without a figure": (ORR | {"patients": None, "percent": None}, "outcome-figure"),
    "a share in the field of values": (ORR | {"value": 33}, "outcome-figure"),
    "a median without a figure": (MEDIAN | {"value": None, "interval": None}, "outcome-figure"),
    "a median in the field of percents": (MEDIAN | {"percent": 17.2}, "outcome-figure"),
    "a figure and a word": (MEDIAN | {"value_status": "not_reached"}, "outcome-figure"),
    "a test without a p-value": (RATIO | {"measure": "test", "value": None, "interval": None}, "outcome-figure"),
    "a rate at no time": (ORR | {"measure": "probability_at_time", "patients": None}, "outcome-figure"),
    "a ratio of one arm": (RATIO | {"against": None}, "outcome-arms"),
    "a share between arms": (ORR | {"against": "trial-1-placebo"}, "outcome-arms"),
    "an arm against itself": (RATIO | {"against": "trial-1-examplumab"}, "outcome-arms"),
    "arms of two trials": (RATIO | {"against": "trial-2-placebo"}, "outcome-arms"),
    "more than all": (ORR | {"patients": 280, "percent": None, "interval": None}, "outcome-counts"),
    "a percent that n does not give": (ORR | {"patients": 100}, "outcome-counts"),
    "a figure outside its interval": (ORR | {"interval": {"low": 34, "high": 39}}, "outcome-interval"),
    "an interval the wrong way round": (RATIO | {"interval": {"low": 0.9, "high": 0.52}}, "outcome-interval"),
    "an interval with one end": (ORR | {"interval": {"low": 27}}, "outcome-interval"),
    "a range without figures": (MEDIAN | {"range": {"minimum_ongoing": True}}, "outcome-interval"),
    "a negative ratio": (RATIO | {"value": -0.1, "interval": None}, "outcome-interval"),
    "a ratio with a unit": (RATIO | {"unit": "months"}, "outcome-interval"),
    "a median of no unit": (MEDIAN | {"unit": None}, "outcome-interval"),
    "a time that says nothing": (ORR | {"time": {"value": 12}}, "bad-value"),
    "three sides": (RATIO | {"p_sides": 3}, "out-of-range"),
}


def codes(files: dict[str, Any], folder: Path) -> set[str]:
    base, unread = read(write(files, folder))
    return {finding.code for finding in [*unread, *findings_of(base, folder)]}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_bad_outcome_is_found(tmp_path: Path, fault: str) -> None:
    record, code = BROKEN[fault]
    assert code in codes(facts_with(record), tmp_path)


@pytest.mark.parametrize(
    "record",
    [
        ORR,
        MEDIAN,
        RATIO,
        ORR | {"patients": 100, "adjusted": True},
        ORR | {"patients": None, "percent": None, "percent_below": 1, "interval": None},
        MEDIAN | {"value": None, "value_status": "not_reached"},
        RATIO | {"measure": "test", "value": None, "interval": None, "p_value": "<0.0001"},
        ORR | {"measure": "probability_at_time", "patients": None, "time": {"value": 12, "unit": "months"}},
    ],
)
def test_a_sound_outcome_passes(tmp_path: Path, record: dict[str, Any]) -> None:
    assert codes(facts_with(record), tmp_path) == set()


def test_outcomes_of_one_arm_and_endpoint_need_a_key(tmp_path: Path) -> None:
    subgroup = ORR | {"population": "PD-L1 TPS >= 50%"}
    assert "duplicate-id" in codes(facts_with(ORR, subgroup), tmp_path / "alike")
    assert codes(facts_with(ORR, subgroup | {"key": "tps-50"}), tmp_path / "keyed") == set()


def test_what_is_printed_stays_as_it_is(tmp_path: Path) -> None:
    files = facts_with(ORR | {"percent": 33.0, "patients": None})
    base, unread = read(write(files, tmp_path))
    assert unread == []
    (record,) = base.therapies[0].facts("outcomes")
    assert json.loads(record.model_dump_json(exclude_defaults=True))["percent"] == 33.0
    assert isinstance(record.percent, float)


def with_trials(**second: Any) -> dict[str, Any]:
    """The fact base of two trials, the second of them with other values."""
    files = facts_with(ORR)
    files["trials.json"][0] |= {"nct_ids": ["NCT00000001"], "conditions": ["melanoma"]}
    files["trials.json"][1] |= {"conditions": ["melanoma"]} | second
    return files


@pytest.mark.parametrize(
    "second", [{"nct_ids": ["NCT00000001"]}, {"name": "Example 1"}, {"synonyms": ["EXAMPLE-1"]}], ids=str
)
def test_a_trial_of_two_records_is_found(tmp_path: Path, second: dict[str, Any]) -> None:
    assert "trial-once" in codes(with_trials(**second), tmp_path)


@pytest.mark.parametrize("name", ["Study 1", "CD-1"])
def test_numbered_names_are_of_many_trials(tmp_path: Path, name: str) -> None:
    files = with_trials(name=name)
    files["trials.json"][0]["name"] = name
    assert codes(files, tmp_path) == set()


def test_an_acronym_of_another_disease_and_therapy_is_another_trial(tmp_path: Path) -> None:
    files = with_trials(synonyms=["EXAMPLE-1"], conditions=[])
    assert codes(files, tmp_path) == set()


def in_two_files(**change: Any) -> dict[str, Any]:
    """An arm in the files of two therapies, with one outcome in both."""
    files = facts_with(ORR)
    copy = json.loads(json.dumps(files[THERAPY]))
    copy["therapy"] |= {"id": "otherumab", "name": "otherumab", "identifiers": [], "products": []}
    arm = copy["cohorts"][0] | {"same_as": "examplumab.trial-1-examplumab"}
    kept = {"curated_on": copy["curated_on"], "therapy": copy["therapy"], "cohorts": [arm | change.pop("cohort", {})]}
    files["therapies/otherumab.json"] = kept | {"outcomes": [ORR | change]}
    return files


IN_TWO_FILES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "an outcome": ({"role": "primary"}, {"endpoint": "overall-survival"}, "outcome-once"),
    "an arm of two trials": ({"cohort": {"trial_id": "example-2"}}, {}, "trial-once"),
}
"""What the second file changes that is a fault, what is none, and the check that finds it."""


@pytest.mark.parametrize(("broken", "sound", "code"), IN_TWO_FILES.values(), ids=IN_TWO_FILES.keys())
def test_a_fault_of_two_files_is_found(
    tmp_path: Path, broken: dict[str, Any], sound: dict[str, Any], code: str
) -> None:
    assert code in codes(in_two_files(**broken), tmp_path / "broken")
    assert code not in codes(in_two_files(**sound), tmp_path / "sound")
