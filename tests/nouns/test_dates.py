"""Partial dates: what they can mean, and that no list drops one of them within its bounds."""

import datetime as dt
from typing import Any

import pytest

from app.nouns.dates import days_of
from app.nouns.filters import RangeFilter
from app.nouns.registry import noun
from app.release.opened import OpenRelease
from app.release.query import matching

Documents = dict[str, list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("partial", "first", "last"),
    [
        ("2014-09-04", "2014-09-04", "2014-09-04"),
        ("2014-09", "2014-09-01", "2014-09-30"),
        ("2014-12", "2014-12-01", "2014-12-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2014", "2014-01-01", "2014-12-31"),
    ],
)
def test_a_partial_date_can_mean_any_of_its_days(partial: str, first: str, last: str) -> None:
    assert [day.isoformat() for day in days_of(partial)] == [first, last]


def _source(source: dict[str, Any]) -> str | None:
    year, month = source["year"], source["month"]
    return source["date"] or (f"{year}-{month:02}" if year and month else str(year) if year else None)


def _indication(indication: dict[str, Any]) -> str | None:
    approved = [item["on"] for item in indication["history"] if item["action"] == "approved" and item["on"]]
    return indication["approved_on"] or min(approved, default=None)


DATES = {
    ("sources", "date_from", "date_to"): _source,
    ("indications", "approved_from", "approved_to"): _indication,
    ("approvals", "on_from", "on_to"): lambda approval: approval["on"],
    ("therapies", "first_approved_from", "first_approved_to"): lambda therapy: (
        therapy["first_approval"] and therapy["first_approval"]["on"]
    ),
}
"""By list and filters: how the date of a record is stated, read from its document by other means than the index."""


def test_every_filter_on_days_is_among_those_tested() -> None:
    for name in {name for name, *_ in DATES}:
        of_days = {
            wanted.name for wanted in noun(name).filters if isinstance(wanted, RangeFilter) and wanted.type is dt.date
        }
        assert of_days == {tested for listed, *both in DATES if listed == name for tested in both}


@pytest.mark.parametrize("place", DATES, ids=lambda place: place[0])
def test_a_date_meets_a_bound_where_any_of_its_days_can(
    release: OpenRelease, documents: Documents, place: tuple[str, str, str]
) -> None:
    name, since, until = place
    stated = [DATES[place](record) for record in documents[name]]
    precisions = {len(date) for date in stated if date}
    assert name == "therapies" or precisions == {4, 7, 10}, "the facts have days, months and years"
    for bound in (dt.date(2014, 9, 15), dt.date(2017, 1, 1), dt.date(2018, 12, 31), dt.date(2024, 9, 30)):
        day = bound.isoformat()
        later = [place for place, date in enumerate(stated) if date and date >= day[: len(date)]]
        earlier = [place for place, date in enumerate(stated) if date and date <= day[: len(date)]]
        assert list(matching(release, noun(name), {since: bound})) == later
        assert list(matching(release, noun(name), {until: bound})) == earlier
        # A date that may lie on either side of a day is found from it on and up to it: none falls between.
        known = sum(date is not None for date in stated)
        assert len(set(later) | set(earlier)) == known
