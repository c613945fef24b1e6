"""A release as it is read: what it says of itself, and the index of each of its lists, all in memory."""

import datetime as dt
from collections.abc import Mapping
from functools import cached_property, reduce
from operator import and_
from typing import NamedTuple

from pyroaring import BitMap
from sqlalchemy import RowMapping

from app.nouns.declaration import Noun
from app.nouns.registry import nouns
from app.release.index import ListIndex, build
from app.release.names import Names


class ReleaseKey(NamedTuple):
    """What tells a release from all others: two databases may have releases of one version."""

    version: str
    digest: str


class OpenRelease:
    """One release, opened once. It never changes."""

    def __init__(self, row: RowMapping, lists: Mapping[str, ListIndex]) -> None:
        self.id: int = row["id"]
        self.version: str = row["version"]
        self.released_on: dt.date = row["released_on"]
        self.digest: str = row["digest"]
        self.counts: dict[str, int] = row["counts"]
        self.key = ReleaseKey(self.version, self.digest)
        self._lists = dict(lists)
        self._owner_postings: dict[str, dict[str, BitMap]] = {}

    def index(self, noun: Noun) -> ListIndex:
        """The index of a list; that of an empty one where the list came after the release."""
        if noun.name not in self._lists:
            self._lists[noun.name] = build({})[noun.name]
        return self._lists[noun.name]

    def owner_postings(self, noun: Noun, name: str) -> dict[str, BitMap]:
        """By value of a joined filter: the records that own a joined record with it, which meets the base filters."""
        join = noun.join
        if join is not None and name not in self._owner_postings:
            joined = self.index(join.noun)
            members = reduce(
                and_, (joined.term(key, values) for key, values in join.base_filters.items()), joined.everything
            )
            postings = joined.postings[name].items()
            self._owner_postings[name] = {value: joined.owners_of(found & members, noun) for value, found in postings}
        return self._owner_postings[name]

    @cached_property
    def names(self) -> Names:
        """Names of all records that are found by name."""
        return Names({noun.name: self.index(noun) for noun in nouns()})
