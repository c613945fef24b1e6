"""The index of a list: what its filters, sorts, full text and names find, as bitmaps and arrays.

It is made by `indexing.py`, and stored by `stored_index.py`.
"""

import datetime as dt
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cachetools import LRUCache
from pyroaring import BitMap

from app.nouns.declaration import Noun
from app.nouns.filters import UNKNOWN, AsOfFilter, RangeFilter, column_of
from app.release.columns import Column, Periods, number
from app.release.fulltext import TextIndex
from app.release.naming import Name
from app.release.pairs import paired, postings_beside

MAX_CACHED_ORDERS = 16
"""Orders by several keys, or descending, that are kept for a list."""
_NO_PARAMS: Mapping[str, Any] = {}


class SortOrder:
    """An order of the records of a list."""

    def __init__(self, by_rank: "array[int]") -> None:
        self.by_rank = by_rank

    @cached_property
    def rank_of(self) -> "array[int]":
        """The rank of each position."""
        ranks = array("I", bytes(4 * len(self.by_rank)))
        for rank, position in enumerate(self.by_rank):
            ranks[position] = rank
        return ranks

    def walk(self, found: BitMap, start: int) -> Iterator[tuple[int, int]]:
        """The ranks and positions of the records found, from a rank on."""
        if len(found) ** 2 < len(self.by_rank):  # few: sort them; many: the next is never far
            ranks = sorted(rank for position in found if (rank := self.rank_of[position]) >= start)
            return ((rank, self.by_rank[rank]) for rank in ranks)
        by_rank = self.by_rank
        return ((rank, by_rank[rank]) for rank in range(start, len(by_rank)) if by_rank[rank] in found)


@dataclass(frozen=True, eq=False)
class ListIndex:
    """The index of one list of a release. A position is the place of a record in the list's own order, from 0."""

    noun: Noun
    size: int
    postings: dict[str, dict[str, BitMap]]
    """By filter and value: the records that carry the value, or one below it in its tree. Values are sorted."""
    columns: dict[str, Column]
    """By dotted path, or by the name of the filter or sort that computes it."""
    periods: dict[str, Periods]
    """By filter of a day."""
    owners: dict[str, "array[int]"]
    """By list that joins this one: the position there of the owner of each record."""
    text: TextIndex
    titles: TextIndex
    names: list[Name]

    @cached_property
    def everything(self) -> BitMap:
        """All records."""
        return BitMap(range(self.size))

    @cached_property
    def _orders(self) -> LRUCache[tuple[str, ...], SortOrder]:
        return LRUCache(MAX_CACHED_ORDERS)

    def order(self, sort: Sequence[str]) -> SortOrder:
        """All records by some keys, each may be descending (`-key`); unknown values come last, ties stay in order."""
        key = tuple(sort)
        if key not in self._orders:
            by_rank = list(range(self.size))
            for name in reversed(key):  # sorting is stable: the last key first
                plain, descending = name.lstrip("-"), name.startswith("-")
                source = self.noun.sorts[plain]
                if source is None:
                    by_rank.sort(reverse=descending)
                else:
                    column = self.columns[column_of(plain, source)]
                    values = column.by_position(float("-inf") if descending else float("inf"))
                    by_rank.sort(key=values.__getitem__, reverse=descending)
            self._orders[key] = SortOrder(array("I", by_rank))
        return self._orders[key]

    def in_order(self, found: BitMap, sort: Sequence[str], start: int = 0) -> Iterator[tuple[int, int]]:
        """The ranks and positions of the records found, in an order, from a rank on."""
        if sort:
            return self.order(sort).walk(found, start)
        return ((position, position) for position in found.iter_equal_or_larger(start))

    def term(self, name: str, values: Iterable[str], params: Mapping[str, Any] = _NO_PARAMS) -> BitMap:
        """The records that carry one of some values of a filter, or one below them, under a query."""
        postings = self.postings_of(name, params)
        found = [postings[value] for value in values if value in postings]
        return BitMap.union(*found) if found else BitMap()

    def postings_of(self, name: str, params: Mapping[str, Any]) -> Mapping[str, BitMap]:
        """By value of a filter: the records that carry it under a query.

        Where the query has a day, those of which it held on it; where it asks for the other filter of a pair, those
        that carry both in one object.
        """
        if (pair := self.noun.pairs.get(name)) and (other := pair[name == pair[0]]) in params:
            return postings_beside(self.postings.get(paired(pair), {}), pair, name, params[other])
        as_of = self.noun.as_of
        if as_of is None or as_of.name not in params or name not in as_of.at:
            return self.postings.get(name, {})
        return self.periods[as_of.name].postings_on(name, params[as_of.name])

    @cached_property
    def ids(self) -> list[str]:
        """The id of each record, in order, of a list whose records have names: each is called its id."""
        return [name.id for name in self.names if name.how == "id" and name.name == name.id]

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each id, of such a list."""
        return {record_id: position for position, record_id in enumerate(self.ids)}

    @cached_property
    def parents(self) -> dict[str, list[str]]:
        """The terms directly above each term of a tree, from what is found below each."""
        ancestors: dict[str, set[str]] = {term: set() for term in self.ids}
        for term, records in self.postings["below"].items():
            for position in records:
                ancestors[self.ids[position]].add(term)
        for term, found in ancestors.items():
            found.discard(term)
        return {
            term: sorted(one for one in found if not any(one in ancestors[other] for other in found))
            for term, found in ancestors.items()
        }

    def range(self, wanted: RangeFilter, bound: float | dt.date | str) -> BitMap:
        """The records within a bound; or those whose value is not known."""
        column = self.columns[wanted.column]
        return column.unknown() if bound == UNKNOWN else column.between(number(bound), lower=wanted.lower)

    def find(self, name: str, params: Mapping[str, Any]) -> BitMap:
        """The records that one filter of a query finds. `id` holds positions, not ids."""
        value = params[name]
        if name == "q":
            return self.text.matches(value)
        if name == "id":
            return BitMap(value)
        wanted = self.noun.by_name[name]
        if isinstance(wanted, RangeFilter):
            return self.range(wanted, value)
        if isinstance(wanted, AsOfFilter):
            return self.periods[name].records_on(value)
        return self.term(name, map(str, value) if isinstance(value, list) else [str(value).lower()], params)
