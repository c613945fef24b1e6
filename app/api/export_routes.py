"""The routes of exports: the whole result of a list as a table, one record a line, or citations, at a path of its own.

`format=` answers the same at the list itself. The OpenAPI document shows that as JSON only, so that clients which are
generated from it have types.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.api.endpoint import Endpoint
from app.api.formats import MEDIA_TYPES, STANDARDS, Format, formats_of, formats_of_record
from app.api.params import OF_PAGES, OF_RECORDS, declared, params_model
from app.nouns.declaration import Noun

PREFIX = "/exports"
SENTENCES = {
    Format.CSV: "`csv`: a table in UTF-8 (RFC 4180), whose columns are the keys of the records; nested ones joined by "
    "dots (`class.id`), two numbers apart (`_low`, `_high`), and at last `release`.",
    Format.JSON_LINES: "`jsonl`: one record a line.",
    Format.PARQUET: "`parquet`, `xlsx`: typed files of the same columns, which describe them.",
    Format.BIBTEX: "`bibtex`, `ris` and `csl-json`: every source that the whole result used.",
    Format.SVG: "`svg`: a picture; `vega-lite`: the same as a Vega-Lite 6 specification. Either has at most 60 KB, and "
    "says what it leaves out.",
    Format.JSON_LD: "`jsonld`: JSON-LD of schema.org.",
    Format.FHIR: "`fhir`: a Bundle of FHIR R5.",
}
"""What is said of formats; the first of those that cite says it of all."""

SCHEMAS = {
    Format.CSL_JSON: {"type": "array", "items": {"type": "object"}},
    Format.VEGA_LITE: {"type": "object"},
    Format.JSON_LD: {"type": "object"},
    Format.FHIR: {"type": "object"},
    Format.PARQUET: {"type": "string", "format": "binary"},
    Format.XLSX: {"type": "string", "format": "binary"},
}
"""Of formats that are no text."""


def export_of(
    endpoint: Endpoint,
    offered: Iterable[Format],
    text: str,
    header: Iterable[str] = (),
    of_pages: Collection[str] = OF_PAGES,
) -> Endpoint:
    """The export of what an endpoint answers, in the formats offered but JSON; the first is the usual one.

    `text` says of what it is the export, and `header` which columns its table has; it takes no parameter `of_pages`.
    """
    formats = [format_ for format_ in offered if format_ is not Format.JSON]
    content = {MEDIA_TYPES[format_]: {"schema": SCHEMAS.get(format_, {"type": "string"})} for format_ in formats}
    description = f"The whole result of `{endpoint.path}`, not cut into pages."
    if names := ", ".join(f"`{name}`" for name in header):
        description += f" Columns of the table: {names}."
    return Endpoint(
        PREFIX + endpoint.path,
        endpoint.handler,
        query=partial(_params, endpoint, formats, of_pages),
        answer=lambda: None,
        operation_id=f"export_{endpoint.operation_id.removeprefix('list_')}",
        summary=f"Export {text}",
        description=description,
        tag="exports",
        responses=endpoint.responses | {200: {"description": "The whole result.", "content": content}},
    )


def export_of_list(noun: Noun, endpoint: Endpoint) -> Endpoint:
    """The export of a list in every format that is no page."""
    return export_of(endpoint, formats_of(noun), noun.name.replace("-", " "))


def export_of_record(noun: Noun, endpoint: Endpoint) -> Endpoint:
    """The export of a single record in the standards that its noun declares, and of what it cites."""
    formats = [each for each in formats_of_record(noun) if each in STANDARDS]
    formats += [Format.BIBTEX, Format.RIS, Format.CSL_JSON]
    return export_of(endpoint, formats, f"one {noun.singular}", of_pages=OF_RECORDS)


def _params(endpoint: Endpoint, formats: Sequence[Format], of_pages: Collection[str]) -> type[BaseModel]:
    """The parameters of an endpoint without those of pages."""
    fields = declared(endpoint.query_model, *of_pages, "format")
    text = " ".join(SENTENCES[format_] for format_ in formats if format_ in SENTENCES)
    kinds: Any = Literal[tuple(format_.value for format_ in formats)]
    fields["format"] = (kinds, Field(default=formats[0].value, description=text))
    return params_model(f"Export{endpoint.query_model.__name__}", fields)
