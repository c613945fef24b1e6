"""The formats of a list beside JSON: tables for spreadsheets and data frames, one record a line, and citations.

An export is the whole result of its query, streamed, and equals the pages row for row.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, get_args, get_origin

import orjson
from pydantic import BaseModel

from app.models.base import Named
from app.queries.filters import List


class Format(StrEnum):
    """The formats that `format=` takes."""

    JSON = "json"
    CSV = "csv"
    JSON_LINES = "jsonl"
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL_JSON = "csl-json"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.JSON_LINES: "application/x-ndjson",
    Format.BIBTEX: "application/x-bibtex",
    Format.RIS: "application/x-research-info-systems",
    Format.CSL_JSON: "application/vnd.citationstyles.csl+json",
}

SUFFIXES = {Format.JSON_LINES: "jsonl", Format.BIBTEX: "bib", Format.CSL_JSON: "json"}

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def chosen(asked: Format | None, accept: str | None) -> Format | None:
    """The format of an answer: `format=`, else the first that `Accept` names; None where it names none that is here."""
    if asked or not accept:
        return asked or Format.JSON
    ranked = []
    for number, part in enumerate(accept.split(",")):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            ranked.append((-float(quality), number, media_type.lower()))
        except ValueError:
            continue
    for negative, _, media_type in sorted(ranked):
        if negative == 0:
            continue
        if media_type in {"*/*", "application/*", ""}:
            return Format.JSON
        for format_, known in MEDIA_TYPES.items():
            if media_type in (known, f"{known.split('/')[0]}/*"):
                return format_
    return None


def columns(form: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """The columns of a table of a form, and what each holds: nested keys are joined by dots."""
    for name, field in form.model_fields.items():
        key = prefix + (field.alias or name)
        inner = _model(field.annotation)
        if inner and not _is_list(field.annotation):
            yield from columns(inner, f"{key}.")
        else:
            yield key, field.description


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model(part) for part in get_args(annotation))
    return next((model for model in found if model), None)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


def as_csv(spec: List, documents: Iterable[str]) -> Iterator[bytes]:
    """A table: UTF-8, RFC 4180, a header of column names, cells that no spreadsheet takes for a formula."""
    names = [name for name, _ in columns(spec.summary or spec.form)]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    for document in documents:
        record = orjson.loads(document)
        writer.writerow([cell(_at(record, name)) for name in names])
        if buffer.tell() > 65536:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content


def _at(record: Any, path: str) -> Any:
    for key in path.split("."):
        if record is None:
            return None
        record = record.get(key)
    return record


def cell(value: Any) -> str | int | float:
    """A value as a cell: lists of plain values and of named records joined by semicolons, others as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return cell("; ".join(value))
    if isinstance(value, list) and all(
        isinstance(item, dict) and set(Named.model_fields) <= set(item) for item in value
    ):
        return cell("; ".join(str(item["id"]) for item in value))
    return cell(orjson.dumps(value).decode())


def as_json_lines(_: List, documents: Iterable[str]) -> Iterator[bytes]:
    """One JSON document a line."""
    lines = []
    for document in documents:
        lines.append(document)
        if len(lines) == 100:
            yield ("\n".join(lines) + "\n").encode()
            lines = []
    if lines:
        yield ("\n".join(lines) + "\n").encode()


TABLES: dict[Format, Callable[[List, Iterable[str]], Iterator[bytes]]] = {
    Format.CSV: as_csv,
    Format.JSON_LINES: as_json_lines,
}
"""Formats that are written record by record."""
