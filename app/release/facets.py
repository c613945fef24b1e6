"""Facets: how many records carry each value of a filter, under all the other filters."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from pyroaring import BitMap

from app.nouns.declaration import Join, Noun
from app.nouns.filters import UNKNOWN, TermFilter
from app.release.opened import OpenRelease
from app.release.query import Params, joined_params, matching


def facet_values(release: OpenRelease, noun: Noun, params: Params, found: BitMap, name: str) -> list[dict[str, Any]]:
    """The values of a filter with their names and counts (id, name, count), most first; equals in order of values.

    A count is what the filter, added to all others, then finds. `found` are the records that meet all of `params`.
    Values of a tree name their `parents`, which count their children too.
    """
    others = {key: value for key, value in params.items() if key != name}
    wanted, join = noun.by_name[name], noun.join
    named = release.lists.get(wanted.names or "") if isinstance(wanted, TermFilter) else None
    names = release.names.titles.get(named.noun.name, {}) if named else {}
    if join is not None and not noun.all_filters.keys().isdisjoint(others):
        counted = _counted_one_by_one(release, noun, join, others, name)
    elif join is not None and _meets_others(join, others, name):
        counted = _counted_by_owner(release, noun, join, others, name)
    else:
        joined = join is not None and name in join.filters
        carrying = (
            release.joins[noun.name].owner_postings(name)
            if joined
            else release.lists[noun.name].postings_of(name, others)
        )
        under_others = matching(release, noun, others) if name in params else found
        counted = [(value, records.intersection_cardinality(under_others)) for value, records in carrying.items()]
    known = sorted((pair for pair in counted if pair[1]), key=itemgetter(1), reverse=True)
    if named and named.noun.is_tree:
        above = named.parents
        return [
            {"id": value, "name": names.get(value, value), "count": count, "parents": above.get(value, [])}
            for value, count in known
        ]
    return [{"id": value, "name": names.get(value, value), "count": count} for value, count in known]


def _meets_others(join: Join, others: Params, name: str) -> bool:
    """Whether a joined record must meet other filters together with the one that is counted."""
    if name in join.filters:
        return joined_params(join, others) != join.base_filters
    return name in join.shared_filters and not others.keys().isdisjoint(join.filters)


def _counted_by_owner(release: OpenRelease, noun: Noun, join: Join, others: Params, name: str) -> list[tuple[str, int]]:
    """The counts where one and the same joined record must have the value and meet the joined filters.

    A shared filter must be met by the owner too.
    """
    joined = release.joins[noun.name]
    owners = matching(release, noun, {key: value for key, value in others.items() if key not in join.filters})
    params = joined_params(join, others)
    members = joined.matching(params) & joined.owned(owners)
    if name not in join.shared_filters:
        return joined.counts(name, params, members)
    own = release.lists[noun.name].postings[name]
    carrying = ((value, slots & members) for value, slots in joined.postings(name, params).items())
    return [(value, len(joined.owners(slots) & own[value])) for value, slots in carrying if value in own]


def _counted_one_by_one(
    release: OpenRelease, noun: Noun, join: Join, others: Params, name: str
) -> list[tuple[str, int]]:
    """The counts beside filters that ask for all of several values, each of which may be met by another record."""
    owner = join.noun if name in join.filters else noun
    values = release.lists[owner.name].postings_of(name, others)
    return [(value, len(matching(release, noun, others | {name: [value]}))) for value in values]


def group_counts(
    release: OpenRelease, noun: Noun, found: BitMap, names: Sequence[str]
) -> list[tuple[dict[str, str], int]]:
    """The records found, counted by the values that they have of some filters together.

    Groups are in the order of the vocabularies, else of the values; what is not known comes last in each.
    """
    groups: list[tuple[dict[str, str], BitMap]] = [({}, found)]
    for name in names:
        postings = release.lists[noun.name].postings[name]
        wanted = noun.by_name[name]
        known = list(wanted.vocabulary) if isinstance(wanted, TermFilter) and wanted.vocabulary else sorted(postings)
        in_order = [*(str(value) for value in known if value != UNKNOWN), UNKNOWN]
        groups = [
            (values | {name: value}, both)
            for values, records in groups
            for value in in_order
            if value in postings and (both := records & postings[value])
        ]
    return [(values, len(records)) for values, records in groups]
