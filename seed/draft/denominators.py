"""Denominators of laboratory tables: each arm's own N, or its range, as the footnotes print it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seed.draft.arms import Arm, Names, read_arm
from seed.draft.tables import squeezed

Range = tuple[int, int]

_RANGE = r"(\d{1,4})\s*(?:to|-|–|or)\s*(\d{1,4})"
_NAMED = re.compile(
    rf"([A-Za-z][^():;]*?)\s*\(?\s*(?:range|n\s*=)?\s*:?\s*(?:{_RANGE}|(\d{{1,4}}))\s*(?:patients|subjects)?\s*\)"
)
_VARIED = re.compile(
    rf"(?:varied|varies|ranged) from {_RANGE}(?:\s+patients)?(?:\s+for\s+([^,.;]+?)(?=\s+and\s+\d|\s+based|[,.;]|$))?"
)
_FURTHER = re.compile(rf"\band {_RANGE} for ([^,.;]+?)(?=\s+based|[,.;]|$)")
_ALONE = re.compile(
    rf"\((?:range:?\s*)?{_RANGE}\s*(?:patients|subjects)?\)|available for {_RANGE} (?:patients|subjects)"
)

ABOUT = re.compile(
    r"\b(?:denominators?|incidence is based|percentages? (?:are|is|were) based|measurements?|available)\b",
    re.IGNORECASE,
)
"""Footnotes that speak of denominators."""


@dataclass(frozen=True)
class Denominators:
    """Ranges by the position of the arm; what a footnote excepts; what it says that could not be read."""

    ranges: dict[int, Range]
    excepted: str = ""
    unread: str = ""


def read_denominators(
    notes: Sequence[str], arms: Sequence[Arm], attached: dict[int, list[str]], names: Names
) -> Denominators:
    """Denominators from the footnotes of a table. `attached`: footnotes on the heading of one arm, by its position."""
    ranges: dict[int, Range] = {}
    for position, own_notes in attached.items():
        for note in own_notes:
            found = _VARIED.search(note)
            if found and ABOUT.search(note) and not found[3]:
                ranges[position] = (int(found[1]), int(found[2]))
    excepted = ""
    for note in (note for note in notes if ABOUT.search(note)):
        main, _, exception = note.partition(" except ")
        excepted = excepted or exception
        pieces = _pieces(main)
        if not pieces:
            continue
        if len(arms) == 1 and len(pieces) == 1:
            ranges.setdefault(0, pieces[0][1])
            continue
        paired = _paired(pieces, arms, names)
        if paired is None:
            if not ranges:
                return Denominators({}, excepted, note)
            continue
        ranges = {**paired, **ranges}
    return Denominators(ranges, excepted)


def _pieces(note: str) -> list[tuple[str, Range]]:
    """Names of arms with their ranges, as a footnote lists them. The name is empty where it names none."""
    varied = _VARIED.search(note)
    if varied:
        first = (varied[3] or "", (int(varied[1]), int(varied[2])))
        return [first, *((found[3], (int(found[1]), int(found[2]))) for found in _FURTHER.finditer(note))]
    alone = _ALONE.search(note)
    introduced = re.search(r"\b(?:available|measurements?|parameter): (.+)$", note)
    if introduced:
        pieces = []
        for found in _NAMED.finditer(introduced[1]):
            low, high = (found[2], found[3]) if found[2] else (found[4], found[4])
            pieces.append((_name(found[1]), (int(low), int(high))))
        if pieces:
            return pieces
    if alone:
        low, high = (alone[1], alone[2]) if alone[1] else (alone[3], alone[4])
        return [("", (int(low), int(high)))]
    return []


def _name(text: str) -> str:
    return squeezed(re.sub(r"^[\s,;]*(?:and|or)\s+|\b(?:treated\s+)?(?:arm|group)\b|\brange\b:?\s*$", " ", text)).strip(
        " ,"
    )


def _paired(pieces: list[tuple[str, Range]], arms: Sequence[Arm], names: Names) -> dict[int, Range] | None:
    """Each named range with the arm it means; None where that is not certain for all of them."""
    if len(pieces) > len(arms) or any(not name for name, _ in pieces):
        return None
    named = [read_arm(name, names) for name, _ in pieces]
    by_signature: dict[int, Range] = {}
    for arm, (_, span) in zip(named, pieces, strict=True):
        same = [
            position
            for position, other in enumerate(arms)
            if arm.heading.lower() == other.heading.lower() or (arm.signature and arm.signature == other.signature)
        ]
        if len(same) == 1:
            by_signature[same[0]] = span
    if len(by_signature) == len(pieces):
        return by_signature
    if len(arms) == 2 and len(pieces) <= 2:
        own_pieces = [position for position, arm in enumerate(named) if arm.own]
        own_arms = [position for position, arm in enumerate(arms) if arm.own]
        if len(own_pieces) == 1 and len(own_arms) == 1:
            own_piece, own_arm = own_pieces[0], own_arms[0]
            other = {1 - own_arm: pieces[1 - own_piece][1]} if len(pieces) == 2 else {}
            return {own_arm: pieces[own_piece][1], **other}
    return None
