"""The cells of tables, by the kind of their column."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

from app.nouns.declaration import title_of
from app.nouns.registry import noun as noun_of
from app.pages.columns import Column
from app.pages.links import NOTHING, Links, Record, bar_of, rate_of
from app.pages.words import cut, figure, interval, number, plain, printed, words

SUBJECTS = {"class": "classes", "condition": "conditions", "target": "targets", "therapy": "therapies"}
"""Kinds of what statements are about, and their lists."""
NUMBERS = ("number", "count", "facts")
"""Kinds of columns that are set as figures."""
CLASSES = {
    **dict.fromkeys(NUMBERS, " class=n"),
    **dict.fromkeys(("first", "day"), " class=day"),
    **dict.fromkeys(("figure", "rate"), " class=figure"),
    **dict.fromkeys(("itself", "title", "arm", "arms", "use"), " class=text"),
    "indication": ' class="text long"',
}
"""How cells of a kind are laid out."""
MOST_LETTERS = 260


def _value(draw: Callable[[Links, Column, Any], str]) -> Callable[[Links, str, Column, Record], str]:
    """A cell that shows one value of a record, and a dash where there is none."""

    def cell(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
        value = record.get(column.path)
        return NOTHING if value is None or value == [] else draw(at, column, value)

    return cell


def _itself(at: Links, noun: str, column: Column, record: Record) -> str:
    text = record.get(column.path) if column.path else None
    called = text or record.get("name") or record.get("title") or record["id"]
    link = at.to(noun, record["id"], cut(called, MOST_LETTERS))
    brands = record.get("brand_names") if noun == "therapies" else None
    if not brands:
        return link
    return f"{link}<small>{escape(', '.join(brands[:4]))}{' …' if len(brands) > 4 else ''}</small>"


def _title(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    return at.to(noun, record["id"], cut(title_of(noun_of(noun), record) or record["id"], MOST_LETTERS))


def _indication(at: Links, noun: str, column: Column, record: Record) -> str:
    text = at.to(noun, record["id"], cut(record[column.path], MOST_LETTERS))
    return f"{at.named('conditions', record.get('condition'))}<small class=said>{text}</small>"


def _agency(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    return f"{escape(plain(record['agency']))}<small>{escape(plain(record['status']))}</small>"


def _rate_of(at: Links, noun: str, column: Column, record: Record) -> str:
    found = record.get(column.path)
    if not found:
        return NOTHING
    return rate_of(found, column.path if column.path == "severe" else "", partial(at.to, noun, record["id"]))


def _arm(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    cohort = record[column.path]
    return f"{at.named('cohorts', cohort, cohort['label'])}<small>{_counted(record)}</small>"


def _counted(record: Record) -> str:
    subset = record.get("subset")
    said = f"{plain(record['causality'])}, {plain(record['kind'])}{', serious' if record.get('serious') else ''}"
    return escape(f"{said}, only {subset['text']}" if subset else said)


def _arms(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    cohort, against = record["cohort"], record.get("against")
    found = at.named("cohorts", cohort, cohort["label"])
    if against:
        found += f" against {at.named('cohorts', against, against['label'])}"
    patients = escape(record.get("population") or "") or at.markers(record.get("biomarkers") or ())
    return f"{found}<small>{patients}</small>" if patients else found


def _measure(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    time, said = record.get("time"), words(record["measure"])
    if time:
        said += f", {time.get('text') or ' '.join((str(time['value']), plain(time['unit'])))}"
    return escape(said)


def _figure(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    found = at.to("outcomes", record["id"], figure(record))
    share, bounds = record.get("share"), record.get("interval")
    if bounds:
        p = f", p {record['p_value']}" if record.get("p_value") else ""
        found += f" <small>{escape(printed(bounds) + p)}</small>"
    elif share and share.get("ci95"):
        found += f" <small>95 % interval, computed: {interval(share['ci95'])}</small>"
    shown = (share or record).get("percent")
    if shown is None or record.get("against"):
        return found
    return f"{found}{bar_of(shown, (share or {}).get('ci95'))}"


def _use(at: Links, noun: str, column: Column, record: Record) -> str:  # noqa: ARG001  # as all cells are called
    indication = record.get("indication")
    if indication:
        return at.to("indications", indication["id"], cut(indication["text"], 160))
    brand = (record.get("product") or {}).get("brand") or "the product"
    return escape(f"{brand}, a biosimilar" if record.get("biosimilar") else brand)


def _subject(at: Links, column: Column, about: Any) -> str:  # noqa: ARG001  # as all cells are called
    of = SUBJECTS.get(about["kind"])
    return at.named(of, about) if of and about.get("id") else escape(about["name"])


def _facts(at: Links, column: Column, counts: Any) -> str:  # noqa: ARG001  # as all cells are called
    return number(sum(counts.get(name, 0) for name in ("indications", "warnings", "adverse_events", "approvals")))


CELLS: dict[str, Callable[[Links, str, Column, Record], str]] = {
    "itself": _itself,
    "title": _title,
    "indication": _indication,
    "agency": _agency,
    "rate": _rate_of,
    "arm": _arm,
    "arms": _arms,
    "measure": _measure,
    "figure": _figure,
    "use": _use,
    "subject": _value(_subject),
    "facts": _value(_facts),
    "ref": _value(lambda at, column, value: at.named(column.of, value)),
    "refs": _value(lambda at, column, value: at.several(column.of, value)),
    "evidence": _value(lambda at, _, value: at.read_in(value)),
    "first": _value(lambda _at, _, value: escape(f"{value.get('on') or value.get('date')} {value['agency']}")),
    "count": _value(lambda _at, _, value: str(len(value))),
    "number": _value(lambda _at, _, value: number(value)),
    "words": _value(lambda _at, _, value: escape(plain(value) if isinstance(value, str) else words(value))),
    "flag": _value(lambda _at, _, value: escape(words(value))),
    "texts": _value(lambda _at, _, value: escape(", ".join(value[:5]))),
    "biomarkers": _value(lambda at, _, value: at.markers(value)),
    "text": _value(lambda _at, _, value: escape(cut(value, MOST_LETTERS))),
    "day": _value(lambda _at, _, value: escape(str(value))),
}
"""How each kind of a column is drawn."""


def rows(at: Links, noun: str, columns: Sequence[Column], records: Sequence[Record]) -> str:
    """The rows of a table."""
    drawers = [
        (f"<td{CLASSES.get(column.kind, '')}>", partial(CELLS[column.kind], at, noun, column)) for column in columns
    ]
    return "".join(
        [f"<tr>{''.join([f'{open_}{draw(record)}</td>' for open_, draw in drawers])}</tr>\n" for record in records]
    )
