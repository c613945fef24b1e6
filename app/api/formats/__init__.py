"""The formats of an answer beside JSON: tables for spreadsheets and data frames, one record a line, and citations.

An export is the whole result of its query, streamed, and equals the pages row for row.
"""

from collections.abc import AsyncIterator, Callable
from enum import StrEnum

from app.api.formats.csv_format import as_csv
from app.api.formats.json_lines import as_json_lines
from app.nouns.declaration import Noun


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
"""Endings of the names of files, where they are not the format's own name."""

TABLES: dict[Format, Callable[[Noun, AsyncIterator[list[str]]], AsyncIterator[bytes]]] = {
    Format.CSV: as_csv,
    Format.JSON_LINES: as_json_lines,
}
"""Formats that are written record by record: from batches of documents of a list, one chunk a batch."""
