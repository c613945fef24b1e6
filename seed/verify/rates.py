"""Whether the rates of an adverse event stand in its label, where its locator says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.measures import Rate
from seed.draft.tables import Cell, Row
from seed.verify.documents import LabelDocument, PlacedTable
from seed.verify.figures import Figure, figures, holds, holds_all
from seed.verify.verdicts import Verdict
from seed.verify.words import Likeness, likeness, phrase, share

RUN_ON = 4000
"""Characters in which a whole table ends that has run into the text."""
FOOTNOTE = 300
"""Characters in which figures follow their term, where a footnote has run between them."""
ARMS = 2
"""Figures that a row has at least: a single one stands in a footnote."""
SENTENCES = 2
"""Sentences in a row that may tell of one event, besides one for each rate."""
MISPRINT = 88
"""Likeness (0-100) from which a printed term is the reported one, misprinted."""
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
    rows = list(_run_on_rows(fact.reported_term, text))
    if any(holds_all(fact.rates, row) for row in rows):
        return Found(Verdict.FOUND, "It stands in the text, as a row.")
    parts = [part[:RUN_ON] for part in _parts(text, re.findall(r"\d+", named[1]))] if named else []
    if any(holds_all(fact.rates, row) for part in parts for row in _misprinted_rows(fact.reported_term, part)):
        return Found(Verdict.FOUND, "It stands in the text of the table, whose term has a misprint.")
    if any(
        _apart(fact, part) or (_tells(fact, part) and not any(_run_on_rows(fact.reported_term, part))) for part in parts
    ):
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
    if not own and any(holds_all(fact.rates, row) for part in parts for row in _run_on_rows(fact.reported_term, part)):
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
    """For each rate, the columns whose cell prints it; where n and percent have columns of their own, that of n."""
    cells = [(cell, beside) for row in rows for cell, beside in _pairs(row)]
    found = []
    for rate in rates:
        columns = {cell.start for cell, _ in cells if holds(rate, figures(cell.text))}
        if not columns and _both(rate):
            columns = {cell.start for cell, beside in cells if holds(rate, figures(f"{cell.text} {beside}"))}
        found.append(frozenset(columns))
    return tuple(found)


def _both(rate: Rate) -> bool:
    return rate.patients is not None and (rate.percent is not None or rate.percent_below is not None)


def _pairs(row: Row) -> Iterator[tuple[Cell, str]]:
    cells = row.values
    for number, cell in enumerate(cells):
        yield cell, cells[number + 1].text if number + 1 < len(cells) else ""


_RUN_ON_ROW = re.compile(
    r"[^\d.;:]{0,50}?((?:\b[A-Za-z]{1,2}\b|\bN[AR]\b|[^A-Za-z])*\d(?:\b[A-Za-z]{1,2}\b|[^A-Za-z])*)"
)
"""What follows a term in a table that has run into the text: hardly a word, figures, and no word among them."""


def _run_on_rows(term: str, text: str) -> Iterator[list[Figure]]:
    """The figures that follow a term directly, as in a table that has run into the text."""
    for found in phrase(term).finditer(text):
        if row := _RUN_ON_ROW.match(text, found.end()):
            yield figures(row[1])


_TERM_AND_ROW = re.compile(r"([A-Za-z][A-Za-z ,/()-]{3,80}?)(?: [a-z]{1,2})?\s+(\d(?:\b[a-z]{1,2}\b|[^A-Za-z])*)")


def _misprinted_rows(term: str, part: str) -> Iterator[list[Figure]]:
    """The figures that follow what is nearly the term, in the text of a table: labels have misprints."""
    for found in _TERM_AND_ROW.finditer(part):
        if fuzz.ratio(term.lower(), found[1].lower()) >= MISPRINT:
            yield figures(found[2])


def _apart(fact: AdverseEventRecord, part: str) -> bool:
    """Whether the figures follow a term from which a footnote in the text of the table divides them."""
    return any(
        holds_all(fact.rates, figures(part[found.end() : found.end() + FOOTNOTE]))
        for found in phrase(fact.reported_term).finditer(part)
        if not (row := _RUN_ON_ROW.match(part, found.end())) or len(figures(row[1])) < ARMS
    )


_SENTENCE = re.compile(r"(?<=[.!?:;])\s+(?=[A-Z(•\d])|\s•\s")


def _in_sentences(fact: AdverseEventRecord, text: str) -> bool:
    """Whether a few sentences have the words of the term, and the figures with their signs."""
    sentences, length = _SENTENCE.split(text), SENTENCES + len(fact.rates)
    windows = (" ".join(sentences[number : number + length]) for number in range(len(sentences)))
    return any(_tells(fact, window, signs=True) for window in windows)


def _tells(fact: AdverseEventRecord, text: str, signs: bool = False) -> bool:
    return holds_all(fact.rates, figures(text), signs) and share(fact.reported_term, text) >= MOST_WORDS
