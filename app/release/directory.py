"""A directory of names: found whole, by their beginning, or with typing errors."""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from app.nouns.folding import fold, fold_beginning, fold_loosely
from app.nouns.shorthand import combination_keys
from app.release.fulltext import LAST_CHARACTER
from app.release.naming import Name

_OPENING = 2
"""Letters at the beginning of a name, of which one is nearly always typed right."""


class Directory:
    """Names, given best first; among equals the best is found first."""

    def __init__(self, names: Iterable[Name]) -> None:
        self.names = list(names)
        found = sorted((key, number) for number, name in enumerate(self.names) for key in (name.folded, *name.also))
        self._keys = [key for key, _ in found]
        self._of = array("I", [number for _, number in found])
        self._by_letter: dict[tuple[int, str], Any] = defaultdict(lambda: array("I"))
        self._by_length: dict[int, Any] = defaultdict(lambda: array("I"))
        for number, name in enumerate(self.names):
            self._by_length[len(name.folded)].append(number)
            for place, letter in enumerate(name.folded[:_OPENING]):
                self._by_letter[place, letter].append(number)

    def whole(self, text: str) -> list[Name]:
        """The names that are written like a text."""
        folded = fold(text)
        return [name for name in self._called(folded) if name.folded == folded]

    def loosely(self, text: str) -> list[Name]:
        """The names that a text means where none is written like it: without plurals, in any order."""
        folded, keys = fold(text), [fold_loosely(text), *combination_keys(text)]
        return [name for key in dict.fromkeys((folded, *keys)) if key for name in self._called(key)]

    def _called(self, key: str) -> list[Name]:
        start, end = bisect_left(self._keys, key), bisect_right(self._keys, key)
        return [self.names[number] for number in self._of[start:end]]

    def beginning_with(self, typed: str) -> Iterator[Name]:
        """The names that are what was typed, then those that begin with it; a number goes on as another one last."""
        folded = fold_beginning(typed)
        if not folded:
            return
        start, longer = bisect_left(self._keys, folded), bisect_right(self._keys, folded)
        end = bisect_left(self._keys, folded + LAST_CHARACTER)
        ranges: list[Sequence[int]] = [range(start, longer), range(longer, end)]
        if folded[-1].isdigit():  # digits stand together in the order of the keys
            low, high = (bisect_left(self._keys, folded + digit, longer, end) for digit in ("0", ":"))
            ranges = [range(start, longer), [*range(longer, low), *range(high, end)], range(low, high)]
        seen = set[int]()
        for places in ranges:
            numbers = {self._of[place] for place in places} - seen
            yield from (self.names[number] for number in sorted(numbers))
            seen |= numbers

    def beginning_nearly_with(self, typed: str) -> Iterator[Name]:
        """The names that begin with what was nearly typed (one or two errors), the nearest first."""
        folded = fold_beginning(typed)
        if len(folded) <= _OPENING:
            return
        errors = 1 if len(folded) < 6 else 2
        # One of the first two letters is nearly always right: this leaves a tenth of the names to be compared.
        likely = {*self._by_letter[0, folded[0]], *self._by_letter[1, folded[1]], *self._by_letter[0, folded[1]]}
        numbers = sorted(likely)
        distances: dict[int, int] = {}
        for length in (len(folded), len(folded) + 1):  # a letter left out makes the name longer than what was typed
            beginnings = [self.names[number].folded[:length] for number in numbers]
            for _, distance, place in process.extract(
                folded, beginnings, scorer=OSA.distance, score_cutoff=errors, limit=None
            ):
                number = numbers[place]
                distances[number] = min(int(distance), distances.get(number, errors))
        rest = {number: abs(len(self.names[number].folded) - len(folded)) for number in distances}
        nearest = sorted(distances, key=lambda number: (distances[number], rest[number], number))
        yield from (self.names[number] for number in nearest)

    def nearly(self, text: str) -> Iterator[Name]:
        """The names within one or two typing errors of a whole name, the nearest first."""
        folded = fold(text)
        if len(folded) < 4:
            return
        errors = 1 if len(folded) < 8 else 2
        # Names that differ more in length differ in more letters: a long question is compared with hardly any.
        lengths = range(len(folded) - errors, len(folded) + errors + 1)
        numbers = sorted(number for length in lengths for number in self._by_length.get(length, ()))
        alike = [self.names[number].folded for number in numbers]
        near = process.extract(folded, alike, scorer=OSA.distance, score_cutoff=errors, limit=None)
        for _, _, place in sorted(near, key=lambda row: row[1:]):
            yield self.names[numbers[place]]

    def nearest(self, text: str, spaces: Collection[str], limit: int) -> list[str]:
        """The ids with the names nearest to a text, best first; none where nothing is near."""
        candidates = [name for name in self.names if name.space in spaces]
        folds = [name.folded for name in candidates]
        scored = process.extract(fold(text)[:200], folds, scorer=fuzz.WRatio, limit=limit * 4, score_cutoff=70)
        return list(dict.fromkeys(candidates[place].id for _, _, place in scored))[:limit]
