"""Columns: name, type and description of each, and the values of a record in them.

Nothing here knows forms, so that the process that writes a file need not import them (`app/tabular/write.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson


class Type(StrEnum):
    """What a value is, whatever holds it."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    OBJECT = "object"
    """An object with keys of its own."""
    JSON = "json"
    """Anything else, as JSON."""


@dataclass(frozen=True)
class Key:
    """A key of a form: one column, two for a pair of numbers, or those of the form below it."""

    key: str
    type: Type
    text: str
    repeated: bool = False
    """The values are lists."""
    pair: bool = False
    """A list of two numbers: lower and upper end."""
    below: tuple["Key", ...] = ()
    """Of an object, its keys."""

    @cached_property
    def width(self) -> int:
        """How many columns it is."""
        return sum(1 for _ in columns([self]))

    @classmethod
    def read(cls, written: dict[str, Any]) -> "Key":
        """A key as `as_json` wrote it."""
        below = tuple(cls.read(part) for part in written.pop("below"))
        return cls(**written | {"type": Type(written["type"]), "below": below})


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    text: str
    of: Key

    @property
    def repeated(self) -> bool:
        """Its values are lists, other than pairs, whose ends are columns of their own."""
        return self.of.repeated and not self.of.pair


RELEASE = Key("release", Type.STRING, "The release that the row was read from.")
"""The last column of an export."""


def columns(keys: Sequence[Key], prefix: str = "", mark: str = ".") -> Iterator[Column]:
    """The columns of some keys. Names of nested keys are joined by a mark."""
    for key in keys:
        name = prefix + key.key
        if key.below and not key.repeated:
            yield from columns(key.below, f"{name}{mark}", mark)
        elif key.pair:
            yield Column(f"{name}_low", f"{key.text} Lower end.".strip(), key)
            yield Column(f"{name}_high", f"{key.text} Upper end.".strip(), key)
        else:
            yield Column(name, key.text, key)


def fill(row: list[Any], keys: Sequence[Key], record: dict[str, Any]) -> list[Any]:
    """The row, with the values of a record in the columns of some keys; None where there is none."""
    for key in keys:
        value = record.get(key.key)
        if value is None:
            row += [None] * key.width
        elif key.below and not key.repeated:
            fill(row, key.below, value)
        elif key.pair:
            row += value
        else:
            row.append(value)
    return row


def as_json(keys: Sequence[Key]) -> list[dict[str, Any]]:
    """Keys as JSON, for another process to read."""
    return [asdict(key) for key in keys]


def plain(value: Any) -> str | int | float:
    """A value in one cell: lists of texts and of named records joined by semicolons, other lists as JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    if isinstance(value, list) and all(isinstance(item, dict) and {"id", "name"} <= item.keys() for item in value):
        return "; ".join(item["id"] or item["name"] for item in value)
    return orjson.dumps(value).decode()
