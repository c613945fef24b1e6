"""The formats of an answer beside JSON: tables, lines of JSON, citations, pictures, and standards of the field.

An export is the whole result of its query, streamed, and equals the pages row for row.
"""

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from app.api.formats import csv_format
from app.api.formats.rows import Rows
from app.nouns.declaration import Noun


class Format(StrEnum):
    """The formats that `format=` takes."""

    JSON = "json"
    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"
    XLSX = "xlsx"
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL_JSON = "csl-json"
    SVG = "svg"
    VEGA_LITE = "vega-lite"
    JSON_LD = "jsonld"
    FHIR = "fhir"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.JSON_LINES: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.BIBTEX: "application/x-bibtex",
    Format.RIS: "application/x-research-info-systems",
    Format.CSL_JSON: "application/vnd.citationstyles.csl+json",
    Format.SVG: "image/svg+xml",
    Format.VEGA_LITE: "application/vnd.vegalite.v6+json",
    Format.JSON_LD: "application/ld+json",
    Format.FHIR: "application/fhir+json",
}

PICTURES = (Format.SVG, Format.VEGA_LITE)
"""What is answered where a picture is declared."""
STANDARDS = {Format.JSON_LD: "schema_org", Format.FHIR: "fhir"}
"""What is answered where a noun declares it, and the module of `app/standards` that writes it."""
OF_LISTS = tuple(format_ for format_ in Format if format_ not in {*PICTURES, *STANDARDS})
"""What every list answers."""


@cache
def formats_of(noun: Noun) -> tuple[Format, ...]:
    """What a list answers."""
    pictures = PICTURES if noun.picture else ()
    return (*OF_LISTS, *pictures, *(format_ for format_ in _standards_of(noun) if format_ is not Format.FHIR))


def formats_of_record(noun: Noun) -> tuple[Format, ...]:
    """What a single record answers, and tables, which are refused with a reason."""
    return (*OF_LISTS, *_standards_of(noun))


def _standards_of(noun: Noun) -> tuple[Format, ...]:
    return tuple(format_ for format_ in STANDARDS if format_.value in noun.standards)


class Table(NamedTuple):
    """A format that is written record by record."""

    header: Callable[[Rows], str]
    texts: Callable[[Rows, Iterable[bytes], str], list[bytes]]
    """A text for each document of a list, at a release, as UTF-8."""


TABLES = {
    Format.CSV: Table(csv_format.header, csv_format.texts),
    Format.JSON_LINES: Table(lambda _: "", lambda rows, documents, _: rows.as_lines(documents)),
}
FILES = (Format.PARQUET, Format.XLSX)
"""Formats of tables that are written as a whole, by a process of their own."""


def negotiate(accept: str | None, offered: Collection[Format] = OF_LISTS) -> Format | None:
    """The format that `Accept` prefers of those offered; None where it names none of them."""
    for media_type in _preferred(accept or "*/*"):
        if media_type in {"*/*", "application/*", ""}:
            return Format.JSON
        for format_ in offered:
            known = MEDIA_TYPES[format_]
            if media_type in (known, f"{known.split('/')[0]}/*"):
                return format_
    return None


def _preferred(accept: str) -> list[str]:
    """The media types of an `Accept` header, best first; those that are refused (`q=0`) or malformed are left out."""
    ranked = []
    for number, part in enumerate(accept.split(",")):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            ranked.append((-float(quality), number, media_type.lower()))
        except ValueError:
            continue
    return [media_type for negative, _, media_type in sorted(ranked) if negative != 0]
