"""Contrasts: which two arms of a trial may be set against each other, and by how much they differ."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from pydantic import Field

from app.nouns.base import Schema
from app.statistics import counts_that_fit, risk_difference, risk_ratio

MAX_PARTS = 8
"""Arms of which it is tried whether some of them add up to another."""
_PERIOD = re.compile(
    r"\b(?:(?:induction|consolidation|intensification)(?: \d+)?|maintenance|extension|randomi[sz]ed period"
    r"|primary treatment period|unblinding|(?:first|second|third) (?:dose|booster|season|year)"
    r"|within \d+ \w+|(?:week|month|day|year|part|cycle|period|cohort|dose|stage) (?:\d+|[ivx]+|[a-d])\b)"
)
_BEFORE = re.compile(r"\bafter [^,:]*\binduction\b")

Obstacles = Mapping[tuple[str, str], str]
"""Pairs of cohorts of one trial that are not contrasted, in both orders, and why."""


class Arm(Schema):
    """An arm of a contrast, with the counts that were used."""

    cohort: str = Field(description="Id of the cohort.")
    fact: str = Field(description="Id of the adverse-event fact.")
    patients: int = Field(description="n that was used.")
    patients_fitting: list[int] | None = Field(
        description="Least and most n that fit the percent printed, where several do; `patients` is the nearest."
    )
    patients_at_risk: int = Field(description="N that was used.")
    computed: list[str] = Field(description="`patients`, where n is derived from the percent printed and N.")


class Difference(Schema):
    """Arm less reference, in percentage points."""

    points: float = Field(description="Arm less reference, in percentage points.")
    ci95: list[float] = Field(description="Newcombe hybrid score interval at 95 %, in percentage points.")


class RiskRatio(Schema):
    """Arm over reference."""

    value: float | None = Field(description="Null where the reference arm has no case.")
    ci95: list[float] | None = Field(description="Log interval (Katz) at 95 %; null where it is not defined.")


class Contrast(Schema):
    """Two arms of one trial, counted by one source in one table."""

    trial: str = Field(description="Acronym or name of the trial.")
    nct_id: str | None = Field(description="ClinicalTrials.gov number; null where the source gives none.")
    arm: Arm = Field(description="The arm that is set against the reference.")
    reference: Arm = Field(description="The comparator; where neither arm is one, that with fewer medicines.")
    risk_difference: Difference = Field(description="Arm less reference.")
    risk_ratio: RiskRatio = Field(description="Risk of the arm over that of the reference.")
    computed: list[str] = Field(description="What was computed: all of a contrast is.")
    note: str | None = Field(description="What the reader must know of this contrast.")


@dataclass(frozen=True)
class CountedFact:
    """A fact, the cohort it was counted in, and its rate of the severity requested."""

    cohort: dict[str, Any]
    fact: dict[str, Any]
    rate: dict[str, Any] | None

    @cached_property
    def arm(self) -> Arm | None:
        """The counts that a contrast uses; None where n or N is not known."""
        rate, at_risk = self.rate, self.fact["patients_at_risk"]
        if rate is None or not at_risk:
            return None
        patients, fitting, computed = rate["patients"], None, "patients" in rate["computed"]
        if patients is None:
            percent, error = rate["percent"], rate.get("rounding_error")
            fits = counts_that_fit(percent, at_risk, error) if percent is not None else range(0)
            if not fits:
                return None
            patients = min(fits, key=lambda count: (abs(count - rate["percent"] * at_risk / 100), count))
            fitting, computed = [fits[0], fits[-1]] if len(fits) > 1 else None, True
        if patients > at_risk:
            return None
        return Arm(
            cohort=self.cohort["id"],
            fact=self.fact["id"],
            patients=patients,
            patients_fitting=fitting,
            patients_at_risk=at_risk,
            computed=["patients"] if computed else [],
        )


def trial_of(cohort: dict[str, Any]) -> tuple[str, str] | None:
    """What tells trials apart: number and name; without a number, the therapy whose source reports `Study 1`."""
    return (cohort["nct_id"] or cohort["therapy"]["id"], cohort["trial"]) if cohort["trial"] else None


def contrasts(counted: Sequence[CountedFact], obstacles: Obstacles) -> Iterator[Contrast]:
    """Every contrast among facts of one event, kind and causality; each pair once."""
    groups: dict[tuple[Any, ...], list[CountedFact]] = defaultdict(list)
    for item in counted:
        if (trial := trial_of(item.cohort)) and item.rate:
            # What follows therapy and cohort in a fact's id is the rest of its natural key: the same if counted alike.
            counted_as = *item.fact["id"].split(".", 2)[2:], item.fact["reported_term"].casefold()
            source = item.fact["evidence"]["source"]["id"], item.fact["evidence"]["locator"]
            groups[(*trial, *source, *counted_as, item.rate.get("grades"))].append(item)
    for group in groups.values():
        for pair in combinations(group, 2):
            one, other = sorted(pair, key=lambda item: _as_reference(item.cohort))
            allowed = (one.cohort["id"], other.cohort["id"]) not in obstacles
            if allowed and one.arm and other.arm:
                yield _contrast(one.cohort, other.cohort, one.arm, other.arm)


def _as_reference(cohort: dict[str, Any]) -> tuple[bool, int]:
    """Sorts the reference last: the comparator, else the arm with fewer medicines, else the later."""
    return cohort["comparator"], -len(cohort["therapies"]) - len(cohort["other_agents"])


def _contrast(treated: dict[str, Any], control: dict[str, Any], arm: Arm, reference: Arm) -> Contrast:
    counts = arm.patients, arm.patients_at_risk, reference.patients, reference.patients_at_risk
    difference, ratio = risk_difference(*counts), risk_ratio(*counts)
    notes = []
    if not control["comparator"]:
        notes.append("Neither arm is marked as comparator.")
    if treated.get("randomised") is None:  # releases loaded before do not know it
        notes.append("Whether patients were assigned to the arms at random is not curated.")
    if arm.patients_fitting or reference.patients_fitting:
        notes.append("Several counts fit a percent printed; the nearest was used, so rounding adds to the uncertainty.")
    if ratio.interval is None:
        notes.append("With no case, or only cases, in an arm the risk ratio or its interval is not defined.")
    return Contrast(
        trial=treated["trial"],
        nct_id=treated["nct_id"],
        arm=arm,
        reference=reference,
        risk_difference=Difference(
            points=_points(difference.value), ci95=[_points(difference.low), _points(difference.high)]
        ),
        risk_ratio=RiskRatio(
            value=None if ratio.value is None else _significant(ratio.value),
            ci95=[_significant(end) for end in ratio.interval] if ratio.interval else None,
        ),
        computed=["risk_difference", "risk_ratio"],
        note=" ".join(notes) or None,
    )


def _points(share: float) -> float:
    return round(100 * share, 2) + 0.0  # turns -0.0 into 0.0


def _significant(ratio: float) -> float:
    return float(f"{ratio:.4g}")


class _Treatment:
    """What a cohort was given, and over which periods it was counted: read from its record once."""

    def __init__(self, cohort: dict[str, Any]) -> None:
        self.cohort = cohort
        self.id: str = cohort["id"]
        self.patients: int | None = cohort["patients"]
        self.comparator: bool = cohort["comparator"]
        self.therapies = frozenset(therapy["id"] for therapy in cohort["therapies"])
        self.background = frozenset(agent.casefold() for agent in cohort["other_agents"]) - {"placebo"}
        self.given = self.therapies, frozenset(cohort["other_agents"]), cohort["schedule"], self.comparator
        # What came before (`after induction`) is no period of its own.
        self.periods = frozenset(_PERIOD.findall(_BEFORE.sub("", cohort["label"].casefold())))


def obstacles_among(cohorts: Iterable[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Pairs of cohorts of one trial that must not be set against each other, in both orders, each with its reason."""
    trials: dict[tuple[str, str], list[_Treatment]] = defaultdict(list)
    for cohort in cohorts:
        if trial := trial_of(cohort):
            trials[trial].append(_Treatment(cohort))
    found: dict[tuple[str, str], str] = {}
    for arms in trials.values():
        combined = _combined(arms)
        controls = {(arm.background, arm.periods) for arm in arms if arm.comparator}
        for one, other in combinations(arms, 2):
            if reason := _obstacle(one, other, controls, combined):
                found[one.id, other.id] = found[other.id, one.id] = reason
    return found


