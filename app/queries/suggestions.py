"""Suggestions and resolutions: names of all types at once, ranked, with how each matched."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, Field
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Connection, select

from app.database import Reader
from app.models.base import table_of
from app.models.index import Name
from app.queries.names import RANK, fold, ranked

Type = Literal["therapy", "target", "condition", "class", "event"]

SPACES: dict[str, str] = {
    "therapy": "therapies",
    "target": "targets",
    "condition": "conditions",
    "class": "classes",
    "event": "events",
}
"""Types that are suggested, in the order in which equals are shown, and the list of each."""

_TYPES = {space: name for name, space in SPACES.items()}
_PARTS = re.compile(r"\s*(?:\+|/|;|\band\b|\bwith\b|\bplus\b)\s*", re.IGNORECASE)


class Suggestion(BaseModel):
    """A record that may be meant."""

    type: Type
    id: str
    name: str
    matched: str = Field(description="The name that matched what was typed.")


class Match(BaseModel):
    """A record that a name led to."""

    type: Type
    id: str
    name: str
    how: Literal["id", "name", "brand", "synonym", "code", "identifier", "fuzzy"]
    matched: str = Field(description="The name of the record that matched.")


class Resolution(BaseModel):
    """What a name leads to."""

    query: str
    status: Literal["matched", "ambiguous", "combination", "fuzzy", "unknown"]
    match: Match | None = Field(description="The record; null unless exactly one is best.")
    alternatives: list[Match] = Field(description="The other records that it may mean, best first.")
    parts: list["Resolution"] = Field(default=[], description="The parts of a combination.")


@dataclass(frozen=True)
class _Entry:
    folded: str
    space: str
    id: str
    how: str
    name: str


@dataclass(frozen=True)
class _Names:
    """All names of a release, sorted by their folded form."""

    entries: list[_Entry]
    folded: list[str]
    titles: dict[tuple[str, str], str]
    by_letter: dict[tuple[int, str], set[int]]
    """Places of the names that have a letter at the first (0) or second (1) place."""
    by_length: dict[int, list[int]]


class _Key:
    """A connection that a cache may be asked with, without being part of its key."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key)


@lru_cache(maxsize=4)
def _names(digest: str, release_id: int, key: _Key) -> _Names:  # noqa: ARG001  # the digest tells databases apart
    name = table_of(Name).c
    query = select(name.folded, name.list, name.id, name.how, name.name).where(
        name.release_id == release_id, name.list.in_(_TYPES)
    )
    rows = [_Entry(*row) for row in key.connection.execute(query)]
    entries = sorted(rows, key=lambda entry: (entry.folded, RANK[entry.how], entry.space, entry.id))
    titles = {(entry.space, entry.id): entry.name for entry in entries if entry.how == "name"}
    by_letter: dict[tuple[int, str], set[int]] = {}
    by_length: dict[int, list[int]] = {}
    for index, entry in enumerate(entries):
        by_length.setdefault(len(entry.folded), []).append(index)
        for place, letter in enumerate(entry.folded[:2]):
            by_letter.setdefault((place, letter), set()).add(index)
    return _Names(entries, [entry.folded for entry in entries], titles, by_letter, by_length)


def _all(reader: Reader) -> _Names:
    return _names(reader.digest, reader.release_id, _Key(reader.connection))


def suggestions(reader: Reader, typed: str, types: Sequence[str], limit: int) -> list[Suggestion]:
    """Records whose names begin with what was typed, best first; then those within one or two typing errors."""
    names, folded = _all(reader), fold(typed)
    if not folded:
        return []
    spaces = {SPACES[name] for name in types}
    order = list(SPACES.values())
    start = bisect_left(names.folded, folded)
    found: list[tuple[tuple[object, ...], _Entry]] = []
    for entry in names.entries[start:]:
        if not entry.folded.startswith(folded):
            break
        if entry.space in spaces:
            exact = entry.folded != folded
            found.append(((0, exact, RANK[entry.how], order.index(entry.space), len(entry.name), entry.name), entry))
    if len({(entry.space, entry.id) for _, entry in found}) < limit and len(folded) > 2:
        found += _misspelled(names, folded, spaces, limit)
    best: dict[tuple[str, str], Suggestion] = {}
    for _, entry in sorted(found, key=lambda pair: pair[0]):
        key = (entry.space, entry.id)
        if key not in best:
            kind = _TYPES[entry.space]
            best[key] = Suggestion(type=kind, id=entry.id, name=names.titles.get(key, entry.id), matched=entry.name)
    return list(best.values())[:limit]


