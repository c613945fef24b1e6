"""A release as tables that refer to each other by single keys, for SQL and data frames; it follows from the nouns.

Each list is a table, keyed by `id`. What a record refers to is the id of a record of another table; where it refers to
several, a table of links holds them. Lists of objects, such as products of a therapy, are tables of their own below it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from app.nouns.declaration import Noun
from app.nouns.measures import Measured
from app.nouns.rates import RateRow, rates_of
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.tabular.columns import Column, Key, Type, columns
from app.tabular.forms import keys_of
from app.tabular.references import target_list

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
    read = {noun.name: [orjson.loads(text) for text in documents.get(noun.name, ())] for noun in nouns()}
    there = {name for name, records in read.items() if records}
    return [table for noun in nouns() if noun.name in there for table in _NounTables(noun, there).of(read[noun.name])]


def table_name(noun: Noun) -> str:
    """The table of a list."""
    return noun.name.replace("-", "_")


class _Cell(NamedTuple):
    """A column, the table whose `id` it holds, and what reads it out of a record."""

    column: Column
    links_to: str | None
    read: Callable[[Record], Any]


class _NounTables(NamedTuple):
    """The tables of a noun: that of its list, and those of the lists in its records."""

    noun: Noun
    there: set[str]
    """The lists that have records."""

    def of(self, records: Sequence[Record]) -> Iterator[Table]:
        """The tables, with the rows of some records."""
        noun, whole = self.noun, {keys_of(other.public) for other in nouns()}
        keys = [key for key in keys_of(noun.public) if key.key not in DERIVED and key.below not in whole]
        cells = list(self._cells(sorted(keys, key=lambda key: key.key != "id"), lists_apart=True))
        long_ids = noun.section is not None or noun.name == "sources"
        main = Table(table_name(noun), noun.list_description, [cell.column for cell in cells], _links(cells), long_ids)
        main.rows += ([cell.read(record) for cell in cells] for record in records)
        yield main
        for place, key in self._lists_apart(keys):
            yield self._part(main, place, key, records)

    def _target(self, place: str, key: Key) -> str | None:
        """The list, of those with records, that the key at a place refers to."""
        found = target_list(self.noun, place, key)
        return found if found in self.there else None

    def _is_apart(self, place: str, key: Key) -> bool:
        """Whether a key is a list that has a table of its own: of objects, or of records."""
        return key.repeated and not key.pair and bool(key.below or self._target(place, key))

    def _lists_apart(self, keys: Sequence[Key], path: str = "") -> Iterator[tuple[str, Key]]:
        """The lists among some keys, and in the objects there, that have a table of their own, each with its place."""
        for key in keys:
            place = f"{path}{key.key}"
            if self._is_apart(place, key):
                yield place, key
            elif key.below and not key.repeated and not self._target(place, key):
                yield from self._lists_apart(key.below, f"{place}.")

    def _cells(self, keys: Sequence[Key], prefix: str = "", path: str = "", *, lists_apart: bool) -> Iterator[_Cell]:
        """The columns of some keys; `lists_apart` leaves out the lists that have a table of their own."""
        for key in keys:
            place = f"{path}{key.key}"
            if lists_apart and self._is_apart(place, key):
                continue
            if key.repeated and not key.pair:
                yield _Cell(Column(prefix + key.key, key.text, key), None, _reader(key))
            elif target := self._target(place, key):
                name = f"{prefix}{key.key}_id" if key.below else f"{prefix}{key.key}"
                yield _reference(name, key.text, target, _id_reader(key))
            elif key.below:
                inner = self._cells(key.below, f"{prefix}{key.key}_", f"{place}.", lists_apart=lists_apart)
                yield from (cell._replace(read=_inside(key.key, cell.read)) for cell in inner)
            else:
                reads = [_end_reader(key.key, end) for end in (0, 1)] if key.pair else [_reader(key)]
                for column, read in zip(columns([key], prefix), reads, strict=True):
                    yield _Cell(column, None, read)

    def _part(self, main: Table, place: str, key: Key, records: Sequence[Record]) -> Table:
        """The table of a list in records."""
        keys, rows_of = _RICHER_ROWS.get((self.noun.name, place), (key.below, None))
        cells = []
        if target := self._target(place, key):
            other = noun_of(target)
            name = f"{other.kind}_id" if other is not self.noun else f"{key.key.rstrip('s')}_id"
            cells.append(_reference(name, key.text, target, _id_of))
            known = {part.key for part in keys_of(other.public)}
            own = [part for part in keys if part.key not in known]
            keys = tuple(part for part in keys if part in own or (own and part.key == "name"))
        cells += self._cells(keys, path=f"{place}.", lists_apart=False)
        of_owner = Key(f"{self.noun.kind}_id", Type.STRING, f"The {self.noun.singular} that the row belongs to.")
        added = [Column(each.key, each.text, each) for each in (of_owner, _POSITION)]
        table = Table(
            f"{self.noun.kind}_{place.replace('.', '_')}",
            f"{main.name}: {key.text}",
            [*added, *(cell.column for cell in cells)],
            {of_owner.key: main.name} | _links(cells),
            owner=main,
        )
        for record in records:
            items = rows_of(record) if rows_of else _at(record, place) or ()
            for number, item in enumerate(items):
                values = item if isinstance(item, dict) or not keys else {"name": item}  # a word, in older releases
                table.rows.append([record["id"], number, *(cell.read(values) for cell in cells)])
        return table


def _links(cells: Iterable[_Cell]) -> dict[str, str]:
    return {cell.column.name: cell.links_to for cell in cells if cell.links_to}


def _reference(name: str, text: str, target: str, read: Callable[[Any], Any]) -> _Cell:
    """A column that holds the id of a record of a list."""
    return _Cell(Column(name, text, Key(name, Type.STRING, text)), table_name(noun_of(target)), read)


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


def _id_of(item: Any) -> Any:
    return item if isinstance(item, str) else item.get("id")


def _inside(key: str, read: Callable[[Record], Any]) -> Callable[[Record], Any]:
    return lambda record: read(record[key]) if record.get(key) else None
