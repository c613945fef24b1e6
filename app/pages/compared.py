"""The parts of comparisons that are many: rows of arms, fields of heat maps, and what is absent, as finished HTML."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from app.pages.links import NOTHING_SHOWN, Links, Record, rate_of
from app.pages.pieces import finished
from app.pages.words import number, plain, words

MOST_THERAPIES, MOST_ARMS, MOST_EVENTS = 40, 30, 12
"""Of what is absent, how many are named."""


def arm_rows(at: Links, rows: Sequence[Record], cohorts: Mapping[str, Record]) -> str:
    """Of one event, a row for each rate of each arm."""
    return finished("".join([_arm_row(at, row, cohorts[row["cohort"]]) for row in rows]))


def _arm_row(at: Links, row: Record, cohort: Record) -> str:
    counts = "".join(
        [
            f'<td class="n">{NOTHING_SHOWN if count is None else number(count)}</td>'
            for count in (row["patients_at_risk"] or None, row["patients"])
        ]
    )
    banded = row.get("frequency_band") and row["percent"] is None
    rate = escape(plain(row["frequency_band"])) if banded else rate_of(row)
    comparator = " class=comparator" if cohort["comparator"] else ""
    return (
        f'<tr{comparator}><th scope="row">{at.named("cohorts", cohort, cohort["label"])}</th>{counts}'
        f"<td>{escape(plain(row['grades']))}</td>\n<td>{rate}</td><td>{at.read_in(row['evidence'])}</td></tr>\n"
    )


def field_rows(at: Links, events: Sequence[Record], cells: Sequence[Sequence[Any]], arms: int) -> str:
    """A row for each event of a heat map: in each of the first arms its percent, or that it lies in a band."""
    fields: dict[int, dict[int, str]] = {}
    for row, column, percent, *_ in cells:
        fields.setdefault(row, {})[column] = f"<td>{'band' if percent is None else percent}</td>"
    absent = f'<td class="none">{NOTHING_SHOWN}</td>'
    found = []
    for row, event in enumerate(events):
        of_row = fields.get(row, {})
        shown = "\n".join([of_row.get(column, absent) for column in range(arms)])
        found.append(f'<tr><th scope="row">{at.named("events", event)}</th>\n{shown}</tr>\n')
    return finished("".join(found))


def absent_therapies(at: Links, absent: Sequence[Record], nothing_found: Mapping[str, str]) -> str:
    """Therapies of which nothing, or not every event, is shown, and why, as items of a list."""
    found = []
    for item in absent[:MOST_THERAPIES]:
        why = item.get("status") or nothing_found.get(item["coverage"], item["coverage"])
        events = _events([event["name"] for event in item.get("events") or ()])
        said = f"{at.named('therapies', item['therapy'])}: <b>{escape(why)}</b>"
        found.append(f"<li>{said}{': ' if events else ''}{events}</li>\n")
    return finished("".join(found))


def absent_arms(at: Links, absent: Sequence[Record]) -> str:
    """The same of arms."""
    found = [
        f"<li>{at.to('cohorts', item['cohort'], item['label'])}: <b>{escape(item['status'])}</b>: "
        f"{_events([words(event) for event in item['events']])}</li>\n"
        for item in absent[:MOST_ARMS]
    ]
    return finished("".join(found))


def _events(names: Sequence[str]) -> str:
    return escape(", ".join(names[:MOST_EVENTS]) + (" …" if len(names) > MOST_EVENTS else ""))
