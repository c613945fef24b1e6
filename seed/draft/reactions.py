"""Adverse-reaction tables: rows, arms and rates. What is not certain is left out and reported."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.models.adverse_event import Rate
from app.vocabulary import Causality, EventKind, Grades
from seed.draft.groups import is_group, is_no_event, without_group
from seed.draft.headings import SIZE, Column, Unit, head_rows, read_columns, read_grades
from seed.draft.tables import Cell, Row, Table, squeezed
from seed.draft.values import Number, Reading, Shape, agrees, read_value


@dataclass(frozen=True)
class Problem:
    """What could not be read: row, cell and reason."""

    row: str
    cell: str
    reason: str


@dataclass(frozen=True)
class TableArm:
    """An arm of a table: its printed heading, its N, and the grid column at which it begins."""

    heading: str
    patients: int | None
    notes: tuple[str, ...] = ()
    """Footnotes on its heading."""


@dataclass(frozen=True)
class RowCount:
    """What one row counts in one arm."""

    arm: int
    term: str
    group: str
    rates: tuple[Rate, ...]
    denominator: int | None = None
    printed: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()


@dataclass
class Counted:
    """A table, read."""

    kind: EventKind
    causality: Causality
    arms: list[TableArm] = field(default_factory=list)
    counts: list[RowCount] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Footnotes of caption, headings and foot that belong to no row."""
    low_grades: bool = False
    """Its columns of all grades are printed as grades 1 to 4."""


SKIPS = [
    (r"exposure[- ]adjusted|per 100 patient|per 100 subject|patient[- ]years", "rates by time of exposure are no percents"),
    (r"\bby (?:treatment )?cycle\b", "counts by treatment cycle, not by arm"),
    (r"\bshifts? in\b|\bshifts\b|progressed to", "counts shifts from baseline"),
    (r"\bLVEF\b|myocardial dysfunction|ejection fraction from baseline", "counts cardiac function against thresholds"),
    (r"incidence of (?:congestive heart failure|cardiac dysfunction)", "has studies as rows and no arm headings"),
    (r"classification|criteria\b.*\bseverity|dose modif|dosage modif|recommended (?:dos|manag)|management of", "counts no patients"),
    (r"pharmacokinetic|efficacy|response rate|survival|immunogenicity|anti-drug antibod", "counts no adverse reactions"),
    (r"prolonged cytopenias?", "counts patients with an event that lasted, by treatment phase"),
    (r"severe hematologic toxicity", "counts nadirs and durations"),
]
"""Captions of tables that are not taken, and why."""

_REACTIONS = re.compile(r"adverse|reaction|laborator|toxicit|abnormalit|side effect", re.IGNORECASE)
_LABORATORY = re.compile(r"\blaborator|\bchemistry\b", re.IGNORECASE)


def reason_to_skip(table: Table, title: str) -> str | None:
    """Why a table is not taken, or None. `title`: its caption, or what stands in its place."""
    for pattern, reason in SKIPS:
        if re.search(pattern, title, re.IGNORECASE):
            return reason
    heads = " ".join(cell.text for row in table.rows[:3] for cell in row.cells)
    if not _REACTIONS.search(f"{title} {heads}"):
        return "neither caption nor headings speak of adverse reactions or laboratory abnormalities"
    if re.search(r"\bn\s*\(rate\)|per 100|exposure-adjusted|patient-years", heads, re.IGNORECASE) and "%" not in heads:
        return "rates by time of exposure are no percents"
    return None


def is_number(text: str) -> bool:
    """Whether a cell holds a figure."""
    return read_value(text).shape not in (Shape.UNREADABLE, Shape.NOT_STATED)


def is_figure(text: str) -> bool:
    """Whether a cell holds digits and no words, readable or not."""
    return bool(re.search(r"\d", text)) and not re.search(r"[A-Za-z]", text)


