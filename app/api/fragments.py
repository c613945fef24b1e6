"""Fragments of texts in which the words that were searched for are marked; safe as HTML."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from app.nouns.spelling import words
from app.release.fulltext import Phrase

FRAGMENT_LENGTH = 160
_RUN = re.compile(r"[^\W\d_]+|\d+")
_Span = tuple[int, int]


def fragment(texts: Sequence[str], phrases: Sequence[Phrase]) -> str:
    """The text with most of the phrases searched for, cut around the first and marked."""
    texts = [unicodedata.normalize("NFC", text) for text in texts]
    marked = [(text, _occurrences(text, phrases)) for text in texts]
    best, found = max(marked, key=lambda pair: len({phrase for phrase, _ in pair[1]}), default=("", []))
    spans = _merged(span for _, span in found)
    start = max(0, spans[0][0] - FRAGMENT_LENGTH // 3) if spans else 0
    stop = start + FRAGMENT_LENGTH
    pieces, end = [], start
    for low, high in spans:
        if high <= stop:
            pieces += [html.escape(best[end:low]), f"<mark>{html.escape(best[low:high])}</mark>"]
            end = high
    before, after = "…" * (start > 0), "…" * (stop < len(best))
    return f"{before}{''.join(pieces)}{html.escape(best[end:stop])}{after}"


def _occurrences(text: str, phrases: Sequence[Phrase]) -> list[tuple[int, _Span]]:
    """Where phrases occur in a text, whatever accents and spelling: number of the phrase, and from where to where."""
    tokens = [(word, found.span()) for found in _RUN.finditer(text) for word in _words(found.group())]
    return [
        (number, (tokens[place][1][0], tokens[place + len(phrase.words) - 1][1][1]))
        for number, phrase in enumerate(phrases)
        for place in range(len(tokens) - len(phrase.words) + 1)
        if _matches_at(phrase, tokens, place)
    ]


@lru_cache(4096)
def _words(run: str) -> tuple[str, ...]:
    """The words of a run of letters or digits: the same few thousand over and over."""
    return tuple(words(run))


def _matches_at(phrase: Phrase, tokens: Sequence[tuple[str, _Span]], place: int) -> bool:
    *before, last = phrase.words
    end = tokens[place + len(before)][0]
    if end != last and not (phrase.beginning is not None and end.startswith(last)):
        return False
    return all(tokens[place + further][0] == word for further, word in enumerate(before))


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    """Spans in order, those that overlap as one."""
    merged: list[_Span] = []
    for low, high in sorted(spans):
        if merged and low < merged[-1][1]:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged
