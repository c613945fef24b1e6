"""Names: how a word that a user writes becomes the id of a record."""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from app.nouns.declaration import TermFilter
from app.nouns.folding import fold
from app.nouns.registry import named_nouns
from app.release.fulltext import LAST_CHARACTER
from app.release.index import ListIndex, Name

RANK = {"id": 0, "name": 1, "brand": 2, "synonym": 3, "code": 4, "identifier": 5}
"""Ways in which a name can match, best first."""
MAX_NEAREST = 5


class UnknownNameError(Exception):
    """No record has this name. Carries the ids with the nearest names."""

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


@dataclass(frozen=True)
class NameMatch:
    """A record that a name led to, and how."""

    id: str
    how: str
    name: str


class Names:
    """All names of a release."""

    def __init__(self, lists: Mapping[str, ListIndex]) -> None:
        self._by_fold: dict[str, dict[str, list[Name]]] = {}
        self._ids: dict[str, set[str]] = {}
        self.titles: dict[str, dict[str, str]] = {}
        """What each record of each list is called, by id."""
        for space, index in lists.items():
            self._by_fold[space] = _grouped(index.names)
            self.titles[space] = {entry.id: entry.name for entry in index.names if entry.how == "name"}
            self._by_fold |= _free_values(space, index)
        for space, groups in self._by_fold.items():
            self._ids[space] = {entry.id for group in groups.values() for entry in group if entry.how == "id"}
        types = {noun.name: place for place, noun in enumerate(named_nouns().values())}
        known = (entry for space in types for group in self._by_fold[space].values() for entry in group)
        self._entries = sorted(known, key=lambda entry: (entry.folded, RANK[entry.how], entry.space, entry.id))
        self._folded = [entry.folded for entry in self._entries]
        self._order = types
        best_first = sorted(range(len(self._entries)), key=lambda place: self._merit(self._entries[place]))
        self._merit_rank = array("I", bytes(4 * len(best_first)))
        for rank, place in enumerate(best_first):
            self._merit_rank[place] = rank
        self._by_letter: dict[tuple[int, str], set[int]] = defaultdict(set)
        self._by_length: dict[int, list[int]] = defaultdict(list)
        for place, folded in enumerate(self._folded):
            self._by_length[len(folded)].append(place)
            for number, letter in enumerate(folded[:2]):
                self._by_letter[number, letter].add(place)

    def _merit(self, entry: Name) -> tuple[int, int, int, str]:
        return RANK[entry.how], self._order[entry.space], len(entry.name), entry.name

    def matches(self, space: str, text: str) -> list[NameMatch]:
        """All records of a space that carry exactly this name after folding, the best way of matching first."""
        return _ranked(self._by_fold.get(space, {}).get(fold(text), ()), text)

    def resolve(self, space: str, text: str) -> str:
        """The id that a name leads to. Raises `UnknownNameError`, or `AmbiguousNameError` among equals."""
        if text in self._ids.get(space, ()):
            return text  # an id given to the letter is never in doubt, whatever else folds to the same
        found = self.matches(space, text)
        if not found:
            raise UnknownNameError(text, self.nearest(space, text))
        best = [match for match in found if RANK[match.how] == RANK[found[0].how]]
        if len(best) > 1:
            raise AmbiguousNameError(text, [match.id for match in best])
        return best[0].id

    def nearest(self, space: str, text: str) -> list[str]:
        """The ids whose names are nearest to a text, best first; none where nothing is near."""
        candidates = [(folded, entry.id) for folded, group in self._by_fold.get(space, {}).items() for entry in group]
        folds = [folded for folded, _ in candidates]
        scored = process.extract(fold(text)[:200], folds, scorer=fuzz.WRatio, limit=MAX_NEAREST * 4, score_cutoff=70)
        return list(dict.fromkeys(candidates[place][1] for _, _, place in scored))[:MAX_NEAREST]

    def called(self, text: str, spaces: Sequence[str]) -> list[tuple[int, int, str, NameMatch]]:
        """Records of some lists with exactly this name: rank, place of the list, list, match; best first."""
        low, high = bisect_left(self._folded, fold(text)), bisect_right(self._folded, fold(text))
        same = self._entries[low:high]
        found = [
            (RANK[match.how], place, space, match)
            for place, space in enumerate(spaces)
            for match in _ranked((entry for entry in same if entry.space == space), text)
        ]
        return sorted(found, key=lambda row: row[:2])

    def beginning_with(self, typed: str) -> Iterator[Name]:
        """The names that are what was typed, then those that begin with it, the best of each first."""
        folded = fold(typed)
        start, longer = bisect_left(self._folded, folded), bisect_right(self._folded, folded)
        end = bisect_left(self._folded, folded + LAST_CHARACTER)
        for low, high in ((start, longer), (longer, end)):
            yield from (self._entries[place] for place in sorted(range(low, high), key=self._merit_rank.__getitem__))

    def beginning_nearly_with(self, typed: str, spaces: Iterable[str], limit: int) -> Iterator[Name]:
        """The names that begin with what was nearly typed (one or two errors), the nearest first."""
        folded, wanted = fold(typed), set(spaces)
        if len(folded) <= 2:
            return
        errors = 1 if len(folded) < 6 else 2
        # One of the first two letters is nearly always right: this leaves a tenth of the names to be compared.
        likely = self._by_letter.get((0, folded[0]), set()) | self._by_letter.get((1, folded[1]), set())
        places = sorted(likely | self._by_letter.get((0, folded[1]), set()))
        distances: dict[int, int] = {}
        for length in (len(folded), len(folded) + 1):  # a letter left out makes the name longer than what was typed
            beginnings = [self._folded[place][:length] for place in places]
            near = process.extract(folded, beginnings, scorer=OSA.distance, score_cutoff=errors, limit=None)
            for _, distance, number in near:
                place = places[number]
                distances[place] = min(int(distance), distances.get(place, errors))
        found = []
        for place, distance in distances.items():
            entry = self._entries[place]
            if entry.space in wanted and not entry.folded.startswith(folded):
                rest = abs(len(entry.folded) - len(folded))
                found.append((distance, rest, RANK[entry.how], self._order[entry.space], entry.name, place))
        yield from (self._entries[row[-1]] for row in nsmallest(limit * 5, found))

    def nearly(self, text: str, spaces: Iterable[str]) -> Iterator[Name]:
        """The names within one or two typing errors of a whole name, the nearest first."""
        folded, wanted = fold(text), set(spaces)
        if len(folded) < 4:
            return
        errors = 1 if len(folded) < 8 else 2
        # Names that differ more in length differ in more letters: a long question is compared with hardly any.
        lengths = range(len(folded) - errors, len(folded) + errors + 1)
        alike = {place: self._folded[place] for length in lengths for place in self._by_length.get(length, ())}
        near = process.extract(folded, alike, scorer=OSA.distance, score_cutoff=errors, limit=None)
        for _, _, place in sorted(near, key=lambda row: (row[1], row[2])):
            if self._entries[place].space in wanted:
                yield self._entries[place]


