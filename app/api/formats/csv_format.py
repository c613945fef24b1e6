"""Tables as CSV: UTF-8, RFC 4180, a header of column names, cells that no program takes for something else.

Nested keys are joined by dots, two numbers in a list are two columns, and the last column is the release.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from app.api.formats.cells import cell, grades, locator, phase
from app.api.formats.rows import Rows
from app.tabular.columns import RELEASE, Key, columns, fill
from app.tabular.forms import keys_of

BYTE_ORDER_MARK = "\ufeff"
"""What Excel knows UTF-8 by."""
_OWN_CELLS: dict[str, Callable[[Any], Any]] = {"grades": grades, "locator": locator, "phase": phase}
"""How the values of some keys are written, wherever they stand."""


def header(rows: Rows) -> str:
    """The names of the columns."""
    return lines([names_of(rows.keys)])[0]


def texts(rows: Rows, documents: Iterable[bytes], release: str) -> list[bytes]:
    """The lines of each document of a list."""
    cells = _cells(rows.keys, release)
    if rows.parts is None:
        found = lines(cells(row) for document in documents for row in rows.of(document))
    else:
        found = ["".join(lines(map(cells, rows.of(document)))) for document in documents]
    return [text.encode() for text in found]


def table_of(form: type[BaseModel], records: Iterable[dict[str, Any]], release: str) -> str:
    """The table of some records of a form, with its header."""
    keys = keys_of(form)
    return "".join(lines([names_of(keys), *map(_cells(keys, release), records)]))


def names_of(keys: Sequence[Key]) -> list[str]:
    """The names of the columns of some keys, the release at last."""
    return [column.name for column in columns([*keys, RELEASE])]


def _cells(keys: Sequence[Key], release: str) -> Callable[[dict[str, Any]], list[Any]]:
    """What writes the cells of a record, each in the way of its column."""
    writers: list[Callable[[Any], Any]] = [_OWN_CELLS.get(column.of.key, cell) for column in columns(keys)]

    def cells(record: dict[str, Any]) -> list[Any]:
        values = zip(writers, fill([], keys, record), strict=True)
        return [*("" if value is None else write(value) for write, value in values), release]

    return cells


class _Lines(list[str]):
    """A file for the writer of CSV, which writes a line at once."""

    write = list.append


def lines(cells: Iterable[Iterable[Any]]) -> list[str]:
    """Rows of cells as lines of CSV."""
    found = _Lines()
    csv.writer(found).writerows(cells)
    return found
