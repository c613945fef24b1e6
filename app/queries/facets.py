"""Facets: how many records carry each value of a filter, under all the other filters."""

from collections.abc import Callable, Iterable
from operator import itemgetter

from app.queries.filters import List, Through
from app.queries.matching import Resolved, by_value, families, matching, owners, passed
from app.reader import Reader


def facets(reader: Reader, spec: List, query: Resolved, names: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """How many records of the list carry each value of some filters; most first."""
    known: dict[tuple[str, ...], int] = {}

    def found(of: List, asked: Resolved) -> int:
        """What a part of this one query finds, which is the same for most facets."""
        key = (of.name, *asked)
        if key not in known:
            known[key] = matching(reader, of, asked)
        return known[key]

    return {
        name: _facet(reader, spec, {key: query[key] for key in query if key != name}, name, found) for name in names
    }


def _facet(
    reader: Reader, spec: List, query: Resolved, name: str, found: Callable[[List, Resolved], int]
) -> list[tuple[str, int]]:
    others = {key: value for key, value in query.items() if key != name}
    values, via = by_value(reader, spec.owner(name), name), spec.through
    through = via is not None and name in via.filters
    if via and through and passed(via, others) != via.always:
        inner = found(via.of, passed(via, others))
        outer = found(spec, {key: value for key, value in others.items() if key not in via.filters})
        counted = families(reader, spec, via).counted(values, inner, outer)
    else:
        if via and through:
            values = _owners_by_value(reader, spec, via, name)
        wanted = found(spec, others)
        counted = [(value, (records & wanted).bit_count()) for value, records in values.items()]
    return sorted(filter(itemgetter(1), counted), key=itemgetter(1), reverse=True)  # equals stay in their order


def _owners_by_value(reader: Reader, spec: List, via: Through, name: str) -> dict[str, int]:
    """The records of which one in the other list carries each value, where nothing else is asked of that one."""

    def load() -> dict[str, int]:
        inner = matching(reader, via.of, dict(via.always))
        values = by_value(reader, via.of, name)
        return {value: owners(reader, spec, via, records & inner) for value, records in values.items()}

    return reader.once(("owners by value", spec.name, name), load)
