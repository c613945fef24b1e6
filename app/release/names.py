"""Names: how a word that a user writes becomes the id of a record."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.nouns.filters import TermFilter, base_name
from app.nouns.folding import fold
from app.nouns.identifier_forms import parsed, prefixes
from app.nouns.registry import named_nouns
from app.nouns.shorthand import bracketed, readings
from app.release.directory import Directory
from app.release.index import ListIndex
from app.release.naming import RANK, Name

_CALLED = {"name": 0, "brand": 1, "id": 2}
"""Ways in which a record is really called, as they are shown."""
MAX_NEAREST = 5
MAX_JOINED = 12
"""Pieces between commas that may be one name."""
_GIVEN_TOGETHER = frozenset({"therapies"})
"""Lists in which a combination is one thing, and not the one or the other."""


class UnknownNameError(Exception):
    """No record has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Unknown: {name}")
        self.name = name


class AmbiguousNameError(Exception):
    """Several records share this name. Carries their ids."""

    def __init__(self, name: str, ids: Sequence[str]) -> None:
        super().__init__(f"Ambiguous: {name}")
        self.name = name
        self.ids = ids


@dataclass(frozen=True)
class NameMatch:
    """A record that a name led to, and how."""

    id: str
    how: str
    name: str
    space: str
    rank: int


class Names:
    """All names of a release."""

    def __init__(self, lists: Mapping[str, ListIndex]) -> None:
        self.titles: dict[str, dict[str, str]] = {}
        """What each record of each list is called, by id."""
        self._order = {noun.name: place for place, noun in enumerate(named_nouns().values())}
        self._ids: dict[str, Collection[str]] = {}
        self._free: dict[str, Mapping[str, Any]] = {}
        """Free values of filters, by their space, with the records that carry them."""
        named: list[Name] = []
        self._directories: dict[str, Directory] = {}
        for space, index in lists.items():
            self.titles[space] = {entry.id: entry.name for entry in index.names if entry.how == "name"}
            if space in self._order:
                named += index.names
            elif index.names:
                self._directories[space] = Directory(index.names)
            self._ids[space] = {entry.id for entry in index.names if entry.how == "id"}
            for item in index.noun.filters:
                if isinstance(item, TermFilter) and not (item.vocabulary or (item.names and lists[item.names].size)):
                    self._free[f"{space}.{item.name}"] = index.postings.get(item.name, {})
        self._ids |= self._free
        weights = _weights(lists)
        self.named = Directory(sorted(named, key=lambda name: self._suggestion_rank(name, weights[name.space])))
        """The names of records that are found by name, those first that are suggested first."""

    def _directory(self, space: str) -> Directory:
        if space in self._order:
            return self.named
        if space not in self._directories and space in self._free:  # made for the first who needs it: few do
            values = ((value, fold(value)) for value in self._free[space])  # any spelling that folds alike finds them
            self._directories[space] = Directory(Name(key, space, value, "id", value) for value, key in values if key)
        return self._directories.get(space, _NO_NAMES)

    def matches(self, space: str, text: str) -> list[NameMatch]:
        """All records of a list that a text can mean, best first; none is better than another of equal rank."""
        return self.called(text, [space])

    def called(self, text: str, spaces: Sequence[str]) -> list[NameMatch]:
        """All records of some lists that a text can mean, best first, then in the order of the lists.

        Names that are written like the text are found first; only where there is none, those that are written
        otherwise, identifiers in another form, and what a name and another in brackets have in common.
        """
        for find in (self._written, self._written_otherwise, self._identified, self._in_both):
            if found := find(text, spaces):
                return found
        return []

    def _written(self, text: str, spaces: Sequence[str]) -> list[NameMatch]:
        return _ranked((name for space in self._distinct(spaces) for name in space.whole(text)), text, spaces)

    def _written_otherwise(self, text: str, spaces: Sequence[str]) -> list[NameMatch]:
        found = (name for space in self._distinct(spaces) for name in space.loosely(text))
        return _ranked(found, text, spaces)

    def _identified(self, text: str, spaces: Sequence[str]) -> list[NameMatch]:
        if (found := parsed(text)) is None:
            return []
        prefix, local = found
        known_as = prefixes(prefix)  # older releases wrote other ones
        written = (self._written(f"{name}:{local}", spaces) for name in known_as)
        own = [space for space in spaces if space.rpartition(".")[2] in known_as]  # values of a filter such as `doi`
        return next(filter(None, written), None) or self._written(local, own)

    def _in_both(self, text: str, spaces: Sequence[str]) -> list[NameMatch]:
        both = bracketed(text)
        if both is None:
            return []
        outer, inner = (self.called(part, spaces) for part in both)
        same = {(match.space, match.id) for match in inner}
        if found := [match for match in outer if (match.space, match.id) in same]:
            return found
        return [replace(match, rank=0) for match in (*outer, *inner)] if outer and inner else []

    def _distinct(self, spaces: Iterable[str]) -> list[Directory]:
        return list({id(found): found for found in map(self._directory, spaces)}.values())

    def space_of(self, list_name: str, wanted: TermFilter) -> str:
        """The names that a filter takes; the values that occur, where it has none or the release lacks that list."""
        known = wanted.names if self._ids.get(wanted.names or "") else None
        return known or f"{list_name}.{base_name(wanted)}"

    def is_id(self, space: str, text: str) -> bool:
        """Whether a text is an id, to the letter."""
        return text in self._ids.get(space, ())

    def resolve(self, space: str, text: str) -> str:
        """The id that a name leads to. Raises `UnknownNameError`, or `AmbiguousNameError` among equals."""
        if self.is_id(space, text):
            return text  # an id given to the letter is never in doubt, whatever else folds to the same
        found = self.matches(space, text)
        if not found:
            raise UnknownNameError(text)
        best = leading(found)
        if len(best) > 1:
            raise AmbiguousNameError(text, [match.id for match in best])
        return best[0].id

    def resolve_each(self, space: str, text: str) -> list[str]:
        """The ids that a text leads to: of one name, or of each that it stands for (`PD-(L)1`); otherwise as above."""
        try:
            return [self.resolve(space, text)]
        except UnknownNameError:
            found = None if space in _GIVEN_TOGETHER else self.read(text, [space])
            if not found or not any(self.matches(space, name) for name in found):
                raise
            return list(dict.fromkeys(self.resolve(space, name) for name in found))

    def joined(self, space: str, pieces: Sequence[str]) -> Iterator[str]:
        """The names that were given between commas: a name that has a comma itself is tried whole, before it is cut.

        One by one, so that nothing is tried after a name that is refused.
        """
        start = 0
        while start < len(pieces):
            count = self._pieces_of_a_name(space, pieces[start : start + MAX_JOINED])
            yield ", ".join(pieces[start : start + count])
            start += count

    def _pieces_of_a_name(self, space: str, pieces: Sequence[str]) -> int:
        """How many pieces, from the first on, are one name: as many as a name has that is written with commas."""
        directory, otherwise = self._directory(space), 1
        for count in range(len(pieces), 1, -1):
            joined = ", ".join(pieces[:count])
            names = [name for name in directory.whole(joined) or directory.loosely(joined) if name.space == space]
            if any("," in name.name for name in names):
                return count
            if names and otherwise == 1 and not self.matches(space, pieces[0]):
                otherwise = count
        return otherwise

    def read(self, text: str, spaces: Sequence[str]) -> list[str]:
        """The names that a text stands for, known ones if possible; none where it does not stand for several."""
        found: list[str] = []
        for reading in readings(text):
            chosen = [next((name for name in names if self.called(name, spaces)), None) for names in reading]
            found = [name or names[-1] for name, names in zip(chosen, reading, strict=True)]
            if None not in chosen and len(set(found)) > 1:
                break
        return found

    def nearest(self, space: str, text: str) -> list[str]:
        """The ids whose names are nearest to a text, best first; none where nothing is near."""
        return self._directory(space).nearest(text, [space], MAX_NEAREST)

    def nearly(self, text: str, spaces: Iterable[str]) -> Iterator[Name]:
        """The names within one or two typing errors of a whole name, the nearest first."""
        wanted = set(spaces)
        return (name for name in self.named.nearly(text) if name.space in wanted)

    def _suggestion_rank(self, name: Name, weights: Mapping[str, int]) -> tuple[int, int, int, int]:
        """What is suggested first: medicines by name and brand, other records by name; then what most facts are of."""
        called = name.how in _CALLED
        kind = 0 if called and name.space == "therapies" else 1 if called else 2
        facts = weights.get(name.id, 0).bit_length()
        return kind, -facts, _CALLED.get(name.how, 3), self._order[name.space]