def read_counts(table: Table, title: str) -> Counted:
    """Read a table of adverse reactions. `title`: its caption, or what stands in its place."""
    first = table.rows[0].cells[0].text if table.rows[0].cells else ""
    kind = EventKind.LABORATORY if _LABORATORY.search(f"{title} {first}") else EventKind.CLINICAL
    counted = Counted(kind, _causality(title))
    size = head_rows(table.rows, is_figure)
    head, body = table.rows[:size], table.rows[size:]
    if not head or not any(is_number(cell.text) for row in body for cell in row.values):
        counted.problems.append(Problem("", "", "no headings, or no rows with figures"))
        return counted
    reader = _Reader(table, head, title, counted)
    for row in body:
        reader.take(row)
    reader.finish()
    return counted


def _causality(title: str) -> Causality:
    if re.search(r"\b(?:treatment|drug)[- ]related\b", title, re.IGNORECASE):
        return Causality.TREATMENT_RELATED
    if re.search(r"\bimmune[- ](?:mediated|related)\b", title, re.IGNORECASE):
        return Causality.IMMUNE_MEDIATED
    return Causality.ALL_CAUSE


class _Reader:
    """Reads the rows of one table in order."""

    def __init__(self, table: Table, head: tuple[Row, ...], title: str, counted: Counted) -> None:
        self.table, self.head, self.title, self.counted = table, head, title, counted
        self.group = self.phase = ""
        self.columns: dict[tuple[tuple[int, int], ...], list[Column]] = {}
        self.arms: dict[tuple[str, int | None], int] = {}
        self.sizes: dict[int, int] = {}
        self.seen: set[tuple[str, str]] = set()
        self.caption_grades, self.caption_problem = self._caption_grades()
        self.shapes = self._shapes()
        self.percents = self._percents()

    # -- what holds for the whole table --------------------------------------------------------------------------------

    def _percents(self) -> bool:
        """Whether bare numbers are proven to be percents: the caption says so, or decimals stand among them."""
        if re.search(r"\(%\)|\bpercent(?:age)? of\b", self.title, re.IGNORECASE):
            return True
        readings = [read_value(cell.text) for row in self.table.rows for cell in row.values]
        if any(reading.shape is Shape.BARE and reading.decimals for reading in readings):
            return True
        return self._above_threshold()

    def _above_threshold(self) -> bool:
        """Whether the caption's threshold proves percents: every number reaches it, and some would not as a count of N."""
        found = re.findall(r"(?:≥|at least|greater than or equal to)\s*(\d+)\s*%", self.title)
        if len(set(found)) != 1:
            return False
        threshold = int(found[0])
        for columns in self._all_columns():
            numbers: dict[int, list[float]] = {}
            for row in self.table.rows[len(self.head) :]:
                for cell in row.values:
                    reading = read_value(cell.text)
                    if reading.shape is Shape.BARE and reading.number is not None and not reading.below:
                        numbers.setdefault(cell.start, []).append(float(reading.number))
            for column in columns:
                values = numbers.get(column.start, [])
                if column.grades is Grades.ANY and column.patients and values and min(values) >= threshold:
                    return 100 * min(values) / column.patients < threshold
        return False

    def _all_columns(self) -> Iterator[list[Column]]:
        body = [row for row in self.table.rows[len(self.head) :] if any(is_number(cell.text) for cell in row.values)]
        return (self._columns(row) for row in body[:1])

    def _shapes(self) -> dict[int, set[Shape]]:
        """The shapes of the figures of each column, without bare zeros."""
        shapes: dict[int, set[Shape]] = {}
        for row in self.table.rows[len(self.head) :]:
            for cell in row.values:
                reading = read_value(cell.text)
                if reading.shape not in (Shape.NOT_STATED, Shape.UNREADABLE) and not (reading.shape is Shape.BARE and reading.number == 0):
                    shapes.setdefault(cell.start, set()).add(reading.shape)
        return shapes

    def _unit(self, column: Column) -> Unit:
        """The column's unit; where its heading says none, that of all its other figures."""
        shapes = self.shapes.get(column.start, set())
        if column.unit is Unit.UNKNOWN and shapes == {Shape.COUNT_PERCENT}:
            return Unit.COUNT_PERCENT
        if column.unit is Unit.UNKNOWN and shapes == {Shape.PERCENT}:
            return Unit.PERCENT
        return column.unit

    def _caption_grades(self) -> tuple[Grades | None, str]:
        """Grades that the caption sets for columns without any, and why they stay open."""
        title = re.sub(r"^Table \w+[.:]?\s*", "", self.title)
        starts = re.match(r"(?:Selected |Select )?(?=Grades? )", title)
        if starts:
            grades, printed, _ = read_grades(title[starts.end() : starts.end() + 24])
            return (grades, "") if grades else (None, f"the vocabulary has no group for `{printed}`")
        if re.search(r"\bgrades? \d|\b≥ ?grade|to grade \d", title, re.IGNORECASE):
            return None, "the caption names grades, the column none"
        return Grades.ANY, ""

    # -- rows ----------------------------------------------------------------------------------------------------------

    def take(self, row: Row) -> None:
        """Read one row of the body."""
        if not row.term:
            return
        filled = [cell for cell in row.values if cell.text]
        if row.term.text and not filled:
            self._open_group(row.term)
        elif not row.term.text and filled and len(filled) == 1 and not is_number(filled[0].text):
            self._open_group(filled[0])
        elif filled and all(SIZE.fullmatch(cell.text) for cell in filled):
            self._open_phase(row)
        elif filled:
            self._data(row)

    def _open_group(self, cell: Cell) -> None:
        text = cell.text
        self.group = text if is_group(text) else f"? {text}"

    def _open_phase(self, row: Row) -> None:
        """From here on the rows count another phase, in which each arm has the N of this row."""
        assert row.term
        self.phase, self.sizes, self.group = row.term.text, {}, ""
        for cell, column in zip(row.values, self._columns(row), strict=True):
            sizes = SIZE.findall(cell.text)
            if len(sizes) == 1:
                self.sizes[column.start] = int(sizes[0].replace(",", ""))

    def _data(self, row: Row) -> None:
        assert row.term
        if self._is_size(row):
            return
        lines = without_group(row.term.lines)
        term = squeezed(" ".join(lines))
        depth = max((len(cell.lines) for cell in row.values), default=1)
        if self.group.startswith("?"):
            self.problem(row, "", f"stands under `{self.group[1:].strip()}`, which is no organ system; it may need that heading")
        elif is_group(term) and not re.fullmatch(r"infections?|pain", term.lower()) and not self._is_composite(row):
            self.problem(row, "", "counts a whole organ system")
        elif is_no_event(term):
            self.problem(row, "", "the first cell names no event")
        elif depth > 1:
            self._split(row, lines)
        else:
            self._count(row, term)

    def _is_composite(self, row: Row) -> bool:
        """Whether a footnote says which terms the row includes: then it counts those, not an organ system."""
        assert row.term
        return bool(self.group) and any(re.search(r"\binclud", note) for note in self.table.footnotes(row.term))

    def _is_size(self, row: Row) -> bool:
        """Rows such as `Subjects treated | 665 | 664`, which give each arm its N."""
        assert row.term
        if not re.match(r"(?:number of |no\. of )?(?:patients|subjects)(?: treated)?$|N$", row.term.text, re.IGNORECASE):
            return False
        for cell, column in zip(row.values, self._columns(row), strict=True):
            if re.fullmatch(r"\d[\d,]*", cell.text):
                self.sizes[column.start] = int(cell.text.replace(",", ""))
        return True

    def _split(self, row: Row, lines: tuple[str, ...]) -> None:
        """Several rows set as lines of one: read only where every cell has as many lines, each a figure."""
        assert row.term
        values = [cell for cell in row.values if cell.text]
        fits = all(len(cell.lines) == len(lines) and all(map(is_number, cell.lines)) for cell in values)
        if not fits or row.term.marks or row.term.notes:
            self.problem(row, " | ".join(" / ".join(cell.lines) for cell in values), "several lines in one cell")
            return
        for position, line in enumerate(lines):
            cells = tuple(replace(c, lines=(c.lines[position],) if c.text else ()) for c in row.values)
            self._count(Row((replace(row.term, lines=(line,)), *cells), row.section), line)

    def _columns(self, row: Row) -> list[Column]:
        spans = tuple((cell.start, cell.end) for cell in row.values)
        if spans not in self.columns:
            columns = read_columns(self.head, list(spans))
            if any(column.problem.startswith("its headings do not fit") for column in columns):
                columns = self._by_order(spans) or columns
            self.columns[spans] = columns
        return self.columns[spans]

    def _by_order(self, spans: tuple[tuple[int, int], ...]) -> list[Column] | None:
        """Columns by their order, where spans of headings and cells are out of step but the order is plain.

        The last heading row must repeat the same different headings for every arm of the row above.
        """
        if len(self.head) < 2:
            return None
        arms = [cell for cell in self.head[-2].values if cell.text]
        last = [cell for cell in self.head[-1].values if cell.text]
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

    # -- figures -------------------------------------------------------------------------------------------------------

    def _count(self, row: Row, term: str) -> None:
        assert row.term
        notes = tuple(self.table.footnotes(row.term))
        found: dict[int, list[tuple[Rate, str]]] = {}
        tested: int | None = None
        denominators: dict[int, int] = {}
        for cell, column in zip(row.values, self._columns(row), strict=True):
            if column.unit is Unit.TESTED and re.fullmatch(r"\d+", cell.text):
                tested = int(cell.text)
                continue
            if not cell.text and not (column.arm or column.grades):
                continue
            if column.problem:
                self.problem(row, cell.text, column.problem)
                continue
            arm = self._arm(column)
            notes += tuple(self.table.footnotes(cell))
            rate = self._rate(row, cell, column, self.size(arm, column), tested)
            if rate is None:
                continue
            rate, denominator = rate
            found.setdefault(arm, []).append((rate, cell.text))
            if denominator:
                denominators[arm] = denominator
        for arm, rates in found.items():
            problem = _contradiction([rate for rate, _ in rates])
            if problem:
                self.problem(row, " | ".join(text for _, text in rates), problem)
                continue
            printed = tuple(text for _, text in rates)
            self.counted.counts.append(
                RowCount(
                    arm,
                    term,
                    self.group,
                    tuple(rate for rate, _ in rates),
                    denominators.get(arm),
                    printed,
                    tuple(dict.fromkeys(notes)),
                )
            )

    def _arm(self, column: Column) -> int:
        heading = f"{column.arm}: {self.phase}" if self.phase else column.arm
        key = (heading, column.patients)
        if key not in self.arms:
            same = [known for known in self.arms if known[0] == heading and None in (known[1], column.patients)]
            self.arms[key] = self.arms[same[0]] if same else len(self.counted.arms)
            if not same:
                notes = [note for cell in column.cells for note in self.table.footnotes(cell) if not _spans_all(cell, self.head)]
                self.counted.arms.append(TableArm(heading, column.patients, tuple(notes)))
        return self.arms[key]

    def size(self, arm: int, column: Column) -> int | None:
        """N of an arm: from its heading, or from a row of sizes."""
        known = self.counted.arms[arm]
        if known.patients is None and column.start in self.sizes:
            self.counted.arms[arm] = known = replace(known, patients=self.sizes[column.start])
        return known.patients

    def _rate(
        self, row: Row, cell: Cell, column: Column, patients: int | None, tested: int | None
    ) -> tuple[Rate, int | None] | None:
        reading = read_value(cell.text)
        if reading.shape is Shape.NOT_STATED:
            self.problem(row, cell.text, "not stated", once=column.printed_grades or column.arm)
            return None
        reason = "no figure that can be read" if reading.shape is Shape.UNREADABLE else ""
        if not reason and self.table.unresolved(cell):
            reason = "" if all(not mark.isdigit() for mark in self.table.unresolved(cell)) else "an unexplained raised figure"
        grades = column.grades
        if not reason and grades is None:
            grades, reason = self.caption_grades, self.caption_problem
        if not reason and not agrees(reading, tested or patients):
            reason = f"n and percent do not fit N={reading.denominator or tested or patients}"
        if not reason:
            rate = _printed_rate(reading, self._unit(column), grades or Grades.ANY, self.percents)
            if rate:
                if column.printed_grades and re.search(r"1\D+4", column.printed_grades):
                    self.counted.low_grades = True
                return rate, reading.denominator or tested
            reason = "neither heading nor caption says what the number is"
        self.problem(row, cell.text, reason)
        return None

    def problem(self, row: Row, cell: str, reason: str, once: str = "") -> None:
        """Report something unread."""
        term = row.term.text if row.term else ""
        self.counted.problems.append(Problem(term, f"{once}: {cell}" if once else cell, reason))

    def finish(self) -> None:
        """Gather the footnotes of headings, caption and foot, and N from the caption where there is one arm."""
        notes = list(self.table.caption_notes)
        for row in (*self.head, *(row for row in self.table.rows[len(self.head) :] if len(row.cells) == 1 or not any(c.text for c in row.values))):
            for cell in row.cells:
                notes.extend(self.table.footnotes(cell))
        if not self.table.foot:
            notes.append(self.table.foot_text)
        notes.extend(self.table.foot.values())
        self.counted.notes = list(dict.fromkeys(note for note in notes if note))
        sizes = {int(size.replace(",", "")) for size in SIZE.findall(self.title)}
        if len(self.counted.arms) == 1 and self.counted.arms[0].patients is None and len(sizes) == 1:
            self.counted.arms[0] = replace(self.counted.arms[0], patients=sizes.pop())


