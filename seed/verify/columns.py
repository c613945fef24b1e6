"""Whether the rates of a cohort stand in its own column: the figures of another arm stand in the right row too."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.cohort import CohortRecord
from app.vocabulary import Grades
from seed.draft.tables import Table
from seed.verify.documents import PlacedTable
from seed.verify.rates import Found

ENOUGH = 6
"""Rates that a column must hold before it may speak against others."""
MOST = 0.85
"""Share of a cohort's rates in a table that stand in its column."""
HEAD = 6
"""Rows in which the heading of a table ends."""

_SIZE = re.compile(r"\bN\s*=\s*(\d{1,3}(?:,\d{3})+|\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Astray:
    """A rate that stands in the row of its term, but not in the column of its arm."""

    fact: int
    reason: str


@dataclass(frozen=True)
class _Group:
    """The rates of a cohort, for one group of grades, in one table."""

    source: str
    cohort: str
    grades: Grades
    table: int


def astray(
    cohorts: Iterable[CohortRecord],
    looks: Iterable[tuple[AdverseEventRecord, Found]],
    tables: Callable[[str], Sequence[PlacedTable]],
) -> Iterator[Astray]:
    """The facts, by their number, of which a rate stands in another column than the cohort's.

    `tables`: those of a source's label. A rate whose figure stands in several columns speaks for each of them; a rate
    that is astray in one table, but not in another, is not.
    """
    sizes = {cohort.key: cohort.patients for cohort in cohorts}
    outside: dict[tuple[int, Grades], list[str | None]] = defaultdict(list)
    for group, members in _groups(looks).items():
        votes = Counter(column for _, columns in members for column in columns)
        column, agreeing = votes.most_common(1)[0]
        decided = agreeing >= ENOUGH and agreeing >= MOST * len(members)
        headed = decided and _headed_otherwise(
            tables(group.source)[group.table].table, {at for at in votes if votes[at] == agreeing}, sizes[group.cohort]
        )
        for number, columns in members:
            reason = headed or None
            if decided and column not in columns:
                reason = f"The row prints grades {group.grades.value} so, but not in the column of the cohort's others."
            outside[number, group.grades].append(reason)
    for (number, _), reasons in outside.items():
        if reasons[0] and all(reasons):
            yield Astray(number, reasons[0])


def _groups(
    looks: Iterable[tuple[AdverseEventRecord, Found]],
) -> dict[_Group, list[tuple[int, frozenset[int]]]]:
    groups: dict[_Group, list[tuple[int, frozenset[int]]]] = defaultdict(list)
    for number, (fact, look) in enumerate(looks):
        for rate, places in zip(fact.rates, look.places, strict=False):
            for table in {table for table, _ in places}:
                columns = frozenset(column for of, column in places if of == table)
                groups[_Group(fact.source, fact.cohort, rate.grades, table)].append((number, columns))
    return groups


def _headed_otherwise(table: Table, columns: set[int], patients: int | None) -> str | None:
    """What the heading says against columns: another N, while the cohort's N heads a column elsewhere."""
    heads = {
        (cell.start, cell.end): int(found[1].replace(",", ""))
        for row in table.rows[:HEAD]
        for cell in row.cells
        if (found := _SIZE.search(cell.text))
    }
    ends = {cell.start: cell.end for row in table.rows for cell in row.cells if cell.start in columns}
    own = {size for (start, end), size in heads.items() for at, to in ends.items() if start < to and at < end}
    if own and patients in heads.values() and patients not in own:
        return f"The column is headed N={'/'.join(map(str, sorted(own)))}; the cohort's N={patients} heads another."
    return None
