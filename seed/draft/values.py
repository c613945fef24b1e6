"""Value cells: what a printed rate says, and nothing that it does not say."""

import re
from dataclasses import dataclass
from enum import Enum

Number = int | float


class Shape(Enum):
    """What a cell holds."""

    BARE = "a number alone"
    PERCENT = "a percent"
    COUNT_PERCENT = "n (percent)"
    NOT_STATED = "no figure"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Reading:
    """A cell, read. `below`: the percent (or bare number) is printed as `<x`."""

    shape: Shape
    number: Number | None = None
    """The percent, or a bare number whose unit the heading must say."""
    below: bool = False
    patients: int | None = None
    denominator: int | None = None
    decimals: bool = False


DASHES = {"-", "--", "---", "–", "—", "−"}
"""Cells that say that no one was counted, where figures stand beside them."""
NOTHING = DASHES | {
    "",
    "na",
    "n/a",
    "nd",
    "ne",
    "nr",
    "…",
    "...",
    "not applicable",
    "not reported",
}
"""Cells that state no figure."""

_NUMBER = r"(\d{1,3}(?:\.\d+)?)"
_COUNT = r"(\d{1,3}(?:,\d{3})+|\d+)"
_BELOW = r"(<?)\s*"
_PERCENT = re.compile(rf"{_BELOW}{_NUMBER}\s*(%?)")
_COUNT_PERCENT = re.compile(rf"{_COUNT}\s*\(\s*{_BELOW}{_NUMBER}\s*%?\s*\)\s*%?")
_SHARE_PERCENT = re.compile(rf"{_COUNT}\s*/\s*{_COUNT}\s*\(\s*{_BELOW}{_NUMBER}\s*%?\s*\)")
_PERCENT_COUNT = re.compile(rf"{_BELOW}{_NUMBER}\s*%\s*\(\s*{_COUNT}\s*\)")
_PERCENT_SHARE = re.compile(rf"{_BELOW}{_NUMBER}\s*%\s*\(\s*{_COUNT}\s*/\s*{_COUNT}\s*\)")


def number(text: str) -> Number:
    """A number as printed: `4` stays whole, `4.0` stays a decimal."""
    return float(text) if "." in text else int(text.replace(",", ""))


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def read_value(text: str) -> Reading:
    """Read the text of a value cell, already without its footnote marks."""
    text = text.replace("\u2264", "≤").replace("＜", "<").strip()
    if text.lower() in NOTHING:
        return Reading(Shape.NOT_STATED)
    if found := _PERCENT.fullmatch(text):
        shape = Shape.PERCENT if found[3] else Shape.BARE
        return Reading(shape, number(found[2]), bool(found[1]), decimals="." in found[2])
    if found := _COUNT_PERCENT.fullmatch(text):
        return Reading(Shape.COUNT_PERCENT, number(found[3]), bool(found[2]), _count(found[1]))
    if found := _SHARE_PERCENT.fullmatch(text):
        return Reading(Shape.COUNT_PERCENT, number(found[4]), bool(found[3]), _count(found[1]), _count(found[2]))
    if found := _PERCENT_COUNT.fullmatch(text):
        return Reading(Shape.COUNT_PERCENT, number(found[2]), bool(found[1]), _count(found[3]))
    if found := _PERCENT_SHARE.fullmatch(text):
        return Reading(Shape.COUNT_PERCENT, number(found[2]), bool(found[1]), _count(found[3]), _count(found[4]))
    return Reading(Shape.UNREADABLE)


def agrees(reading: Reading, patients: int | None) -> bool:
    """Whether n and percent of a reading fit its N (or the cohort's); true where nothing can be compared.

    Labels round generously, so that only a difference of more than one point counts.
    """
    whole = reading.denominator or patients
    if reading.patients is None or reading.number is None or not whole:
        return True
    if reading.patients > whole:
        return False
    exact = 100 * reading.patients / whole
    return exact < float(reading.number) + 1 if reading.below else abs(exact - float(reading.number)) <= 1


def is_number(text: str) -> bool:
    """Whether a cell holds a figure."""
    return read_value(text).shape not in (Shape.UNREADABLE, Shape.NOT_STATED)


def is_figure(text: str) -> bool:
    """Whether a cell holds digits and no words, readable or not."""
    return bool(re.search(r"\d", text)) and not re.search(r"[A-Za-z]", text)
