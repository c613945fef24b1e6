"""Every list, every single record, and every list of a therapy: declared once, from the catalogue."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from itertools import chain
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from pydantic import BaseModel
from sqlalchemy import select

from app import citations
from app.database import Database, Reader
from app.formats import MEDIA_TYPES, SUFFIXES, TABLES, Format, chosen
from app.models.base import table_of
from app.pages import Envelope, Shaped, absences, envelope, facets_of
from app.parameters import filters_asked, list_model, record_model
from app.problems import Culprit, ProblemError, bad_parameter, not_found
from app.queries.catalogue import LISTS, NESTED
from app.queries.filters import List
from app.queries.listing import Resolved, documents, page, resolved
from app.queries.names import matches, nearest
from app.queries.therapies import THERAPIES
from app.routes.descriptions import ALWAYS, FOUND, LISTED, NOT_ACCEPTABLE, NOT_FOUND
from app.shapes import shaped

router = APIRouter()
LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
_SINGLE = "json, bibtex, ris or csl-json"
RecordId = Annotated[str, Path(max_length=300, description="Id; a name, brand, synonym or code is redirected to it.")]


@contextmanager
def reading(request: Request, version: str | None) -> Iterator[Reader]:
    """Read the release asked for, or the current one."""
    database: Database = request.app.state.database
    try:
        with database.read(version) as reader:
            request.state.release = reader.version
            yield reader
    except LookupError as error:
        detail = f"There is no release {str(version)[:40]!r}."
        raise bad_parameter(Culprit(parameter="release", detail=detail, allowed="a version of /releases")) from error


def _answer(request: Request, spec: List, query: Any, fixed: dict[str, Any], therapy_id: str | None = None) -> Response:
    format_ = _format(request, query)
    with reading(request, query.release) as reader:
        if therapy_id is not None and (other := _elsewhere(reader, THERAPIES, therapy_id)):
            tail = request.url.path.rsplit("/", 1)[1]
            return _redirect(request, f"/{THERAPIES.name}/{quote(other)}/{tail}")
        applied = resolved(reader, spec, filters_asked(spec, query) | fixed)
        sort = query.sort or []
        if format_ in TABLES:
            _refuse(query, "cursor", "limit", "facets", "fields", "include")
            return _table(request, reader, spec, format_, applied, sort)
        if format_ is not Format.JSON:
            _refuse(query, "cursor", "limit", "facets", "fields", "include")
            cited = citations.sources_of(documents(reader, spec, applied, sort, whole=True))
            return _cited(request, reader, format_, cited)
        found = page(reader, spec, applied, sort, query.limit, query.cursor)
        shape = shaped(reader, spec, found.documents, query.fields, getattr(query, "include", None))
        more = {
            "facets": facets_of(reader, spec, applied, query.facets) if query.facets else None,
            "absence": None if found.total else absences(reader, spec, applied),
        }
        echo = applied | ({"sort": sort} if sort else {}) | {"limit": query.limit}
        asked = request.query_params.multi_items()
        body, onward = envelope(reader, replace(found, documents=shape), request.url.path, asked, echo, more)
        return _response(request, reader, body, "application/json", {"next": onward})


def _format(request: Request, query: Any) -> Format:
    format_ = chosen(query.format, request.headers.get("accept"))
    if format_ is None:
        known = ", ".join(MEDIA_TYPES.values())
        raise ProblemError(
            HTTPStatus.NOT_ACCEPTABLE, "not-acceptable", "No such format", detail=f"Accept one of: {known}."
        )
    return format_


def _refuse(query: Any, *names: str) -> None:
    """Refuse parameters that belong to pages, where the whole result is asked for."""
    given = [name for name in names if name in query.model_fields_set]
    if given:
        detail = f"`{given[0]}` belongs to pages of JSON; this format is the whole result."
        raise bad_parameter(Culprit(parameter=given[0], detail=detail))


def _table(
    request: Request, reader: Reader, spec: List, format_: Format, applied: Resolved, sort: list[str]
) -> Response:
    """The whole result, streamed from a connection of its own, of the release that was read."""
    database: Database = request.app.state.database
    version = reader.version

    def stream() -> Iterator[bytes]:
        with database.read(version) as source:
            yield from TABLES[format_](spec, documents(source, spec, applied, sort))

    name = f"immunofacts-{spec.name}-{version}.{SUFFIXES.get(format_, format_.value)}"
    chunks = stream()
    first = next(chunks, b"")  # before the answer begins: what is wrong by now can still be said
    answer = StreamingResponse(chain((first,), chunks), media_type=MEDIA_TYPES[format_])
    answer.headers.update(_headers(request, reader, {"license": LICENCE_URL}))
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Query"] = json.dumps(applied | ({"sort": sort} if sort else {}), default=str)
    return answer


def _cited(request: Request, reader: Reader, format_: Format, source_ids: list[str]) -> Response:
    body = citations.written(format_, citations.items(reader, source_ids))
    return _response(request, reader, body, MEDIA_TYPES[format_], {"license": LICENCE_URL})


def _response(request: Request, reader: Reader, body: bytes | str, kind: str, links: dict[str, str | None]) -> Response:
    return Response(body, media_type=kind, headers=_headers(request, reader, links))


def _headers(request: Request, reader: Reader, links: dict[str, str | None]) -> dict[str, str]:
    """The release that was read, and links: those given, and the permalink, pinned to that release."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "release"]
    permalink = f"{request.url.path}?{urlencode([*kept, ('release', reader.version)])}"
    everything = links | {"permalink": permalink}
    found = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in everything.items() if url)
    return {"X-Release": reader.version, "Link": found, "Vary": "Accept"}