def _grouped(entries: Iterable[Name]) -> dict[str, list[Name]]:
    found: dict[str, list[Name]] = {}
    for entry in entries:
        found.setdefault(entry.folded, []).append(entry)
    return found


def _free_values(space: str, index: ListIndex) -> dict[str, dict[str, list[Name]]]:
    """Values of filters that have neither names nor a vocabulary: any spelling that folds alike finds them."""
    free = [item for item in index.noun.filters if isinstance(item, TermFilter) and not (item.names or item.vocabulary)]
    return {
        f"{space}.{item.name}": _grouped(
            Name(fold(value), f"{space}.{item.name}", value, "id", value)
            for value in index.postings.get(item.name, {})
            if fold(value)
        )
        for item in free
    }


def _ranked(entries: Iterable[Name], text: str) -> list[NameMatch]:
    """The records among names that all fold to the same as a text, best first."""
    found: dict[str, NameMatch] = {}
    for entry in sorted(entries, key=lambda entry: (RANK[entry.how], entry.id, entry.name)):
        # An id given to the letter is never in doubt, whatever else folds to the same.
        if entry.how == "id" and entry.id == text:
            return [NameMatch(entry.id, "id", entry.name)]
        found.setdefault(entry.id, NameMatch(entry.id, entry.how, entry.name))
    return list(found.values())
