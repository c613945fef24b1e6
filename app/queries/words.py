"""The words of short lists, held so that nobody need ask the engine for them."""

from bisect import bisect_left
from collections import defaultdict
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from sqlalchemy import select

from app.models.base import table_of
from app.models.index import SearchText
from app.queries.sets import packed, unpacked
from app.reader import Reader
from app.search import phrases

FEW = 15_000
"""Texts up to which their words are held: reading them takes a fifth of a second at most, and half a megabyte."""
LAST = chr(0x10FFFF)
"""A letter after all others."""
_text = table_of(SearchText).c


class Words(NamedTuple):
    """The words of the texts of a list, in order, and the records that hold each."""

    words: list[str]
    held: list[bytes]
    """Packed: most words are in few texts."""

    def holding(self, question: str) -> int | None:
        """The records that hold every word of a question; None where it asks for words that adjoin."""
        asked = phrases(question)
        if any(len(phrase) > 1 for phrase, _ in asked):
            return None
        return reduce(and_, (self._of(phrase[0], open_ended) for phrase, open_ended in asked))

    def _of(self, word: str, open_ended: bool) -> int:
        """The records that hold a word, or, open-ended, one that begins with it."""
        first, end = bisect_left(self.words, word), bisect_left(self.words, word + (LAST if open_ended else " "))
        return reduce(or_, map(unpacked, self.held[first:end]), 0)


def words_of(reader: Reader, list_name: str) -> Words:
    """The words of a list, if it is short. Each text is read once."""

    def load() -> Words:
        query = select(_text.text, _text.position).where(_text.release_id == reader.release_id, _text.list == list_name)
        places: dict[str, list[int]] = defaultdict(list)
        for text, position in reader.connection.execute(query):
            for word in set(text.split()):
                places[word].append(position)
        words = sorted(places)
        return Words(words, [packed(places[word]) for word in words])

    return reader.once(("words", list_name), load)