def _elsewhere(reader: Reader, spec: List, record_id: str) -> str | None:
    """The id that a name leads to, or None where the record itself is there. Raises where nothing is found."""
    table = table_of(spec.table)
    there = select(table.c.id).where(table.c.release_id == reader.release_id, table.c.id == record_id)
    if reader.connection.execute(there).first():
        return None
    found = matches(reader, spec.name, record_id)
    if len(found) == 1:
        return found[0].id
    suggestions = [match.id for match in found] or nearest(reader, spec.name, record_id)
    raise not_found(spec.noun, record_id, suggestions)


def _redirect(request: Request, path: str) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(path + query, status_code=307)


def _add_list(spec: List) -> None:
    model = list_model(spec)

    def operation(request: Request, query: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]  # a model made at start
        return _answer(request, spec, query, {})

    _declare(f"/{spec.name}", operation, model, f"list_{_snake(spec.name)}", LISTED[spec.name], spec, _page_of(spec))


def _add_record(spec: List) -> None:
    model = record_model(spec)

    def operation(request: Request, id: RecordId, query: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]  # noqa: A002  # a model made at start; the design names the parameter
        return _record(request, spec, id, query)

    name = f"get_{spec.noun.replace(' ', '_')}"
    _declare(f"/{spec.name}/{{id}}", operation, model, name, FOUND[spec.name], spec, spec.form | Shaped)


def _record(request: Request, spec: List, record_id: str, query: Any) -> Response:
    format_ = _format(request, query)
    with reading(request, query.release) as reader:
        if other := _elsewhere(reader, spec, record_id):
            return _redirect(request, f"/{spec.name}/{quote(other)}")
        table = table_of(spec.table)
        found = select(table.c.document).where(table.c.release_id == reader.release_id, table.c.id == record_id)
        document = reader.connection.execute(found).scalar_one()
        if format_ is Format.JSON:
            body = shaped(reader, spec, [document], query.fields, getattr(query, "include", None))[0]
            return _response(request, reader, body, "application/json", {})
        if format_ in TABLES:
            raise bad_parameter(Culprit(parameter="format", detail="A single record is no table.", allowed=_SINGLE))
        return _cited(request, reader, format_, citations.sources_of([document]))


def _add_nested(spec: List) -> None:
    model = list_model(spec, leave_out="therapy")

    def operation(request: Request, id: RecordId, query: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]  # noqa: A002  # a model made at start; the design names the parameter
        return _answer(request, spec, query, {"therapy": [id]}, therapy_id=id)

    summary = f"{LISTED[spec.name][0].rstrip('.')}, of one therapy"
    name = f"list_therapy_{_snake(spec.name)}"
    path = f"/{THERAPIES.name}/{{id}}/{spec.name}"
    _declare(path, operation, model, name, (summary, LISTED[spec.name][1]), spec, _page_of(spec))


def _declare(
    path: str, operation: Any, model: type[BaseModel], name: str, text: tuple[str, str], spec: List, form: Any
) -> None:
    operation.query_model = model
    responses: dict[int | str, dict[str, Any]] = {
        200: {"model": form, "description": "The answer."},
        406: NOT_ACCEPTABLE,
        **ALWAYS,
    }
    if "{id}" in path:
        responses[404] = NOT_FOUND
    router.add_api_route(
        path,
        operation,
        operation_id=name,
        summary=text[0],
        description=text[1],
        tags=[THERAPIES.name if "therapies/{id}" in path else spec.name],
        responses=responses,
        response_class=Response,
    )


def _page_of(spec: List) -> Any:
    item: Any = (spec.summary or spec.form) | Shaped
    return Envelope.__class_getitem__(item)


def _snake(name: str) -> str:
    return name.replace("-", "_")


for _spec in LISTS:
    _add_list(_spec)
    _add_record(_spec)
for _spec in NESTED:
    _add_nested(_spec)
