"""Tables as CSV: UTF-8, RFC 4180, a header of column names, cells that no program takes for something else.

Nested keys are joined by dots, two numbers in a list are two columns, and the last column is the release.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, get_args, get_origin

import orjson
from pydantic import BaseModel

from app.api.formats.cells import cell, grades, locator
from app.nouns.declaration import Noun

BYTE_ORDER_MARK = "\ufeff"
"""What Excel knows UTF-8 by."""
RELEASE = ("release", "The release that the row was read from.")
"""The last column."""
_OWN_CELLS: dict[str, Callable[[Any], Any]] = {"grades": grades, "locator": locator}
"""How the values of some keys are written, wherever they stand."""


@dataclass
class _Column:
    """A key of a form: one column, two for a pair of numbers, or those of the form below it."""

    key: str
    text: str | None
    below: tuple["_Column", ...] = ()
    pair: bool = False
    write: Callable[[Any], Any] = cell

    def named(self, prefix: str = "") -> Iterator[tuple[str, str | None]]:
        """Names and descriptions of its columns."""
        name = prefix + self.key
        if self.below:
            for column in self.below:
                yield from column.named(f"{name}.")
        elif self.pair:
            yield f"{name}_low", f"{self.text or ''} Lower end.".strip()
            yield f"{name}_high", f"{self.text or ''} Upper end.".strip()
        else:
            yield name, self.text

    @cached_property
    def width(self) -> int:
        """How many columns it is."""
        return len(list(self.named()))


def _fill(row: list[Any], columns: tuple[_Column, ...], record: dict[str, Any]) -> list[Any]:
    """The row with the cells of a record."""
    for column in columns:
        value = record.get(column.key)
        if value is None:
            row += [""] * column.width
        elif column.below:
            _fill(row, column.below, value)
        elif column.pair:
            row += value
        else:
            row.append(column.write(value))
    return row


@cache
def _columns(form: type[BaseModel]) -> tuple[_Column, ...]:
    return tuple(
        _column(field.alias or name, field.annotation, field.description) for name, field in form.model_fields.items()
    )


def _column(key: str, annotation: Any, text: str | None) -> _Column:
    nested = _model(annotation)
    if nested and not _items(annotation):
        return _Column(key, text, below=_columns(nested))
    return _Column(key, text, pair=bool({int, float} & _items(annotation)), write=_OWN_CELLS.get(key, cell))


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model(part) for part in get_args(annotation))
    return next((model for model in found if model), None)


def _items(annotation: Any) -> set[Any]:
    """The types of the items, where it is a list."""
    if get_origin(annotation) is list:
        return set(get_args(annotation))
    return {item for part in get_args(annotation) for item in _items(part)}


def columns(form: type[BaseModel]) -> list[tuple[str, str | None]]:
    """The columns of a table of a form, and what each holds."""
    return [pair for column in _columns(form) for pair in column.named()] + [RELEASE]


def header(noun: Noun) -> str:
    """The names of the columns of a list."""
    return lines([[name for name, _ in columns(noun.listed)]])[0]


def rows(noun: Noun, documents: Iterable[str], release: str) -> list[str]:
    """A line of each document of a list."""
    form = _columns(noun.listed)
    return lines([*_fill([], form, orjson.loads(document)), release] for document in documents)


def table_of(form: type[BaseModel], records: Iterable[dict[str, Any]], release: str) -> str:
    """The table of some records of a form, with its header."""
    known = _columns(form)
    names = [name for name, _ in columns(form)]
    return "".join(lines([names, *([*_fill([], known, record), release] for record in records)]))


class _Lines(list[str]):
    """A file for the writer of CSV, which writes a line at once."""

    write = list.append


def lines(cells: Iterable[Iterable[Any]]) -> list[str]:
    """Rows of cells as lines of CSV."""
    found = _Lines()
    csv.writer(found).writerows(cells)
    return found
