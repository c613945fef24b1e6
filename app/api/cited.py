"""What a source states: every record of every list that cites it, in one list."""

from itertools import islice
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field
from starlette.responses import Response

from app.api.descriptions import NOT_FOUND
from app.api.endpoint import Call, Endpoint
from app.api.page import offset_of
from app.api.params import DEFAULT_LIMIT, MAX_LIMIT, ReleaseParams, Word
from app.api.query_string import AT_COMMAS
from app.api.responses import computed_page, redirect_to_id
from app.nouns.base import Named, Schema
from app.nouns.declaration import Noun, title_of
from app.nouns.fact_filters import CITING
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns

SOURCES = noun_of("sources")
CITING_LISTS: dict[str, tuple[Noun, str]] = {
    noun.kind: (noun, next(name for name in CITING if name in noun.by_name))
    for noun in nouns()
    if "evidence" in noun.public.model_fields
}
"""By type, the lists whose records cite sources, and the filter that finds those that cite one themselves."""


class CitedRecord(Schema):
    """A record that cites a source."""

    type: str = Field(description="Kind of record, such as `adverse_event`.")
    id: str = Field(description="Its id.")
    name: str = Field(description="What it is called; for facts, the therapy and what the fact is about.")
    url: str = Field(description="Where it is found by itself.")
    therapy: Named | None = Field(description="The therapy that it is of; null: it is of none.")
    locators: list[str] = Field(description="Where in the source it was read; a therapy cites for its products too.")
    record: dict[str, Any] = Field(description="The record, as its own list answers it.")


class CitedPage(Schema):
    """The records that cite a source, by type, each type in the order of its list."""

    items: list[CitedRecord] = Field(description="The records of this page.")
    total: int = Field(description="How many records cite it; exact.")
    totals: dict[str, int] = Field(description="How many of each type.")
    next: str | None = Field(description="The next page as a complete relative URL; null on the last.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very page for good: the same query, pinned to its release.")


class CitedParams(ReleaseParams):
    """The parameters of what a source states."""

    type: Annotated[
        Annotated[list[Literal[tuple(CITING_LISTS)]], Field(min_length=1)] | None,  # type: ignore[valid-type]  # the types there are
        AT_COMMAS,
        Field(description="Only these types.", examples=[["adverse_event"]]),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description=f"Records a page, 1 to {MAX_LIMIT}.")] = DEFAULT_LIMIT
    cursor: Annotated[Word | None, Field(description="Where a page goes on: follow `next`.")] = None


async def list_source_facts(call: Call) -> Response:
    """List every record that cites a source: facts, statements, and therapies by themselves or by a product."""
    source_id, query = call.request.path_params["id"], call.query
    release = await call.release()
    if moved := redirect_to_id(call, release, SOURCES):
        return moved
    found = {
        kind: release.lists[noun.name].term(name, [source_id])
        for kind, (noun, name) in CITING_LISTS.items()
        if query.type is None or kind in query.type
    }
    total = sum(map(len, found.values()))
    start = offset_of(query.cursor, total)
    places = ((kind, position) for kind, positions in found.items() for position in positions)
    chosen = list(islice(places, start, start + query.limit))
    items: list[dict[str, Any]] = []
    for kind in found:
        noun = CITING_LISTS[kind][0]
        positions = [position for other, position in chosen if other == kind]
        texts = await call.store.documents(release, noun, positions, whole=True)
        items += [_cited(call, noun, orjson.loads(text), source_id) for text in texts]
    totals = {kind: len(positions) for kind, positions in found.items()}
    applied = {"source": source_id, "limit": query.limit} | ({"type": query.type} if query.type else {})
    return computed_page(call, release, items, total, start + query.limit, applied, totals=totals)


def _cited(call: Call, noun: Noun, record: dict[str, Any], source_id: str) -> dict[str, Any]:
    parts = [record, *record.get("products", ())]
    cited = [part["evidence"] for part in parts if part["evidence"]["source"]["id"] == source_id]
    short = {field.alias or name for name, field in noun.listed.model_fields.items()}
    therapy = record.get("therapy")
    return {
        "type": noun.kind,
        "id": record["id"],
        "name": title_of(noun, record),
        "url": call.link(f"/{noun.name}/{record['id']}"),
        "therapy": therapy and {key: therapy[key] for key in ("id", "name")},
        "locators": list(dict.fromkeys(evidence["locator"] for evidence in cited)),
        "record": {key: value for key, value in record.items() if key in short},
    }


def cited_routes() -> list[Endpoint]:
    """The route of what a source states."""
    return [
        Endpoint("/sources/{id}/facts", list_source_facts, query=lambda: CitedParams, answer=lambda: CitedPage,
                 summary="Find what a source states", tag="sources", responses={404: NOT_FOUND}),
    ]  # fmt: skip
