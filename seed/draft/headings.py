"""Column headings: which arm, which grades, which N and which unit a column counts."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from app.vocabulary import Grades
from seed.draft.tables import Cell, Row, squeezed


class Unit(Enum):
    """What a column's bare numbers are."""

    PERCENT = "percent"
    COUNT_PERCENT = "n (percent)"
    TESTED = "patients tested"
    """The column gives the denominators of its row, such as `N` beside `%`."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Column:
    """What one column counts. `problem`: why it cannot be read, if so."""

    start: int
    end: int
    arm: str = ""
    grades: Grades | None = None
    printed_grades: str = ""
    patients: int | None = None
    unit: Unit = Unit.UNKNOWN
    cells: tuple[Cell, ...] = ()
    """The heading cells above it, from the top."""
    problem: str = ""


SIZE = re.compile(r"\(?\s*\b(?:total\s+)?n\s*=\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\s*patients)?\s*\)?", re.IGNORECASE)
"""`n=555`, `(N = 1678)`, `Total N = 662`."""

_TERM_HEADING = re.compile(r"reaction|event|term|laborat|body system|organ|parameter|\btest|abnormal", re.IGNORECASE)
"""Headings of the first column."""

_DIGIT = r"([1-5])"
_RANGE = rf"{_DIGIT}(?:\s*(?:-|–|—|to|or|and|through|/|,)\s*{_DIGIT})?"
_GRADES = re.compile(
    rf"\b(?:all|any)[\s-]*grades?\b"
    rf"|(?:≥|>=|greater than or equal to)\s*grades?\s*{_DIGIT}"
    rf"|\bgrades?\s*(?:≥|>=|greater than or equal to)\s*{_DIGIT}"
    rf"|\bgrades?\s*{_DIGIT}\s*(?:or|and)\s*(?:higher|greater|above|more)"
    rf"|\bgrades?\s*{_RANGE}(?![\d.])",
    re.IGNORECASE,
)

_UNITS = [
    (
        re.compile(r"\(?\b(?:n|number)\s*[,/]?\s*\(\s*%\s*\)(?:\s+of\s+(?:patients|subjects))?", re.IGNORECASE),
        Unit.COUNT_PERCENT,
    ),
    (re.compile(r"\(\s*n(?:/n)?\s*,\s*%\s*\)", re.IGNORECASE), Unit.COUNT_PERCENT),
    (re.compile(r"\(?\s*(?:frequency rate\s*)?%\s*\)?(?:\s*of\s+(?:patients|subjects))?", re.IGNORECASE), Unit.PERCENT),
    (
        re.compile(r"\(?\s*\b(?:percent|percentage)\b(?:\s+of\s+(?:patients|subjects))?\s*\)?", re.IGNORECASE),
        Unit.PERCENT,
    ),
]

_EXPOSURE = re.compile(r"total exposure in patient[- ]years\s*=\s*[\d.,]+", re.IGNORECASE)

_NO_RATE = re.compile(
    r"\b(?:number of events|events?\s*/|per\s+\d*\s*(?:patient|subject|person|100)|patient[- ]years?|exposure|"
    r"difference|hazard|odds|relative risk|risk ratio|p[- ]value|median|mean|duration|time to|days|weeks of|nadir|"
    r"baseline|severe|serious|progressed|discontinu\w*|decrease\b|increase\b)",
    re.IGNORECASE,
)
"""Headings of columns that count something other than patients with the event."""


def read_grades(text: str) -> tuple[Grades | None, str, str]:
    """Grades named in a heading: the group, how it is printed, and the text without it.

    A printed group that the vocabulary lacks answers None with its print.
    """
    found = _GRADES.search(text)
    if not found:
        return None, "", text
    rest = squeezed(text[: found.start()] + " " + text[found.end() :])
    up = found[1] or found[2] or found[3]
    if up:
        name = f">={up}"
    elif found[4]:
        name = found[4] if not found[5] else f"{found[4]}-{found[5]}"
    else:
        name = "any"
    if name == "1-5":
        name = "any"
    known = {grades.value: grades for grades in Grades}
    return known.get(name), squeezed(found[0]), rest


def head_rows(rows: tuple[Row, ...], is_value: Callable[[str], bool]) -> int:
    """How many leading rows are headings: `<thead>`, and further ones until values or a group heading begin."""
    count = 0
    for position, row in enumerate(rows):
        if row.section == "thead":
            count = position + 1
            continue
        texts = [cell.text for cell in row.values if not cell.carried]
        filled = [text for text in texts if text]
        if any(is_value(text) for text in filled) or _opens_phase(row, filled):
            break
        if not filled and not any(cell.carried for cell in row.cells):
            first = row.term
            if first.text and (count or len(row.cells) == 1):
                break
            continue
        if not filled:
            break
        if len(row.cells) == 1 and count:
            break
        count = position + 1
    return count


def _opens_phase(row: Row, filled: list[str]) -> bool:
    """Whether a row names a phase and gives each arm its N in it, such as `Induction | N = 131 | N = 137`."""
    name = row.term.text if not row.term.carried else ""
    sizes = bool(filled) and all(SIZE.fullmatch(text) for text in filled)
    return sizes and bool(name) and not _TERM_HEADING.search(name)


def read_columns(head: tuple[Row, ...], spans: list[tuple[int, int]]) -> list[Column]:
    """The columns that stand above the given spans of grid columns, each with all that its headings say."""
    columns = []
    shared = _shared(head, spans)
    for start, end in spans:
        column = Column(start, end)
        words: list[str] = []
        for row in head:
            above = [cell for cell in row.cells if cell.start < end and start < cell.end and cell.start > 0]
            above = [cell for cell in above if cell.text]
            if len(above) > 1 and len({cell.text for cell in above}) > 1:
                column = replace(column, problem="its headings do not fit the cells below")
            for cell in above[:1]:
                if cell not in column.cells:
                    column = _with(column, cell, words, shared=cell.text in shared)
        arm = squeezed(" ".join(words)).strip(" ,;:-–")
        columns.append(replace(column, arm=arm))
    return columns


def _shared(head: tuple[Row, ...], spans: list[tuple[int, int]]) -> set[str]:
    """Headings that span every value column of a table whose arms stand below them."""
    if len(spans) < 2:
        return set()
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    arms_below: set[str] = set()
    shared: set[str] = set()
    for row in reversed(head):
        wide = [c for c in row.cells if c.start > 0 and c.start <= first and c.end >= last and c.text]
        if wide and len(arms_below) > 1:
            shared.update(cell.text for cell in wide)
        arms_below.update(name for c in row.cells if c.start > 0 and (name := _bare(c.text)))
    return shared


def _bare(text: str) -> str:
    """A heading without grades, unit and N: the name of an arm, or nothing."""
    rest = read_grades(text)[2]
    for pattern, _ in _UNITS:
        rest = pattern.sub(" ", rest)
    return squeezed(SIZE.sub(" ", rest)).strip(" ,;:()")


def _with(column: Column, cell: Cell, words: list[str], shared: bool) -> Column:
    text = cell.text
    grades, printed, rest = read_grades(text)
    if printed:
        if column.printed_grades and column.printed_grades != printed:
            column = replace(column, problem=f"two groups of grades: {column.printed_grades}, {printed}")
        column = replace(column, grades=grades, printed_grades=printed)
        if grades is None:
            column = replace(column, problem=f"the vocabulary has no group for `{printed}`")
    sizes = {int(size.replace(",", "")) for size in SIZE.findall(rest)}
    if len(sizes) == 1:
        column = replace(column, patients=sizes.pop())
    elif sizes:
        column = replace(column, problem="two sizes for one arm")
    rest = _EXPOSURE.sub(" ", SIZE.sub(" ", rest))
    for pattern, unit in _UNITS:
        if pattern.search(rest):
            if column.unit is Unit.UNKNOWN:
                column = replace(column, unit=unit)
            rest = pattern.sub(" ", rest)
    rest = squeezed(rest).strip(" ,;:-–")
    rest = re.sub(r"^\(\s*\)$|\(\s*\)", "", rest).strip()
    if rest.lower() in ("n", "number of patients", "patients"):
        if rest.lower() == "n":
            column = replace(column, unit=Unit.TESTED)
        rest = ""
    if _NO_RATE.search(rest):
        column = replace(column, problem=f"`{rest}` is no rate of patients")
    if rest and not shared and rest.lower() not in ("grade", "grades") and (rest.lower() != "total" or not words):
        rest = re.sub(r"(?<=[\w)])\(", " (", rest)
        words.append(re.sub(r"\s+total$", "", rest, flags=re.IGNORECASE))
    return replace(column, cells=(*column.cells, cell))


def read_columns_by_order(head: tuple[Row, ...], spans: tuple[tuple[int, int], ...]) -> list[Column] | None:
    """Columns by their order, where spans of headings and cells are out of step but the order is plain.

    The last heading row must repeat the same different headings for every arm of the row above.
    """
    if len(head) < 2:
        return None
    arms = [cell for cell in head[-2].values if cell.text]
    last = [cell for cell in head[-1].values if cell.text]
    if not arms or len(last) != len(spans) or len(last) % len(arms):
        return None
    step = len(last) // len(arms)
    blocks = [[read_grades(cell.text)[0] for cell in last[at : at + step]] for at in range(0, len(last), step)]
    if len(set(blocks[0])) != step or None in blocks[0] or any(block != blocks[0] for block in blocks):
        return None
    columns = []
    for position, span in enumerate(spans):
        pair = (arms[position // step], last[position])
        rows = tuple(Row((Cell((), 0, 1), replace(cell, start=span[0], end=span[1])), "thead") for cell in pair)
        columns.extend(read_columns(rows, [span]))
    return columns
