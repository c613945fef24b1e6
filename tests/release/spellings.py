"""The ways in which people write a name: each is the same name."""

import re
import unicodedata
from collections.abc import Iterator

from app.nouns.shorthand import parts_of

GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "kappa": "κ", "lambda": "λ"}
LATIN = {letter: name[0] for name, letter in GREEK.items()}
BRITISH = [
    *(("haem", "hem"), ("aemi", "emi"), ("oedem", "edem"), ("oesoph", "esoph"), ("paed", "ped"), ("rrhoea", "rrhea")),
    *(("tumour", "tumor"), ("isation", "ization"), ("gynaec", "gynec"), ("pnoea", "pnea"), ("behaviour", "behavior")),
    *(("discolour", "discolor"), ("alised", "alized"), ("oestr", "estr")),
]
_GREEK_WORD = re.compile(rf"(?<![A-Za-z])({'|'.join(GREEK)})(?![A-Za-z])", re.IGNORECASE)
_MATHEMATICAL = {ord("A") + place: 0x1D400 + place for place in range(26)} | {
    **{ord("a") + place: 0x1D41A + place for place in range(26)},
    **{ord("0") + place: 0x1D7CE + place for place in range(10)},
}
_WIDE = {number: number + 0xFEE0 for number in range(0x21, 0x7F)}


def written(name: str) -> Iterator[str]:
    """Ways of writing a name that never mean something else."""
    yield name.upper()
    yield name.lower()
    yield f"  {name} "
    yield name.translate(_MATHEMATICAL)
    yield name.translate(_WIDE)
    yield unicodedata.normalize("NFD", name)
    yield re.sub(r"(?<=\w)-(?=\w)", "‑", name)
    yield re.sub(r"(?<=[A-Za-z])-(?=\w)", " ", name)
    yield re.sub(r"(?<=[A-Za-z]) (?=[A-Za-z])", "-", name)
    yield name.replace("'", "’")
    yield f"{name}®"
    for british, american in BRITISH if not re.search("(angi|gastr)oe", name.lower()) else ():
        one, other = (british, american) if british in name.lower() else (american, british)
        yield re.sub(one, other, name, flags=re.IGNORECASE)
    if _GREEK_WORD.search(name):
        letter = _GREEK_WORD.sub(lambda found: GREEK[found[1].lower()], name)
        yield letter
        yield re.sub(r"[-\s](?=[αβγδεκλ])", "", letter)
    if any(letter in name for letter in LATIN):
        yield re.sub("[αβγδεκλ]", lambda found: f"-{next(n for n, x in GREEK.items() if x == found[0])}", name)


def written_loosely(name: str) -> Iterator[str]:
    """Ways of writing a name that are understood where nothing else is called so."""
    if re.fullmatch("[a-z]{4,}", name.split()[-1]) and name[-1] not in "suioyxhz" and not name.endswith(("ae", "ed")):
        yield f"{name}s"
    if _GREEK_WORD.search(name):
        yield _GREEK_WORD.sub(lambda found: found[1][0].lower(), name)
    if any(letter in name for letter in LATIN):
        yield re.sub("[αβγδεκλ]", lambda found: LATIN[found[0]], name)
    if (parts := parts_of(name)) and "together" not in name:
        for mark in (" and ", " + ", "/", "; ", ", ", " plus ", " with "):
            yield mark.join(reversed(parts))
