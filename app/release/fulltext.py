"""Full text: an in-memory inverted index of one list, the same for every database.

A question is words, each of which may be the beginning of a word, and "quoted phrases"; what adjoins without a space
(`PD-1`) is a phrase too. All must occur.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import and_

from pyroaring import BitMap

MAX_WORDS = 32
LAST_CHARACTER = chr(0x10FFFF)
_WORD = re.compile(r"[a-z0-9]+")
_PIECE = re.compile(r'"([^"]*)"|(\S+)')


def words(value: str) -> list[str]:
    """The words of a text: accents stripped, case folded, everything but letters and digits a break."""
    plain = value.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.replace("α", "alpha").replace("β", "beta"))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(plain)


cached_words = cache(words)
"""The same, for texts that occur in thousands of records while an index is built."""


def phrases(question: str) -> list[tuple[list[str], bool]]:
    """Split a question into phrases, each a list of adjoining words, and whether its last word may be a beginning."""
    found = []
    for quoted, bare in _PIECE.findall(question):
        phrase = words(quoted or bare)
        if phrase:
            found.append((phrase, not quoted))
    return found


def is_searchable(question: str) -> bool:
    """Whether a question holds words at all, and not too many."""
    return 0 < sum(len(phrase) for phrase, _ in phrases(question)) <= MAX_WORDS


@dataclass(frozen=True)
class TextIndex:
    """The words of the texts of a list, and where they occur.

    `words` are sorted; the records that hold word i are the serialized bitmap `postings[offsets[i]:offsets[i + 1]]`.
    `tokens` are the numbers of the words of all texts in turn; text j is `tokens[starts[j]:starts[j + 1]]`.
    """

    words: list[str]
    offsets: "array[int]"
    postings: bytes
    tokens: "array[int]"
    starts: "array[int]"

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]]) -> "TextIndex":
        """Index texts, each given as its words."""
        numbers: dict[str, int] = {}
        records: dict[str, list[int]] = defaultdict(list)
        tokens, starts = array("I"), array("I", [0])
        for position, text in enumerate(texts):
            tokens.extend(numbers.setdefault(word, len(numbers)) for word in text)
            starts.append(len(tokens))
            for word in set(text):
                records[word].append(position)
        ordered = sorted(numbers)
        rank = array("I", bytes(4 * len(ordered)))
        for place, word in enumerate(ordered):
            rank[numbers[word]] = place
        stored = [BitMap(records[word]).serialize() for word in ordered]
        offsets = array("I", [0])
        for content in stored:
            offsets.append(offsets[-1] + len(content))
        return cls(ordered, offsets, b"".join(stored), array("I", map(rank.__getitem__, tokens)), starts)

    def matches(self, question: str) -> BitMap:
        """The records that hold every phrase of a question."""
        found = (self._holding(phrase, open_ended=open_ended) for phrase, open_ended in phrases(question))
        return reduce(and_, found)

    def _holding(self, phrase: Sequence[str], *, open_ended: bool) -> BitMap:
        """The records that hold adjoining words, of which the last may be the beginning of a word."""
        ranges = [self._range(word, open_ended=False) for word in phrase[:-1]]
        ranges.append(self._range(phrase[-1], open_ended=open_ended))
        candidates = reduce(and_, (self._any_of(low, high) for low, high in ranges))
        if len(phrase) == 1:
            return candidates
        exact, (low, high) = [low for low, _ in ranges[:-1]], ranges[-1]
        return BitMap(position for position in candidates if self._adjoin(position, exact, low, high))

    def _range(self, word: str, *, open_ended: bool) -> tuple[int, int]:
        """The numbers of the words that are a word, or begin with it: from, up to."""
        low = bisect_left(self.words, word)
        return low, bisect_left(self.words, word + (LAST_CHARACTER if open_ended else " "), lo=low)

    def _any_of(self, low: int, high: int) -> BitMap:
        """The records that hold one of some words."""
        offsets = self.offsets
        stored = (self.postings[offsets[number] : offsets[number + 1]] for number in range(low, high))
        found = [BitMap.deserialize(content) for content in stored]
        return BitMap.union(*found) if found else BitMap()

    def _adjoin(self, position: int, exact: Sequence[int], low: int, high: int) -> bool:
        """Whether words stand side by side in a text, followed by one of a range."""
        start, end = self.starts[position], self.starts[position + 1]
        text = self.tokens[start:end]
        length, place = len(exact), 0
        while True:
            try:
                place = text.index(exact[0], place)
            except ValueError:
                return False
            after = place + length
            if after < len(text) and low <= text[after] < high and text[place:after].tolist() == exact:
                return True
            place += 1