def _misspelled(names: _Names, folded: str, spaces: set[str], limit: int) -> list[tuple[tuple[object, ...], _Entry]]:
    errors = 1 if len(folded) < 6 else 2
    # One of the first two letters is nearly always right: this leaves a tenth of the names to be compared.
    likely = names.by_letter.get((0, folded[0]), set()) | names.by_letter.get((1, folded[1]), set())
    likely |= names.by_letter.get((0, folded[1]), set())
    indexes = sorted(likely)
    distances: dict[int, int] = {}
    for length in (len(folded), len(folded) + 1):  # a letter left out makes the name meant longer than what was typed
        beginnings = [names.folded[index][:length] for index in indexes]
        for _, distance, place in process.extract(
            folded, beginnings, scorer=OSA.distance, score_cutoff=errors, limit=None
        ):
            distances[indexes[place]] = min(int(distance), distances.get(indexes[place], errors))
    order = list(SPACES.values())
    found: list[tuple[tuple[object, ...], _Entry]] = []
    for index, distance in distances.items():
        entry = names.entries[index]
        if entry.space in spaces and not entry.folded.startswith(folded):
            rest = abs(len(entry.folded) - len(folded))
            found.append(((1, distance, rest, RANK[entry.how], order.index(entry.space), entry.name), entry))
    return sorted(found, key=lambda pair: pair[0])[: limit * 5]


def resolution(reader: Reader, name: str, types: Sequence[str], *, whole: bool = True) -> Resolution:
    """What a name leads to among the types; combinations are taken apart."""
    names, folded = _all(reader), fold(name)
    same = names.entries[bisect_left(names.folded, folded) : bisect_right(names.folded, folded)]
    found = sorted(
        (
            (RANK[match.how], number, space, match)
            for number, space in enumerate(SPACES[kind] for kind in types)
            for match in ranked((entry for entry in same if entry.space == space), name)
        ),
        key=lambda row: row[:2],
    )
    titles = names.titles
    known = [
        Match(
            type=_TYPES[space],
            id=match.id,
            name=titles.get((space, match.id), match.id),
            how=match.how,
            matched=match.name,
        )
        for _, _, space, match in found
    ]
    if known:
        equals = [row for row in found if row[0] == found[0][0]]
        if len(equals) == 1:
            return Resolution(query=name, status="matched", match=known[0], alternatives=known[1:])
        return Resolution(query=name, status="ambiguous", match=None, alternatives=known)
    if whole:
        parts = [part for part in _PARTS.split(name) if part]
        if 1 < len(parts) <= 10:
            resolved = [resolution(reader, part, types, whole=False) for part in parts]
            if any(part.status in {"matched", "ambiguous"} for part in resolved):
                return Resolution(query=name, status="combination", match=None, alternatives=[], parts=resolved)
    near = _near(reader, name, types)
    if not near:
        return Resolution(query=name, status="unknown", match=None, alternatives=[])
    return Resolution(query=name, status="fuzzy", match=None, alternatives=near)


def _near(reader: Reader, name: str, types: Sequence[str]) -> list[Match]:
    """Records with a name within one or two typing errors of the whole name."""
    names, folded = _all(reader), fold(name)
    if len(folded) < 4:
        return []
    spaces = {SPACES[kind] for kind in types}
    errors = 1 if len(folded) < 8 else 2
    # Names that differ more in length differ in more letters: a long question is compared with hardly any.
    lengths = range(len(folded) - errors, len(folded) + errors + 1)
    alike = {index: names.folded[index] for length in lengths for index in names.by_length.get(length, ())}
    near = process.extract(folded, alike, scorer=OSA.distance, score_cutoff=errors, limit=None)
    best: dict[tuple[str, str], Match] = {}
    for _, _, index in sorted(near, key=lambda row: (row[1], row[2])):
        entry = names.entries[index]
        key = (entry.space, entry.id)
        if entry.space in spaces and key not in best:
            best[key] = Match(
                type=_TYPES[entry.space],
                id=entry.id,
                name=names.titles.get(key, entry.id),
                how="fuzzy",
                matched=entry.name,
            )
    return list(best.values())[:5]
