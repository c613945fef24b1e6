"""Facets: how many records carry each value of a filter, under all the other filters.

The values of a filter are held as sets of positions, read once a release. A set is a whole number: bit 3 is position 3.
Two such numbers are cut and counted in a microsecond, where a GROUP BY takes milliseconds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from sqlalchemy import select

from app.database import Reader
from app.models.base import table_of
from app.models.index import Tag
from app.queries.filters import Flag, List, Tagged, Through
from app.queries.listing import Resolved, conditions, through, written

_tag = table_of(Tag).c

Selected = Callable[[tuple[str, ...]], int]
"""Finds what some filters of a query find, by their names."""


def facets(reader: Reader, spec: List, query: Resolved, names: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """How many records of the list carry each value of some filters, each under all the other filters; most first."""
    selected = lru_cache(lambda names: _selected(reader, spec, {name: query[name] for name in names}))
    return {name: _facet(reader, spec, query, name, selected) for name in names}


def _facet(reader: Reader, spec: List, query: Resolved, name: str, selected: Selected) -> list[tuple[str, int]]:
    others = {key: value for key, value in query.items() if key != name}
    via = spec.through
    if via and name in via.filters:
        found = _owners(reader, spec, via, others, name)
        others = {key: value for key, value in others.items() if key not in via.filters}
    else:
        found = _values(reader, spec.name, name)
    wanted = _matching(reader, spec, others, selected)
    counted = [(value, (bits & wanted).bit_count()) for value, bits in found.items()]
    return sorted((row for row in counted if row[1]), key=lambda row: (-row[1], row[0]))


def _matching(reader: Reader, spec: List, query: Resolved, selected: Selected) -> int:
    """The records that a query finds: what is indexed by value is cut here, the rest is selected."""
    found, rest = -1, dict(query)  # in -1 every bit is set
    for wanted in spec.filters:
        if isinstance(wanted, Tagged | Flag) and wanted.name in rest:
            values = _values(reader, spec.name, wanted.name)
            found &= reduce(or_, (values.get(value, 0) for value in written(rest.pop(wanted.name))), 0)
    return found & selected(tuple(rest)) if rest else found


def _selected(reader: Reader, spec: List, query: Resolved) -> int:
    positions = select(table_of(spec.table).c.position).where(*conditions(reader, spec, query))
    return _bits(reader.connection.execute(positions).scalars())


def _bits(positions: Iterable[int]) -> int:
    """A set of positions as a whole number."""
    marked = bytearray()
    for position in positions:
        byte = position >> 3
        if byte >= len(marked):
            marked.extend(bytes(byte + 1 - len(marked)))
        marked[byte] |= 1 << (position & 7)
    return int.from_bytes(marked, "little")


def _values(reader: Reader, listed: str, name: str) -> dict[str, int]:
    """The records that carry each value of a filter."""

    def load() -> dict[str, int]:
        places: dict[str, list[int]] = defaultdict(list)
        query = select(_tag.value, _tag.position).where(
            _tag.release_id == reader.release_id, _tag.list == listed, _tag.filter == name
        )
        for value, position in reader.connection.execute(query):
            places[value].append(position)
        return {value: _bits(positions) for value, positions in places.items()}

    return reader.once(("values", listed, name), load)


def _owners(reader: Reader, spec: List, via: Through, query: Resolved, name: str) -> dict[str, int]:
    """The records one of whose records in another list carries each value, and meets the filters there."""
    inner, outer = table_of(via.of.table), table_of(spec.table)

    def owners() -> dict[int, int]:
        pairs = select(inner.c.position, outer.c.position).join(
            outer, (outer.c.release_id == inner.c.release_id) & (outer.c.id == via.owner)
        )
        rows: Any = reader.connection.execute(pairs.where(inner.c.release_id == reader.release_id))
        return dict(map(tuple, rows))

    passed = {key: value for key, value in query.items() if key in (*via.filters, *via.joining)}

    def load() -> dict[str, int]:
        owner_of = reader.once(("owner of", spec.name), owners)
        matching = select(inner.c.position).where(*through(reader, via, passed))
        wanted = _bits(reader.connection.execute(matching).scalars())
        return {
            value: _bits(owner_of[position] for position in _positions(bits & wanted))
            for value, bits in _values(reader, via.of.name, name).items()
        }

    return reader.once(("owners", spec.name, name, repr(sorted(passed.items()))), load)


def _positions(bits: int) -> Iterable[int]:
    """The positions of a set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
