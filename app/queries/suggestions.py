"""Suggestions and resolutions: names of all types at once, ranked, with how each matched."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import chain
from typing import Literal

from pydantic import BaseModel, Field
from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.queries.names import ORDER, RANK, SPACES, Names, fold, known_names, ranked
from app.queries.words import LAST
from app.reader import Reader

Type = Literal["therapy", "target", "condition", "class", "event"]

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


def suggestions(reader: Reader, typed: str, types: Sequence[str], limit: int) -> list[Suggestion]:
    """Records whose names begin with what was typed, best first; then those within one or two typing errors."""
    names, folded = known_names(reader), fold(typed)
    if not folded:
        return []
    spaces = {SPACES[name] for name in types}
    best: dict[tuple[str, str], Suggestion] = {}
    for index in chain(_beginning(names, folded), _misspelled(names, folded, spaces, limit)):
        entry = names.entries[index]
        key = (entry.space, entry.id)
        if entry.space in spaces and key not in best:
            kind = _TYPES[entry.space]
            best[key] = Suggestion(
                type=kind, id=entry.id, name=names.titles[entry.space].get(entry.id, entry.id), matched=entry.name
            )
            if len(best) == limit:
                break
    return list(best.values())


def _beginning(names: Names, folded: str) -> Iterator[int]:
    """The names that are what was typed, then those that begin with it, the best of each first."""
    start, longer = bisect_left(names.folded, folded), bisect_right(names.folded, folded)
    end = bisect_left(names.folded, folded + LAST)
    yield from sorted(range(start, longer), key=names.merit.__getitem__)
    yield from sorted(range(longer, end), key=names.merit.__getitem__)


def _misspelled(names: Names, folded: str, spaces: set[str], limit: int) -> Iterator[int]:
    """The names that begin with what was nearly typed, the nearest first."""
    if len(folded) <= 2:
        return
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
    found = []
    for index, distance in distances.items():
        entry = names.entries[index]
        if entry.space in spaces and not entry.folded.startswith(folded):
            rest = abs(len(entry.folded) - len(folded))
            found.append((distance, rest, RANK[entry.how], ORDER[entry.space], entry.name, index))
    yield from (row[-1] for row in nsmallest(limit * 5, found))


def resolution(reader: Reader, name: str, types: Sequence[str], *, whole: bool = True) -> Resolution:
    """What a name leads to among the types; combinations are taken apart."""
    names, folded = known_names(reader), fold(name)
    same = names.called(folded)
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
            name=titles[space].get(match.id, match.id),
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
    names, folded = known_names(reader), fold(name)
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
                name=names.titles[entry.space].get(entry.id, entry.id),
                how="fuzzy",
                matched=entry.name,
            )
    return list(best.values())[:5]
