"""Owners: folding slots finds the owners that going from record to record finds."""

import random
from array import array
from dataclasses import replace

import pytest
from pyroaring import BitMap

from app.nouns.registry import noun as noun_of
from app.release.indexing import build
from app.release.opened import OpenRelease
from app.release.owners import OwnerIndex
from tests.release.brute_force import BruteForce

THERAPIES, INDICATIONS = noun_of("therapies"), noun_of("indications")


def test_owners_are_the_therapies_of_their_indications(release: OpenRelease, base: BruteForce) -> None:
    joined, documents = release.joins["therapies"], base.documents
    for params in ({"line": ["first"]}, {"condition": ["melanoma"], "agency": ["EMA"]}, {"condition": ["no-such"]}, {}):
        found = base.find(INDICATIONS, params)
        expected = {document["therapy"]["id"] for document in found}
        slots = joined.matching(params)
        owners = joined.owners(slots)
        assert {documents["therapies"][position]["id"] for position in owners} == expected, params
        assert len(slots) == len(found)
        counts = dict(joined.counts("line", params, slots))
        assert sum(counts.values()) >= len(expected) == len(owners)
        assert joined.owners(joined.owned(owners)) == owners


@pytest.mark.parametrize("width", [1, 2, 7, 400])
@pytest.mark.parametrize("most", [0, 1, 2, 3, 9, 64, 100])
def test_any_number_of_records_an_owner_is_folded(width: int, most: int) -> None:
    """Owners without records, with one, and with many; joined records in any order."""
    chance = random.Random(most)  # noqa: S311  # the same records in every run
    owners = [owner for owner in range(width) for _ in range(chance.choice([0, most, chance.randint(0, most)]))]
    chance.shuffle(owners)
    values = {str(value): [place for place in range(len(owners)) if chance.random() < value / 4] for value in range(5)}
    postings = {"line": {value: BitMap(found) for value, found in values.items()}}
    listed = replace(
        build({})["indications"],
        size=len(owners),
        postings=postings,
        owners={"therapies": array("I", owners)},
        columns={},
    )
    joined = OwnerIndex(listed, THERAPIES, width)
    for value, found in values.items():
        slots = joined.postings("line", {})[value]
        expected = {owners[place] for place in found}
        assert set(joined.owners(slots)) == expected
        assert dict(joined.counts("line", {}, slots)).get(value, 0) == len(expected)
        some = BitMap(sorted(expected)[::2])
        assert set(joined.owners(slots & joined.owned(some))) == set(some)
    assert len(joined.matching({})) == len(owners)
