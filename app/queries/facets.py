"""Facets: how many records carry each value of a filter, under all the other filters."""

from collections.abc import Iterable

from app.database import Reader
from app.queries.filters import List, Through
from app.queries.sets import Resolved, by_value, matching, owners, passed


def facets(reader: Reader, spec: List, query: Resolved, names: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """How many records of the list carry each value of some filters; most first."""
    return {name: _facet(reader, spec, query, name) for name in names}


def _facet(reader: Reader, spec: List, query: Resolved, name: str) -> list[tuple[str, int]]:
    others = {key: value for key, value in query.items() if key != name}
    via = spec.through
    if via and name in via.filters:
        found = _owners_by_value(reader, spec, via, others, name)
        others = {key: value for key, value in others.items() if key not in via.filters}
    else:
        found = by_value(reader, spec, name)
    wanted = matching(reader, spec, others)
    counted = [(value, (records & wanted).bit_count()) for value, records in found.items()]
    return sorted((row for row in counted if row[1]), key=lambda row: (-row[1], row[0]))


def _owners_by_value(reader: Reader, spec: List, via: Through, others: Resolved, name: str) -> dict[str, int]:
    """The records of which one in the other list carries each value, and meets the filters there."""
    asked = passed(via, others)

    def load() -> dict[str, int]:
        wanted = matching(reader, via.of, asked)
        found = by_value(reader, via.of, name)
        return {value: owners(reader, spec, via, records & wanted) for value, records in found.items()}

    return reader.once(("owners by value", spec.name, name, repr(sorted(asked.items()))), load)
