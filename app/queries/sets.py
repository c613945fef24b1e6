"""Sets of records: what each filter of a query finds, cut with one another.

A set is a whole number: bit 3 is the record at position 3 of its list. Cutting and counting such numbers takes
microseconds, and since a release never changes, what a filter's value finds is read from the database once.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import and_, or_
from typing import Any

from sqlalchemy import Select, select

from app import search
from app.database import Reader
from app.models.base import table_of
from app.models.index import Tag
from app.queries.filters import Bound, List, Through

Resolved = dict[str, Any]
"""What was asked for, by parameter, after names were resolved: lists of values, or a single bound or text."""

_tag = table_of(Tag).c
SMALL = 20_000
"""Records up to which all values of a filter are read at once, since the others will be asked for soon."""
SPARSE = 32
"""Bits to a record from which on it is quicker to go from record to record than from byte to byte."""


def matching(reader: Reader, spec: List, query: Resolved) -> int:
    """The records of a list that meet every filter of a query."""
    everything = (1 << reader.counts[spec.name]) - 1
    via = spec.through
    passed = set(via.filters) & query.keys() if via else set()
    found = (_one(reader, spec, name, value) for name, value in query.items() if name not in passed)
    met = reduce(and_, found, everything)
    return met & _through(reader, spec, via, query) if via and passed else met


def _one(reader: Reader, spec: List, name: str, value: Any) -> int:
    """The records that one filter finds."""
    if name == "q":
        return holding(reader, value, spec.name).get(spec.name, 0)
    if name == "id":
        table = table_of(spec.table)
        positions = select(table.c.position).where(table.c.release_id == reader.release_id, table.c.id.in_(value))
        return _selected(reader, positions)
    wanted = spec.filter(name)
    if isinstance(wanted, Bound):
        return _bounded(reader, spec, wanted, value)
    values = [str(value).lower()] if isinstance(value, bool) else [str(item) for item in value]
    return reduce(or_, (tagged(reader, spec, name, item) for item in values), 0)


def _bounded(reader: Reader, spec: List, wanted: Bound, value: Any) -> int:
    """The records that a bound finds. Unknown values are beyond every bound."""

    def load() -> tuple[list[Any], "array[int]"]:
        table = table_of(spec.table)
        query = select(wanted.column, table.c.position).where(table.c.release_id == reader.release_id)
        rows: Any = reader.connection.execute(query.where(wanted.column.is_not(None)).order_by(wanted.column)).all()
        return [row[0] for row in rows], array("I", [row[1] for row in rows])

    values, places = reader.once(("column", spec.name, wanted.column.key), load)
    return of(places[bisect_left(values, value) :] if wanted.lower else places[: bisect_right(values, value)])


def _selected(reader: Reader, query: Select[Any]) -> int:
    return of(reader.connection.execute(query).scalars())


def tagged(reader: Reader, spec: List, name: str, value: str) -> int:
    """The records that carry a value of a filter, or one below it in the tree."""
    if reader.counts[spec.name] <= SMALL:
        return by_value(reader, spec, name).get(value, 0)

    def load() -> int:
        query = select(_tag.position).where(
            _tag.release_id == reader.release_id, _tag.list == spec.name, _tag.filter == name, _tag.value == value
        )
        return _selected(reader, query)

    return reader.once(("tagged", spec.name, name, value), load)


def holding(reader: Reader, question: str, list_name: str | None = None) -> dict[str, int]:
    """The records that hold every phrase of a question, of one list or of each.

    Those whose title holds it stand under `<list>.title`.
    """

    def rows() -> tuple[int, int]:
        found: Any = reader.connection.execute(search.rows_of(reader.release_id, list_name)).one()
        return found[0] or 0, found[1] or 0

    def load() -> dict[str, int]:
        places: dict[str, list[int]] = defaultdict(list)
        among = reader.once(("rows of texts", list_name), rows)
        found: Any = reader.connection.execute(search.found(reader.connection, question, among))
        for name, position in found:
            places[name].append(position)
        return {name: of(found) for name, found in places.items()}

    return reader.once(("holding", list_name, question), load)


def by_value(reader: Reader, spec: List, name: str) -> dict[str, int]:
    """The records that carry each value of a filter."""

    def load() -> dict[str, int]:
        places: dict[str, list[int]] = defaultdict(list)
        query = select(_tag.value, _tag.position).where(
            _tag.release_id == reader.release_id, _tag.list == spec.name, _tag.filter == name
        )
        for value, position in reader.connection.execute(query):
            places[value].append(position)
        return {value: of(found) for value, found in places.items()}

    return reader.once(("by value", spec.name, name), load)


def _through(reader: Reader, spec: List, via: Through, query: Resolved) -> int:
    """The records of which one record in the other list meets all its filters by itself."""
    asked = passed(via, query)

    def find() -> int:
        return owners(reader, spec, via, matching(reader, via.of, asked))

    return reader.once(("through", spec.name, repr(sorted(asked.items()))), find)


def passed(via: Through, query: Resolved) -> Resolved:
    """The filters of a query that one record of the other list must meet."""
    return via.always | {name: query[name] for name in (*via.filters, *via.joining) if name in query}


def owners(reader: Reader, spec: List, via: Through, inner: int) -> int:
    """The records that records of the other list belong to."""

    def load() -> "array[int]":
        ours, theirs = table_of(spec.table), table_of(via.of.table)
        same = (ours.c.release_id == theirs.c.release_id) & (ours.c.id == via.owner)
        query = select(ours.c.position).join(theirs, same).where(ours.c.release_id == reader.release_id)
        return array("I", reader.connection.execute(query.order_by(theirs.c.position)).scalars())

    owner = reader.once(("owners", spec.name), load)
    return of(owner[position] for position in positions(inner))


def order(reader: Reader, spec: List, keys: Iterable[Any]) -> "array[int]":
    """All records of a list in an order: their positions, from the first to the last."""
    table = table_of(spec.table)
    query = select(table.c.position).where(table.c.release_id == reader.release_id)
    ordered = query.order_by(*keys, table.c.position)
    return array("I", reader.connection.execute(ordered).scalars())


def of(found: Iterable[int]) -> int:
    """The set of some positions."""
    marked = bytearray()
    for position in found:
        byte = position >> 3
        if byte >= len(marked):
            marked.extend(bytes(byte + 1 - len(marked)))
        marked[byte] |= 1 << (position & 7)
    return int.from_bytes(marked, "little")


def positions(found: int, start: int = 0) -> Iterator[int]:
    """The positions in a set, ascending, from one on."""
    found = found >> start << start
    if found.bit_count() * SPARSE < found.bit_length():
        while found:
            lowest = found & -found
            yield lowest.bit_length() - 1
            found ^= lowest
        return
    for byte, bits in enumerate(found.to_bytes((found.bit_length() + 7) >> 3, "little")):
        while bits:
            yield (byte << 3) + (bits & -bits).bit_length() - 1
            bits &= bits - 1


def in_order(found: int, ordered: "array[int]", start: int) -> Iterator[tuple[int, int]]:
    """The places and positions of a set in an order, from a place on."""
    marked = found.to_bytes((max(len(ordered), found.bit_length()) + 7) >> 3, "little")
    for place in range(start, len(ordered)):
        position = ordered[place]
        if marked[position >> 3] >> (position & 7) & 1:
            yield place, position
