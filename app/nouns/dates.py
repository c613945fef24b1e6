"""Dates as sources state them: a day, a month or a year; and the days that each can mean."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from app.nouns.filters import RangeFilter
from app.nouns.paths import Document


@lru_cache(4096)  # there are not more days than that in a release
def days_of(partial: str) -> tuple[dt.date, dt.date]:
    """The first and the last day that a partial date can mean: `2014-09` is 1 to 30 September 2014."""
    parts = [int(part) for part in partial.split("-")]
    first = dt.date(*[*parts, 1, 1][:3])
    if len(parts) == 3:
        return first, first
    after = (
        dt.date(first.year + 1, 1, 1) if len(parts) == 1 or first.month == 12 else first.replace(month=first.month + 1)
    )
    return first, after - dt.timedelta(days=1)


def _known_date(partial: str) -> str:
    first, _ = days_of(partial)  # raises ValueError for a day that no calendar has
    if first > dt.datetime.now(dt.UTC).date():
        raise ValueError(f"{partial} is in the future")
    return partial


PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_known_date)]
"""A day, a month or a year, as the source states it."""


def known_date(day: dt.date | str | None, year: int | None, month: int | None) -> str | None:
    """A day, else a month, else a year, as it is written."""
    if day or not year:
        return str(day) if day else None
    return f"{year}-{month:02}" if month else f"{year}"


def bounds(
    names: tuple[str, str],
    descriptions: tuple[str, str],
    examples: tuple[str, str],
    dates: Callable[[Document], Iterable[str | None]],
) -> tuple[RangeFilter, RangeFilter]:
    """Filters from a day on and up to a day: a date known to the month or year meets each where any of its days can."""
    first, last = day_of(dates), day_of(dates, last=True)
    return (
        RangeFilter(names[0], descriptions[0], last, dt.date, examples[0]),
        RangeFilter(names[1], descriptions[1], first, dt.date, examples[1], lower=False),
    )


def day_of(dates: Callable[[Document], Iterable[str | None]], *, last: bool = False) -> Callable[[Document], list[Any]]:
    """A function of a document: the first, or the last, day that each of its dates can mean."""
    return lambda document: [days_of(date)[last] for date in dates(document) if date]
