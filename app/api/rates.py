"""Rates of adverse events as a long table, in every format of a list; its filters are those of adverse events."""

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Any

import orjson
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.api.answers import distinct_keys, find
from app.api.endpoint import Call, Endpoint
from app.api.export_routes import export_of
from app.api.exports import export_list
from app.api.formats import OF_LISTS, Format
from app.api.formats.rows import Rows
from app.api.page import offset_of
from app.api.params import declared, list_params, params_model
from app.api.responses import computed_page
from app.api.tables import measured
from app.nouns.adverse_event import NOUN as ADVERSE_EVENTS
from app.nouns.base import Schema
from app.nouns.rates import RateRow, rates_of

ROWS = Rows(f"{ADVERSE_EVENTS.name}/rates", ADVERSE_EVENTS, RateRow, rates_of)


class RatePage(Schema):
    """A page of rates."""

    items: list[RateRow] = Field(description="Rates of the page.")
    total: int = Field(description="How many rates the whole query finds; exact.")
    next: str | None = Field(description="The next page as a complete relative URL; null on the last.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very page for good: the same query, pinned to its release.")


async def list_rates(call: Call) -> Response:
    """A row for each group of grades that a source prints: n, N, percent as printed, with computed intervals (Wilson).

    Takes the filters of `/adverse-events`; `id` is that of an adverse event. A group may hold another (`any`, `3-4`): a
    row is not to be added to others.
    """
    query, format_ = call.query, call.format()
    release = await call.release()
    filters, _, found = await find(call, release, ADVERSE_EVENTS, {})
    sort = distinct_keys(query.sort) if query.sort else []
    applied = filters | ({"sort": sort} if sort else {})
    if format_ is not Format.JSON:
        return await export_list(call, release, ROWS, format_, found, applied)
    counts = await measured(call.store, release, ADVERSE_EVENTS, ROWS.name, _counts)
    positions = [position for _, position in release.lists[ADVERSE_EVENTS.name].in_order(found, sort)]
    ends = [0, *accumulate(counts[position] for position in positions)]
    start = offset_of(query.cursor, ends[-1])
    stop = min(start + query.limit, ends[-1])
    first, last = max(0, bisect_right(ends, start) - 1), bisect_left(ends, stop)
    documents = await call.store.documents(release, ADVERSE_EVENTS, positions[first:last])
    rows = [row for document in documents for row in ROWS.of(document)]
    items = rows[start - ends[first] : stop - ends[first]]
    return computed_page(call, release, items, ends[-1], stop, applied | {"limit": query.limit})


def _counts(documents: list[bytes]) -> list[int]:
    """How many rates each adverse event has."""
    return [len(orjson.loads(document)["rates"]) for document in documents]


def _params() -> type[BaseModel]:
    """The parameters of the list of adverse events, without those that shape its records."""
    return params_model("RateParams", declared(list_params(ADVERSE_EVENTS), "facets", "fields", "include"))


def rate_routes() -> list[Endpoint]:
    """The list of rates, and its export."""
    listed = Endpoint(f"/{ROWS.name}", list_rates, query=_params, answer=lambda: RatePage,
                      summary="Find rates of adverse events", tag="exports")  # fmt: skip
    return [listed, export_of(listed, OF_LISTS, "rates of adverse events")]
