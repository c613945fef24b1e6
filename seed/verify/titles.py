"""Whether a title and a date are those that a register prints."""

import datetime as dt
import html
import re
import unicodedata
from calendar import month_abbr
from collections.abc import Iterable

from rapidfuzz import fuzz

from app.nouns.source import SourceRecord

ALIKE = 90
"""Likeness (0-100) from which two titles are one: a word of a long title may differ, not its subject."""
APART = 31
"""Days by which a full date may differ: online and print are often weeks apart."""

_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", "abgdezhqiklmnxoprstufcyw", strict=True)) | {"ς": "s"}


def plain(title: str) -> str:
    """A title without markup, case, accents and punctuation."""
    text = html.unescape(re.sub(r"<[^>]+>", "", html.unescape(title)))
    text = unicodedata.normalize("NFKD", text).casefold()
    text = re.sub(r"\b(alpha|beta|gamma|delta|kappa|lambda|epsilon|mu)\b", lambda word: word[0][0], text)
    text = "".join(_GREEK.get(sign, sign) for sign in text if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", text))


def same_title(cited: str, printed: Iterable[str]) -> bool:
    """Whether a title is one of those printed, or its part before the subtitle."""
    one = plain(cited)
    for title in printed:
        other = plain(title)
        if not one or not other:
            continue
        if one == other or fuzz.ratio(one, other) >= ALIKE:
            return True
        short, long = sorted((one, other), key=len)
        if len(short.split()) >= 4 and long.startswith(f"{short} "):
            return True
    return False


Day = tuple[int, ...]
"""A date as far as it is printed: year, month, day."""


def day_of(parts: Iterable[object]) -> Day | None:
    """A date from its parts, as far as they are numbers."""
    numbers = []
    for part in parts:
        if not isinstance(part, int) or isinstance(part, bool):
            break
        numbers.append(part)
    return tuple(numbers[:3]) or None


def read_day(text: str) -> Day | None:
    """A date of a register: `2021 Jul 3`, `2021 Jul-Aug`, `2021-07`."""
    found = re.match(r"(\d{4})(?:[ -/](\d{2}|[A-Z][a-z]{2})(?:[ -/](\d{1,2})\b)?)?", text.strip())
    if not found:
        return None
    year, month, day = found.groups()
    months = list(month_abbr)  # of which the first is empty
    if not month or not (month.isdigit() or month in months):
        return (int(year),)
    number = int(month) if month.isdigit() else months.index(month)
    return (int(year), number, int(day)) if day else (int(year), number)


def same_date(source: SourceRecord, printed: Iterable[Day]) -> bool:
    """Whether the date of a source is one of those printed, as far as both say it; true where either says nothing."""
    days = list(printed)
    if not days or not (source.date or source.year):
        return True
    if source.date is None:
        return any(day[0] == source.year for day in days)
    return any(_near(source.date, day) for day in days)


def _near(date: dt.date, day: Day) -> bool:
    if len(day) == 1:
        return day[0] == date.year
    if len(day) == 2:
        return abs((date.year - day[0]) * 12 + date.month - day[1]) <= 1
    try:
        return abs((date - dt.date(day[0], day[1], day[2])).days) <= APART
    except ValueError:
        return day[0] == date.year
