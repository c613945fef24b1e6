"""A release as tables that refer to each other by single keys, for SQL and data frames; it follows from the nouns.

Each list is a table, keyed by `id`. What a record refers to is the id of a record of another table; where it refers to
several, a table of links holds them. Lists of objects, such as products of a therapy, are tables of their own below it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson

from app.nouns.declaration import Noun
from app.nouns.filters import TermFilter
from app.nouns.measures import Measured
from app.nouns.rates import RateRow, rates_of
from app.nouns.registry import nouns
from app.tabular.columns import Column, Key, Type, columns
from app.tabular.forms import keys_of

UNDECLARED_REFERENCES = {
    ("sources", "superseded_by"): "sources",
    ("adverse-events", "differs_from"): "adverse-events",
    ("adverse-events", "agrees_with"): "adverse-events",
    ("trials", "arms"): "cohorts",
    ("cohorts", "also_reported.reported_for"): "therapies",
}
"""By list and key, the list whose ids stand there, where neither declarations nor names say so."""
DERIVED = {"children"}
"""Keys that are the inverse of another."""
LABELS = ("name", "label", "title", "text")
"""Columns that say what a record is called, the best first."""
_POSITION = Key("position", Type.INTEGER, "Place among those of the same record, from 0.")
_RATE = tuple(key for key in keys_of(RateRow) if key.key in {"grades", *Measured.model_fields})
_RICHER_ROWS: dict[tuple[str, str], tuple[tuple[Key, ...], Callable[[dict[str, Any]], list[dict[str, Any]]]]] = {
    ("adverse-events", "rates"): (_RATE, rates_of)
}
"""By list and key, lists of objects for which richer ones are written."""
Record = dict[str, Any]


@dataclass
class Table:
    """A table, and its rows."""

    name: str
    text: str
    columns: list[Column]
    links: dict[str, str]
    """By column, the table whose `id` it holds."""
    long_ids: bool = False
    """Ids are built from natural keys, and long: those of facts and of sources."""
    owner: "Table | None" = None
    """The table whose record the first column holds; the key is then that and the position."""
    rows: list[list[Any]] = field(default_factory=list)

    @property
    def key(self) -> list[str]:
        """The columns of the primary key."""
        return [column.name for column in self.columns[:2]] if self.owner else ["id"]

    @property
    def label(self) -> str | None:
        """The column that says what a record is called."""
        names = {column.name for column in self.columns}
        return next((name for name in LABELS if name in names), None)


def tables_of(documents: Mapping[str, Iterable[str]]) -> list[Table]:
    """The tables of a release, given the documents of its lists; lists without any are left out."""
    found: list[Table] = []
    read = {noun.name: [orjson.loads(text) for text in documents.get(noun.name, ())] for noun in nouns()}
    there = {name for name, records in read.items() if records}
    for noun in nouns():
        if noun.name in there:
            plan = _Plan(noun, there)
            for record in read[noun.name]:
                plan.add(record)
            found += plan.tables
    return found


def table_name(noun: Noun) -> str:
    """The table of a list."""
    return noun.name.replace("-", "_")


@cache
def _kinds() -> dict[str, str]:
    """The list that a key means by its name: a kind of record, or the name of a list."""
    return {name: noun.name for noun in nouns() for name in (noun.kind, table_name(noun))}


@cache
def _references() -> dict[tuple[Key, ...], str]:
    """By their keys, the forms in which only records of one list are referred to."""
    found: dict[tuple[Key, ...], set[str]] = {}
    for noun in nouns():
        for key in keys_of(noun.public):
            if key.below and (name := _declared(noun, key.key)):
                found.setdefault(key.below, set()).add(name)
        for key in keys_of(noun.public):
            if key.key == "evidence":
                found.setdefault(key.below[0].below, set()).add("sources")
    return {below: names.pop() for below, names in found.items() if len(names) == 1 and len(below) > 2}


def _declared(noun: Noun, path: str) -> str | None:
    """The list whose ids stand at a path of a noun, as its references and filters say."""
    for reference in noun.references:
        if reference.public_field.rstrip("_") == path:
            return reference.noun
    for wanted in noun.filters:
        if isinstance(wanted, TermFilter) and wanted.names and isinstance(wanted.values, str):
            place = wanted.values.partition("|")[0]
            if place in {f"{path}.id", path} and place != "id":
                return wanted.names
    return None


def _target_list(noun: Noun, path: str, key: Key) -> str | None:
    """The list whose records a key of a noun refers to."""
    if found := UNDECLARED_REFERENCES.get((noun.name, path)) or _declared(noun, path):
        return found
    if key.below:
        has_id = any(part.key == "id" for part in key.below)
        return (_kinds().get(key.key) or _references().get(key.below)) if has_id else None
    return _kinds().get(key.key.removesuffix("_id")) if key.key.endswith("_id") else None


class _Plan:
    """The tables of a noun: how each record fills them."""

    def __init__(self, noun: Noun, there: set[str]) -> None:
        self._noun = noun
        self._lists = there
        self._fillers: list[tuple[Table, Callable[[Record], Iterator[list[Any]]]]] = []
        self._whole = {keys_of(other.public) for other in nouns()}
        listed = [key for key in keys_of(noun.public) if key.key not in DERIVED and key.below not in self._whole]
        long_ids = noun.section is not None or noun.name == "sources"
        main = Table(table_name(noun), noun.list_description, [], {}, long_ids)
        readers = self._columns(main, sorted(listed, key=lambda key: key.key != "id"), "", "")
        self._fillers.insert(0, (main, lambda record: iter([[read(record) for read in readers]])))
        self.tables = [table for table, _ in self._fillers]

    def add(self, record: Record) -> None:
        """Write a record."""
        for table, rows in self._fillers:
            table.rows.extend(rows(record))

    def _columns(self, table: Table, keys: Sequence[Key], prefix: str, path: str) -> list[Callable[[Record], Any]]:
        """Add the columns of some keys to a table; return what reads each out of a record."""
        found: list[Callable[[Record], Any]] = []
        for key in keys:
            place = f"{path}{key.key}"
            target = _target_list(self._noun, place, key)
            target = target if target in self._lists else None
            if key.repeated and not key.pair and table.owner is None and (key.below or target):
                self._below(table, key, place, target)
            elif key.repeated and not key.pair:
                found.append(_reader(key))
                table.columns.append(Column(prefix + key.key, key.text, key))
            elif target:
                name = f"{prefix}{key.key}" if not key.below else f"{prefix}{key.key}_id"
                table.columns.append(Column(name, key.text, Key(name, Type.STRING, key.text)))
                table.links[name] = target.replace("-", "_")
                found.append(_id_reader(key))
            elif key.below:
                nested = self._columns(table, key.below, f"{prefix}{key.key}_", f"{place}.")
                found += [_inside(key.key, read) for read in nested]
            else:
                named = columns([key], prefix, "_")
                table.columns += [Column(column.name, column.text, column.of) for column in named]
                found += [_end_reader(key.key, end) for end in (0, 1)] if key.pair else [_reader(key)]
        return found

    def _below(self, main: Table, key: Key, place: str, target: str | None) -> None:
        """Add the table of a list of a record."""
        owner = f"{self._noun.kind}_id"
        name = f"{self._noun.kind}_{place.replace('.', '_')}"
        below = Table(name, f"{main.name}: {key.text}", [], {owner: main.name}, owner=main)
        of_owner = Key(owner, Type.STRING, f"The {self._noun.singular} that the row belongs to.")
        below.columns += [Column(each.key, each.text, each) for each in (of_owner, _POSITION)]
        keys, rows_of = _RICHER_ROWS.get((self._noun.name, place), (key.below, None))
        readers: list[Callable[[Any], Any]] = []
        if target:
            other = next(noun for noun in nouns() if noun.name == target)
            column = f"{other.kind}_id" if other is not self._noun else f"{key.key.rstrip('s')}_id"
            below.columns.append(Column(column, key.text, Key(column, Type.STRING, key.text)))
            below.links[column] = table_name(other)
            readers.append(lambda item: item if isinstance(item, str) else item.get("id"))
            known = {part.key for part in keys_of(other.public)}
            own = [part for part in keys if part.key not in known]
            keys = tuple(part for part in keys if part in own or (own and part.key == "name"))
        readers += self._columns(below, keys, "", f"{place}.")

        def rows(record: Record) -> Iterator[list[Any]]:
            items = rows_of(record) if rows_of else _at(record, place) or ()
            for position, item in enumerate(items):
                values = item if isinstance(item, dict) or not keys else {"name": item}  # a word, in older releases
                yield [record["id"], position, *(read(values) for read in readers)]

        self._fillers.append((below, rows))


def _at(record: Any, path: str) -> Any:
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _reader(key: Key) -> Callable[[Record], Any]:
    return lambda record: record.get(key.key)


def _end_reader(key: str, end: int) -> Callable[[Record], Any]:
    return lambda record: record[key][end] if record.get(key) else None


def _id_reader(key: Key) -> Callable[[Record], Any]:
    if not key.below:
        return _reader(key)
    return lambda record: (record.get(key.key) or {}).get("id")


def _inside(key: str, read: Callable[[Record], Any]) -> Callable[[Record], Any]:
    return lambda record: read(record[key]) if record.get(key) else None
