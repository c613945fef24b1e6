"""Facets: how many records carry each value of a filter, under all the other filters."""

from collections.abc import Iterable

from app.database import Reader
from app.queries.filters import List, Through
from app.queries.sets import Resolved, by_value, families, matching, passed


def facets(reader: Reader, spec: List, query: Resolved, names: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """How many records of the list carry each value of some filters; most first."""
    return {name: _facet(reader, spec, query, name) for name in names}


def _facet(reader: Reader, spec: List, query: Resolved, name: str) -> list[tuple[str, int]]:
    others = {key: value for key, value in query.items() if key != name}
    via = spec.through
    if via and name in via.filters:
        counted = _counted_through(reader, spec, via, others, name)
    else:
        wanted = matching(reader, spec, others)
        counted = [(value, (records & wanted).bit_count()) for value, records in by_value(reader, spec, name).items()]
    return sorted((row for row in counted if row[1]), key=lambda row: (-row[1], row[0]))


def _counted_through(reader: Reader, spec: List, via: Through, others: Resolved, name: str) -> list[tuple[str, int]]:
    """How many records one in the other list of which carries each value, and meets the filters there."""
    inner = matching(reader, via.of, passed(via, others))
    outer = matching(reader, spec, {key: value for key, value in others.items() if key not in via.filters})
    return families(reader, spec, via).counted(by_value(reader, via.of, name), inner, outer)
