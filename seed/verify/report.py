"""What a run found: as a table with the findings below, and as JSON."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from seed.verify.verdicts import SENTENCES, Judgement, Verdict, counted

REASONS = 12
"""Reasons for judging nothing that are printed; a report holds them all."""


def as_table(judgements: Iterable[Judgement]) -> Table:
    """How many checks of each kind say what; kinds without a check are left out."""
    counts = {kind: verdicts for kind, verdicts in counted(judgements).items() if verdicts}
    shown = [verdict for verdict in Verdict if any(verdicts[verdict] for verdicts in counts.values())]
    table = Table("check", *shown, "of")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, verdicts in counts.items():
        table.add_row(kind, *(str(verdicts[verdict]) for verdict in shown), str(verdicts.total()))
    return table


def as_lines(judgements: Iterable[Judgement]) -> list[str]:
    """One line for each finding, and one for each reason for which checks were not judged."""
    items = list(judgements)
    found = [item for item in items if item.verdict.wrong or item.verdict is Verdict.NEWER]
    lines = []
    for item in sorted(found, key=lambda item: (not item.verdict.wrong, item.kind, item.record)):
        detail = ", ".join(str(value) for value in item.detail.values())
        lines.append(f"{item.verdict}: {item.kind} of {item.record} ({item.source}; {detail}). {item.reason}")
    reasons = Counter((item.kind, item.reason) for item in items if item.verdict is Verdict.NOT_JUDGED)
    lines += [f"not judged: {number} x {kind}. {reason}" for (kind, reason), number in reasons.most_common(REASONS)]
    further = reasons.total() - sum(number for _, number in reasons.most_common(REASONS))
    return [*lines, f"not judged: {further} for other reasons; --report lists them."] if further else lines


def as_json(judgements: Sequence[Judgement], day: dt.date, notes: Iterable[str] = ()) -> str:
    """The whole report: what is checked, how many say what, and every judgement."""
    report = {
        "checked_on": day.isoformat(),
        "notes": list(notes),
        "checks": SENTENCES,
        "counts": counted(judgements),
        "judgements": [item.as_json() for item in judgements],
    }
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def show(judgements: Sequence[Judgement], console: Console) -> None:
    """Print the table, and the findings below."""
    console.print(as_table(judgements))
    for line in as_lines(judgements):
        console.print(line, soft_wrap=True)
