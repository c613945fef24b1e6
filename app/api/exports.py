"""Whole results in formats that are no page: tables, files, citations, pictures, and standards of the field."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from pyroaring import BitMap
from sqlalchemy import Connection
from starlette.responses import Response

from app.api.endpoint import Call
from app.api.errors import bad_parameter
from app.api.files import file_table
from app.api.formats import FILES, PICTURES, STANDARDS, TABLES, Format
from app.api.formats.citations import citation_items, cited_sources, joined, written
from app.api.formats.rows import Rows
from app.api.params import OF_PAGES, OF_RECORDS
from app.api.pictures import drawn
from app.api.responses import whole_result
from app.api.standards import standard_list, standard_record
from app.api.tables import Export, table
from app.nouns.declaration import Noun
from app.nouns.paths import Document
from app.release.opened import OpenRelease
from app.release.query import joined_params, matching


async def export_list(
    call: Call, release: OpenRelease, rows: Rows, format_: Format, found: BitMap, applied: Mapping[str, Any]
) -> Response:
    """The whole result: as a table, streamed or as a file, as a picture, in a standard, or every source of it cited."""
    noun = rows.noun
    _refuse(call.query, *OF_PAGES)
    in_order = release.lists[noun.name].in_order(found, applied.get("sort", []))
    positions = [position for _, position in in_order]
    if format_ in PICTURES:
        return await _drawn(call, release, noun, format_, positions, applied)
    if format_ in STANDARDS:
        return whole_result(call, release, format_, await standard_list(call, release, noun, format_, positions))
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
    here, at = call.permalink(release), call.address()

    def draw(_: Connection) -> tuple[str, dict[str, str]]:
        items = [orjson.loads(document) for document in found]
        rest = {"total": len(items), "query": applied, "release": release.version, "permalink": here}
        return drawn(str(noun.picture), format_, {"items": items, **rest}, at)

    return whole_result(call, release, format_, *await call.store.compute(draw))


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
    address = f"{call.address()}/releases/{release.version}"
    batches = [
        await call.store.compute(partial(_write, format_=format_, items=items))
        async for items in citation_items(call.store, release, source_ids, address)
    ]
    return whole_result(call, release, format_, joined(format_, batches))


def _write(_: Connection, format_: Format, items: Sequence[dict[str, Any]]) -> bytes:
    return written(format_, items)


async def export_record(call: Call, release: OpenRelease, noun: Noun, format_: Format, document: bytes) -> Response:
    """A single record in a standard, or every source of it cited."""
    if format_ in STANDARDS:
        _refuse(call.query, *OF_RECORDS)
        return whole_result(call, release, format_, await standard_record(call, release, noun, format_, document))

    async def batches() -> AsyncIterator[list[bytes]]:
        yield [document]

    return await _cited(call, release, format_, await cited_sources(batches()))


def _refuse(query: Any, *names: str) -> None:
    """Refuse parameters that belong to pages, where the whole result is requested."""
    given = next((name for name in names if name in query.model_fields_set), None)
    if given:
        raise bad_parameter(given, f"`{given}` belongs to pages of JSON; this format is the whole result.")
