"""Tables as CSV: UTF-8, RFC 4180, a header of column names, cells that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, get_args, get_origin

import orjson
from pydantic import BaseModel

from app.nouns.base import Named
from app.nouns.declaration import Noun

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet would evaluate."""


def columns(form: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """The columns of a table of a form, and what each holds: nested keys are joined by dots."""
    for name, field in form.model_fields.items():
        key = prefix + (field.alias or name)
        nested = _model(field.annotation)
        if nested and not _is_list(field.annotation):
            yield from columns(nested, f"{key}.")
        else:
            yield key, field.description


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model(part) for part in get_args(annotation))
    return next((model for model in found if model), None)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


async def as_csv(noun: Noun, batches: AsyncIterator[list[str]]) -> AsyncIterator[bytes]:
    """The table of a list's documents, a chunk for each batch; the header comes with the first."""
    names = [name for name, _ in columns(noun.listed)]
    paths = [name.split(".") for name in names]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    async for documents in batches:
        records = map(orjson.loads, documents)
        writer.writerows([cell(_value_at(record, path)) for path in paths] for record in records)
        yield _drained(buffer)
    if buffer.tell():  # there was no record
        yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content


def _value_at(record: Any, path: Sequence[str]) -> Any:
    for key in path:
        if record is None:
            return None
        record = record.get(key)
    return record


def cell(value: Any) -> str | int | float:
    """A value as a cell: lists of texts and of named records joined by semicolons, other lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return cell("; ".join(value))
    if isinstance(value, list) and all(
        isinstance(item, dict) and Named.model_fields.keys() <= item.keys() for item in value
    ):
        return cell("; ".join(str(item["id"]) for item in value))
    return cell(orjson.dumps(value).decode())
