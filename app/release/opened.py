"""A release in memory: what it says of itself, the index of each of its lists, and the names in it."""

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import RowMapping

from app.nouns.registry import nouns
from app.release.index import ListIndex
from app.release.indexing import build
from app.release.names import Names
from app.release.owners import OwnerIndex


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
        empty = build({})
        self.lists = {name: lists.get(name, empty[name]) for name in empty}
        """The index of each list, by its name; that of an empty one where the list came after the release."""
        self.joins = {
            noun.name: OwnerIndex(self.lists[noun.join.noun.name], noun, self.lists[noun.name].size)
            for noun in nouns()
            if noun.join
        }
        """By list that joins another: which of its records own which of the other."""

    @cached_property
    def names(self) -> Names:
        """Names of all records that are found by name."""
        return Names(self.lists)
