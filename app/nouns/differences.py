"""Facts of one arm that two sources print, alike or differently: both stand, and each names the other."""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable
from functools import cache
from itertools import permutations
from typing import Any

from app.nouns.folding import fold

NUMBERED = re.compile(r"(study|trial|part|cohort)\b.{0,4}$", re.IGNORECASE)
"""Names such as `Study 1`, which every label gives to another trial."""


def mark_differences(facts: Collection[Any]) -> None:
    """Let each fact name those of other sources that count the same event in the same arm.

    Those that print other figures are in `differs_from`; those that print the same ones in `agrees_with`.
    """
    groups: dict[tuple[Hashable, ...], list[Any]] = defaultdict(list)
    arms: dict[str, Hashable] = {}
    folded = cache(fold)
    for fact in facts:
        # Without a therapy of the fact base an arm is known by its trial's name alone, and two labels can share `UC-2`.
        named = fact.cohort.trial and not NUMBERED.match(fact.cohort.trial)
        if named and fact.cohort.therapies and fact.cohort.patients:
            if fact.cohort.id not in arms:
                arms[fact.cohort.id] = _arm(fact.cohort)
            groups[arms[fact.cohort.id], _counted(fact), folded(fact.reported_term)].append(fact)
        groups[fact.cohort.id, _counted(fact)].append(fact)
    differing: dict[str, set[str]] = defaultdict(set)
    agreeing: dict[str, set[str]] = defaultdict(set)
    for key, same in groups.items():
        if len(key) == 2 and _several_of_a_source(same):  # their terms may mean different things
            continue
        for fact, other in permutations(same, 2):
            differs = _differs(fact, other)
            if differs is not None:
                (differing if differs else agreeing)[fact.id].add(other.id)
    for fact in facts:
        if fact.id in differing or fact.id in agreeing:  # few: setting a field takes longer than looking
            fact.differs_from, fact.agrees_with = sorted(differing[fact.id]), sorted(agreeing[fact.id])


def _several_of_a_source(facts: list[Any]) -> bool:
    return len({fact.evidence.source.id for fact in facts}) < len(facts)


def _arm(cohort: Any) -> Hashable:
    given = (*sorted(therapy.id for therapy in cohort.therapies), *sorted(map(fold, cohort.other_agents)))
    return fold(cohort.trial or ""), given, cohort.patients


def _counted(fact: Any) -> Hashable:
    part = fact.subset.text if fact.subset else None
    return fact.term.id, fact.kind, fact.causality, fact.serious, part


def _differs(fact: Any, other: Any) -> bool | None:
    """Whether another source prints other figures; None where it is no other, or prints none of the same grades."""
    if fact.evidence.source.id == other.evidence.source.id:
        return None
    printed = {rate.grades: (rate.percent, rate.patients) for rate in other.rates}
    shared = [rate for rate in fact.rates if rate.grades in printed]
    return any((rate.percent, rate.patients) != printed[rate.grades] for rate in shared) if shared else None
