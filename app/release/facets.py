"""Facets: how many records carry each value of a filter, under all the other filters."""

from array import array
from typing import Any

from pyroaring import BitMap

from app.nouns.declaration import Join, Noun, TermFilter
from app.release.opened import OpenRelease, Params, joined_params, matching


def facet_values(release: OpenRelease, noun: Noun, params: Params, name: str) -> list[dict[str, Any]]:
    """The values of a filter with their names and counts (id, name, count), most first; equals in order of values."""
    others = {key: value for key, value in params.items() if key != name}
    wanted, join = noun.by_name[name], noun.join
    names = release.names.titles.get(wanted.names or "", {}) if isinstance(wanted, TermFilter) else {}
    if join is not None and name in join.filters and joined_params(join, others) != join.base_filters:
        counted = _counted_by_owner(release, noun, join, others, name)
    else:
        joined = join is not None and name in join.filters
        postings = release.owner_postings(noun, name) if joined else release.lists[noun.name].postings.get(name, {})
        found = matching(release, noun, others)
        counted = [(value, records.intersection_cardinality(found)) for value, records in postings.items()]
    known = sorted(((value, count) for value, count in counted if count), key=lambda pair: -pair[1])
    return [{"id": value, "name": names.get(value, value), "count": count} for value, count in known]


def _counted_by_owner(release: OpenRelease, noun: Noun, join: Join, others: Params, name: str) -> list[tuple[str, int]]:
    """The counts where one and the same joined record must have the value and meet the joined filters."""
    joined = release.lists[join.noun.name]
    owner_of = joined.owners[noun.name].__getitem__
    members = matching(release, join.noun, joined_params(join, others))
    owners = matching(release, noun, {key: value for key, value in others.items() if key not in join.filters})
    return [
        (value, BitMap(array("I", map(owner_of, carrying))).intersection_cardinality(owners))
        for value, records in joined.postings.get(name, {}).items()
        if (carrying := records & members)
    ]
