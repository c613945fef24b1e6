"""Full text: an in-memory inverted index of one list, the same for every database.

A question is words, each of which may be the beginning of a word, and "quoted phrases"; what adjoins without a space
(`PD-1`) is a phrase too. All must occur. A number is found whole: `IL-1` is not the beginning of `IL-17`.
"""

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import and_, or_
from typing import NamedTuple

from pyroaring import BitMap

from app.nouns.spelling import GREEK, respelled, runs

MAX_WORDS = 32
LAST_CHARACTER = chr(0x10FFFF)
_PIECE = re.compile(r'"([^"]*)"|(\S+)')
_LONGEST_APART = 12
"""Letters of the longest word that is looked for in two: `PDL1` is `PD-L1`."""
_LATIN = {letter: name for name, letter in GREEK.items()}


class Phrase(NamedTuple):
    """Adjoining words of a question."""

    words: list[str]
    beginning: str | None
    """The last word as it was written, where it may be the beginning of a word."""

    @property
    def whole(self) -> "Phrase":
        """The same, of whole words only."""
        return Phrase(self.words, None)


def phrases(question: str) -> list[Phrase]:
    """Split a question into phrases."""
    found = []
    for quoted, bare in _PIECE.findall(question):
        written = runs(quoted or bare)
        if written:
            words = [word for run in written for word in respelled(run)]
            open_ended = not quoted and not words[-1].isdigit()
            found.append(Phrase(words, written[-1] if open_ended else None))
    return found


def is_searchable(question: str) -> bool:
    """Whether a question holds words at all, and not too many."""
    return 0 < sum(len(phrase.words) for phrase in phrases(question)) <= MAX_WORDS


def _together(words: Sequence[str]) -> Iterator[Phrase]:
    """A phrase with two of its words written together."""
    for number, (word, following) in enumerate(pairwise(words)):
        if (word + following).isalpha():
            yield Phrase([*words[:number], word + following, *words[number + 2 :]], None)


@dataclass(frozen=True)
class TextIndex:
    """The words of the texts of a list, and where they occur.

    `words` are sorted; the records that hold word i are the serialized bitmap `postings[offsets[i]:offsets[i + 1]]`.
    `tokens` are the numbers of the words of all texts in turn; text j is `tokens[starts[j]:starts[j + 1]]`.
    """

    words: list[str]
    spellings: list[tuple[str, int]]
    """Words as they are written otherwise, sorted, and the number of each: `anaemia` is `anemia`."""
    offsets: "array[int]"
    postings: bytes
    tokens: "array[int]"
    starts: "array[int]"

    @classmethod
    def build(cls, texts: Iterable[Iterable[str | None]]) -> "TextIndex":
        """Index the texts of records, which are many for each."""
        numbers: dict[str, int] = {}
        numbers_of: dict[str, list[int]] = {}  # of a run
        known: dict[str, list[int]] = {}  # of a text: most occur in thousands of records
        holding: dict[str, list[int]] = {}  # a text: their positions
        tokens, starts = array("I"), array("I", [0])
        for position, parts in enumerate(texts):
            for text in filter(None, parts):
                if text not in known:
                    written = runs(text)
                    for run in written:
                        if run not in numbers_of:
                            numbers_of[run] = [numbers.setdefault(word, len(numbers)) for word in respelled(run)]
                    known[text] = [number for run in written for number in numbers_of[run]]
                    holding[text] = []
                tokens.extend(known[text])
                holding[text].append(position)
            starts.append(len(tokens))
        records: dict[int, list[int]] = defaultdict(list)
        for text, positions in holding.items():
            for number in set(known[text]):
                records[number] += positions
        ordered = sorted(numbers)
        rank = array("I", bytes(4 * len(ordered)))
        for place, word in enumerate(ordered):
            rank[numbers[word]] = place
        stored = [BitMap(records[numbers[word]]).serialize() for word in ordered]
        offsets = array("I", [0])
        for content in stored:
            offsets.append(offsets[-1] + len(content))
        spellings = sorted((run, rank[of[0]]) for run, of in numbers_of.items() if run not in numbers and len(of) == 1)
        tokens = array("I", map(rank.__getitem__, tokens))
        return cls(ordered, spellings, offsets, b"".join(stored), tokens, starts)

    def matches(self, question: str) -> BitMap:
        """The records that hold every phrase of a question."""
        return reduce(and_, map(self.holding, phrases(question)))

    def holding(self, phrase: Phrase) -> BitMap:
        """The records that hold a phrase, or two of its words as one; where there are none, one of its words as two."""
        found = reduce(or_, map(self._holding, (phrase, *_together(phrase.words))))
        return found or reduce(or_, map(self._holding, self._apart(phrase.words)), found)

    def _apart(self, words: Sequence[str]) -> Iterator[Phrase]:
        """A phrase with one of its words written apart: `gmcsf`, `pdl1`, and `tnfa` with a Greek letter."""
        for number, word in enumerate(words):
            before, after = words[:number], words[number + 1 :]
            for cut in range(1, len(word) if len(word) <= _LONGEST_APART else 0):
                first, second = word[:cut], word[cut:]
                for last in dict.fromkeys((second, _LATIN.get(second, second))):
                    if self._numbers(first, None) and self._numbers(last, None):
                        yield Phrase([*before, first, last, *after], None)

    def _holding(self, phrase: Phrase) -> BitMap:
        *before, last = phrase.words
        ends = self._numbers(last, phrase.beginning)
        exact = [number for word in before for number in self._numbers(word, None)]
        if len(exact) < len(before):
            return BitMap()
        candidates = reduce(and_, (self._any_of([number]) for number in exact), self._any_of(ends))
        if not exact:
            return candidates
        return BitMap(position for position in candidates if self._adjoin(position, exact, ends))

    def _numbers(self, word: str, beginning: str | None) -> Collection[int]:
        """The numbers of a word, or of the words that begin with it, in this or another spelling."""
        low = bisect_left(self.words, word)
        if beginning is None:
            return range(low, low + (low < len(self.words) and self.words[low] == word))
        numbers = range(low, bisect_left(self.words, word + LAST_CHARACTER, lo=low))
        start, end = (bisect_left(self.spellings, (text,)) for text in (beginning, beginning + LAST_CHARACTER))
        others = {number for _, number in self.spellings[start:end] if number not in numbers}
        if beginning != word:  # words that begin like it as it is written: `alfa` is `alpha`, but `alfacon` is not
            others.update(self._numbers(beginning, beginning))
        return others.union(numbers) if others else numbers

    def _any_of(self, numbers: Iterable[int]) -> BitMap:
        """The records that hold one of some words."""
        offsets = self.offsets
        stored = (self.postings[offsets[number] : offsets[number + 1]] for number in numbers)
        found = [BitMap.deserialize(content) for content in stored]
        return BitMap.union(*found) if found else BitMap()

    def _adjoin(self, position: int, exact: Sequence[int], ends: Collection[int]) -> bool:
        """Whether words stand side by side in a text, followed by one of some others."""
        start, end = self.starts[position], self.starts[position + 1]
        text = self.tokens[start:end]
        length, place = len(exact), 0
        while True:
            try:
                place = text.index(exact[0], place)
            except ValueError:
                return False
            after = place + length
            if after < len(text) and text[after] in ends and text[place:after].tolist() == exact:
                return True
            place += 1
