"""Footnotes of rows: composite terms are restated; everything else is left to a person."""

import re

_SEVERAL = re.compile(r"(?:multiple|several) (?:related )?(?:preferred )?terms|composite of multiple", re.IGNORECASE)
_COMPOSITE = re.compile(
    r"^(?:[\w /()-]{3,60}? )?(?:is a (?:composite|grouped|consolidated) term that includes|includes?|including|"
    r"includes? the following(?: terms| preferred terms)?|includes? preferred terms?|represents a composite of)"
    r"[: ]+(?:the following[: ]*)?(?P<terms>[^.;]+?)\.?$",
    re.IGNORECASE,
)
_GRADING = re.compile(r"\b(?:graded|CTCAE|NCI)\b|^abbreviations?\b|^N/?A\b", re.IGNORECASE)


def restated(footnotes: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The footnotes of a row: what is restated in our own words, and what a person must restate."""
    notes, raw = [], []
    for text in footnotes:
        text = text.strip()
        if _GRADING.search(text) and len(text) < 160:
            continue
        found = _COMPOSITE.match(text)
        if _SEVERAL.search(text) and len(text) < 120:
            notes.append("Composite of several terms.")
        elif found and _is_list(found["terms"]):
            notes.append(f"Composite of: {found['terms'].strip()}.")
        else:
            raw.append(text)
    return list(dict.fromkeys(notes)), raw


def _is_list(text: str) -> bool:
    """Whether a text only lists terms: short pieces without verbs."""
    pieces = re.split(r",|\band\b", text)
    return all(len(piece.split()) <= 8 for piece in pieces) and not re.search(
        r"\b(?:patients?|events? (?:that|occurring|in)|arm|fatal|grade|were|was|who|reported|cases?)\b",
        text,
        re.IGNORECASE,
    )
