"""Whether the rates of an adverse event stand in its label, where its locator says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.models.adverse_event import AdverseEventRecord, Rate
from seed.draft.tables import Cell, Row
from seed.verify.documents import LabelDocument, PlacedTable
from seed.verify.figures import figures, holds, holds_all
from seed.verify.verdicts import Verdict
from seed.verify.words import Likeness, likeness, phrase, share

ROW = 260
"""Characters in which the row of a table ends that has run into the text."""
RUN_ON = 4000
"""Characters in which a whole table ends that has run into the text."""
SENTENCES = 8
"""Sentences in a row that may tell of one event in all its grades."""
MOST_WORDS = 0.6
"""Share of a term's words that sentences must have, which seldom print a term as such."""

_GRADES = re.compile(r"(all|any|grade|grades|≥|>|severe|serious|total|overall|n\b|%|mild|moderate)", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What a look into a label says, and where."""

    verdict: Verdict
    reason: str
    places: tuple[frozenset[tuple[int, int]], ...] = ()
    """For each rate, where the row of the term prints it: table of the label, column. Empty for text."""


def judge(fact: AdverseEventRecord, document: LabelDocument) -> Found:
    """Look for the rates of a fact in its label."""
    if not fact.rates:
        return Found(Verdict.NOT_JUDGED, "It has no figures: only a frequency band.")
    chapter = re.match(r"(\d{1,2})(?:\.\d{1,2})?(?:,|$)", fact.locator)
    text = document.section(chapter[1] if chapter else None)
    if text is None:
        return Found(Verdict.NOT_JUDGED, f"{document.origin} does not hold section {chapter[1] if chapter else ''}.")
    named = re.search(r"\bTables? (\d+(?:(?:, | and | or |-)\d+)*)", fact.locator)
    if named and not document.flat:
        return _in_tables(fact, document, re.findall(r"\d+", named[1]), text)
    if _in_run_on_row(fact, text):
        return Found(Verdict.FOUND, "It stands in the text, as a row.")
    if named and any(_tells(fact, part[:RUN_ON]) for part in _parts(text, re.findall(r"\d+", named[1]))):
        return Found(Verdict.FOUND, "It stands in the text of the table, whose rows have run together.")
    if _in_sentences(fact, text):
        return Found(Verdict.FOUND, "It stands in the text, as sentences.")
    if not named and (found := _in_rows(fact, document.tables)).verdict is Verdict.FOUND:
        return found
    return Found(Verdict.NOT_FOUND, "Neither a row nor sentences of the section print the term with these figures.")


def _in_tables(fact: AdverseEventRecord, document: LabelDocument, numbers: list[str], text: str) -> Found:
    own = [placed for placed in document.tables if placed.number in numbers]
    found = _in_rows(fact, own)
    if found.verdict is Verdict.FOUND:
        return found
    unnumbered = _in_rows(fact, [placed for placed in document.tables if placed.number is None])
    if unnumbered.verdict is Verdict.FOUND:
        return unnumbered
    parts = list(_parts(text, numbers))
    if not own and not parts:
        return Found(Verdict.NOT_FOUND, f"The label has no Table {' or '.join(numbers)}.")
    if any(_in_run_on_row(fact, part) for part in parts if not own):
        return Found(Verdict.FOUND, "It stands in the text of the table.")
    elsewhere = [placed for placed in document.tables if _in_rows(fact, [placed]).verdict is Verdict.FOUND]
    if elsewhere:
        tables = ", ".join(sorted({f"Table {placed.number}" for placed in elsewhere}))
        return Found(found.verdict, f"{found.reason} {tables} would fit.")
    return found


def _parts(text: str, numbers: list[str]) -> Iterator[str]:
    """The stretches of a section from the caption of a table to the next caption."""
    starts = [(found[1], found.start()) for found in re.finditer(r"Table (\d+)\s?[:.]", text)]
    for (number, start), (_, end) in pairwise([*starts, ("", len(text))]):
        if number in numbers:
            yield text[start:end]


def _in_rows(fact: AdverseEventRecord, tables: Sequence[PlacedTable]) -> Found:
    """The rates in the rows of the term: in those that print it best, of all tables."""
    rows = [
        (fits, placed, number)
        for placed in tables
        for number, row in enumerate(placed.table.rows)
        if (fits := _fits(fact.reported_term, row))
    ]
    if not rows:
        return Found(Verdict.NOT_FOUND, "No row of the table prints the term.")
    for wanted in sorted({fits for fits, _, _ in rows}, reverse=True):
        places = [set[tuple[int, int]]() for _ in fact.rates]
        for _, placed, number in (row for row in rows if row[0] is wanted):
            columns = _columns(fact.rates, list(_block(placed.table.rows, number)))
            if all(columns):
                for there, cells in zip(places, columns, strict=True):
                    there.update((placed.position, column) for column in cells)
        if all(places):
            return Found(Verdict.FOUND, "It stands in the row.", tuple(map(frozenset, places)))
    return Found(Verdict.NOT_FOUND, "The row of the term prints other figures.")


def _fits(term: str, row: Row) -> Likeness:
    first = row.term
    return max(likeness(term, line) for line in (first.text, *first.lines)) if first.lines else Likeness.NONE


def _block(rows: Sequence[Row], number: int) -> Iterator[Row]:
    """A row, and the rows below that only divide it (by grade, or without a term of their own)."""
    yield rows[number]
    for row in rows[number + 1 : number + 6]:
        if row.term.lines and not row.term.carried and not _GRADES.match(row.term.text):
            break
        yield row


def _columns(rates: Sequence[Rate], rows: Sequence[Row]) -> tuple[frozenset[int], ...]:
    """For each rate, the columns whose cell prints it: n and percent in one cell, or side by side."""
    return tuple(
        frozenset(
            cell.start
            for row in rows
            for cell, beside in _pairs(row)
            if holds(rate, figures(cell.text)) or (_both(rate) and holds(rate, figures(f"{cell.text} {beside}")))
        )
        for rate in rates
    )


def _both(rate: Rate) -> bool:
    return rate.patients is not None and (rate.percent is not None or rate.percent_below is not None)


def _pairs(row: Row) -> Iterator[tuple[Cell, str]]:
    cells = row.values
    for number, cell in enumerate(cells):
        yield cell, cells[number + 1].text if number + 1 < len(cells) else ""


def _in_run_on_row(fact: AdverseEventRecord, text: str) -> bool:
    """Whether the figures follow the term closely, as in a table that has run into the text."""
    return any(
        holds_all(fact.rates, figures(text[found.end() : found.end() + ROW]))
        for found in phrase(fact.reported_term).finditer(text)
    )


_SENTENCE = re.compile(r"(?<=[.!?:;])\s+(?=[A-Z(•\d])|\s•\s")


def _in_sentences(fact: AdverseEventRecord, text: str) -> bool:
    """Whether a few sentences have the words of the term, and the figures with their signs."""
    sentences = _SENTENCE.split(text)
    for number in range(len(sentences)):
        window = " ".join(sentences[number : number + SENTENCES])
        if _tells(fact, window):
            return True
    return False


def _tells(fact: AdverseEventRecord, text: str) -> bool:
    return holds_all(fact.rates, figures(text)) and share(fact.reported_term, text) >= MOST_WORDS
