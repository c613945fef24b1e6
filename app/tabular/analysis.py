"""A release as an SQLite file for analysis: single keys, tables of links, views with the names of what is referred to.

It holds no documents and no index; the other file of a release, which a server can serve, has these. Booleans are 0 and
1, days are ISO 8601, lists are JSON arrays, which SQLite's `json_each` and Datasette's facets read. Facts and sources,
whose ids are long, have a number as their key, and their `id` beside it; numbers are those of one release only.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from app.tabular.columns import Type
from app.tabular.relational import Table

_TYPES = {Type.INTEGER: "INTEGER", Type.BOOLEAN: "INTEGER", Type.NUMBER: "REAL"}
"""Of SQLite; all else is TEXT."""
_OF_SOURCES = {"evidence_level": "evidence_source_id"}
"""Columns that say what the source says, whose column is named: the views have them from there."""
_IN_THE_RATES = "any_grade_"
"""Columns of adverse events that repeat a row of their rates, where `grades` is `any`."""
Numbers = Mapping[str, Mapping[str, int]]
"""By table and id, the number that is the key, where ids are long."""


class _Column(NamedTuple):
    """A column as it is in the file."""

    name: str
    type: str
    text: str
    place: int
    """In the rows of the table."""
    target: str | None = None
    key: str = "id"
    """The column of the target that it holds."""


def write(path: Path, tables: Sequence[Table], about: Mapping[str, str]) -> None:
    """Write the tables of a release, and what they are."""
    numbers = {
        table.name: {row[0]: number for number, row in enumerate(table.rows, start=1)}
        for table in tables
        if table.long_ids
    }
    by_name = {table.name: table for table in tables}
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")  # a file that is not finished is not kept
        with connection:
            for table in tables:
                connection.execute(_definition(table, numbers))
                _insert(connection, table, numbers)
            for table in tables:
                connection.execute(_view(table, by_name, numbers))
            _describe(connection, tables, numbers, about)
        connection.execute("VACUUM")


def _name(name: str) -> str:
    return f'"{name}"'


def _columns(table: Table, numbers: Numbers) -> Iterator[_Column]:
    """The columns of a table in the file; a number that is its key stands before them."""
    for place, column in enumerate(table.columns):
        if _OF_SOURCES.get(column.name) in table.links or column.name.startswith(_IN_THE_RATES):
            continue
        target = table.links.get(column.name)
        if target in numbers:
            name = f"{column.name.removesuffix('_id')}_key"
            yield _Column(name, "INTEGER", column.text, place, target, "key")
        else:
            type_ = "TEXT" if column.repeated else _TYPES.get(column.of.type, "TEXT")
            yield _Column(column.name, type_, column.text, place, target)


def _definition(table: Table, numbers: Numbers) -> str:
    lines = ['"key" INTEGER PRIMARY KEY'] if table.name in numbers else []
    own = list(_columns(table, numbers))
    key = [column.name for column in own[:2]] if table.owner else ["id"]
    for column in own:
        needed = " NOT NULL" if column.name in key else ""
        refers = f" REFERENCES {_name(column.target)} ({_name(column.key)})" if column.target else ""
        lines.append(f"{_name(column.name)} {column.type}{needed}{refers}")
    if table.name not in numbers:
        lines.append(f"PRIMARY KEY ({', '.join(map(_name, key))})")
    # Otherwise a table keeps each key twice: in its rows, and in an index of keys.
    kind = "" if table.name in numbers else " WITHOUT ROWID"
    return f"CREATE TABLE {_name(table.name)} ({', '.join(lines)}){kind}"


def _insert(connection: sqlite3.Connection, table: Table, numbers: Numbers) -> None:
    own = list(_columns(table, numbers))

    def value(column: _Column, row: Sequence[Any]) -> Any:
        found = row[column.place]
        if column.key == "key" and found is not None:
            return numbers[str(column.target)][found]
        return orjson.dumps(found).decode() if isinstance(found, list | dict) else found

    written = [*(["key"] if table.name in numbers else []), *(column.name for column in own)]
    rows = (
        [*([number] if table.name in numbers else []), *(value(column, row) for column in own)]
        for number, row in enumerate(table.rows, start=1)
    )
    into = f"{_name(table.name)} ({', '.join(map(_name, written))})"
    connection.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(written))})", rows)  # noqa: S608  # names of ours


def _view(table: Table, by_name: Mapping[str, Table], numbers: Numbers) -> str:
    """Select the rows of a table, with ids and names of what they refer to; below a record, with its columns too."""
    shown: dict[str, str] = {}
    joins: list[str] = []
    sides = [("own", table)]
    if table.owner:
        first = next(_columns(table, numbers))
        joins.append(f"JOIN {_name(table.owner.name)} AS owner ON owner.{_name(first.key)} = own.{_name(first.name)}")
        shown[table.columns[0].name] = 'owner."id"'
        sides.append(("owner", table.owner))
    for side, each in sides:
        for column in _columns(each, numbers):
            if column.key == "id" and not (side == "owner" and column.name == "id"):
                shown.setdefault(column.name, f"{side}.{_name(column.name)}")
    for side, each in sides:
        for column in list(_columns(each, numbers))[1 if each.owner else 0 :]:
            if column.target is None:
                continue
            logical = each.columns[column.place].name
            other, stem = f"r{len(joins)}", logical.removesuffix("_id")
            met = f"{other}.{_name(column.key)} = {side}.{_name(column.name)}"
            joins.append(f"LEFT JOIN {_name(column.target)} AS {other} ON {met}")
            if column.key == "key":
                shown.setdefault(logical, f'{other}."id"')
            if label := by_name[column.target].label:
                shown.setdefault(f"{stem}_{label}", f"{other}.{_name(label)}")
            for name, source in _OF_SOURCES.items():
                if logical == source:
                    shown.setdefault(name, f'{other}."level"')
    selected = ", ".join(f"{expression} AS {_name(name)}" for name, expression in shown.items())
    source = " ".join([f"{_name(table.name)} AS own", *joins])
    return f"CREATE VIEW {_name(f'{table.name}_named')} AS SELECT {selected} FROM {source}"  # noqa: S608  # names of ours


def _describe(
    connection: sqlite3.Connection, tables: Iterable[Table], numbers: Numbers, about: Mapping[str, str]
) -> None:
    """Two tables that say what the file is, and what each column holds."""
    connection.execute('CREATE TABLE "about" ("name" TEXT PRIMARY KEY, "value" TEXT)')
    connection.executemany('INSERT INTO "about" VALUES (?, ?)', about.items())
    connection.execute(
        'CREATE TABLE "columns" ("table" TEXT, "column" TEXT, "description" TEXT, "refers_to" TEXT, '
        'PRIMARY KEY ("table", "column"))'
    )
    rows = [
        (table.name, column.name, column.text, column.target) for table in tables for column in _columns(table, numbers)
    ]
    rows += [(name, "key", "The key, a number of this release only; `id` is the stable one.", None) for name in numbers]
    connection.executemany('INSERT INTO "columns" VALUES (?, ?, ?, ?)', rows)
