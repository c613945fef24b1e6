"""Grades put together: the whole of all grades, and the whole of grade 3 and up, of what a source prints.

A part never stands for the whole: grade 3 alone says nothing of grade 4, and grades 1 to 4 leave the deaths out.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from pydantic import Field

from app.nouns.measures import Measured, Rate, measured_share
from app.statistics import counts_that_fit, half_unit, wilson
from app.vocabulary import EventKind, Grades


class AnyGrade(Measured):
    """A rate of all grades."""

    grades: Grades = Field(
        default=Grades.ANY,
        description="`any`; or `1-4` for laboratory values that the source counts so: these have no grade 5.",
    )


class Severe(Measured):
    """The whole of grade 3 and up: the group that the source prints, else the sum of grades that it prints apart."""

    grades: Grades = Field(description="The grades that it is of.")
    percent_below: int | float | None = Field(
        default=None,
        description="x, where the source prints `<x`; of a sum that holds such a figure, a bound, which is computed.",
    )
    sum_of: list[Grades] = Field(
        default=[],
        description="Groups of grades, printed apart and disjoint, that were added up; empty: the group is printed. "
        "A group in which the source counts no one is among them.",
    )
    rounding_error: float | None = Field(
        default=None,
        description="Percentage points by which `percent` can be off, where it is a sum of rounded percents.",
    )


AnyForm = TypeVar("AnyForm", AnyGrade, Severe)
WHOLE = (Grades.G3_UP, Grades.G3_5, Grades.G3_4)
"""Printed groups that are the whole of grade 3 and up, the widest first."""
_LEVELS = {
    Grades.G3: {3}, Grades.G4: {4}, Grades.G5: {5}, Grades.G4_5: {4, 5}, Grades.G3_4: {3, 4}, Grades.G3_5: {3, 4, 5},
}  # fmt: skip
_WIDEST_FIRST = sorted(_LEVELS, key=lambda grades: -len(_LEVELS[grades]))


def any_grade(rates: Iterable[Rate], kind: EventKind, at_risk: int | None) -> AnyGrade | None:
    """The rate of all grades; of laboratory values also that of grades 1 to 4, which are all that these have."""
    printed = {rate.grades: rate for rate in rates}
    for grades in (Grades.ANY, Grades.G1_4) if kind is EventKind.LABORATORY else (Grades.ANY,):
        if grades in printed:
            return _measured_as(AnyGrade, printed[grades], at_risk)
    return None


def severe(rates: Iterable[Rate], none_in: Sequence[Grades], at_risk: int | None) -> Severe | None:
    """The whole of grade 3 and up; None where the source prints but a part of it.

    `none_in`: groups of grades in which the source counts no one. A group printed as a whole is taken as it is, but for
    grades 3 and 4 beside a grade 5 of its own. Otherwise grades 3 and 4 must both be there, each once; grade 5 is added
    where it is there too.
    """
    printed = {rate.grades: rate for rate in rates}
    whole = next((grades for grades in WHOLE if grades in printed), None)
    if whole and not (whole is Grades.G3_4 and Grades.G5 in printed):
        return _measured_as(Severe, printed[whole], at_risk)
    parts = _disjoint(printed, none_in)
    levels = {level for part in parts for level in _LEVELS[part]}
    if not {3, 4} <= levels:
        return None
    found = tuple(_part(printed[part]) if part in printed else _NO_ONE for part in parts)
    grades = Grades.G3_5 if 5 in levels else Grades.G3_4
    total = _sum(found, at_risk).model_copy()
    return Severe(**dict(total) | {"grades": grades, "sum_of": parts})


def _measured_as(form: type[AnyForm], rate: Rate, at_risk: int | None) -> AnyForm:
    """A printed rate, completed, in one of the forms: one and the same for all that print the same."""
    found: AnyForm = _form(form, rate.grades, rate.patients, rate.percent, rate.percent_below, at_risk)
    return found


@lru_cache(2048, typed=True)  # 2 is not 2.0
def _form(
    form: type[Any], grades: Grades, patients: int | None, percent: float | None, below: float | None, at: int | None
) -> Any:
    return form(grades=grades, **dict(measured_share(patients, percent, below, at)))


def none_among(printed: Iterable[Grades], empty: Iterable[Grades]) -> tuple[Grades, ...]:
    """The groups without a figure that complete printed grades from 3 up: the dash for grade 4 beside grade 3."""
    there = set(printed)
    parts = there & _LEVELS.keys() - set(WHOLE)
    levels = {level for part in parts for level in _LEVELS[part]}
    if not parts or there & set(WHOLE):
        return ()
    return tuple(group for group in empty if group in _LEVELS and not _LEVELS[group] & levels)


def _disjoint(printed: Mapping[Grades, Rate], none_in: Sequence[Grades]) -> list[Grades]:
    """Disjoint groups of grades from 3 up, of what is printed first, in the order of the grades."""
    chosen: list[Grades] = []
    for group in (*(each for each in _WIDEST_FIRST if each in printed), *none_in):
        levels = _LEVELS.get(group, set())
        if levels and not any(levels & _LEVELS[other] for other in chosen):
            chosen.append(group)
    return sorted(chosen, key=lambda group: min(_LEVELS[group]))


class _Part(NamedTuple):
    """One summand, as printed; `error` is by how much its percent can be off."""

    patients: int | None
    percent: Decimal | None
    below: Decimal | None
    error: Decimal
    fitting: float | None
    """The percent as a number with the decimals that are printed, for the counts that fit it."""


_NO_ONE = _Part(0, Decimal(0), None, Decimal(0), None)


def _part(rate: Rate) -> _Part:
    percent = None if rate.percent is None else Decimal(repr(rate.percent))
    below = None if rate.percent_below is None else Decimal(repr(rate.percent_below))
    error = Decimal(0) if rate.percent is None else half_unit(rate.percent)
    return _Part(rate.patients, percent, below, error, rate.percent)


@cache
def _sum(parts: tuple[_Part, ...], at_risk: int | None) -> Severe:
    """The sum of disjoint groups, all of it computed: n summed, the percent of N or of the printed percents."""
    computed: list[str] = []
    counts = [_count(part, at_risk) for part in parts]
    known = [count for count in counts if count is not None]
    patients = sum(known) if len(known) == len(parts) else None
    percents = [part.percent for part in parts if part.percent is not None]
    percent: float | None = None
    error: float | None = None
    below: float | None = None
    if patients is not None:
        computed.append("patients")
    if patients is not None and at_risk:
        percent = round(100 * patients / at_risk, 2)
    elif len(percents) == len(parts):
        percent = _number(sum(percents, Decimal(0)))
        error = float(sum((part.error for part in parts), Decimal(0)))
    elif all(part.percent is not None or part.below is not None for part in parts):
        ends = (part.below if part.percent is None else part.percent + part.error for part in parts)
        below = _number(sum((end for end in ends if end is not None), Decimal(0)))
        computed.append("percent_below")
    if percent is not None:
        computed.append("percent")
    interval = None
    if percent is not None and at_risk:
        share = patients / at_risk if patients is not None else percent / 100
        interval = [round(100 * end, 2) for end in wilson(min(share, 1.0), at_risk)]
        computed.append("ci95")
    return Severe(
        patients=patients, percent=percent, percent_below=below, ci95=interval, computed=computed,
        grades=Grades.G3_4, rounding_error=error,
    )  # fmt: skip


def _count(part: _Part, at_risk: int | None) -> int | None:
    """The n of a part: as printed, else the one that alone fits its percent."""
    if part.patients is not None or part.fitting is None or not at_risk:
        return part.patients
    fitting = counts_that_fit(part.fitting, at_risk)
    return fitting[0] if len(fitting) == 1 else None


def _number(value: Decimal) -> int | float:
    """A sum with the decimals that its parts have: 20 and 62 are 82."""
    return int(value) if value.as_tuple().exponent == 0 else float(value)
