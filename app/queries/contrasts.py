"""Contrasts: which two arms of a trial may be set against each other, and by how much they differ."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pydantic import BaseModel, Field

from app.statistics import counts_that_fit, risk_difference, risk_ratio

_PERIOD = re.compile(
    r"\b(?:(?:induction|consolidation|intensification)(?: \d+)?|maintenance|extension|randomi[sz]ed period"
    r"|primary treatment period|unblinding|(?:first|second|third) (?:dose|booster|season|year)"
    r"|within \d+ \w+|(?:week|month|day|year|part|cycle|period|cohort|dose|stage) (?:\d+|[ivx]+|[a-d])\b)"
)
_BEFORE = re.compile(r"\bafter [^,:]*\binduction\b")


class Arm(BaseModel):
    """An arm of a contrast, with the counts that were used."""

    cohort: str = Field(description="Id of the cohort.")
    fact: str = Field(description="Id of the adverse-event fact.")
    patients: int = Field(description="n that was used.")
    patients_fitting: list[int] | None = Field(
        description="Least and most n that fit the percent printed, where several do; `patients` is the nearest."
    )
    patients_at_risk: int = Field(description="N that was used.")
    computed: list[str] = Field(description="`patients`, where n is derived from the percent printed and N.")


class Difference(BaseModel):
    """Arm less reference, in percentage points."""

    points: float
    ci95: list[float] = Field(description="Newcombe hybrid score interval at 95 %, in percentage points.")


class RiskRatio(BaseModel):
    """Arm over reference."""

    value: float | None = Field(description="Null where the reference arm has no case.")
    ci95: list[float] | None = Field(description="Log interval (Katz) at 95 %; null where it is not defined.")


class Contrast(BaseModel):
    """Two arms of one trial, counted by one source in one table."""

    trial: str
    nct_id: str | None
    arm: Arm
    reference: Arm = Field(description="The comparator; where neither arm is one, that with fewer medicines.")
    risk_difference: Difference
    risk_ratio: RiskRatio
    computed: list[str] = Field(description="What was computed: all of a contrast is.")
    note: str | None = Field(description="What the reader must know of this contrast.")


@dataclass(frozen=True)
class Counted:
    """A fact, the cohort it was counted in, and its rate of the severity asked for."""

    cohort: dict[str, Any]
    fact: dict[str, Any]
    rate: dict[str, Any] | None


def trial_of(cohort: dict[str, Any]) -> tuple[str, str] | None:
    """What tells trials apart: a name such as `Study 1` is told from others by the therapy whose source reports it."""
    return (cohort["therapy"]["id"], cohort["trial"]) if cohort["trial"] else None


def contrasts(counted: Sequence[Counted], obstacles: dict[tuple[str, str], str]) -> Iterator[Contrast]:
    """Every contrast among facts of one event, kind and causality; each pair once."""
    groups: dict[tuple[Any, ...], list[Counted]] = defaultdict(list)
    for item in counted:
        if (trial := trial_of(item.cohort)) and item.rate:
            # What follows the cohort in a fact's id is the rest of its natural key: alike only if counted alike.
            counted_as = item.fact["id"].removeprefix(item.cohort["id"]), item.fact["reported_term"].casefold()
            source = item.fact["evidence"]["source"]["id"], item.fact["evidence"]["locator"]
            groups[(*trial, *source, *counted_as, item.rate.get("grades"))].append(item)
    for group in groups.values():
        for pair in combinations(group, 2):
            arm, reference = sorted(pair, key=lambda item: _as_reference(item.cohort))
            if (arm.cohort["id"], reference.cohort["id"]) not in obstacles and (found := _contrast(arm, reference)):
                yield found


def _as_reference(cohort: dict[str, Any]) -> tuple[bool, int]:
    """Sorts the reference last: the comparator, else the arm with fewer medicines, else the later."""
    return cohort["comparator"], -len(cohort["therapies"]) - len(cohort["other_agents"])


def _contrast(one: Counted, other: Counted) -> Contrast | None:
    arm, reference = _arm(one), _arm(other)
    if arm is None or reference is None:
        return None
    counts = arm.patients, arm.patients_at_risk, reference.patients, reference.patients_at_risk
    difference, ratio = risk_difference(*counts), risk_ratio(*counts)
    notes = []
    if not other.cohort["comparator"]:
        notes.append("Neither arm is marked as comparator; whether patients were assigned at random is not curated.")
    if arm.patients_fitting or reference.patients_fitting:
        notes.append("Several counts fit a percent printed; the nearest was used, so rounding adds to the uncertainty.")
    if ratio.interval is None:
        notes.append("With no case, or only cases, in an arm the risk ratio or its interval is not defined.")
    return Contrast(
        trial=one.cohort["trial"],
        nct_id=one.cohort["nct_id"],
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


def _arm(item: Counted) -> Arm | None:
    rate, at_risk = item.rate, item.fact["patients_at_risk"]
    if rate is None or not at_risk:
        return None
    patients, fitting, computed = rate["patients"], None, "patients" in rate["computed"]
    if patients is None:
        fits = counts_that_fit(rate["percent"], at_risk) if rate["percent"] is not None else range(0)
        if not fits:
            return None
        patients = min(fits, key=lambda count: (abs(count - rate["percent"] * at_risk / 100), count))
        fitting, computed = [fits[0], fits[-1]] if len(fits) > 1 else None, True
    if patients > at_risk:
        return None
    return Arm(
        cohort=item.cohort["id"],
        fact=item.fact["id"],
        patients=patients,
        patients_fitting=fitting,
        patients_at_risk=at_risk,
        computed=["patients"] if computed else [],
    )


def obstacles_among(cohorts: Iterable[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Pairs of cohorts of one trial that must not be set against each other, in both orders, each with its reason."""
    trials: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for cohort in cohorts:
        if trial := trial_of(cohort):
            trials[trial].append(cohort)
    found: dict[tuple[str, str], str] = {}
    for arms in trials.values():
        combined = {arm["id"] for arm in arms if _combines(arm, arms)}
        for one, other in combinations(arms, 2):
            if reason := _obstacle(one, other, arms, combined):
                found[one["id"], other["id"]] = found[other["id"], one["id"]] = reason
    return found


def _obstacle(
    one: dict[str, Any], other: dict[str, Any], arms: Sequence[dict[str, Any]], combined: set[str]
) -> str | None:
    if one["pooled"] or other["pooled"]:
        return "a pooled group holds patients of the other"
    if {one["id"], other["id"]} & combined:
        return "a group combines arms that are counted apart too"
    if (one["condition"] or {}).get("id") != (other["condition"] or {}).get("id"):
        return "they treat different conditions"
    if one["population"] != other["population"]:
        return "the source describes their patients differently"
    if _periods(one) != _periods(other):
        return "they were counted over different periods or parts of the trial"
    if one["comparator"] and other["comparator"]:
        return "both are comparators"
    if _treatment(one) == _treatment(other):
        return "they were treated alike"
    if one["comparator"] != other["comparator"]:
        treated, control = (other, one) if one["comparator"] else (one, other)
        background = _background(treated)
        if background and _background(control) != background:
            peers = [arm for arm in arms if arm["comparator"] and arm is not control]
            if any(_background(peer) == background and _periods(peer) == _periods(treated) for peer in peers):
                return "another comparator shares the background treatment"
    return None


def _periods(cohort: dict[str, Any]) -> frozenset[str]:
    """Periods and parts of the trial that the label names; what came before (`after induction`) is not one."""
    return frozenset(_PERIOD.findall(_BEFORE.sub("", cohort["label"].casefold())))


def _treatment(cohort: dict[str, Any]) -> tuple[Any, ...]:
    therapies = frozenset(therapy["id"] for therapy in cohort["therapies"])
    return therapies, frozenset(cohort["other_agents"]), cohort["schedule"], cohort["comparator"]


def _background(cohort: dict[str, Any]) -> frozenset[str]:
    return frozenset(agent.casefold() for agent in cohort["other_agents"]) - {"placebo"}


def _combines(cohort: dict[str, Any], arms: Sequence[dict[str, Any]]) -> bool:
    """Whether the N of a cohort is the sum of arms of the same therapies: they are then counted twice."""

    def therapies(arm: dict[str, Any]) -> set[str]:
        return {therapy["id"] for therapy in arm["therapies"]}

    parts = [
        arm["patients"]
        for arm in arms
        if arm is not cohort and arm["patients"] and therapies(arm) == therapies(cohort) and not arm["pooled"]
    ][:8]
    return bool(cohort["patients"]) and any(
        sum(some) == cohort["patients"] for size in range(2, len(parts) + 1) for some in combinations(parts, size)
    )
