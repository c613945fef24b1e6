"""Parquet: typed columns with their descriptions, lists and objects as they are, row group by row group."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from app.tabular.columns import Column, Key, Type

ROWS = 5_000
"""Of a row group: what is held in memory at once."""
_TYPES = {
    Type.STRING: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.BOOLEAN: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.DATETIME: pa.timestamp("us", tz="UTC"),
    Type.JSON: pa.string(),
}


def write(path: Path, columns: Sequence[Column], rows: Iterable[list[Any]], about: Mapping[str, str]) -> None:
    """Write rows as a Parquet file. `about` is what the file says of itself, by key."""
    schema = schema_of(columns).with_metadata(dict(about))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        rows = iter(rows)
        while some := list(islice(rows, ROWS)):
            arrays = [
                pa.array([_value(column.of, value, column.repeated) for value in values], field.type)
                for column, field, values in zip(columns, schema, zip(*some, strict=True), strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))


def schema_of(columns: Sequence[Column]) -> Any:
    """The schema of some columns; each field has its `description`."""
    return pa.schema([_field(column.name, column.text, _type(column.of, column.repeated)) for column in columns])


def _field(name: str, text: str, type_: Any) -> Any:
    return pa.field(name, type_, metadata={"description": text} if text else None)


def _type(key: Key, repeated: bool) -> Any:
    if key.type is Type.OBJECT:
        parts = [_field(part.key, part.text, _type(part, part.repeated)) for part in key.below]
        one = pa.struct(parts)
    else:
        one = _TYPES[key.type]
    return pa.list_(one) if repeated else one


def _value(key: Key, value: Any, repeated: bool) -> Any:
    """A value as pyarrow takes it for its type."""
    if value is None:
        return None
    if repeated:
        return [_value(key, item, repeated=False) for item in value]
    if key.type is Type.OBJECT:
        if not isinstance(value, dict):  # a word, in releases of before it became an object
            return {part.key: value if part.key == "name" else None for part in key.below}
        return {part.key: _value(part, value.get(part.key), part.repeated) for part in key.below}
    if key.type is Type.DATE:
        return dt.date.fromisoformat(value)
    if key.type is Type.DATETIME:
        return dt.datetime.fromisoformat(value)
    return orjson.dumps(value).decode() if key.type is Type.JSON else value
