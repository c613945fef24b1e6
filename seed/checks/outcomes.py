"""Checks of outcomes: what is printed can be true, and each figure stands in the field that is for it."""

from collections.abc import Iterator

from app.nouns.outcome import OutcomeRecord
from app.statistics import counts_that_fit
from app.vocabulary import Measure, TimeUnit
from seed.checks.references import Found
from seed.files import Facts

_OF_PERCENT = frozenset({Measure.PROPORTION, Measure.WITH_EVENT, Measure.PROBABILITY_AT_TIME})
"""Measures whose figure is a percent of patients."""
_RATIOS = frozenset(
    {
        Measure.HAZARD_RATIO,
        Measure.RELATIVE_RISK,
        Measure.ODDS_RATIO,
        Measure.RATE_RATIO,
        Measure.GEOMETRIC_MEAN_RATIO,
    }
)
"""Measures that are never negative, and have no unit."""


def _outcomes(facts: Facts) -> Iterator[tuple[str, str, OutcomeRecord]]:
    return facts.placed("outcomes")


def figures_there(facts: Facts) -> Found:
    """An outcome has a figure, or the word that is printed instead, in the field for it."""
    for file, name, record in _outcomes(facts):
        percents = (record.percent, record.percent_below, record.percent_above)
        counted = record.patients is not None or any(percent is not None for percent in percents)
        if record.measure is Measure.TEST:
            if not record.p_value:
                yield file, name, "A test without a p-value."
        elif record.measure in _OF_PERCENT:
            if record.value is not None:
                yield file, name, "A share of patients stands in `percent`, not in `value`."
            if not counted and not record.value_status:
                yield file, name, "Neither n, a percent nor a word for it."
        else:
            if counted:
                yield file, name, "`patients` and `percent` are for shares of patients; a figure stands in `value`."
            if record.value is None and not record.value_status:
                yield file, name, "Neither a value nor a word for it."
        if record.value is not None and record.value_status:
            yield file, name, "Both a value and a word instead of it."
        if record.measure is Measure.PROBABILITY_AT_TIME and not record.time:
            yield file, name, "An estimate for a time, without the time."


def between_arms(facts: Facts) -> Found:
    """What is between arms names the other, of the same trial; what is of one arm names none."""
    trials = {f"{file.file} {c.key}": c.trial_id for file in facts.therapies for c in file.facts("cohorts")}
    for file, name, record in _outcomes(facts):
        if record.measure.compares and not record.against:
            yield file, name, f"{record.measure.value} is between two arms: `against` is missing."
        elif record.against and not record.measure.compares:
            yield file, name, f"{record.measure.value} is of one arm: leave `against` out."
        if record.against == record.cohort:
            yield file, name, "It is between an arm and itself."
        if record.against and trials.get(f"{file} {record.cohort}") != trials.get(f"{file} {record.against}"):
            yield file, name, "The two arms are of different trials."


def counts_agree(facts: Facts) -> Found:
    """There are at most N of N patients, and n/N agrees with the percent printed, within its rounding."""
    for file, name, record in _outcomes(facts):
        patients, at_risk = record.patients, record.denominator
        if patients is None or not at_risk:
            continue
        if patients > at_risk:
            yield file, name, f"{patients} of {at_risk} patients."
        elif record.percent is not None and not record.adjusted and record.measure.counts_patients:
            fitting = counts_that_fit(record.percent, at_risk)
            if patients not in fitting:
                share = f"{patients}/{at_risk} is {100 * patients / at_risk:.3f} %"
                yield file, name, f"{share}, printed is {record.percent} %."


def intervals_hold(facts: Facts) -> Found:
    """A figure lies within its interval and its range; ratios are not negative; times have a unit of time."""
    for file, name, record in _outcomes(facts):
        figure = record.percent if record.measure in _OF_PERCENT else record.value
        ends = []
        if record.interval:
            ends.append(("interval", record.interval.low, record.interval.high))
        if record.range:
            ends.append(("range", record.range.minimum, record.range.maximum))
        for what, low, high in ends:
            if what == "range" and low is None and high is None:
                yield file, name, "A range without figures."
            if low is not None and high is not None and low > high:
                yield file, name, f"The {what} begins at {low} and ends at {high}."
            if figure is not None and ((low is not None and figure < low) or (high is not None and figure > high)):
                yield file, name, f"{figure} is not within the {what} from {low} to {high}."
        if record.interval and record.interval.low is None and record.interval.low_status is None:
            yield file, name, "The interval has no lower end, nor a word for it."
        if record.interval and record.interval.high is None and record.interval.high_status is None:
            yield file, name, "The interval has no upper end, nor a word for it."
        if record.measure in _RATIOS and record.value is not None and record.value < 0:
            yield file, name, "A ratio is not negative."
        if record.measure in _RATIOS and record.unit:
            yield file, name, "A ratio has no unit."
        if record.measure is Measure.MEDIAN and record.endpoint in _TIMES and record.unit not in set(TimeUnit):
            yield file, name, "A median time has one of the units hours, days, weeks, months, years."


_TIMES = frozenset(
    {
        "overall-survival",
        "progression-free-survival",
        "event-free-survival",
        "disease-free-survival",
        "recurrence-free-survival",
        "duration-of-response",
        "time-to-response",
    }
)
"""Endpoints whose median is a time."""
