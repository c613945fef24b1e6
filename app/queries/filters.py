"""The kinds of filter. A list declares its filters as data; `listing.py` turns those that are asked for into SQL.

Adding a filter to a list is adding one entry to the list's file: the parameter, its documentation, its values in the
index, its facet and its condition in the SELECT all come from that entry.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from app.models.base import Row
from app.vocabulary import Vocabulary


@dataclass(frozen=True)
class Tagged:
    """Matches any of the values asked for. The values of a record are indexed at load."""

    name: str
    description: str
    values: Callable[[Any], Iterable[str | None]]
    """The values of a record, given the form in which the API answers it."""
    example: str
    names: str | None = None
    """The list whose records are the values: any known name is accepted, and trees are followed downwards."""
    vocabulary: type[Vocabulary] | None = None
    """The closed vocabulary of the values."""


@dataclass(frozen=True)
class Flag:
    """Matches true or false. Records for which it is not known match neither."""

    name: str
    description: str
    value: Callable[[Any], bool | None]
    example: str = "true"

    def values(self, form: Any) -> Iterable[str | None]:
        """The value as it is indexed."""
        value = self.value(form)
        return [] if value is None else [str(value).lower()]


@dataclass(frozen=True)
class Bound:
    """Matches records whose column is at least, or at most, the value asked for. Unknown values never match."""

    name: str
    description: str
    column: Any
    """A column of the list's table."""
    type: type[float | int | dt.date]
    example: str
    lower: bool = True
    minimum: float | None = None
    maximum: float | None = None


Filter = Tagged | Flag | Bound


@dataclass(frozen=True)
class Through:
    """Filters of another list that one and the same of its records must meet together.

    `/therapies?condition=melanoma&agency=EMA` finds therapies with an indication for melanoma by the EMA, not those
    with any EMA approval and melanoma approved elsewhere.
    """

    of: "List"
    filters: tuple[str, ...]
    owner: Any
    """Column of that list's table that holds the id of the record sought."""
    always: dict[str, list[str]] = field(default_factory=dict)
    """Filters that always apply, such as active indications only."""
    joining: tuple[str, ...] = ()
    """Filters of the list itself that apply to the same record too, as soon as one of `filters` is asked for."""


@dataclass(frozen=True, eq=False)
class List:
    """A list of the API: its table, its form, its filters and its orders."""

    name: str
    """As in the path and in the index: `adverse-events`."""
    noun: str
    table: type[Row]
    form: type[BaseModel]
    filters: tuple[Filter, ...] = ()
    sorts: dict[str, Any] = field(default_factory=dict)
    """Names that `sort=` takes, and the column of each."""
    text: Callable[[Any], Iterable[str | None]] = lambda _: ()
    """What `q` searches in, given the form."""
    document: Any = None
    """Column of the document in the list, where it is not `document`."""
    summary: type[BaseModel] | None = None
    """Form of a record in the list, where it is shorter than the single record."""
    through: Through | None = None

    def filter(self, name: str) -> Filter:
        """The filter of this name, the list's own or one of the list it goes through."""
        return self._by_name[name]

    def all_filters(self) -> Iterable[Filter]:
        """All filters that the list takes."""
        return self._by_name.values()

    def owner(self, name: str) -> "List":
        """The list that a filter belongs to."""
        return self.through.of if self.through and name in self.through.filters else self

    @cached_property
    def names(self) -> list[str]:
        """Names of everything by which records are chosen, in the order of the documentation."""
        return [*self._by_name, "q", "id"]

    @cached_property
    def _by_name(self) -> dict[str, Filter]:
        through = [self.through.of.filter(name) for name in self.through.filters] if self.through else []
        return {wanted.name: wanted for wanted in (*self.filters, *through)}

    def facets(self) -> list[str]:
        """Names that `facets=` takes: every filter whose values can be counted."""
        return [candidate.name for candidate in self.all_filters() if not isinstance(candidate, Bound)]
