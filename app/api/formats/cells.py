"""Values as cells of a CSV file, which no spreadsheet and no data frame takes for something else.

A spreadsheet evaluates what looks like a formula, and retypes text that looks like a number, a date, a time or a truth
value: `3-4` becomes a day in April, `5.10` becomes 5.1. Data frames take `NA` for missing. Grades, phases and bare
locators are written in words; any other such text has an apostrophe before it, the mark of a text in spreadsheets.
"""

import re
from functools import lru_cache
from typing import Any

from app.tabular.columns import plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet would evaluate."""
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_ISO_DAY, _PLAIN_INTEGER = r"\d{4}-\d\d-\d\d", r"[1-9]\d{0,14}|0"
_RETYPED = re.compile(
    rf"""(?!(?:{_ISO_DAY}|{_PLAIN_INTEGER})$)\s*(?:  # these mean the same as a day, and as a number
      [$€£¥(]?\s*\d[\d.,\s]*(?:e[+-]?\d+)?\s*[%)€]?  # numbers, with exponents, percents, currencies
    | \.\d+(?:e[+-]?\d+)?\s*%?
    | \d+(?:\s+\d+)?/\d+  # fractions
    | \d{{1,4}}[-/.]\s?\d{{1,4}}(?:[-/.]\s?\d{{1,4}})?(?:[ t]\d.*)?  # days, months of a year
    | \d{{1,4}}[-/.,\s]*{_MONTH}(?:[-/.,\s]+\d{{1,4}})?
    | {_MONTH}[-/.,\s]*\d{{1,4}}(?:[-/.,\s]+\d{{1,4}})?
    | \d{{1,4}}:\d{{1,2}}(?::\d{{1,2}}(?:\.\d+)?)?(?:\s*[ap]m?)?  # times
    | \d{{1,2}}\s+[ap]m?
    | true | false | none | null | n/?a | \#n/a(?:\s+n/a)? | \#na | <na> | nan | inf | infinity | nil | missing
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_RETYPED = 40
_SECTION = re.compile(r"\d[\d.]*")


def text(value: str) -> str:
    """A text as a cell."""
    if len(value) <= _LONGEST_RETYPED:
        return _short_text(value)
    return f"'{value}" if value.startswith(_FORMULA) else value


@lru_cache(maxsize=8192)
def _short_text(value: str) -> str:
    """The same of a text that could be retyped; most are the same from row to row."""
    return f"'{value}" if value.startswith(_FORMULA) or _RETYPED.fullmatch(value) else value


def grades(value: str | None) -> str:
    """A group of grades as a cell: `grade 3-4`, `any grade`."""
    return "" if value is None else "any grade" if value == "any" else f"grade {value}"


def phase(value: str | None) -> str:
    """A phase of a trial as a cell: `phase 2/3`."""
    return "" if value is None else f"phase {value}"


def locator(value: str | None) -> str:
    """A locator as a cell; one that is only a number is a section: `section 5.10`."""
    return "" if value is None else f"section {value}" if _SECTION.fullmatch(value) else text(value)


def cell(value: Any) -> str | int | float:
    """A value as a cell: lists of texts and of named records joined by semicolons, other lists as JSON."""
    found = plain(value)
    return text(found) if isinstance(found, str) and not isinstance(value, bool) else found
