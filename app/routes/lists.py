"""Every list, every single record, and every list of a therapy: declared once, from the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy import select

from app.database import Database, Reader
from app.models.base import table_of
from app.pages import Envelope, envelope, facets_of
from app.parameters import Pinned, filters_asked, list_model
from app.problems import Culprit, bad_parameter, not_found
from app.queries.catalogue import LISTS, NESTED
from app.queries.filters import List
from app.queries.listing import page, resolved
from app.queries.names import matches, nearest
from app.queries.therapies import THERAPIES
from app.routes.descriptions import FOUND, LISTED, NOT_FOUND, NOT_READY, UNANSWERABLE

router = APIRouter()
RecordId = Annotated[str, Path(max_length=300, description="Id; a name, brand, synonym or code is redirected to it.")]


@contextmanager
def reading(request: Request, version: str | None) -> Iterator[Reader]:
    """Read the release asked for, or the current one."""
    database: Database = request.app.state.database
    try:
        with database.read(version) as reader:
            yield reader
    except LookupError as error:
        detail = f"There is no release {str(version)[:40]!r}."
        raise bad_parameter(Culprit(parameter="release", detail=detail, allowed="a version of /releases")) from error


def json_response(reader: Reader, body: bytes | str, links: dict[str, str | None]) -> Response:
    """An answer with the release it was read from, and its links."""
    link = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items() if url)
    headers = {"X-Release": reader.version} | ({"Link": link} if link else {})
    return Response(body, media_type="application/json", headers=headers)


def _answer(request: Request, spec: List, query: Any, fixed: dict[str, Any], therapy_id: str | None = None) -> Response:
    with reading(request, query.release) as reader:
        if therapy_id is not None and (other := _elsewhere(reader, THERAPIES, therapy_id)):
            tail = request.url.path.rsplit("/", 1)[1]
            return _redirect(request, f"/{THERAPIES.name}/{quote(other)}/{tail}")
        applied = resolved(reader, spec, filters_asked(spec, query) | fixed)
        sort = query.sort or []
        found = page(reader, spec, applied, sort, query.limit, query.cursor)
        facets = facets_of(reader, spec, applied, query.facets) if query.facets else None
        echo = applied | ({"sort": sort} if sort else {}) | {"limit": query.limit}
        asked = request.query_params.multi_items()
        body, onward = envelope(reader, found, request.url.path, asked, echo, facets)
        return json_response(reader, body, {"next": onward})


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
    def operation(request: Request, id: RecordId, query: Annotated[Pinned, Query()]) -> Response:  # noqa: A002  # the design names it
        with reading(request, query.release) as reader:
            if other := _elsewhere(reader, spec, id):
                return _redirect(request, f"/{spec.name}/{quote(other)}")
            table = table_of(spec.table)
            found = select(table.c.document).where(table.c.release_id == reader.release_id, table.c.id == id)
            permalink = f"{request.url.path}?release={reader.version}"
            return json_response(reader, reader.connection.execute(found).scalar_one(), {"permalink": permalink})

    name = f"get_{spec.noun.replace(' ', '_')}"
    _declare(f"/{spec.name}/{{id}}", operation, Pinned, name, FOUND[spec.name], spec, spec.form)


def _add_nested(spec: List) -> None:
    model = list_model(spec, leave_out="therapy")

    def operation(request: Request, id: RecordId, query: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]  # noqa: A002  # a model made at start; the design names the parameter
        return _answer(request, spec, query, {"therapy": [id]}, therapy_id=id)

    summary = f"{LISTED[spec.name][0].rstrip('.')}, of one therapy"
    name = f"list_therapy_{_snake(spec.name)}"
    path = f"/{THERAPIES.name}/{{id}}/{spec.name}"
    _declare(path, operation, model, name, (summary, LISTED[spec.name][1]), spec, _page_of(spec))


def _declare(
    path: str, operation: Any, model: type[BaseModel], name: str, text: tuple[str, str], spec: List, form: type[Any]
) -> None:
    operation.query_model = model
    responses: dict[int | str, dict[str, Any]] = {
        200: {"model": form, "description": "The answer."},
        422: UNANSWERABLE,
        503: NOT_READY,
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
    item: Any = spec.summary or spec.form
    return Envelope.__class_getitem__(item)


def _snake(name: str) -> str:
    return name.replace("-", "_")


for _spec in LISTS:
    _add_list(_spec)
    _add_record(_spec)
for _spec in NESTED:
    _add_nested(_spec)
