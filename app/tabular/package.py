"""A release as a Data Package (Frictionless): its tables as CSV and as Parquet, with schemas, licence and sources.

The CSV is for programs: empty is missing, lists are JSON arrays, and no text is altered. The CSV of the API is for
spreadsheets too.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from app.tabular import parquet
from app.tabular.columns import Column, Type
from app.tabular.relational import Table

DESCRIPTOR, DATA = "datapackage.json", "data"
_TYPES = {Type.OBJECT: "object", Type.JSON: "any"}
"""Of Table Schema, where they are called otherwise."""
LICENCE = {
    "name": "CC0-1.0",
    "title": "Creative Commons Zero v1.0 Universal",
    "path": "https://creativecommons.org/publicdomain/zero/1.0/",
}


def write(folder: Path, tables: Sequence[Table], about: Mapping[str, str]) -> None:
    """Write a package into a folder; `about` has title, description, version and created."""
    data = folder / DATA
    data.mkdir(parents=True, exist_ok=True)
    resources: list[dict[str, Any]] = []
    for table in tables:
        as_csv, as_parquet = data / f"{table.name}.csv", data / f"{table.name}.parquet"
        _write_csv(as_csv, table)
        parquet.write(as_parquet, table.columns, table.rows, about)
        name, shared = table.name.replace("_", "-"), {"description": table.text, "licenses": [LICENCE]}
        resources += [
            {
                "name": name, "type": "table", "path": f"{DATA}/{as_csv.name}",
                "scheme": "file", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
                **shared, **_sum(as_csv), "schema": _schema(table),
            },
            {
                "name": f"{name}-parquet", "type": "file", "path": f"{DATA}/{as_parquet.name}",
                "scheme": "file", "format": "parquet", "mediatype": "application/vnd.apache.parquet",
                **shared, **_sum(as_parquet),
            },
        ]  # fmt: skip
    described = {
        "name": "immunofacts",
        **about,
        "licenses": [LICENCE],
        "sources": list(_sources(tables)),
        "resources": resources,
    }
    (folder / DESCRIPTOR).write_bytes(orjson.dumps(described, option=orjson.OPT_INDENT_2))


def _sources(tables: Iterable[Table]) -> Iterable[dict[str, str]]:
    """The sources that the facts were read in, as the table of sources has them."""
    for table in tables:
        if table.name == "sources":
            names = [column.name for column in table.columns]
            for row in table.rows:
                source = dict(zip(names, row, strict=True))
                yield {"title": source["title"], **({"path": source["url"]} if source["url"] else {})}


def _schema(table: Table) -> dict[str, Any]:
    """The Table Schema of a table."""
    keys = [
        {"fields": [column], "reference": {"resource": "" if other == table.name else other.replace("_", "-"),
                                           "fields": ["id"]}}
        for column, other in table.links.items()
    ]  # fmt: skip
    fields = [_field(column, required=column.name in table.key) for column in table.columns]
    return {"fields": fields, "primaryKey": table.key, "foreignKeys": keys, "missingValues": [""]}


def _field(column: Column, *, required: bool) -> dict[str, Any]:
    type_ = "array" if column.repeated else _TYPES.get(column.of.type, column.of.type.value)
    found: dict[str, Any] = {"name": column.name, "type": type_, "description": column.text}
    return found | ({"constraints": {"required": True}} if required else {})


def _write_csv(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in table.columns])
        writer.writerows([_cell(value) for value in row] for row in table.rows)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _sum(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "hash": f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"}
