"""Parts of an index: numbers of the records of a list, and the periods in which something held of them."""

import datetime as dt
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pyroaring import BitMap

from app.nouns.filters import UNKNOWN, AsOfFilter
from app.nouns.paths import Document, values_at


class Column(NamedTuple):
    """Numbers of the records of a list; a day is its ordinal."""

    values: "array[float]"
    """Known values, ascending."""
    positions: "array[int]"
    """The position of each, then those whose value is not known."""

    @classmethod
    def of(cls, values: Sequence[float | None]) -> "Column":
        """The column of the values of all records, in their order."""
        known = sorted((value, position) for position, value in enumerate(values) if value is not None)
        unknown = (position for position, value in enumerate(values) if value is None)
        return cls(
            array("d", [value for value, _ in known]), array("I", [*(position for _, position in known), *unknown])
        )

    def between(self, bound: float, *, lower: bool) -> BitMap:
        """The records whose value is at least, or at most, a bound."""
        if lower:
            return BitMap(self.positions[bisect_left(self.values, bound) : len(self.values)])
        return BitMap(self.positions[: bisect_right(self.values, bound)])

    def unknown(self) -> BitMap:
        """The records whose value is not known."""
        return BitMap(self.positions[len(self.values) :])

    def by_position(self, unknown: float) -> list[float]:
        """The value of each record."""
        found = [unknown] * len(self.positions)
        for position, value in zip(self.positions, self.values, strict=False):
            found[position] = value
        return found


class Periods(NamedTuple):
    """The periods of the records of a list, numbered from 0: when each was, whose it is, and what held."""

    since: Column
    until: Column
    """Not known: it lasts."""
    owners: "array[int]"
    """The position of the record of each period."""
    postings: dict[str, dict[str, BitMap]]
    """By filter and value: the numbers of the periods in which the value held."""

    @classmethod
    def of(cls, wanted: AsOfFilter, documents: Iterable[Document]) -> "Periods":
        """The periods that documents list, given in the order of their list."""
        since, until, owners = list[float | None](), list[float | None](), array("I")
        postings: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in wanted.at}
        for position, document in enumerate(documents):
            for period in values_at(document, wanted.periods):
                for name, key in wanted.at.items():
                    for value in values_at(period, key) or [UNKNOWN]:
                        postings[name][str(value)].append(len(owners))
                since.append(number(period["since"]))
                until.append(number(period["until"]) if period["until"] else None)
                owners.append(position)
        kept = {name: {value: BitMap(found[value]) for value in sorted(found)} for name, found in postings.items()}
        return cls(Column.of(since), Column.of(until), owners, kept)

    def records_on(self, day: dt.date) -> BitMap:
        """The records of which it is known what held on a day."""
        return self._records(self._on(day))

    def postings_on(self, name: str, day: dt.date) -> dict[str, BitMap]:
        """By value of a filter: the records of which it held on a day."""
        then = self._on(day)
        return {value: self._records(numbers & then) for value, numbers in self.postings[name].items()}

    def _on(self, day: dt.date) -> BitMap:
        """The numbers of the periods that hold a day."""
        begun = self.since.between(number(day), lower=False)
        return begun & (self.until.between(number(day), lower=True) | self.until.unknown())

    def _records(self, numbers: BitMap) -> BitMap:
        return BitMap(array("I", map(self.owners.__getitem__, numbers)))


def number(value: Any) -> float:
    """A number or a day as the number it is compared by."""
    if isinstance(value, str):
        value = dt.date.fromisoformat(value)
    return float(value.toordinal() if isinstance(value, dt.date) else value)
