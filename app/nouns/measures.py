"""Rates as printed, completed by what can be computed from them."""

from functools import lru_cache

from pydantic import ConfigDict, Field

from app.nouns.base import Schema
from app.statistics import counts_that_fit, wilson
from app.vocabulary import Grades


class Rate(Schema):
    """What the source prints for one group of grades."""

    model_config = ConfigDict(extra="forbid")

    grades: Grades = Field(description="Group of grades that is counted.")
    patients: int | None = Field(default=None, ge=0, description="n, as printed.")
    percent: int | float | None = Field(default=None, ge=0, le=100, description="Percent, as printed.")
    percent_below: int | float | None = Field(default=None, gt=0, le=100, description="x, where `<x` is printed.")


class Measured(Schema):
    """A rate as the API answers it: what is printed, completed by what can be computed, which is marked."""

    patients: int | None = Field(description="n; derived only where exactly one n fits the printed percent.")
    percent: int | float | None = Field(description="Percent (0-100); from n and N where none is printed.")
    percent_below: int | float | None = Field(default=None, description="x, where the source prints `<x`.")
    ci95: list[float] | None = Field(description="Wilson 95 % interval in percent, computed.")
    computed: list[str] = Field(description="Which of these keys were computed; the others are as printed.")


def measured(rate: Rate, at_risk: int | None) -> Measured:
    """A rate completed by what can be computed: n where one n alone fits, percent from n and N, a Wilson interval."""
    return measured_share(rate.patients, rate.percent, rate.percent_below, at_risk)


@lru_cache(2048, typed=True)  # 2 and 2.0 are equal, but printed to different precision
def measured_share(patients: int | None, percent: float | None, below: float | None, at_risk: int | None) -> Measured:
    """A share of patients as printed, completed likewise; the same form for all that print the same."""
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
