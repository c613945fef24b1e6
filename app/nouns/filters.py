"""Kinds of filters that a noun declares.

Their values are taken from the document of a record, the JSON that the API answers: by a dotted path (`condition.id`;
lists on the way are followed: `targets.id`), or by a function of the document.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from app.nouns.paths import Values, place
from app.vocabulary import Vocabulary

UNKNOWN = "unknown"
"""The value of a filter that finds the records in which there is none: not stated, or not curated."""


@dataclass(frozen=True)
class TermFilter:
    """Matches records that carry any of the values requested."""

    name: str
    description: str
    values: Values
    example: str
    names: str | None = None
    """The list whose records are the values: any known name is accepted, and trees are followed downwards."""
    vocabulary: type[Vocabulary] | None = None
    """The closed vocabulary of the values."""
    several: bool = False
    """Records carry several values: there is a filter `<name>_all` too, which asks for all of those requested."""
    missing: bool = False
    """Records may have no value, where a function gives it: `unknown` finds these. A path says so by itself."""
    counted: bool = True
    """It is a facet too."""
    written: str | None = None
    """How values are written (a regular expression): such are taken, though no record has them."""
    together: str | None = None
    """A filter, before this one, whose value stands in the same object of a list (`biomarkers.id`, `biomarkers.state`):
    where both are requested, one and the same object must meet both."""
    of_therapies: str | None = None
    """In lists of facts: the filter of `/therapies` that says the same of the therapy, whatever is known of it."""


@dataclass(frozen=True)
class AllFilter(TermFilter):
    """Matches records that carry all of the values requested. Made of a filter that has `several` values."""

    of: str = ""
    """The filter that takes any of them."""

    @classmethod
    def made_of(cls, wanted: TermFilter) -> "AllFilter":
        """The filter that asks for all values of another."""
        description = f"As `{wanted.name}`, but all values must be met."
        values = wanted.values, wanted.example, wanted.names, wanted.vocabulary
        return cls(f"{wanted.name}_all", description, *values, of=wanted.name)


@dataclass(frozen=True)
class FlagFilter:
    """Matches true or false; records for which a path finds neither, by `unknown`. A function gives one of both."""

    name: str
    description: str
    values: Values
    example: str = "true"


@dataclass(frozen=True)
class RangeFilter:
    """Matches records whose value is at least, or at most, the value requested. Unknown values meet no bound."""

    name: str
    description: str
    values: Values
    """A number or a day."""
    type: type[float | int | dt.date]
    example: str
    lower: bool = True
    minimum: float | None = None
    maximum: float | None = None

    @property
    def column(self) -> str:
        """The column of the index that holds its values."""
        return column_of(self.name, self.values)


def column_of(name: str, values: Values) -> str:
    """What the column of a range or of a sort is called: its path, so that both share it, or a name of its own."""
    return values if isinstance(values, str) else f"{name}()"


@dataclass(frozen=True)
class AsOfFilter:
    """Matches records of which it is known what held on a day; some filters are then met by what held on it.

    The document lists periods, of which no two overlap: each has `since`, `until` (null: it lasts) and what held.
    """

    name: str
    description: str
    periods: str
    """Dotted path of the periods."""
    at: Mapping[str, str]
    """Filters of the noun that are met by what held on the day, and the key of a period that holds the value."""
    example: str


Filter = TermFilter | FlagFilter | RangeFilter | AsOfFilter


def base_name(wanted: Filter) -> str:
    """The filter that one is made of; by itself, its own name."""
    return wanted.of if isinstance(wanted, AllFilter) else wanted.name


def may_be_missing(form: type[BaseModel], wanted: Filter) -> bool:
    """Whether records may lack a value: as their form says; of what is computed, only a bound may have none."""
    if isinstance(wanted, AllFilter | AsOfFilter):
        return False
    if isinstance(wanted, TermFilter) and wanted.vocabulary and UNKNOWN in set(wanted.vocabulary):
        return False  # the word means one of its values
    if isinstance(wanted.values, str):
        return place(form, wanted.values).optional
    return isinstance(wanted, RangeFilter) or (isinstance(wanted, TermFilter) and wanted.missing)
