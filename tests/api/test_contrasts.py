"""Contrasts: which arms of a trial may be set against each other, and what is computed between them."""

import itertools
from typing import Any

import pytest

from app.api.compare.contrasts import MAX_PARTS, CountedFact, contrasts, obstacles_among


def cohort(number: int, **different: Any) -> dict[str, Any]:
    """A made-up arm of one trial; arm 0 is its comparator."""
    plain = {
        "id": f"drug.trial-arm-{number}",
        "label": f"Trial: arm {number}",
        "trial": "Trial",
        "nct_id": None,
        "therapy": {"id": "drug", "name": "drug"},
        "therapies": [{"id": f"drug-{number}"}],
        "other_agents": [],
        "condition": None,
        "population": None,
        "schedule": None,
        "patients": 100 + number,
        "comparator": number == 0,
        "pooled": False,
    }
    return plain | different


def counted(arm: dict[str, Any], patients: int | None, percent: float | None = None, **different: Any) -> CountedFact:
    """A made-up fact of an arm."""
    fact = {
        "id": f"{arm['id']}.rash",
        "reported_term": "Rash",
        "patients_at_risk": arm["patients"],
        "evidence": {"source": {"id": "label"}, "locator": "Table 1"},
    }
    rate: dict[str, Any] = {
        "patients": patients, "percent": percent, "percent_below": None, "ci95": None, "computed": []
    }  # fmt: skip
    return CountedFact(arm, fact | different, rate)


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"pooled": True}, "pooled"),
        ({"condition": {"id": "melanoma"}}, "conditions"),
        ({"population": "children"}, "patients differently"),
        ({"label": "Trial: arm, induction"}, "periods"),
        ({"label": "Trial: arm, within 7 days after dose 2"}, "periods"),
        ({"comparator": True}, "both are comparators"),
    ],
)
def test_what_sets_arms_apart_forbids_their_contrast(different: dict[str, Any], reason: str) -> None:
    arms = [cohort(0), cohort(1, **different)]
    obstacles = obstacles_among(arms)
    assert reason in obstacles[arms[0]["id"], arms[1]["id"]]
    assert obstacles[arms[0]["id"], arms[1]["id"]] == obstacles[arms[1]["id"], arms[0]["id"]]
    assert not list(contrasts([counted(arm, 7) for arm in arms], obstacles))


def test_arms_that_were_treated_alike_are_not_contrasted() -> None:
    alike = {"therapies": [{"id": "drug"}], "schedule": "weekly"}
    arms = [cohort(1, **alike), cohort(2, **alike), cohort(3, **alike | {"schedule": "monthly"})]
    assert set(obstacles_among(arms)) == set(itertools.permutations([arms[0]["id"], arms[1]["id"]], 2))


def test_an_arm_is_set_against_the_comparator_that_shares_its_background() -> None:
    treated = cohort(1, other_agents=["Chemo"])
    alone, with_chemo = cohort(0), cohort(2, comparator=True, other_agents=["chemo", "Placebo"])
    assert obstacles_among([treated, alone]) == {}
    reasons = obstacles_among([treated, alone, with_chemo])
    assert "background" in reasons[treated["id"], alone["id"]]
    assert (treated["id"], with_chemo["id"]) not in reasons
    later = with_chemo | {"label": "Trial: chemo, maintenance"}
    assert (treated["id"], alone["id"]) not in obstacles_among([treated, alone, later])


def test_a_group_whose_patients_add_up_is_not_contrasted_with_any_arm() -> None:
    same = {"therapies": [{"id": "drug"}]}
    parts = [cohort(number, **same, schedule=f"dose {number}", patients=number) for number in (30, 40, 50)]
    whole, control = cohort(9, **same, patients=90), cohort(0)
    obstacles = obstacles_among([*parts, whole, control])
    assert {other for one, other in obstacles if one == whole["id"]} == {arm["id"] for arm in (*parts, control)}
    assert "combines" in obstacles[whole["id"], control["id"]]
    assert "combines" not in obstacles_among([*parts, whole | {"patients": 130}, control]).values()
    elsewhere = [arm | {"therapies": [{"id": arm["id"]}]} for arm in parts]
    assert (whole["id"], control["id"]) not in obstacles_among([*elsewhere, whole, control])


