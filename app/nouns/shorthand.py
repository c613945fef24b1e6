"""Names that are written together: combinations in any order, and what is left out of the second of two names."""

import re
import unicodedata
from collections.abc import Iterator

from app.nouns.folding import fold_loosely
from app.nouns.spelling import TRADE_MARKS

MAX_PARTS = 10
"""Parts of one combination."""
_SEPARATOR = re.compile(
    r"\s*(?:[;/&|·•]|(?-i:(?<![A-Z\d])\+|\+(?=[^\W_]))|,(?:\s*and\b)?|\s[-–—]\s"
    r"|\b(?:in\s+combination\s+with|(?:combined|together|co-?packaged)\s+with|and|or|with|plus)\b)\s*",
    re.IGNORECASE,
)
_BETWEEN_WORDS = re.compile(r"[\s‐‑–-]+")
_OPTIONAL = re.compile(r"(?<=[^\s(\[{])\(([^\s()]{1,3})\)(?=[^\W_])")
_BRACKETED = re.compile(r"^([^()\[\]]+?)\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")


def parts_of(text: str) -> list[str]:
    """The parts of a combination; none where it is not one."""
    parts = [part for part in _SEPARATOR.split(text) if part]
    return parts if 1 < len(parts) <= MAX_PARTS else []


def combination_key(name: str, *, written: bool = True) -> str | None:
    """What all ways of writing a combination of the base have in common; none where a name is not one."""
    parts = {fold_loosely(part, written=written) for part in parts_of(name)} - {""}
    return "+".join(sorted(parts)) if len(parts) > 1 else None


def combination_keys(text: str) -> Iterator[str]:
    """The keys that a text may be found under: its parts, or else its words, in any order."""
    parts = parts_of(text) or [part for part in _BETWEEN_WORDS.split(text) if part]
    if 1 < len(parts) <= MAX_PARTS:
        yield "+".join(sorted({fold_loosely(part) for part in parts}))


def bracketed(text: str) -> tuple[str, str] | None:
    """A name and the one in brackets behind it, as in `Keytruda (pembrolizumab)`."""
    found = _BRACKETED.match(text)
    return (found[1], found[2]) if found else None


Reading = list[list[str]]
"""Several names that a text may stand for: of each, the ways in which it may be completed, the likeliest first."""


def readings(text: str) -> Iterator[Reading]:
    """The readings of a text, the likeliest first; the last one takes each part as it stands, if it can stand alone.

    `PD-(L)1` is PD-1 and PD-L1, `IL-1/2` is IL-1 and IL-2, `PD-1/L1 inhibitor` is two kinds of inhibitor.
    """
    text = unicodedata.normalize("NFKC", text.translate(TRADE_MARKS))
    if optional := _OPTIONAL.search(text):
        before, after = text[: optional.start()], text[optional.end() :]
        yield [[before + after], [before + optional[1] + after]]
        return
    parts = parts_of(text)
    if not parts:
        return
    ending = parts[-1].split()
    for length in range(len(ending) - 1, -1, -1):  # words at the end that belong to every part
        tail = " ".join(ending[len(ending) - length :])
        first, *others = [*parts[:-1], " ".join(ending[: len(ending) - length])]
        yield [[_with_tail(name, tail) for name in names] for names in ([first], *(_stemmed(first, x) for x in others))]


def _with_tail(name: str, tail: str) -> str:
    return f"{name} {tail}" if tail else name


def _stemmed(first: str, name: str) -> list[str]:
    """A name behind the beginnings of the one before it, the longest first, then alone, unless it is but a number.

    `IL-17A` has the beginnings `IL-17` and `IL-`. A number is never made longer: `IL-1/2` is not IL-12.
    """
    stems = [first[: token.start()] for token in _TOKEN.finditer(first) if token.start()][::-1]
    found = [stem + name for stem in stems if not (stem[-1].isdigit() and name[:1].isdigit()) and stem + name != first]
    return found if found and name.isdigit() else [*found, name]
