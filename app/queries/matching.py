"""What each filter of a query finds, cut with one another.

Since a release never changes, what a filter's value finds is read from the database once.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import reduce
from itertools import accumulate
from operator import and_, or_
from typing import Any, NamedTuple

from sqlalchemy import select

from app import search
from app.models.base import table_of
from app.models.index import Tag
from app.queries.filters import Bound, List, Through
from app.queries.sets import Families, length_of_part, of, parts, unpacked
from app.queries.words import FEW, words_of
from app.reader import Reader

Resolved = dict[str, Any]
"""What was asked for, by parameter, after names were resolved: lists of values, or a single bound or text."""

_tag = table_of(Tag).c
_STORED = "SELECT records FROM tag WHERE release_id = :release AND list = :list AND filter = :filter AND value = :value"


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
        return _holding(reader, spec, value)
    if name == "id":
        table = table_of(spec.table)
        positions = select(table.c.position).where(table.c.release_id == reader.release_id, table.c.id.in_(value))
        return of(reader.connection.execute(positions).scalars().all())
    wanted = spec.filter(name)
    if isinstance(wanted, Bound):
        return _bounded(reader, spec, wanted, value)
    values = [str(value).lower()] if isinstance(value, bool) else [str(item) for item in value]
    return any_of(reader, spec, name, values)


def _bounded(reader: Reader, spec: List, wanted: Bound, value: Any) -> int:
    """The records that a bound finds. Unknown values are beyond every bound."""
    known = column(reader, spec, wanted)
    place = bisect_left(known.values, value) if wanted.lower else bisect_right(known.values, value)
    below = known.first(place)
    return known.first(len(known.values)) ^ below if wanted.lower else below


class Column(NamedTuple):
    """The values that a bound looks at, ascending, and the position of each."""

    values: list[Any]
    positions: "array[int]"
    steps: list[int]
    """The sets of the records of no part, of the first part, of the first two, and so on."""

    def first(self, count: int) -> int:
        """The set of the first records, so many."""
        length = length_of_part(len(self.values))
        return self.steps[count // length] | of(self.positions[count - count % length : count])


def column(reader: Reader, spec: List, wanted: Bound) -> Column:
    """The column of a bound."""

    def load() -> Column:
        table = table_of(spec.table)
        stored = table.c[wanted.column.key]
        query = select(stored, table.c.position).where(table.c.release_id == reader.release_id, stored.is_not(None))
        rows: Any = reader.connection.execute(query.order_by(stored)).all()
        positions = array("I", [row[1] for row in rows])
        steps = accumulate(parts(positions), or_, initial=0)
        return Column([row[0] for row in rows], positions, list(steps))

    return reader.once(("column", spec.name, wanted.column.key), load)


def tagged(reader: Reader, spec: List, name: str, value: str) -> int:
    """The records that carry a value of a filter, or one below it in the tree."""
    if reader.is_small(spec.name):  # the other values will be asked for soon
        return by_value(reader, spec, name).get(value, 0)

    def load() -> int:
        rows = reader.near(_STORED, release=reader.release_id, list=spec.name, filter=name, value=value)
        return unpacked(rows[0][0]) if rows else 0

    return reader.once(("tagged", spec.name, name, value), load)


def _holding(reader: Reader, spec: List, question: str) -> int:
    """The records of a list that hold every phrase of a question."""
    known = words_of(reader, spec.name).holding(question) if reader.counts[spec.name] <= FEW else None
    return holding(reader, question, spec.name).get(spec.name, 0) if known is None else known


def holding(reader: Reader, question: str, list_name: str | None = None) -> dict[str, int]:
    """The records that hold every phrase of a question, of one list or of each.

    Those of each whose title holds it stand under `<list>.title`.
    """

    def load() -> dict[str, int]:
        rows_of = reader.once(
            ("rows of texts",), lambda: search.rows_of(reader.connection, reader.release_id, reader.counts)
        )
        among = {name: rows for name, rows in rows_of.items() if list_name in {None, name}}
        if not among:
            return {}
        first, last = min(rows[0] for rows in among.values()), max(rows[-1] for rows in among.values())
        found = search.found(reader.connection, question, range(first, last + 1))
        places = {
            name: found[bisect_left(found, rows[0]) : bisect_right(found, rows[-1])] for name, rows in among.items()
        }
        return {name: of(row - among[name][0] for row in held) for name, held in places.items() if held}

    return reader.once(("holding", list_name, question), load)


def by_value(reader: Reader, spec: List, name: str) -> dict[str, int]:
    """The records that carry each value of a filter, the values in the order of their letters."""

    def load() -> dict[str, int]:
        query = select(_tag.value, _tag.records).where(
            _tag.release_id == reader.release_id, _tag.list == spec.name, _tag.filter == name
        )
        rows: Any = reader.connection.execute(query).all()
        return {value: unpacked(records) for value, records in sorted(map(tuple, rows))}

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
    return families(reader, spec, via).owners(inner)


def families(reader: Reader, spec: List, via: Through) -> Families:
    """What the records of the other list belong to."""

    def load() -> "array[int]":
        ours, theirs = table_of(spec.table), table_of(via.of.table)
        same = (ours.c.release_id == theirs.c.release_id) & (ours.c.id == via.owner)
        query = select(ours.c.position).join(theirs, same).where(ours.c.release_id == reader.release_id)
        return array("I", reader.connection.execute(query.order_by(theirs.c.position)).scalars().all())

    return reader.once(("families", spec.name), lambda: Families(load()))


def any_of(reader: Reader, spec: List, name: str, values: Iterable[str]) -> int:
    """The records that carry one of some values of a filter."""
    return reduce(or_, (tagged(reader, spec, name, value) for value in values), 0)
