"""Checks of cohorts and rates: what is printed can be true."""

from collections.abc import Iterator
from typing import Any

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.cohort import CohortRecord
from app.nouns.differences import NUMBERED
from app.nouns.folding import fold
from app.nouns.measures import Rate
from app.statistics import counts_that_fit
from app.vocabulary import Grades
from seed.checks.references import Found
from seed.files import Facts


def _rates(facts: Facts) -> Iterator[tuple[str, AdverseEventRecord, Rate, int | None]]:
    for file in facts.therapies:
        sizes = {cohort.key: cohort.patients for cohort in file.facts("cohorts")}
        for record in file.facts("adverse_events"):
            at_risk = record.patients_at_risk(sizes.get(record.cohort))
            for rate in record.rates:
                yield file.file, record, rate, at_risk


def _name(record: AdverseEventRecord) -> str:
    return f"adverse_events {record.natural_key()}"


def rates_there(facts: Facts) -> Found:
    """An adverse event has a rate or a frequency band, and each group of grades once."""
    for file, name, record in facts.placed("adverse_events"):
        groups = [rate.grades for rate in record.rates]
        if not groups and not record.frequency_band:
            yield file, name, "Neither a rate nor a frequency band."
        if len(set(groups)) < len(groups):
            yield file, name, "A group of grades is there twice."
        for rate in record.rates:
            if rate.patients is None and rate.percent is None and rate.percent_below is None:
                yield file, name, f"The rate of grades {rate.grades.value} says nothing."


def counts_within(facts: Facts) -> Found:
    """N is at most N."""
    for file, record, rate, at_risk in _rates(facts):
        if at_risk and rate.patients is not None and rate.patients > at_risk:
            yield file, _name(record), f"{rate.patients} of {at_risk} patients."


def percents_agree(facts: Facts) -> Found:
    """n/N agrees with the percent printed, within its rounding."""
    for file, record, rate, at_risk in _rates(facts):
        if not at_risk or rate.patients is None or rate.patients > at_risk:
            continue
        share = f"{rate.patients}/{at_risk} is {100 * rate.patients / at_risk:.3f} %"
        if rate.percent is not None and rate.patients not in counts_that_fit(rate.percent, at_risk):
            yield file, _name(record), f"{share}, printed is {rate.percent} % (grades {rate.grades.value})."
        if rate.percent_below is not None and 100 * rate.patients / at_risk >= rate.percent_below:
            yield file, _name(record), f"{share}, printed is <{rate.percent_below} % (grades {rate.grades.value})."


def severe_within_any(facts: Facts) -> Found:
    """No group of grades counts more than all grades do."""
    for file, name, record in facts.placed("adverse_events"):
        whole = {rate.grades: rate for rate in record.rates}.get(Grades.ANY)
        for part in record.rates if whole else ():
            for field in ("patients", "percent"):
                less, more = getattr(part, field), getattr(whole, field)
                if less is not None and more is not None and less > more:
                    yield file, name, f"{field}: {less} of grades {part.grades.value}, but {more} of all grades."


def arms_once(facts: Facts) -> Found:
    """An arm that two sources report is one cohort: the others say `same_as`, and fit it."""
    cohorts = {f"{file.therapy.id}.{c.key}": c for file in facts.therapies for c in file.facts("cohorts")}
    known: dict[tuple[Any, ...], str] = {}
    for cohort_id, cohort in cohorts.items():
        file, name = f"therapies/{cohort_id.partition('.')[0]}.json", f"cohorts {cohort.key}"
        if cohort.same_as is None:
            arm = _arm(cohort)
            other = known.setdefault(arm, cohort_id) if arm else cohort_id
            elsewhere = other.partition(".")[0] != cohort_id.partition(".")[0]
            if elsewhere and cohorts[other].source != cohort.source:
                yield file, name, f"It is the arm of {other}, read in another source."
            continue
        target = cohorts.get(cohort.same_as)
        if target is None or target.same_as:
            yield file, name, f"There is no {cohort.same_as!r}, or it is the same as yet another."
            continue
        names = {fold(trial) for trial in (target.trial, *target.trial_aliases) if trial}
        if cohort.trial and not NUMBERED.search(cohort.trial) and fold(cohort.trial) not in names:
            yield file, name, f"{cohort.trial!r} is no name of the trial of {cohort.same_as}."
        for field in ("patients", "condition", "pooled", "therapies", "other_agents"):
            one, other = (_plain(getattr(each, field)) for each in (cohort, target))
            if one != other:
                yield file, name, f"{field}: {one} here, {other} in {cohort.same_as}."


def _arm(cohort: CohortRecord) -> tuple[Any, ...] | None:
    """What makes an arm one, whoever reports it; None where it cannot be told."""
    if not cohort.nct_id or not cohort.patients:
        return None
    given = _plain(cohort.therapies), _plain(cohort.other_agents)
    return cohort.nct_id, cohort.patients, cohort.condition, cohort.pooled, *given


def _plain(value: Any) -> Any:
    return tuple(sorted(map(fold, value))) if isinstance(value, list) else value


def arms_agree(facts: Facts) -> Found:
    """The same arm has the same N wherever it is reported from the same population."""
    sizes: dict[tuple[str, str], tuple[str, CohortRecord]] = {}
    for file, name, cohort in facts.placed("cohorts"):
        if not cohort.trial or not cohort.patients or NUMBERED.match(cohort.trial):
            continue
        other, known = sizes.setdefault((fold(cohort.trial), cohort.key), (file, cohort))
        if known.patients != cohort.patients and known.population == cohort.population:
            yield file, name, f"N is {cohort.patients} here and {known.patients} in {other}."
