"""What a list of facts does not tell: therapies that are not curated, or for which nothing was found."""

from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any

from pyroaring import BitMap

from app.api.page import MAX_THERAPIES, list_url
from app.api.records import coverages_at
from app.nouns.declaration import Noun, Section
from app.nouns.filters import UNKNOWN, TermFilter
from app.nouns.registry import noun as noun_of
from app.release.opened import OpenRelease
from app.release.query import Params, matching
from app.release.store import Store
from app.vocabulary import Coverage


def coverage_gaps(
    release: OpenRelease,
    noun: Noun,
    section: Section,
    filters: Mapping[str, Any],
    found: BitMap,
    link: Callable[[str], str],
) -> dict[str, Any]:
    """The therapies of which a list of facts, under its filters, says nothing: not curated, or none found."""
    therapies, index = noun_of("therapies"), release.lists[noun.name]
    therapy_filters: Params = {}
    for name, wanted in noun.by_name.items():
        if isinstance(wanted, TermFilter) and wanted.of_therapies and name in filters:
            if UNKNOWN in filters[name] and wanted.of_therapies not in therapies.optional:
                return {}  # facts of no therapy, such as those of comparator arms
            therapy_filters.setdefault(wanted.of_therapies, filters[name])
    kinds = section.kinds(filters)
    all_of_them = matching(release, therapies, therapy_filters)
    missing = all_of_them & release.lists[therapies.name].term("not_curated", kinds)
    found_nothing: dict[str, Any] = {
        "not_curated": _first(release, missing)
        | {"kinds": kinds, "therapies": link(list_url(release, therapies, therapy_filters | {"not_curated": kinds}))}
    }
    if therapy_filters:
        ids, facts = release.lists[therapies.name].ids, index.postings["therapy"]
        silent = (place for place in all_of_them - missing if not found.intersect(facts.get(ids[place], BitMap())))
        found_nothing["none_found"] = _first(release, BitMap(silent))
    return found_nothing


def _first(release: OpenRelease, therapies: BitMap) -> dict[str, Any]:
    ids = release.lists["therapies"].ids
    return {"count": len(therapies), "ids": [ids[place] for place in therapies[:MAX_THERAPIES]]}


async def absences(
    store: Store, release: OpenRelease, noun: Noun, params: Mapping[str, Any]
) -> list[dict[str, Any]] | None:
    """What is known of each therapy requested, in a list of its facts that found nothing."""
    if noun.section is None or "therapy" not in params:
        return None
    positions = await store.positions(release, noun_of("therapies"), params["therapy"])
    found = await store.fetch(partial(coverages_at, release=release, positions=BitMap(positions.values())))
    return [absence(therapy, noun.section.absence_kind) for therapy in sorted(found, key=itemgetter("id"))]


def absence(therapy: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What is known of a kind of fact of a therapy of which nothing is shown."""
    coverage = therapy["coverage"].get(kind, Coverage.NOT_CURATED)
    return {"therapy": {"id": therapy["id"], "name": therapy["name"]}, "coverage": coverage}
