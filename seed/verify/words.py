"""Whether a text names the term that a fact reports."""

import re
from enum import IntEnum
from functools import lru_cache

from rapidfuzz import fuzz

_SMALL = {
    "a",
    "an",
    "and",
    "at",
    "by",
    "due",
    "for",
    "in",
    "including",
    "leading",
    "led",
    "of",
    "on",
    "or",
    "other",
    "the",
    "to",
    "with",
}
ALIKE = 88
ROOT = 6
"""Letters by which two words are of one root."""


class Likeness(IntEnum):
    """How well a printed term fits the reported one."""

    NONE = 0
    PARTLY = 1
    WITHIN = 2
    SAME = 3


@lru_cache(maxsize=50_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a term, in their order, without small words and plural endings."""
    return tuple(_stem(word) for word in re.findall(r"[a-z]+|\d+", text.lower()) if word not in _SMALL)


def _stem(word: str) -> str:
    for ending, stem in (("ies", "y"), ("ae", "a"), ("s", "")):
        if len(word) > 4 and word.endswith(ending) and not word.endswith(("ss", "sis", "us", "itis")):
            return word.removesuffix(ending) + stem
    return word


@lru_cache(maxsize=200_000)
def likeness(reported: str, printed: str) -> Likeness:
    """How well a printed term fits the reported one; a letter after it may be a footnote's mark."""
    one, other = words(reported), words(printed)
    if not one or not other:
        return Likeness.NONE
    bare = words(re.sub(r"\s*[\(\[][^)\]]*[\)\]]", "", printed))
    if (
        one in (other, bare)
        or sorted(one) == sorted(other)
        or one == words(re.sub(r"(?<=[a-z]{3})[a-z]$", "", printed))
    ):
        return Likeness.SAME
    if set(one) <= set(other):
        return Likeness.WITHIN
    if set(other) <= set(one) or fuzz.token_sort_ratio(" ".join(one), " ".join(other)) >= ALIKE:
        return Likeness.PARTLY
    return Likeness.NONE


def share(reported: str, text: str) -> float:
    """Share (0-1) of a term's words that a text has, by their roots (discontinued) or initials (ILD)."""
    initials = "".join(word[0] for word in words(reported))
    if len(initials) >= 3 and re.search(rf"\b{re.escape(initials)}s?\b", text, re.IGNORECASE):
        return 1.0
    wanted = [_root(word) for word in words(reported)]
    there = {_root(word) for word in words(text)}
    return sum(word in there for word in wanted) / len(wanted) if wanted else 0.0


_ONE_ROOT = {"delay": "interr", "withh": "interr", "held": "interr", "fatal": "death", "died": "death"}
"""Beginnings of words that say what others say."""


def _root(word: str) -> str:
    return next((root for start, root in _ONE_ROOT.items() if word.startswith(start)), word[:ROOT])


@lru_cache(maxsize=20_000)
def phrase(reported: str) -> re.Pattern[str]:
    """A pattern that finds the term as such in running text."""
    parts = [re.escape(part) for part in re.findall(r"[A-Za-z]+|\d+", reported)]
    return re.compile(r"(?<![A-Za-z])" + r"[^A-Za-z0-9]+".join(parts), re.IGNORECASE)
