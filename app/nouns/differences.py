"""Facts of one arm that two sources print differently: they stand side by side, and each names the other."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from app.nouns.folding import fold

NUMBERED = re.compile(r"(study|trial|part|cohort)\b.{0,4}$", re.IGNORECASE)
"""Names such as `Study 1`, which every label gives to another trial."""


def mark_differences(facts: Iterable[Any]) -> None:
    """Let each fact name those of other sources that count the same event in the same arm, but print other figures."""
    arms: dict[Hashable, list[Any]] = defaultdict(list)
    for fact in facts:
        # Without a therapy of the fact base an arm is known by its trial's name alone, and two labels can share `UC-2`.
        named = fact.cohort.trial and not NUMBERED.match(fact.cohort.trial)
        if named and fact.cohort.therapies and fact.cohort.patients:
            arms[_arm(fact)].append(fact)
    for same in arms.values():
        for fact in same:
            fact.differs_from = sorted(other.id for other in same if _differs(fact, other))


def _arm(fact: Any) -> Hashable:
    cohort = fact.cohort
    given = (*sorted(therapy.id for therapy in cohort.therapies), *sorted(map(fold, cohort.other_agents)))
    counted = (fact.term.id, fold(fact.reported_term), fact.kind, fact.causality, fact.serious)
    part = fact.subset.text if fact.subset else None
    return fold(cohort.trial or ""), given, cohort.patients, counted, part


def _differs(fact: Any, other: Any) -> bool:
    if fact.evidence.source.id == other.evidence.source.id:
        return False
    printed = {rate.grades: rate for rate in other.rates}
    return any(
        (rate.percent, rate.patients) != (printed[rate.grades].percent, printed[rate.grades].patients)
        for rate in fact.rates
        if rate.grades in printed
    )
