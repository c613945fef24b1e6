"""Every list, every single record, and every list of a therapy: declared once, from the registry."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

import orjson
from pydantic import BaseModel, create_model
from pyroaring import BitMap
from sqlalchemy import Connection
from starlette.responses import Response

from app.api.descriptions import NOT_FOUND
from app.api.endpoint import Call, Endpoint, release_headers
from app.api.errors import Problem, ProblemType, bad_parameter
from app.api.exports import export_of_list, export_of_record
from app.api.files import file_table
from app.api.filters import given_filters, resolve_filters
from app.api.formats import (
    FILES,
    MEDIA_TYPES,
    OF_LISTS,
    PICTURES,
    STANDARDS,
    TABLES,
    Format,
    formats_of,
    formats_of_record,
)
from app.api.formats.citations import citation_items, cited_sources, joined, written
from app.api.formats.negotiation import negotiate
from app.api.formats.rows import Rows, rows_of
from app.api.page import Page, absences, coverage_gaps, groups
from app.api.params import OF_PAGES, OF_RECORDS, list_params, record_params
from app.api.pictures import Drawn, address, drawn
from app.api.query_string import permalink
from app.api.responses import canonical_id, export_headers, redirect, redirect_to_id
from app.api.shape import shaped
from app.api.standards import standard_list, standard_record
from app.api.tables import Export, table
from app.nouns.declaration import Noun, Sublist
from app.nouns.paths import Document
from app.nouns.registry import fact_nouns, nouns
from app.nouns.registry import noun as noun_of
from app.release.database import BEING_REMOVED, NotReadyError
from app.release.facets import facet_values
from app.release.opened import BadCursorError, OpenRelease, joined_params, matching, page


async def answer_list(call: Call, noun: Noun) -> Response:
    """Answer a list."""
    return await _answer(call, await call.release(), noun, {})


async def answer_sublist(call: Call, owner: Noun, sublist: Sublist) -> Response:
    """Answer a list of what belongs to one record, such as the facts of a therapy."""
    record_id, noun = call.request.path_params["id"], noun_of(sublist.noun)
    format_of(call, formats_of(noun))
    release = await call.release()
    if moved := redirect_to_id(call, release, owner, f"/{owner.name}/{{id}}/{noun.name}"):
        return moved
    return await _answer(call, release, noun, {sublist.filter: [record_id]}, sublist)


async def _answer(
    call: Call, release: OpenRelease, noun: Noun, fixed: Mapping[str, Any], sublist: Sublist | None = None
) -> Response:
    query, format_ = call.query, format_of(call, formats_of(noun))
    filters, chosen_by, found = await find(call, release, noun, fixed)
    sort = distinct_keys(query.sort) if query.sort else [*(sublist.sort if sublist else ())]
    applied = filters | ({"sort": sort} if sort else {})
    if query.bom:
        refuse_bom(query, format_)
    if format_ is not Format.JSON:
        return await export(call, release, rows_of(noun), format_, found, applied)
    try:
        chosen = page(release, noun, filters, found, sort, query.limit, query.cursor)
    except BadCursorError as error:
        detail = "This cursor does not belong to this query; follow `next` of the page before, unchanged."
        raise bad_parameter("cursor", detail) from error
    documents: Sequence[bytes] = await call.store.documents(release, noun, chosen.positions)
    if query.fields or getattr(query, "include", None):
        include = getattr(query, "include", None)
        documents = await shaped(call.store, release, noun, documents, query.fields, include)
    here = permalink(call.path, call.params, release.version)
    onward = permalink(call.path, call.params, release.version, chosen.next_cursor) if chosen.next_cursor else None
    rest: dict[str, Any] = {
        "total": chosen.total,
        "next": onward,
        "query": applied | {"limit": query.limit},
        "release": release.version,
        "permalink": here,
    }
    if query.facets:
        names = dict.fromkeys(query.facets)
        rest["facets"] = {name: facet_values(release, noun, chosen_by, found, name) for name in names}
    if sublist and sublist.groups:
        rest["groups"] = groups(release, noun, sublist.groups, filters, found, call.link)
    if noun.section is not None:
        rest |= coverage_gaps(release, noun, noun.section, filters, found, call.link)
    if not chosen.total and (absence := await absences(call.store, release, noun, filters)) is not None:
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
    chosen_by = filters | {"id": await _positions_of_ids(call, release, noun, filters["id"])}
    return filters, chosen_by, matching(release, noun, chosen_by)


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


async def export(
    call: Call, release: OpenRelease, rows: Rows, format_: Format, found: BitMap, applied: Mapping[str, Any]
) -> Response:
    """The whole result: as a table, streamed or as a file, or every source of it cited."""
    noun = rows.noun
    _refuse(call.query, *OF_PAGES)
    in_order = release.lists[noun.name].in_order(found, applied.get("sort", []))
    positions = [position for _, position in in_order]
    if format_ in PICTURES:
        return await _drawn(call, release, noun, format_, positions, applied)
    if format_ in STANDARDS:
        return _whole_result(call, release, format_, await standard_list(call, release, noun, format_, positions))
    if format_ not in {*TABLES, *FILES}:
        batches = call.store.batches(release, noun, positions, whole=True)
        used = await _used_facts(call, release, noun, applied)
        return await _cited(call, release, format_, await cited_sources(batches, used))
    return await (file_table if format_ in FILES else table)(Export(call, release, rows, format_, positions, applied))


async def _drawn(
    call: Call, release: OpenRelease, noun: Noun, format_: Format, positions: Sequence[int], applied: Mapping[str, Any]
) -> Response:
    """The whole result as the picture that its noun declares."""
    if "sort" in applied:
        raise bad_parameter("sort", "`sort` is for records; a picture has an order of its own.")
    found = [document async for batch in call.store.batches(release, noun, positions) for document in batch]
    here, at = _permalink(call, release), address(call)

    def draw(_: Connection) -> Drawn:
        items = [orjson.loads(document) for document in found]
        rest = {"total": len(items), "query": applied, "release": release.version, "permalink": here}
        return drawn(str(noun.picture), format_, {"items": items, **rest}, at)

    picture = await call.store.compute(draw)
    headers = export_headers(call, release) | picture.headers
    return Response(picture.body, media_type=MEDIA_TYPES[format_], headers=headers)


def _whole_result(call: Call, release: OpenRelease, format_: Format, body: bytes) -> Response:
    return Response(body, media_type=MEDIA_TYPES[format_], headers=export_headers(call, release))


async def _used_facts(
    call: Call, release: OpenRelease, noun: Noun, applied: Mapping[str, Any]
) -> Callable[[Document], Any]:
    """What a list shows of a whole record; of the joined facts, where filters chose by them, those that met them."""
    shown, join = noun.shown, noun.join
    if shown is None:
        return lambda record: record
    if join is None or join.noun.section is None or not set(join.filters) & applied.keys():
        return shown
    met = matching(release, join.noun, joined_params(join, dict(applied)))
    batches = call.store.batches(release, join.noun, list(met))
    ids = {orjson.loads(document)["id"] async for batch in batches for document in batch}
    key = join.noun.section.key

    def used(record: Document) -> Any:
        parts = shown(record)
        return {**parts, key: [fact for fact in parts[key] if fact["id"] in ids]}

    return used


async def _cited(call: Call, release: OpenRelease, format_: Format, source_ids: Sequence[str]) -> Response:
    address = f"{call.request.base_url}releases/{release.version}"
    call.request.scope["state"]["names_host"] = True
    batches = [
        await call.store.compute(_writing(format_, items))
        async for items in citation_items(call.store, release, source_ids, address)
    ]
    return _whole_result(call, release, format_, joined(format_, batches))


def _writing(format_: Format, items: Sequence[dict[str, Any]]) -> Callable[[Connection], bytes]:
    return lambda _: written(format_, items)


async def answer_record(call: Call, noun: Noun) -> Response:
    """Answer a single record; a name of it is redirected to its id."""
    format_, record_id = format_of(call, formats_of_record(noun)), call.request.path_params["id"]
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
        headers = release_headers(release, {"permalink": _permalink(call, release)})
        return Response(body, media_type=MEDIA_TYPES[format_], headers=headers)
    if format_ in {*TABLES, *FILES}:
        allowed = ", ".join(each for each in formats_of_record(noun) if each not in {*TABLES, *FILES})
        raise bad_parameter("format", "A single record is no table.", allowed=allowed)
    if format_ in STANDARDS:
        _refuse(call.query, *OF_RECORDS)
        return _whole_result(call, release, format_, await standard_record(call, release, noun, format_, document))

    async def batches() -> AsyncIterator[list[bytes]]:
        yield [document]

    return await _cited(call, release, format_, await cited_sources(batches()))


def format_of(call: Call, offered: Sequence[Format] = OF_LISTS) -> Format:
    """The format of the answer, of those offered. Raises `Problem` where `Accept` names none of them."""
    accept = call.request.headers.get("accept")
    if call.query.format or accept in {None, "", "*/*"}:
        return Format(call.query.format or Format.JSON)
    found = negotiate(accept, offered)
    if found is None:
        raise Problem(ProblemType.NOT_ACCEPTABLE, f"Accept one of: {', '.join(MEDIA_TYPES[each] for each in offered)}.")
    return found


def refuse_bom(query: Any, format_: Format) -> None:
    """Refuse a byte order mark where the answer is no CSV."""
    if query.bom and format_ is not Format.CSV:
        raise bad_parameter("bom", "Only CSV has a byte order mark.", allowed="`bom=true` with `format=csv`")


def _refuse(query: Any, *names: str) -> None:
    """Refuse parameters that belong to pages, where the whole result is requested."""
    given = next((name for name in names if name in query.model_fields_set), None)
    if given:
        raise bad_parameter(given, f"`{given}` belongs to pages of JSON; this format is the whole result.")


def _permalink(call: Call, release: OpenRelease) -> str:
    return permalink(call.path, call.params, release.version)


def page_model(noun: Noun) -> type[BaseModel]:
    """The model of a page of a list, as it is documented."""
    base: Any = Page.__class_getitem__(noun.listed)
    return create_model(
        f"{noun.singular.title().replace(' ', '')}Page", __base__=base, __doc__=f"A page of {noun.name}."
    )


def list_routes() -> list[Endpoint]:
    """The routes of all nouns."""
    own = [declare(noun) for noun in nouns() for declare in (_list_route, _record_route)]
    sublists = [_sublist_route(noun, sublist) for noun in nouns() for sublist in noun.sublists]
    exports = [export_of_list(noun, _list_route(noun)) for noun in nouns()]
    exports += [export_of_record(noun, _record_route(noun)) for noun in nouns() if noun.standards]
    return [*own, *map(_therapy_list_route, fact_nouns()), *sublists, *exports]


def _list_route(noun: Noun) -> Endpoint:
    return Endpoint(
        f"/{noun.name}",
        partial(answer_list, noun=noun),
        query=partial(list_params, noun),
        answer=partial(page_model, noun),
        operation_id=f"list_{noun.name.replace('-', '_')}",
        summary=noun.list_summary,
        description=noun.list_description,
        tag=noun.name,
    )


def _record_route(noun: Noun) -> Endpoint:
    return Endpoint(
        f"/{noun.name}/{{id}}",
        partial(answer_record, noun=noun),
        query=partial(record_params, noun),
        answer=lambda: noun.public,
        operation_id=f"get_{noun.kind}",
        summary=noun.record_summary,
        description=noun.record_description,
        tag=noun.name,
        responses={404: NOT_FOUND},
    )


def _therapy_list_route(noun: Noun) -> Endpoint:
    return Endpoint(
        f"/therapies/{{id}}/{noun.name}",
        partial(answer_sublist, owner=noun_of("therapies"), sublist=Sublist(noun.name, "therapy")),
        query=partial(list_params, noun, leave_out="therapy"),
        answer=partial(page_model, noun),
        operation_id=f"list_therapy_{noun.name.replace('-', '_')}",
        summary=f"{noun.list_summary}, of one therapy",
        description=f"As `/{noun.name}`, of one therapy.",
        tag="therapies",
        responses={404: NOT_FOUND},
    )


def _sublist_route(owner: Noun, sublist: Sublist) -> Endpoint:
    noun = noun_of(sublist.noun)
    ordered = f", in the order of {' and '.join(sublist.sort)}" if sublist.sort else ""
    grouped = f" `groups` counts them by {' and '.join(sublist.groups)}." if sublist.groups else ""
    return Endpoint(
        f"/{owner.name}/{{id}}/{noun.name}",
        partial(answer_sublist, owner=owner, sublist=sublist),
        query=partial(list_params, noun, sublist.filter, sublist.filters),
        answer=partial(page_model, noun),
        operation_id=f"list_{owner.kind}_{noun.name.replace('-', '_')}",
        summary=f"{noun.list_summary}, of one {owner.singular}",
        description=f"As `/{noun.name}?{sublist.filter}=`, of one {owner.singular}{ordered}.{grouped}",
        tag=owner.name,
        responses={404: NOT_FOUND},
    )
