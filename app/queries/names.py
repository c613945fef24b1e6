"""Names: how a word that a user writes becomes the id of a record."""

import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import select

from app.models.base import table_of
from app.models.index import Name
from app.reader import Reader

_name = table_of(Name).c
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "κ": "kappa",
    "λ": "lambda",
    "ω": "omega",
}

SPACES: dict[str, str] = {
    "therapy": "therapies",
    "target": "targets",
    "condition": "conditions",
    "class": "classes",
    "event": "events",
}
"""Types of records that are called by names, in the order in which equals are shown, and the list of each."""
ORDER = {space: number for number, space in enumerate(SPACES.values())}

RANK = {"id": 0, "name": 1, "brand": 2, "synonym": 3, "code": 4, "identifier": 5}
"""Ways in which a name can match, best first."""


def fold(text: str) -> str:
    """Fold a name so that case, accents, Greek letters, spaces and punctuation do not matter: `PD-1` gives `pd1`."""
    if text.isascii():
        return text.lower().translate(_DROPPED)
    spelled = "".join(_GREEK.get(letter, letter) for letter in text.casefold())
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if letter.isalnum())


_DROPPED = {number: None for number in range(128) if not chr(number).isalnum()}


class UnknownNameError(Exception):
    """No record has this name. Carries the nearest names."""

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        super().__init__(f"Unknown: {name}")
        self.name = name
        self.nearest = nearest


class AmbiguousNameError(Exception):
    """Several records share this name. Carries their ids."""

    def __init__(self, name: str, ids: Sequence[str]) -> None:
        super().__init__(f"Ambiguous: {name}")
        self.name = name
        self.ids = ids


class Entry(NamedTuple):
    """A name of a record."""

    folded: str
    space: str
    """The list whose records are named."""
    id: str
    how: str
    name: str


@dataclass(frozen=True)
class Match:
    """A record that a name led to, and how."""

    id: str
    how: str
    name: str


def matches(reader: Reader, space: str, text: str) -> list[Match]:
    """All records that carry exactly this name after folding, the best way of matching first.

    `space` is the list whose records are named (`targets`), or `<list>.<filter>` for free values.
    """
    folded = fold(text)
    if not reader.is_small(space.partition(".")[0]):
        return reader.once(("named", space, text), lambda: ranked(_called(reader, space, folded), text))
    if space in ORDER and _all_at_hand(reader):
        return ranked((entry for entry in known_names(reader).called(folded) if entry.space == space), text)
    return ranked(by_fold(reader, space).get(folded, []), text)


def _all_at_hand(reader: Reader) -> bool:
    """Whether all names are held together; else a short list has those of its own."""
    return all(map(reader.is_small, ORDER))


def by_fold(reader: Reader, space: str) -> dict[str, list[Entry]]:
    """All names of a list, folded."""

    def load() -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in _named(reader, space):
            found.setdefault(entry.folded, []).append(entry)
        return found

    return reader.once(("names by fold", space), load)


def _named(reader: Reader, space: str) -> list[Entry]:
    columns = _name.folded, _name.list, _name.id, _name.how, _name.name
    query = select(*columns).where(_name.release_id == reader.release_id, _name.list == space)
    return list(map(Entry._make, reader.connection.execute(query).all()))


def _called(reader: Reader, space: str, folded: str) -> list[Entry]:
    """The names of a list that fold to a text."""
    rows = reader.near(_CALLED, release=reader.release_id, list=space, folded=folded)
    return list(map(Entry._make, rows))


_CALLED = (
    "SELECT folded, list, id, how, name FROM name WHERE release_id = :release AND list = :list AND folded = :folded"
)


@dataclass(frozen=True)
class Names:
    """All names of a release by which records are suggested and resolved, sorted by their folded form."""

    entries: list[Entry]
    folded: list[str]
    merit: "array[int]"
    """The place of each name among all, the better ones first."""
    titles: dict[str, dict[str, str]]
    """What each record of each list is called, by id."""
    by_letter: dict[tuple[int, str], set[int]]
    """Places of the names that have a letter at the first (0) or second (1) place."""
    by_length: dict[int, list[int]]

    def called(self, folded: str) -> list[Entry]:
        """The names that fold to a text."""
        return self.entries[bisect_left(self.folded, folded) : bisect_right(self.folded, folded)]


def known_names(reader: Reader) -> Names:
    """All names of the release."""

    def load() -> Names:
        rows = chain.from_iterable(_named(reader, space) for space in ORDER)
        entries = sorted(rows, key=lambda entry: (entry.folded, RANK[entry.how], entry.space, entry.id))
        merit = array("I", bytes(4 * len(entries)))
        best_first = sorted(range(len(entries)), key=lambda index: _merit(entries[index]))
        for place, index in enumerate(best_first):
            merit[index] = place
        titles: dict[str, dict[str, str]] = {space: {} for space in ORDER}
        for entry in entries:
            if entry.how == "name":
                titles[entry.space][entry.id] = entry.name
        folded = [entry.folded for entry in entries]
        by_letter: dict[tuple[int, str], set[int]] = defaultdict(set)
        by_length: dict[int, list[int]] = defaultdict(list)
        for index, text in enumerate(folded):
            by_length[len(text)].append(index)
            for place, letter in enumerate(text[:2]):
                by_letter[place, letter].add(index)
        return Names(entries, folded, merit, titles, dict(by_letter), dict(by_length))

    return reader.once("names", load)


def all_names(reader: Reader, space: str) -> dict[str, str]:
    """The names of all records of a list, by id."""
    if space in ORDER and _all_at_hand(reader):
        return known_names(reader).titles[space]

    def load() -> dict[str, str]:
        query = select(_name.id, _name.name).where(
            _name.release_id == reader.release_id, _name.list == space, _name.how == "name"
        )
        return {row.id: row.name for row in reader.connection.execute(query)}

    return reader.once(("names", space), load)


def _merit(entry: Entry) -> tuple[int, int, int, str]:
    return RANK[entry.how], ORDER[entry.space], len(entry.name), entry.name


def ranked(rows: Iterable[Entry], text: str) -> list[Match]:
    """The records among names (`id`, `how`, `name`) that all fold to the same as a text, best first."""
    found: dict[str, Match] = {}
    for row in sorted(rows, key=lambda row: (RANK[row.how], row.id, row.name)):
        # An id given to the letter is never in doubt, whatever else folds to the same.
        if row.how == "id" and row.id == text:
            return [Match(row.id, "id", row.name)]
        found.setdefault(row.id, Match(row.id, row.how, row.name))
    return list(found.values())


def resolve(reader: Reader, space: str, text: str) -> str:
    """The id that a name leads to. Raises `UnknownNameError` or `AmbiguousNameError`; never picks among equals."""
    found = matches(reader, space, text)
    if not found:
        raise UnknownNameError(text, nearest(reader, space, text))
    best = [match for match in found if RANK[match.how] == RANK[found[0].how]]
    if len(best) > 1:
        raise AmbiguousNameError(text, [match.id for match in best])
    return best[0].id


def nearest(reader: Reader, space: str, text: str, limit: int = 5) -> list[str]:
    """The ids whose names are nearest to a text, best first; none where nothing is near."""
    query = select(_name.folded, _name.id).where(_name.release_id == reader.release_id, _name.list == space)
    candidates = [(row.folded, row.id) for row in reader.connection.execute(query)]
    scored = process.extract(
        fold(text)[:200], [folded for folded, _ in candidates], scorer=fuzz.WRatio, limit=limit * 4, score_cutoff=70
    )
    return list(dict.fromkeys(candidates[index][1] for _, _, index in scored))[:limit]
