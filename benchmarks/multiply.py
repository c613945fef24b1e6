"""A larger base with the same distributions: the records of a loaded release, copied. Run by `python -m` (see below).

Rendering a million records would take hours. Copy k of a therapy is another therapy (`abatacept-c1`) with names and
facts of its own and the same vocabulary. It stands beside its original in the order of its list, its facts together:
every filter then matches the same share of the records, spread over the positions as before.

    python -m benchmarks.multiply SOURCE TARGET FACTOR
"""

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson

from app.nouns.declaration import Noun
from app.nouns.registry import nouns
from app.release.indexing import build
from app.release.releases import tables_of_releases
from app.release.stored_index import fingerprint, serialize

THERAPIES = "therapies"
MARK = "\x00"
"""Stands in a template where the number of the copy goes. No fact holds it."""
Row = tuple[Any, ...]


def multiply(source: Path, target: Path, factor: int) -> None:
    """Write a base with `factor` times the therapies and their facts."""
    shutil.copyfile(source, target)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1048576", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("ATTACH ? AS old", (str(source),))
        connection.execute("BEGIN")
        for number, counts in connection.execute("SELECT id, counts FROM release").fetchall():
            for noun in nouns():
                _copy_documents(connection, number, noun, factor)
            for table in tables_of_releases():
                if "therapy_id" in table.c or table.name == "therapy":
                    _copy_rows(connection, number, table.name, factor)
            grown = {name: count * (factor if _is_copied(name) else 1) for name, count in json.loads(counts).items()}
            connection.execute("UPDATE release SET counts = ? WHERE id = ?", (json.dumps(grown), number))
            _index(connection, number)
        connection.execute("COMMIT")


def _is_copied(name: str) -> bool:
    return name == THERAPIES or any(noun.name == name and noun.section for noun in nouns())


def _copy_documents(connection: sqlite3.Connection, release: int, noun: Noun, factor: int) -> None:
    """Write the documents of a list anew, with the copies."""
    if not _is_copied(noun.name):
        return
    rows = connection.execute(
        "SELECT id, summary, document FROM old.document WHERE release_id = ? AND list = ? ORDER BY position",
        (release, noun.name),
    )
    templates = map(partial(_document_template, noun), rows)
    connection.execute("DELETE FROM main.document WHERE release_id = ? AND list = ?", (release, noun.name))
    connection.executemany(
        "INSERT INTO main.document (release_id, list, position, id, summary, document) VALUES (?, ?, ?, ?, ?, ?)",
        ((release, noun.name, position, *row) for position, (_, row) in enumerate(_copies(templates, factor))),
    )


def _document_template(noun: Noun, row: Row) -> tuple[str, Row]:
    """The therapy of a document, and its id, summary and document with marks for the number of the copy."""
    record_id, *texts = row
    found = [text and orjson.loads(text) for text in texts]
    therapy = found[-1]["id"] if noun.name == THERAPIES else found[-1]["therapy"]["id"]
    marked = (_marked_id(record_id, therapy), *(_marked(part, therapy) for part in found))
    return therapy, tuple(part and _text(part) for part in marked)


def _text(part: Any) -> str:
    return part if isinstance(part, str) else orjson.dumps(part).decode().replace("\\u0000", MARK)


def _marked(part: Any, therapy: str) -> Any:
    """A part of a document: ids of the therapy and its facts, and what the therapy is called, get marks."""
    if isinstance(part, list):
        return [_marked(item, therapy) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: _marked(value, therapy) for key, value in part.items()}
    if isinstance(found.get("id"), str):
        found["id"] = _marked_id(found["id"], therapy)
    if part.get("id") == therapy:
        for key in ("name", "synonyms", "codes", "identifiers", "brand_names"):
            value = found.get(key)
            if isinstance(value, str):
                found[key] = f"{value}{MARK}"
            elif isinstance(value, list):
                found[key] = [_named_copy(item) for item in value]
    if isinstance(found.get("brand"), str):
        found["brand"] = f"{found['brand']}{MARK}"
    return found


def _named_copy(item: Any) -> Any:
    return f"{item}{MARK}" if isinstance(item, str) else item


def _marked_id(record_id: str, therapy: str) -> str:
    """`abatacept` and `abatacept.study-1` with the mark behind the therapy."""
    if record_id == therapy or record_id.startswith(f"{therapy}."):
        return f"{therapy}{MARK}{record_id[len(therapy) :]}"
    return record_id


def _copies(templates: Iterable[tuple[str, Row]], factor: int) -> Iterator[tuple[int, Row]]:
    """The rows of all copies, with the number of the copy: each therapy's together, then its first copy's, and so on.

    In a list of facts the records of a therapy stand together.
    """
    for _, group in groupby(templates, key=itemgetter(0)):
        rows = [row for _, row in group]
        for k in range(factor):
            end = f"-c{k}" if k else ""
            for row in rows:
                yield k, tuple(value.replace(MARK, end) if isinstance(value, str) else value for value in row)


def _copy_rows(connection: sqlite3.Connection, release: int, table: str, factor: int) -> None:
    """Write the rows of a typed table anew, with the copies."""
    columns = [row[1] for row in connection.execute(f"PRAGMA old.table_info({table})")]
    names, owner = ", ".join(f'"{name}"' for name in columns), "id" if table == "therapy" else "therapy_id"
    place = columns.index("position")
    ids = [number for number, name in enumerate(columns) if name == "id" or name.endswith("_id")]

    def template(row: Row) -> tuple[str, Row]:
        therapy, values = row[columns.index(owner)], list(row)
        for number in ids:
            if isinstance(row[number], str):
                values[number] = _marked_id(row[number], therapy)
        return therapy, tuple(values)

    rows = connection.execute(f"SELECT {names} FROM old.{table} WHERE release_id = ? ORDER BY position", (release,))  # noqa: S608  # names of our own tables and columns
    copies = enumerate(row for _, row in _copies(map(template, rows), factor))
    connection.execute(f"DELETE FROM main.{table} WHERE release_id = ?", (release,))  # noqa: S608  # as above
    connection.executemany(
        f"INSERT INTO main.{table} ({names}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608  # as above
        ((*row[:place], position, *row[place + 1 :]) for position, row in copies),
    )


def _index(connection: sqlite3.Connection, release: int) -> None:
    """Index the lists anew, as loading does."""

    def documents(name: str) -> Iterator[str]:
        query = "SELECT document FROM main.document WHERE release_id = ? AND list = ? ORDER BY position"
        return (text for (text,) in connection.execute(query, (release, name)))

    indexes = build({noun.name: documents(noun.name) for noun in nouns()})
    connection.execute("DELETE FROM main.list_index WHERE release_id = ?", (release,))
    connection.executemany(
        "INSERT INTO main.list_index (release_id, list, fingerprint, content) VALUES (?, ?, ?, ?)",
        ((release, name, fingerprint(), serialize(index)) for name, index in indexes.items() if index.size),
    )


if __name__ == "__main__":
    multiply(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
