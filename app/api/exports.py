"""Exports: the whole result of a list as a table, as one record a line, or as citations, each at a path of its own.

`format=` answers the same at the list itself. The OpenAPI document shows that as JSON only, so that clients which are
generated from it have types.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from app.api.endpoint import Endpoint
from app.api.formats import MEDIA_TYPES, Format
from app.api.params import OF_EXPORTS, OF_PAGES, ReleaseParams
from app.nouns.declaration import Noun

PREFIX = "/exports"
SENTENCES = {
    Format.CSV: "`csv`: a table in UTF-8 (RFC 4180), whose columns are the keys of the records; nested ones joined by "
    "dots (`class.id`), two numbers apart (`_low`, `_high`), and at last `release`.",
    Format.JSON_LINES: "`jsonl`: one record a line.",
    Format.BIBTEX: "`bibtex`, `ris` and `csl-json`: every source that the whole result used.",
}
"""What is said of formats; the first of those that cite says it of all."""


def export(endpoint: Endpoint, formats: Iterable[Format], text: str, header: Iterable[str] = ()) -> Endpoint:
    """The export of what an endpoint answers, in formats of which the first is the usual one.

    `text` says of what it is the export, and `header` which columns its table has.
    """
    formats = list(formats)
    content: dict[str, Any] = {MEDIA_TYPES[format_]: {"schema": {"type": "string"}} for format_ in formats}
    if Format.CSL_JSON in formats:
        content[MEDIA_TYPES[Format.CSL_JSON]]["schema"] = {"type": "array", "items": {"type": "object"}}
    description = f"The whole result of `{endpoint.path}`, not cut into pages."
    if names := ", ".join(f"`{name}`" for name in header):
        description += f" Columns of the table: {names}."
    return Endpoint(
        PREFIX + endpoint.path,
        endpoint.handler,
        query=partial(_params, endpoint, formats),
        answer=lambda: None,
        operation_id=f"export_{endpoint.operation_id.removeprefix('list_')}",
        summary=f"Export {text}",
        description=description,
        tag="exports",
        responses=endpoint.responses | {200: {"description": "The whole result.", "content": content}},
    )


def export_of_list(noun: Noun, endpoint: Endpoint) -> Endpoint:
    """The export of a list in every format that is no page."""
    formats = [format_ for format_ in MEDIA_TYPES if format_ is not Format.JSON]
    return export(endpoint, formats, noun.name.replace("-", " "))


def _params(endpoint: Endpoint, formats: list[Format]) -> type[BaseModel]:
    """The parameters of an endpoint without those of pages."""
    listed = endpoint.query_model.model_fields
    fields: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in listed.items()
        if (field.alias or name) not in {*OF_PAGES, OF_EXPORTS[0]}
    }
    text = " ".join(SENTENCES[format_] for format_ in formats if format_ in SENTENCES)
    kinds = Literal[tuple(formats)]  # type: ignore[valid-type]  # the formats given
    fields["format"] = (kinds, Field(default=formats[0], description=text))
    return create_model(f"Export{endpoint.query_model.__name__}", __config__=ReleaseParams.model_config, **fields)