def test_sums_are_tried_of_the_first_arms_only() -> None:
    same = {"therapies": [{"id": "drug"}]}
    parts = [
        cohort(number, **same, schedule=f"dose {number}", patients=2**number) for number in range(1, MAX_PARTS + 2)
    ]
    control = cohort(0)
    whole = cohort(99, **same, patients=2 + 2**MAX_PARTS)
    beyond = cohort(99, **same, patients=2 + 2 ** (MAX_PARTS + 1))
    assert (whole["id"], control["id"]) in obstacles_among([*parts, whole, control])
    assert (beyond["id"], control["id"]) not in obstacles_among([*parts, beyond, control])


def test_trials_of_one_name_in_two_sources_are_two_trials() -> None:
    ours, theirs = cohort(0), cohort(1, therapy={"id": "other", "name": "other"})
    assert obstacles_among([ours, theirs | {"population": "children"}]) == {}
    assert not list(contrasts([counted(ours, 7), counted(theirs, 7)], {}))


def test_what_came_before_a_period_is_not_the_period() -> None:
    arms = [cohort(0, label="Trial: placebo maintenance after drug induction"), cohort(1, label="Trial: maintenance")]
    assert obstacles_among(arms) == {}


def test_only_facts_counted_alike_are_contrasted() -> None:
    one, other = cohort(0), cohort(1)
    plain = counted(other, 7)
    assert len(list(contrasts([counted(one, 7), plain], {}))) == 1
    elsewhere = {"source": {"id": "label"}, "locator": "Table 2"}
    for different in ({"id": f"{one['id']}.rash.serious"}, {"reported_term": "Rash, any"}, {"evidence": elsewhere}):
        assert not list(contrasts([counted(one, 7, **different), plain], {}))
    severe = counted(one, 7)
    assert severe.rate is not None
    severe.rate["grades"] = "3-4"
    assert not list(contrasts([severe, plain], {}))


@pytest.mark.parametrize(
    ("arm", "reference", "ratio", "defined"),
    [(5, 0, None, False), (0, 5, 0, False), (0, 0, None, False), (5, 5, 1, True)],
)
def test_zero_counts_give_a_difference_and_no_made_up_ratio(
    arm: int, reference: int, ratio: float | None, defined: bool
) -> None:
    control, treated = cohort(0, patients=100), cohort(1, patients=100)
    (found,) = contrasts([counted(control, reference), counted(treated, arm)], {})
    assert found.reference.cohort == control["id"]
    assert found.risk_difference.points == arm - reference
    assert found.risk_difference.ci95[0] < found.risk_difference.ci95[1]
    assert found.risk_ratio.value == ratio
    assert (found.risk_ratio.ci95 is not None) == defined


def test_intervals_are_those_of_statsmodels() -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep  # imported here: it takes seconds

    control, treated = cohort(0, patients=97), cohort(1, patients=203)
    (found,) = contrasts([counted(control, 11), counted(treated, 41)], {})
    points = confint_proportions_2indep(41, 203, 11, 97, method="newcomb", compare="diff")
    assert found.risk_difference.ci95 == pytest.approx([100 * end for end in points], abs=0.006)
    ratio = confint_proportions_2indep(41, 203, 11, 97, method="log", compare="ratio")
    assert found.risk_ratio.ci95 == pytest.approx(ratio, rel=1e-3)


def test_counts_are_derived_from_percents_and_marked() -> None:
    control, treated = cohort(0, patients=50), cohort(1, patients=500)
    (found,) = contrasts([counted(control, None, 12), counted(treated, None, 12)], {})
    assert (found.reference.patients, found.reference.patients_fitting) == (6, None)
    assert (found.arm.patients, found.arm.patients_fitting) == (60, [58, 62])
    assert found.arm.computed == found.reference.computed == ["patients"]
    for percent, at_risk in itertools.product((None, 12), (None, 50)):
        missing = counted(cohort(1, patients=at_risk), None, percent)
        if percent is None or at_risk is None:
            assert not list(contrasts([counted(control, 6), missing], {}))


def test_more_cases_than_patients_are_not_contrasted() -> None:
    control, treated = cohort(0, patients=10), cohort(1, patients=10)
    assert not list(contrasts([counted(control, 11), counted(treated, 5)], {}))
