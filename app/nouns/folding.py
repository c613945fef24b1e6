"""Folding of names: two ways of writing one name fold to the same, two names do not.

Case, accents, typefaces, spaces, hyphens and British spelling do not matter, and a Greek letter is its name. What tells
two names apart stays: a break between numbers (`IL-1/2` is not `IL-12`), a sign after a word (`HER2-` is not `HER2+`),
a letter in brackets within a word (`PD-(L)1` is not `PD-L1`), and comparisons (`<`, `>=`).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from app.nouns.spelling import GREEK, plain, respelled

_MARKS = re.compile(
    r"(?P<positive>(?<=[^\W_])\+(?![^\W_]))"
    r"|(?P<negative>(?<=[^\W_])-(?=$|[\s/,;)]))"
    r"|(?P<optional>(?<=[^\s(\[{])\((?=[^\s()]{1,3}\)[^\W_]))"
    r"|(?P<compared>[<>]=?|=)"
    r"|(?P<and>&)"
    r"|(?P<run>[^\W\d_]+(?:['’ʼ]s\b)?|\d+)"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("'’ʼ"))
_MARKED = {"positive": "positive", "negative": "negative", "and": "and", "optional": "("}
_PLURALS = (
    (re.compile("(?<=..)ies$"), "y"),
    (re.compile("(?<=ss|sh|us)es$|(?<=tch)es$|(?<=x)es$"), ""),
    (re.compile("(?<=[^suio])s$"), ""),
)
_SHORTEST_PLURAL = 4


def fold(text: str) -> str:
    """A name as it is compared: `PD-1` gives `pd1`, `IFN-γ` gives `ifngamma`, `Leukaemia` gives `leukemia`."""
    return _joined(_words(text))


def fold_as_written(text: str) -> str:
    """The same, but British or American as it is: what is typed may still end within such a word."""
    return _joined(_words(text, _as_written))


def _as_written(run: str) -> tuple[str, ...]:
    return (run,)


def fold_beginning(text: str) -> str:
    """What is typed so far, as names are compared: a hyphen at its end may still be followed by something."""
    return fold(text.rstrip(" -‐‑−–("))


def fold_loosely(text: str, *, written: bool = False) -> str:
    """A name without what is often left out: plurals, and Latin letters for Greek ones (`IL-1b`).

    A name of the base (`written`) is so without brackets and breaks between numbers, too: `B71` is `B7-1`; but what is
    asked for is never without them.
    """
    found = [_singular(GREEK.get(word, word)) for word in _words(text)]
    return "".join(word for word in found if word != "(") if written else _joined(found)


@lru_cache(16)  # a name is folded in several ways, one after the other
def _words(text: str, spelled: Callable[[str], Sequence[str]] = respelled) -> list[str]:
    found: list[str] = []
    for mark in _MARKS.finditer(plain(text)):
        if mark.lastgroup == "run":
            found.extend(spelled(mark.group().translate(_APOSTROPHES)))
        else:
            found.append(_MARKED.get(mark.lastgroup or "", mark.group()))
    return found


def _joined(words: Iterable[str]) -> str:
    """Words side by side; numbers stay apart."""
    joined = ""
    for word in words:
        joined += f" {word}" if word[0].isdigit() and joined[-1:].isdigit() else word
    return joined


def _singular(word: str) -> str:
    if len(word) >= _SHORTEST_PLURAL:
        for plural, singular in _PLURALS:
            if plural.search(word):
                return plural.sub(singular, word)
    return word
