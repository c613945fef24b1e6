"""Sets of records: what each filter of a query finds, cut with one another.

A set is a whole number: bit 3 is the record at position 3 of its list. Cutting and counting such numbers takes
microseconds, and since a release never changes, what a filter's value finds is read from the database once.
"""

import struct
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain, compress, count, pairwise
from operator import and_, itemgetter, or_
from typing import Any

from sqlalchemy import Select, select

from app import search
from app.models.base import table_of
from app.models.index import Tag
from app.queries.filters import Bound, List, Through
from app.reader import Reader

Resolved = dict[str, Any]
"""What was asked for, by parameter, after names were resolved: lists of values, or a single bound or text."""

_tag = table_of(Tag).c
SPARSE = 32
"""Bits to a record from which on it is quicker to go from record to record than from bit to bit."""
PIECE = 2048
"""Bits that are looked at together: a page needs but the first few records of a long list."""
ONE = ord("1")


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
    return any_of(reader, spec, name, values)


def _bounded(reader: Reader, spec: List, wanted: Bound, value: Any) -> int:
    """The records that a bound finds. Unknown values are beyond every bound."""
    values, places = column(reader, spec, wanted)
    place = bisect_left(values, value) if wanted.lower else bisect_right(values, value)
    return reader.once(
        ("bound", spec.name, wanted.name, place), lambda: of(places[place:] if wanted.lower else places[:place])
    )


def column(reader: Reader, spec: List, wanted: Bound) -> tuple[list[Any], "array[int]"]:
    """The values that a bound looks at, ascending, and the position of each."""

    def load() -> tuple[list[Any], "array[int]"]:
        table = table_of(spec.table)
        stored = table.c[wanted.column.key]
        query = select(stored, table.c.position).where(table.c.release_id == reader.release_id, stored.is_not(None))
        rows: Any = reader.connection.execute(query.order_by(stored)).all()
        return [row[0] for row in rows], array("I", [row[1] for row in rows])

    return reader.once(("column", spec.name, wanted.column.key), load)


def _selected(reader: Reader, query: Select[Any]) -> int:
    return of(reader.connection.execute(query).scalars().all())


def tagged(reader: Reader, spec: List, name: str, value: str) -> int:
    """The records that carry a value of a filter, or one below it in the tree."""
    if reader.is_small(spec.name):  # the other values will be asked for soon
        return by_value(reader, spec, name).get(value, 0)

    def load() -> int:
        query = select(_tag.records).where(
            _tag.release_id == reader.release_id, _tag.list == spec.name, _tag.filter == name, _tag.value == value
        )
        stored = reader.connection.execute(query).scalar()
        return 0 if stored is None else unpacked(stored)

    return reader.once(("tagged", spec.name, name, value), load)


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


class Families:
    """Which records of another list belong to each record: they stand side by side there, in the order of the records.

    So whole families are found by adding: where all members but the last are given a one, any that was there carries
    over into the place of the last.
    """

    def __init__(self, owner: "array[int]") -> None:
        if any(before > after for before, after in pairwise(owner)):
            raise ValueError("The members of a family do not stand side by side.")
        lasts = {of_whom: place for place, of_whom in enumerate(owner)}
        self._lasts = of(lasts.values())
        self._last_of = [lasts.get(of_whom, len(owner)) for of_whom in range(max(lasts, default=-1) + 1)]
        """The place of the last member of each record's family; beyond all members where it has none."""
        self._pick = itemgetter(*self._last_of, len(owner), len(owner))
        self._members = len(owner)
        self._others = (1 << len(owner)) - 1 & ~self._lasts
        self._asked = (0, 0)

    def owners(self, members: int) -> int:
        """The records whose families some members are of."""
        lasts = ((members & self._others) + self._others | members) & self._lasts
        return int("".join(self._pick(f"{lasts:0{self._members + 1}b}"[::-1]))[::-1], 2)

    def counted(self, values: dict[str, int], inner: int, outer: int) -> list[tuple[str, int]]:
        """How many records, among some, have a member that carries each value and is among some members."""
        asked, wanted = self._asked
        if asked != outer:  # the facets of a page mostly ask for the same
            wanted = of(compress(self._last_of, _flags(outer)))
            self._asked = outer, wanted
        others = self._others
        return [  # as in `owners`, but written out: this runs for each of hundreds of values
            (value, ((((found := members & inner) & others) + others | found) & wanted).bit_count())
            for value, members in values.items()
        ]


def families(reader: Reader, spec: List, via: Through) -> Families:
    """What the records of the other list belong to."""

    def load() -> "array[int]":
        ours, theirs = table_of(spec.table), table_of(via.of.table)
        same = (ours.c.release_id == theirs.c.release_id) & (ours.c.id == via.owner)
        query = select(ours.c.position).join(theirs, same).where(ours.c.release_id == reader.release_id)
        return array("I", reader.connection.execute(query.order_by(theirs.c.position)).scalars().all())

    return reader.once(("families", spec.name), lambda: Families(load()))


def of(found: Iterable[int]) -> int:
    """The set of some positions."""
    places = list(found)
    digits = bytearray(b"0") * (max(places, default=0) + 1)
    for place in places:
        digits[~place] = ONE
    return int(bytes(digits), 2)


def any_of(reader: Reader, spec: List, name: str, values: Iterable[str]) -> int:
    """The records that carry one of some values of a filter."""
    return reduce(or_, (tagged(reader, spec, name, value) for value in values), 0)


def packed(places: Sequence[int]) -> bytes:
    """The set of some positions as it is stored: a few are numbers, many are bits, which shrink."""
    if len(places) * SPARSE < max(places):
        return b"n" + struct.pack(f"<{len(places)}I", *places)
    found = of(places)
    return b"b" + zlib.compress(found.to_bytes((found.bit_length() + 7) >> 3, "little"), 1)


def unpacked(stored: bytes) -> int:
    """A set that was stored."""
    if stored[:1] == b"n":
        return of(struct.unpack(f"<{len(stored) >> 2}I", stored[1:]))
    return int.from_bytes(zlib.decompress(stored[1:]), "little")


def positions(found: int, start: int = 0) -> Iterator[int]:
    """The positions in a set, ascending, from one on."""
    rest = found >> start
    if rest.bit_count() * SPARSE < rest.bit_length():
        return _sparse(rest << start)
    pieces = range(0, rest.bit_length(), PIECE)
    return chain.from_iterable(
        compress(count(start + piece), _flags(rest >> piece & (1 << PIECE) - 1)) for piece in pieces
    )


def _sparse(found: int) -> Iterator[int]:
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest


def in_order(found: int, ordered: "array[int]", start: int) -> Iterator[tuple[int, int]]:
    """The places and positions of a set in an order, from a place on."""
    marked = found.to_bytes((max(len(ordered), found.bit_length()) + 7) >> 3, "little")
    for place in range(start, len(ordered)):
        position = ordered[place]
        if marked[position >> 3] >> (position & 7) & 1:
            yield place, position


def _flags(found: int) -> bytes:
    """A byte for each position, which is not zero where the set has it."""
    return f"{found:b}"[::-1].encode().translate(_ZEROED)


_ZEROED = bytes(number if number != ord("0") else 0 for number in range(256))
