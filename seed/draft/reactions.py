"""Adverse-reaction tables: rows, arms and rates. What is not certain is left out and reported."""

import re
from dataclasses import replace

from app.nouns.measures import Rate
from app.nouns.severity import none_among
from app.vocabulary import Causality, EventKind, Grades
from seed.draft.counts import Counted, Problem, RowCount, TableArm
from seed.draft.groups import is_group, is_no_event, without_group
from seed.draft.headings import SIZE, Column, Unit, head_rows, read_columns, read_columns_by_order
from seed.draft.tables import Cell, Row, Table, squeezed
from seed.draft.units import Units, caption_grades
from seed.draft.values import DASHES, Number, Reading, Shape, agrees, is_figure, is_number, read_value

_SIZES = re.compile(r"(?:number of |no\. of )?(?:patients|subjects)(?: treated)?|N", re.IGNORECASE)
_LABORATORY = re.compile(r"\blaborator|\bchemistry\b", re.IGNORECASE)


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
        self.caption_grades, self.caption_problem = caption_grades(title)
        self.units = Units(table.rows[len(head) :], title, self._columns)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def take(self, row: Row) -> None:
        """Read one row of the body."""
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
        self.phase, self.sizes, self.group = row.term.text, {}, ""
        for cell, column in zip(row.values, self._columns(row), strict=True):
            sizes = SIZE.findall(cell.text)
            if len(sizes) == 1:
                self.sizes[column.start] = int(sizes[0].replace(",", ""))

    def _data(self, row: Row) -> None:
        if self._is_size(row):
            return
        lines = without_group(row.term.lines)
        term = squeezed(" ".join(lines))
        depth = max((len(cell.lines) for cell in row.values), default=1)
        if self.group.startswith("?"):
            group = self.group[1:].strip()
            self.problem(row, "", f"stands under `{group}`, which is no organ system; it may need that heading")
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
        return bool(self.group) and any(re.search(r"\binclud", note) for note in self.table.footnotes(row.term))

    def _is_size(self, row: Row) -> bool:
        """Rows such as `Subjects treated | 665 | 664`, which give each arm its N."""
        if not _SIZES.fullmatch(row.term.text):
            return False
        for cell, column in zip(row.values, self._columns(row), strict=True):
            if re.fullmatch(r"\d[\d,]*", cell.text):
                self.sizes[column.start] = int(cell.text.replace(",", ""))
        return True

    def _split(self, row: Row, lines: tuple[str, ...]) -> None:
        """Several rows set as lines of one: read only where every cell has as many lines, each a figure."""
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
                columns = read_columns_by_order(self.head, spans) or columns
            self.columns[spans] = columns
        return self.columns[spans]

    # -- figures -------------------------------------------------------------------------------------------------------

    def _count(self, row: Row, term: str) -> None:
        notes = tuple(self.table.footnotes(row.term))
        found: dict[int, list[tuple[Rate, str]]] = {}
        dashes: dict[int, list[Grades]] = {}
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
            if cell.text in DASHES and column.grades:
                dashes.setdefault(arm, []).append(column.grades)
            read = self._rate(row, cell, column, self.size(arm, column), tested)
            if read is None:
                continue
            rate, denominator = read
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
                    none_among((rate.grades for rate, _ in rates), dashes.get(arm, ())),
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
                own = [cell for cell in column.cells if not _spans_all(cell, self.head)]
                notes = [note for cell in own for note in self.table.footnotes(cell)]
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
        if not reason and any(mark.isdigit() for mark in self.table.unresolved(cell)):
            reason = "an unexplained raised figure"
        grades = column.grades
        if not reason and grades is None:
            grades, reason = self.caption_grades, self.caption_problem
        if not reason and not agrees(reading, tested or patients):
            reason = f"n and percent do not fit N={reading.denominator or tested or patients}"
        if not reason:
            rate = _printed_rate(reading, self.units.of(column), grades or Grades.ANY)
            if rate:
                return rate, reading.denominator or tested
            reason = "neither heading nor caption says what the number is"
        self.problem(row, cell.text, reason)
        return None

    def problem(self, row: Row, cell: str, reason: str, once: str = "") -> None:
        """Report something unread."""
        self.counted.problems.append(Problem(row.term.text, f"{once}: {cell}" if once else cell, reason))

    def finish(self) -> None:
        """Gather the footnotes of headings, caption and foot, and N from the caption where there is one arm."""
        notes = list(self.table.caption_notes)
        titles = [row for row in self.table.rows[len(self.head) :] if not any(cell.text for cell in row.values)]
        for row in (*self.head, *titles):
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


def _printed_rate(reading: Reading, unit: Unit, grades: Grades) -> Rate | None:
    """The rate as printed; None where a bare number may be anything."""
    if reading.shape is Shape.COUNT_PERCENT:
        return _rate(grades, reading.number, reading.below, reading.patients)
    if reading.shape is Shape.PERCENT or unit is Unit.PERCENT:
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
