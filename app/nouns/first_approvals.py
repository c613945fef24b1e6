"""The first approval of a therapy by each agency: as a part of its first approval, and as filters and sorts."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pydantic import Field, create_model

from app.nouns.dates import day_of
from app.nouns.filters import TermFilter
from app.nouns.paths import Document, Values
from app.nouns.product import FirstApproval
from app.vocabulary import Agency

if TYPE_CHECKING:
    EarliestApproval = FirstApproval
else:
    EarliestApproval = create_model(
        "EarliestApproval",
        __base__=FirstApproval,
        __module__=__name__,
        __doc__="The first approval by any agency, and the day, month or year of the first by each.",
        **{
            str(agency): (
                str | None,
                Field(default=None, description=f"The first by the {agency}; null: none is known."),
            )
            for agency in Agency
        },
    )


def with_agencies(first: FirstApproval | None, by_agency: Sequence[FirstApproval]) -> FirstApproval | None:
    """The first approval by any agency, with the date of the first by each."""
    if first is None:
        return None
    return EarliestApproval(**first.model_dump(), **{str(item.agency): item.on for item in by_agency})


def _first_by(agency: Agency, therapy: Document) -> list[str]:
    """When an agency first approved a therapy: a day, month or year; older releases know it of products only."""
    if "first_approvals" in therapy:
        return [item["on"] for item in therapy["first_approvals"] if item["agency"] == agency and item.get("on")]
    days = [item["approved_on"] for item in therapy["products"] if item["agency"] == agency and item["approved_on"]]
    return [min(days)] if days else []


def _prefixes(dates: Callable[[Document], Sequence[str]]) -> Callable[[Document], list[str]]:
    """A function of a document: the year, month and day of each of its dates, as far as they are known."""
    return lambda document: [date[:length] for date in dates(document) for length in (4, 7, 10) if length <= len(date)]


FIRST_APPROVAL_FILTERS = tuple(
    TermFilter(
        f"first_approval.{agency}",
        f"Year, month or day of the first by the {agency}.",
        _prefixes(partial(_first_by, agency)),
        example="2014",
        missing=True,
        counted=False,
        written=r"\d{4}(-\d{2}){0,2}",
    )
    for agency in Agency
)
FIRST_APPROVAL_SORTS: Mapping[str, Values] = {
    f"first_approval.{agency}": day_of(partial(_first_by, agency)) for agency in Agency
}