def leading(found: Sequence[NameMatch]) -> list[NameMatch]:
    """The best of the records of each list: where they are several, a name has several meanings."""
    best: dict[str, int] = {}
    for match in found:
        best[match.space] = min(match.rank, best.get(match.space, match.rank))
    return [match for match in found if match.rank == best[match.space]]


_NO_NAMES = Directory(())


def _weights(lists: Mapping[str, ListIndex]) -> dict[str, dict[str, int]]:
    """How many records are told of each record, by list and id."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for index in lists.values():
        for wanted in index.noun.filters:
            if isinstance(wanted, TermFilter) and wanted.names and wanted.names != index.noun.name:
                counted = found[wanted.names]
                for value, records in index.postings.get(wanted.name, {}).items():
                    counted[value] = counted.get(value, 0) + len(records)
    return found


def _ranked(names: Iterable[Name], text: str, spaces: Sequence[str]) -> list[NameMatch]:
    """The records of some lists among names, best first. An id given to the letter is never in doubt in its list."""
    places = {space: place for place, space in enumerate(spaces)}
    known = [name for name in names if name.space in places]
    given = {name.space for name in known if name.how == "id" and name.id == text}
    found: dict[tuple[str, str], NameMatch] = {}
    for name in sorted(known, key=lambda name: (RANK[name.how], places[name.space], name.id, name.name)):
        if name.space not in given or name.id == text:
            match = NameMatch(name.id, name.how, name.name, name.space, RANK[name.how])
            found.setdefault((name.space, name.id), match)
    return list(found.values())
