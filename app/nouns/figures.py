"""Parts of an outcome: intervals, ranges and times, as sources print them."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from app.nouns.base import Schema, Text
from app.vocabulary import TimeUnit, ValueStatus


class Interval(Schema):
    """A confidence interval as printed. An end that is a word instead of a figure is null; its status says which."""

    model_config = ConfigDict(extra="forbid")

    low: int | float | None = Field(default=None, description="Lower end, in the unit of the value.")
    high: int | float | None = Field(default=None, description="Upper end, in the unit of the value.")
    low_status: ValueStatus | None = Field(default=None, description="The word printed as the lower end.")
    high_status: ValueStatus | None = Field(default=None, description="The word printed as the upper end.")
    level: int | float | None = Field(
        default=None, gt=50, lt=100, description="Level in percent, such as 95; null where the source does not say."
    )


class Range(Schema):
    """Least and greatest value as printed; `+` marks a time that was still going on."""

    model_config = ConfigDict(extra="forbid")

    minimum: int | float | None = Field(default=None, description="Least value, in the unit of the value.")
    maximum: int | float | None = Field(default=None, description="Greatest value, in the unit of the value.")
    minimum_ongoing: bool = Field(default=False, description="The least value is printed with `+`: censored.")
    maximum_ongoing: bool = Field(default=False, description="The greatest value is printed with `+`: censored.")


class Spread(Schema):
    """How far values are spread, as printed."""

    model_config = ConfigDict(extra="forbid")

    sd: int | float | None = Field(default=None, ge=0, description="Standard deviation.")
    se: int | float | None = Field(default=None, ge=0, description="Standard error.")
    quartiles: list[int | float] | None = Field(
        default=None, min_length=2, max_length=2, description="First and third quartile."
    )


def _said(time: "Time") -> "Time":
    if (time.value is None) != (time.unit is None) or (time.value is None and not time.text):
        raise ValueError("a time is a `value` with its `unit`, or a `text`")
    return time


class Time(Schema):
    """A time at which, or until which, an endpoint was measured."""

    model_config = ConfigDict(extra="forbid")

    value: int | float | None = Field(default=None, ge=0, description="Number of `unit`.")
    unit: TimeUnit | None = Field(default=None, description="Unit of `value`.")
    text: Text | None = Field(default=None, description="In words, where it is no plain time: `end of season 1`.")


class FollowUp(Schema):
    """How long patients were followed, as printed."""

    model_config = ConfigDict(extra="forbid")

    unit: TimeUnit = Field(description="Unit of the figures.")
    median: int | float | None = Field(default=None, ge=0, description="Median follow-up.")
    minimum: int | float | None = Field(default=None, ge=0, description="Least follow-up.")
    maximum: int | float | None = Field(default=None, ge=0, description="Greatest follow-up.")


SaidTime = Annotated[Time, AfterValidator(_said)]
"""A time that says something."""
