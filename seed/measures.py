"""Rates completed by what can be computed from them."""

from functools import cache
from typing import Any

from app.models.adverse_event import Measured, Rate, Severe
from app.statistics import counts_that_fit, wilson
from app.vocabulary import Grades


def measured(rate: Rate, at_risk: int | None) -> Measured:
    """A rate completed by what can be computed: n where one n alone fits, percent from n and N, a Wilson interval."""
    return _measured(rate.patients, rate.percent, rate.percent_below, at_risk, isinstance(rate.percent, int))


def severe(rate: Rate, at_risk: int | None) -> Severe:
    """The same, of a group of grades from 3 up."""
    return _severe(rate.grades, rate.patients, rate.percent, rate.percent_below, at_risk, isinstance(rate.percent, int))


@cache
def _severe(grades: Grades, *printed: Any) -> Severe:
    return Severe(grades=grades, **dict(_measured(*printed)))


@cache
def _measured(
    patients: int | None, percent: float | None, below: float | None, at_risk: int | None, _whole: bool
) -> Measured:
    # Whether the percent is whole is part of the key: 2 and 2.0 are equal, but printed to different precision.
    computed: list[str] = []
    share = None
    if at_risk:
        if patients is None and percent is not None:
            fitting = counts_that_fit(percent, at_risk)
            if len(fitting) == 1:
                patients = fitting[0]
                computed.append("patients")
        if percent is None and patients is not None:
            percent = round(100 * patients / at_risk, 2)
            computed.append("percent")
        if patients is not None and patients <= at_risk:
            share = patients / at_risk
        elif percent is not None:
            share = percent / 100
    interval = None
    if share is not None and at_risk:
        interval = [round(100 * end, 2) for end in wilson(share, at_risk)]
        computed.append("ci95")
    return Measured(patients=patients, percent=percent, percent_below=below, ci95=interval, computed=computed)
