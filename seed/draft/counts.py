"""What a table counts, as it was read: arms, rows with their rates, and what could not be read."""

from dataclasses import dataclass, field

from app.nouns.measures import Rate
from app.vocabulary import Causality, EventKind, Grades


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
    none_in: tuple[Grades, ...] = ()
    """Groups of grades in whose column a dash is printed, beside figures of other grades from 3 up."""
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