def _obstacle(
    one: _Treatment, other: _Treatment, controls: set[tuple[frozenset[str], frozenset[str]]], combined: set[str]
) -> str | None:
    """Why two arms are not contrasted. `controls` are backgrounds and periods of the comparators of their trial."""
    if one.cohort.get("randomised") is False:
        return "patients were not assigned to them at random"
    if one.cohort["pooled"] or other.cohort["pooled"]:
        return "a pooled group holds patients of the other"
    if {one.id, other.id} & combined:
        return "a group combines arms that are counted apart too"
    if (one.cohort["condition"] or {}).get("id") != (other.cohort["condition"] or {}).get("id"):
        return "they treat different conditions"
    if one.cohort["population"] != other.cohort["population"]:
        return "the source describes their patients differently"
    if one.periods != other.periods:
        return "they were counted over different periods or parts of the trial"
    if one.comparator and other.comparator:
        return "both are comparators"
    if one.given == other.given:
        return "they were treated alike"
    if one.comparator != other.comparator:
        treated, control = (other, one) if one.comparator else (one, other)
        unlike = treated.background and control.background != treated.background
        if unlike and (treated.background, treated.periods) in controls:
            return "another comparator shares the background treatment"
    return None


def _combined(arms: Sequence[_Treatment]) -> set[str]:
    """Cohorts whose N is the sum of arms of the same therapies: their patients are then counted twice."""
    parts: dict[frozenset[str], list[_Treatment]] = defaultdict(list)
    for arm in arms:
        if arm.patients and not arm.cohort["pooled"]:
            parts[arm.therapies].append(arm)
    found = set()
    for arm in arms:
        others = [part.patients for part in parts[arm.therapies] if part is not arm and part.patients][:MAX_PARTS]
        if arm.patients in _sums(others):
            found.add(arm.id)
    return found


def _sums(numbers: Sequence[int]) -> set[int]:
    """The sums of two or more of some numbers."""
    return {sum(some) for size in range(2, len(numbers) + 1) for some in combinations(numbers, size)}
