"""What the bare numbers of a table are: proven by its caption, its decimals, its threshold, or the rest of a column."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from app.vocabulary import Grades
from seed.draft.headings import Column, Unit, read_grades
from seed.draft.tables import Row
from seed.draft.values import Reading, Shape, read_value


def caption_grades(title: str) -> tuple[Grades | None, str]:
    """Grades that a caption sets for columns without any, and why they stay open."""
    title = re.sub(r"^Table \w+[.:]?\s*", "", title)
    starts = re.match(r"(?:Selected |Select )?(?=Grades? )", title)
    if starts:
        grades, printed, _ = read_grades(title[starts.end() : starts.end() + 24])
        return (grades, "") if grades else (None, f"the vocabulary has no group for `{printed}`")
    if re.search(r"\bgrades? \d|≥ ?grade|to grade \d", title, re.IGNORECASE):
        return None, "the caption names grades, the column none"
    return Grades.ANY, ""


@dataclass
class Units:
    """The units of one table."""

    body: tuple[Row, ...]
    title: str
    columns: Callable[[Row], list[Column]]
    shapes: dict[int, set[Shape]] = field(init=False)
    """Shapes of the figures of each column, without bare zeros."""
    percents: bool = field(init=False)
    """Bare numbers are proven to be percents."""

    def __post_init__(self) -> None:
        readings = [(cell.start, read_value(cell.text)) for row in self.body for cell in row.values]
        self.shapes = {}
        for column, reading in readings:
            zero = reading.shape is Shape.BARE and reading.number == 0
            if reading.shape not in (Shape.NOT_STATED, Shape.UNREADABLE) and not zero:
                self.shapes.setdefault(column, set()).add(reading.shape)
        self.percents = self._said() or self._decimal(readings) or self._above_threshold(readings)

    def of(self, column: Column) -> Unit:
        """The column's unit; where its heading says none, that of all its other figures."""
        shapes = self.shapes.get(column.start, set())
        if column.unit is Unit.UNKNOWN and shapes == {Shape.COUNT_PERCENT}:
            return Unit.COUNT_PERCENT
        if column.unit is Unit.UNKNOWN and (shapes == {Shape.PERCENT} or self.percents):
            return Unit.PERCENT
        return column.unit

    def _said(self) -> bool:
        return bool(re.search(r"\(%\)|\bpercent(?:age)? of\b", self.title, re.IGNORECASE))

    @staticmethod
    def _decimal(readings: list[tuple[int, Reading]]) -> bool:
        return any(reading.shape is Shape.BARE and reading.decimals for _, reading in readings)

    def _above_threshold(self, readings: list[tuple[int, Reading]]) -> bool:
        """Every number reaches the caption's threshold, and the least of them would not as a count of N."""
        found = set(re.findall(r"(?:≥|at least|greater than or equal to)\s*(\d+)\s*%", self.title))
        rows = [row for row in self.body if any(read_value(cell.text).shape is Shape.BARE for cell in row.values)]
        if len(found) != 1 or not rows:
            return False
        threshold = int(found.pop())
        for column in self.columns(rows[0]):
            numbers = [
                float(reading.number)
                for start, reading in readings
                if start == column.start and reading.shape is Shape.BARE and reading.number is not None
            ]
            if column.grades in (Grades.ANY, Grades.G1_4) and column.patients and numbers and min(numbers) >= threshold:
                return 100 * min(numbers) / column.patients < threshold
        return False
