"""Every list, every single record, and every list of a therapy: declared once, from the catalogue."""

import json
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from itertools import chain
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from app import citations
from app.database import Database
from app.formats import MEDIA_TYPES, SUFFIXES, TABLES, Format, chosen
from app.pages import Envelope, Shaped, absences, envelope, facets_of, permalink
from app.parameters import filters_asked, list_model, record_model
from app.problems import Culprit, ProblemError, bad_parameter, not_found
from app.queries.catalogue import LISTS, NESTED
from app.queries.filters import List
from app.queries.listing import document_of, documents, page, position_of, resolved
from app.queries.matching import Resolved
from app.queries.names import matches, nearest
from app.queries.therapies import THERAPIES
from app.reader import NotRememberedError, Reader
from app.routes.descriptions import FOUND, LISTED, NOT_ACCEPTABLE, NOT_FOUND
from app.routes.reading import ReadRoute, reading
from app.shapes import shaped

LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
MOST_AT_ONCE = 100
"""Records that are answered without a thread, which others would wait for."""
_SINGLE = "json, bibtex, ris or csl-json"


def _answer(request: Request, spec: List, query: Any, fixed: dict[str, Any], therapy_id: str | None = None) -> Response:
    format_ = _format(request, query)
    if request.state.only_remembered and (format_ is not Format.JSON or query.limit > MOST_AT_ONCE):
        raise NotRememberedError  # or it is not worth the attempt
    with reading(request, query) as reader:
        if therapy_id is not None and position_of(reader, THERAPIES, therapy_id) is None:
            tail = request.scope["path"].rsplit("/", 1)[1]
            return _redirect(request, f"/{THERAPIES.name}/{quote(_meant(reader, THERAPIES, therapy_id))}/{tail}")
        applied = resolved(reader, spec, filters_asked(spec, query) | fixed)
        sort = query.sort or []
        if format_ in TABLES:
            _refuse(query, "cursor", "limit", "facets", "fields", "include")
            return _table(request, reader, spec, format_, applied, sort)
        if format_ is not Format.JSON:
            _refuse(query, "cursor", "limit", "facets", "fields", "include")
            cited = citations.sources_of(documents(lambda: nullcontext(reader), spec, applied, sort, whole=True))
            return _cited(request, reader, format_, cited)
        found = page(reader, spec, applied, sort, query.limit, query.cursor)
        shape = shaped(reader, spec, found.documents, query.fields, getattr(query, "include", None))
        more = {
            "facets": facets_of(reader, spec, applied, query.facets) if query.facets else None,
            "absence": None if found.total else absences(reader, spec, applied),
        }
        echo = applied | ({"sort": sort} if sort else {}) | {"limit": query.limit}
        asked, path = request.state.asked, request.scope["path"]
        body, links = envelope(reader, replace(found, documents=shape), path, asked, echo, more)
        return _response(request, reader, body, "application/json", links)


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
    """The whole result, streamed, of the release that was read."""
    database: Database = request.app.state.database
    read = partial(database.read, reader.version)
    chunks = TABLES[format_](spec, documents(read, spec, applied, sort))
    first = next(chunks, b"")  # before the answer begins: what is wrong by now can still be said
    name = f"immunofacts-{spec.name}-{reader.version}.{SUFFIXES.get(format_, format_.value)}"
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
    everything = dict(links)
    if "permalink" not in links:
        everything["permalink"] = permalink(request.scope["path"], request.state.asked, reader.version)
    found = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in everything.items() if url)
    return {"X-Release": reader.version, "Link": found, "Vary": "Accept"}


def _meant(reader: Reader, spec: List, name: str) -> str:
    """The id that a name leads to. Raises where it leads to none, or to several."""
    found = matches(reader, spec.name, name)
    if len(found) == 1:
        return found[0].id
    suggestions = [match.id for match in found] or nearest(reader, spec.name, name)
    raise not_found(spec.noun, name, suggestions)


def _redirect(request: Request, path: str) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(path + query, status_code=307)


def _record(request: Request, spec: List, record_id: str, query: Any) -> Response:
    format_ = _format(request, query)
    with reading(request, query) as reader:
        document = document_of(reader, spec, record_id)
        if document is None:
            return _redirect(request, f"/{spec.name}/{quote(_meant(reader, spec, record_id))}")
        if format_ is Format.JSON:
            body = shaped(reader, spec, [document], query.fields, getattr(query, "include", None))[0]
            return _response(request, reader, body, "application/json", {})
        if format_ in TABLES:
            raise bad_parameter(Culprit(parameter="format", detail="A single record is no table.", allowed=_SINGLE))
        return _cited(request, reader, format_, citations.sources_of([document]))


def _list_of(spec: List) -> ReadRoute:
    def operation(request: Request, query: Any) -> Response:
        return _answer(request, spec, query, {})

    name = f"list_{_snake(spec.name)}"
    return _route(
        f"/{spec.name}", operation, partial(list_model, spec), partial(_page_of, spec), name, *LISTED[spec.name]
    )


def _record_of(spec: List) -> ReadRoute:
    def operation(request: Request, query: Any, id: str) -> Response:  # noqa: A002  # the design names the parameter
        return _record(request, spec, id, query)

    name = f"get_{spec.noun.replace(' ', '_')}"
    model, form = partial(record_model, spec), partial(_shaped_or, spec.form)
    return _route(f"/{spec.name}/{{id}}", operation, model, form, name, *FOUND[spec.name])


def _list_of_therapy(spec: List) -> ReadRoute:
    def operation(request: Request, query: Any, id: str) -> Response:  # noqa: A002  # the design names the parameter
        return _answer(request, spec, query, {"therapy": [id]}, therapy_id=id)

    path = f"/{THERAPIES.name}/{{id}}/{spec.name}"
    summary, description = LISTED[spec.name]
    model, form = partial(list_model, spec, leave_out="therapy"), partial(_page_of, spec)
    name = f"list_therapy_{_snake(spec.name)}"
    return _route(path, operation, model, form, name, f"{summary.rstrip('.')}, of one therapy", description)


def _route(path: str, operation: Any, model: Any, form: Any, name: str, summary: str, description: str) -> ReadRoute:
    responses: dict[int | str, dict[str, Any]] = {406: NOT_ACCEPTABLE}
    if "{id}" in path:
        responses[404] = NOT_FOUND
    group = path.split("/")[1]
    return ReadRoute(
        path,
        operation,
        model,
        form,
        operation_id=name,
        summary=summary,
        description=description,
        tags=[group],
        responses=responses,
    )


def _page_of(spec: List) -> Any:
    return Envelope.__class_getitem__(_shaped_or(spec.summary or spec.form))


def _shaped_or(form: Any) -> Any:
    return form | Shaped


def _snake(name: str) -> str:
    return name.replace("-", "_")


ROUTES = [
    *(declare(spec) for spec in LISTS for declare in (_list_of, _record_of)),
    *(_list_of_therapy(spec) for spec in NESTED),
]