def _spans_all(cell: Cell, head: tuple[Row, ...]) -> bool:
    last = max(other.end for row in head for other in row.cells)
    return cell.start <= 1 and cell.end >= last and last > 2


def _printed_rate(reading: Reading, unit: Unit, grades: Grades, percents: bool) -> Rate | None:
    """The rate as printed; None where a bare number may be anything."""
    if reading.shape is Shape.COUNT_PERCENT:
        return _rate(grades, reading.number, reading.below, reading.patients)
    if reading.shape is Shape.PERCENT or unit is Unit.PERCENT or (unit is Unit.UNKNOWN and percents):
        return _rate(grades, reading.number, reading.below)
    if unit is Unit.COUNT_PERCENT and reading.number == 0 and not reading.below and not reading.decimals:
        return Rate(grades=grades, patients=0)
    return None


def _rate(grades: Grades, percent: Number | None, below: bool, patients: int | None = None) -> Rate | None:
    if percent is None or percent > 100:
        return None
    if below:
        return Rate(grades=grades, patients=patients, percent_below=percent) if percent else None
    return Rate(grades=grades, patients=patients, percent=percent)


def _contradiction(rates: list[Rate]) -> str | None:
    """Why the rates of one row and arm cannot all be right: a group twice, or a part larger than the whole."""
    groups = [rate.grades for rate in rates]
    if len(set(groups)) < len(groups):
        return "the same group of grades twice for one arm"
    whole = next((rate.percent for rate in rates if rate.grades is Grades.ANY), None)
    for rate in rates:
        if whole is not None and rate.percent is not None and rate.percent > whole:
            return "a group of grades is larger than all grades"
    return None


def rows_of(counted: Counted) -> Iterator[tuple[TableArm, RowCount]]:
    """Every count with its arm."""
    return ((counted.arms[count.arm], count) for count in counted.counts)
