"""Facets: how many records carry each value of a filter, under all the other filters."""

from array import array
from operator import itemgetter

from pyroaring import BitMap

from app.nouns.declaration import Join, Noun
from app.release.opened import OpenRelease
from app.release.query import Params, joined_params, matching


def facet(release: OpenRelease, noun: Noun, params: Params, name: str) -> list[tuple[str, int]]:
    """How many records of the list carry each value of a filter under the other filters; most first."""
    others = {key: value for key, value in params.items() if key != name}
    join = noun.join
    if join is None or name not in join.filters:
        counted = _counted(release.index(noun).postings.get(name, {}), matching(release, noun, others))
    elif joined_params(join, others) == join.base_filters:
        counted = _counted(release.owner_postings(noun, name), matching(release, noun, others))
    else:
        counted = _counted_by_owner(release, noun, join, others, name)
    return sorted(filter(itemgetter(1), counted), key=itemgetter(1), reverse=True)  # equals stay in order of values


def _counted(postings: dict[str, BitMap], found: BitMap) -> list[tuple[str, int]]:
    return [(value, records.intersection_cardinality(found)) for value, records in postings.items()]


def _counted_by_owner(release: OpenRelease, noun: Noun, join: Join, others: Params, name: str) -> list[tuple[str, int]]:
    """The same where one and the same joined record must have the value and meet the joined filters."""
    joined = release.index(join.noun)
    owner_of = joined.owners[noun.name].__getitem__
    members = matching(release, join.noun, joined_params(join, others))
    owners = matching(release, noun, {key: value for key, value in others.items() if key not in join.filters})
    return [
        (value, BitMap(array("I", map(owner_of, carrying))).intersection_cardinality(owners))
        for value, records in joined.postings.get(name, {}).items()
        if (carrying := records & members)
    ]
