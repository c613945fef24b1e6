"""Records in formats of standards, which `app/standards` writes; and the context by which JSON-LD is read."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import orjson
from starlette.responses import Response

from app.api.conditional import OF_THE_CODE, derived_etag, not_modified
from app.api.descriptions import ABOUT, AUTHORS, CITED_TITLE, LICENCE_URL, NOT_ADVICE, answered, cite_as
from app.api.endpoint import Call, Endpoint
from app.api.formats import MEDIA_TYPES, STANDARDS, Format
from app.api.records import records_by_id
from app.nouns.declaration import Noun
from app.nouns.registry import noun as noun_of
from app.release.opened import OpenRelease
from app.release.query import matching
from app.standards.about import About


def about(call: Call, release: OpenRelease) -> About:
    """Where an answer is from."""
    return About(
        at=call.address(),
        path=call.permalink(release),
        version=release.version,
        released_on=release.released_on.isoformat(),
        digest=release.digest,
        title=CITED_TITLE,
        authors=AUTHORS,
        cite_as=f"{AUTHORS}. {cite_as(release.version, release.digest)}",
        description=f"{ABOUT} {NOT_ADVICE}",
        licence=LICENCE_URL,
    )


async def standard_record(call: Call, release: OpenRelease, noun: Noun, format_: Format, document: bytes) -> bytes:
    """A single record in the format of a standard."""
    module, form = _form(noun, format_)
    origin, parsed = about(call, release), orjson.loads(document)
    more = [await _related_records(call, release, parsed)] if format_ is Format.FHIR else []
    return await call.store.compute(lambda _: orjson.dumps(module.record(form, parsed, origin, *more)))


async def _related_records(call: Call, release: OpenRelease, therapy: Mapping[str, Any]) -> dict[str, Any]:
    """What a therapy does not hold itself: its adverse events, and the terms of all its facts by id."""
    events, terms, conditions = map(noun_of, ("adverse-events", "events", "conditions"))
    positions = list(matching(release, events, {"therapy": [therapy["id"]]}))
    facts = [orjson.loads(text) async for batch in call.store.batches(release, events, positions) for text in batch]
    used = {fact["term"]["id"] for fact in facts} | {warning["event"]["id"] for warning in therapy["warnings"]}
    treated = {indication["condition"]["id"] for indication in therapy["indications"]}
    return {
        events.name: facts,
        terms.name: await records_by_id(call.store, release, terms, sorted(used)),
        conditions.name: await records_by_id(call.store, release, conditions, sorted(treated)),
    }


async def standard_list(
    call: Call, release: OpenRelease, noun: Noun, format_: Format, positions: Sequence[int]
) -> bytes:
    """Records of a list in the format of a standard."""
    module, form = _form(noun, format_)
    origin = about(call, release)
    found = [document async for batch in call.store.batches(release, noun, positions) for document in batch]
    return await call.store.compute(lambda _: orjson.dumps(module.listed(form, map(orjson.loads, found), origin)))


def _form(noun: Noun, format_: Format) -> tuple[Any, Any]:
    """The module of a standard, and its function for the records of a noun; imported for the first who asks."""
    module = import_module(f"app.standards.{STANDARDS[format_]}")
    return module, module.FORMS[noun.name]


async def get_context(call: Call) -> Response:
    """The JSON-LD context of `format=jsonld`: every key and type as an IRI of schema.org."""
    from app.standards.context import context

    headers = OF_THE_CODE | {"ETag": derived_etag(call)}
    if unchanged := not_modified(call, headers):
        return unchanged
    return Response(orjson.dumps(context()), media_type=MEDIA_TYPES[Format.JSON_LD], headers=headers)


def standard_routes() -> list[Endpoint]:
    """The routes of what standards need beside the records."""
    return [
        Endpoint("/context.jsonld", get_context, answer=lambda: None, summary="Get the JSON-LD context", tag="service",
                 responses=answered("The context.", MEDIA_TYPES[Format.JSON_LD], "object")),
    ]  # fmt: skip
