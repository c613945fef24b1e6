"""Lists and single records, as they are answered: a page, a document, or a whole result in another format."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from pyroaring import BitMap
from starlette.responses import Response

from app.api.coverage import absences, coverage_gaps
from app.api.endpoint import Call, release_headers
from app.api.errors import bad_parameter
from app.api.exports import export_list, export_record
from app.api.filters import given_filters, resolve_filters
from app.api.formats import FILES, MEDIA_TYPES, TABLES, Format, formats_of, formats_of_record
from app.api.formats.rows import rows_of
from app.api.page import WRONG_CURSOR, list_url
from app.api.responses import canonical_id, redirect, redirect_to_id
from app.api.shape import shaped
from app.nouns.declaration import Noun, Sublist
from app.nouns.registry import noun as noun_of
from app.release.database import BEING_REMOVED, NotReadyError
from app.release.facets import facet_values, group_counts
from app.release.opened import OpenRelease
from app.release.query import BadCursorError, matching, page_of


async def answer_list(call: Call, noun: Noun) -> Response:
    """Answer a list."""
    release = await call.release()
    return await _answer(call, release, noun, call.format(formats_of(noun)), {})


async def answer_sublist(call: Call, owner: Noun, sublist: Sublist) -> Response:
    """Answer a list of what belongs to one record, such as the facts of a therapy."""
    record_id, noun = call.request.path_params["id"], noun_of(sublist.noun)
    format_ = call.format(formats_of(noun))
    release = await call.release()
    if moved := redirect_to_id(call, release, owner):
        return moved
    return await _answer(call, release, noun, format_, {sublist.filter: [record_id]}, sublist)


async def _answer(
    call: Call,
    release: OpenRelease,
    noun: Noun,
    format_: Format,
    fixed: Mapping[str, Any],
    sublist: Sublist | None = None,
) -> Response:
    query = call.query
    filters, filters_by_position, found = await find(call, release, noun, fixed)
    sort = distinct_keys(query.sort) if query.sort else [*(sublist.sort if sublist else ())]
    applied = filters | ({"sort": sort} if sort else {})
    if format_ is not Format.JSON:
        return await export_list(call, release, rows_of(noun), format_, found, applied)
    try:
        this_page = page_of(release, noun, filters, found, sort, query.limit, query.cursor)
    except BadCursorError as error:
        raise bad_parameter("cursor", WRONG_CURSOR) from error
    documents: Sequence[bytes] = await call.store.documents(release, noun, this_page.positions)
    if query.fields or getattr(query, "include", None):
        include = getattr(query, "include", None)
        documents = await shaped(call.store, release, noun, documents, query.fields, include)
    here = call.permalink(release)
    onward = call.permalink(release, this_page.next_cursor) if this_page.next_cursor else None
    rest: dict[str, Any] = {
        "total": this_page.total,
        "next": onward,
        "query": applied | {"limit": query.limit},
        "release": release.version,
        "permalink": here,
    }
    if query.facets:
        names = dict.fromkeys(query.facets)
        rest["facets"] = {name: facet_values(release, noun, filters_by_position, found, name) for name in names}
    if sublist and sublist.groups:
        rest["groups"] = [
            {"values": values, "count": count, "url": call.link(list_url(release, noun, {**filters, **values}))}
            for values, count in group_counts(release, noun, found, sublist.groups)
        ]
    if noun.section is not None:
        rest |= coverage_gaps(release, noun, noun.section, filters, found, call.link)
    if not this_page.total and (absence := await absences(call.store, release, noun, filters)) is not None:
        rest["absence"] = absence
    body = b'{"items":[' + b",".join(documents) + b"]," + orjson.dumps(rest)[1:]  # documents as they are
    headers = release_headers(release, {"next": onward, "permalink": here})
    return Response(body, media_type=MEDIA_TYPES[Format.JSON], headers=headers)


async def find(
    call: Call, release: OpenRelease, noun: Noun, fixed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], BitMap]:
    """The filters with names resolved, the same with ids as positions, and the positions of what is found."""
    filters = resolve_filters(release, noun, {**given_filters(noun, call.query), **fixed})
    if "id" not in filters:
        return filters, filters, matching(release, noun, filters)
    filters_by_position = filters | {"id": await _positions_of_ids(call, release, noun, filters["id"])}
    return filters, filters_by_position, matching(release, noun, filters_by_position)


def distinct_keys(sort: Sequence[str]) -> list[str]:
    """The keys of an order. Raises `Problem` where one is given twice: it would sort nothing any more."""
    names = [key.lstrip("-") for key in sort]
    for name in names:
        if names.count(name) > 1:
            raise bad_parameter("sort", f"`sort` has the key {name!r} more than once.", allowed="each key once")
    return list(sort)


async def _positions_of_ids(call: Call, release: OpenRelease, noun: Noun, ids: Sequence[str]) -> list[int]:
    """The positions of the ids requested; each must be one of the list, to the letter."""
    positions = await call.store.positions(release, noun, ids)
    for record_id in ids:
        if record_id not in positions:
            detail = f"No {noun.singular} has the id {record_id[:80]!r}."
            nearest = release.names.nearest(noun.name, record_id)
            raise bad_parameter("id", detail, allowed=f"an id of /{noun.name}", suggestions=nearest)
    return list(positions.values())


async def answer_record(call: Call, noun: Noun) -> Response:
    """Answer a single record; a name of it is redirected to its id."""
    format_, record_id = call.format(formats_of_record(noun)), call.request.path_params["id"]
    release = await call.release()
    document = await call.store.document(release, noun, record_id)
    if document is None:
        meant = canonical_id(release, noun, record_id)
        if meant == record_id:
            raise NotReadyError(BEING_REMOVED)
        parent = call.path.removeprefix(call.link("")).rpartition("/")[0]
        return redirect(call, f"{parent}/{quote(meant)}")
    if format_ is Format.JSON:
        include = getattr(call.query, "include", None)
        body = (await shaped(call.store, release, noun, [document], call.query.fields, include))[0]
        headers = release_headers(release, {"permalink": call.permalink(release)})
        return Response(body, media_type=MEDIA_TYPES[format_], headers=headers)
    if format_ in {*TABLES, *FILES}:
        allowed = ", ".join(each for each in formats_of_record(noun) if each not in {*TABLES, *FILES})
        raise bad_parameter("format", "A single record is no table.", allowed=allowed)
    return await export_record(call, release, noun, format_, document)
