"""What changed between two releases, record by record."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import ConfigDict, Field
from sqlalchemy import Connection, RowMapping
from starlette.responses import Response, StreamingResponse

from app.api.conditional import derived_etag, not_modified
from app.api.descriptions import NOT_FOUND
from app.api.endpoint import Call, Endpoint
from app.api.export_routes import export_of
from app.api.formats import MEDIA_TYPES, Format
from app.api.formats.cells import cell
from app.api.formats.csv_format import BYTE_ORDER_MARK, lines
from app.api.page import offset_of
from app.api.params import BOM, MAX_LIMIT, Word
from app.api.query_string import AT_COMMAS
from app.api.tables import chained
from app.nouns.base import Schema
from app.nouns.registry import nouns
from app.release import changes
from app.release.changes import ChangedRecord, ChangeType, FieldChange
from app.release.releases import readable
from app.release.store import BATCH, LATEST, PREVIOUS
from app.release.tables import ReleaseRef

DIFF_COLUMNS = ("kind", "id", "change", "field", "before", "after", "url")
"""Columns of the table of a diff."""


class Change(Schema):
    """A record that was added, removed or changed."""

    kind: str = Field(description="The list of the record.")
    id: str = Field(description="Id of the record.")
    change: ChangeType = Field(description="Whether it was added, removed or changed.")
    url: str = Field(description="The record in the newer release; where it was removed, in the older.")
    fields: list[FieldChange] = Field(description="What changed; empty where the record was added or removed.")


class DiffParams(Schema):
    """The parameters of a diff."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[
        list[Literal[tuple(noun.name for noun in nouns())]] | None,  # type: ignore[valid-type]  # the lists of the registry
        AT_COMMAS,
        Field(min_length=1, description="Only records of these lists.", examples=[["mechanisms"]]),
    ] = None
    change: Annotated[
        list[ChangeType] | None,
        AT_COMMAS,
        Field(min_length=1, description="Only `added`, `removed` or `changed`.", examples=[["changed"]]),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description=f"Records a page, 1 to {MAX_LIMIT}.")] = 100
    cursor: Annotated[Word | None, Field(description="Where a page goes on: follow `next`.")] = None
    format: Annotated[
        Literal["json", "csv"] | None,
        Field(description="Format, before what `Accept` says; `csv` is the whole, one changed field a row."),
    ] = None
    bom: Annotated[bool, BOM[1]] = False


class DiffPage(Schema):
    """What was added, removed and changed between two releases."""

    model_config = ConfigDict(populate_by_name=True)

    from_: ReleaseRef = Field(alias="from", description="The older release (`a`).")
    to: ReleaseRef = Field(description="The newer release (`b`).")
    counts: dict[str, dict[str, int]] = Field(description="Per list: how many records were added, removed and changed.")
    items: list[Change] = Field(description="In the order of the lists, then by id.")
    total: int = Field(description="Records that differ; exact.")
    next: str | None = Field(description="The next page as a complete relative URL; null on the last.")


async def diff_releases(call: Call) -> Response:
    """Say which records were added, removed or changed from release `a` to release `b`, and which of their fields."""
    query, format_ = call.query, call.format((Format.JSON, Format.CSV))
    current = await call.release()
    rows = {row["version"]: row for row in await call.store.fetch(readable)}
    old, new = [await call.release_in_path(name, rows, LATEST, PREVIOUS) for name in ("a", "b")]
    everything = await call.store.compute(lambda connection: changes.changed_records(connection, old["id"], new["id"]))
    found = [
        item
        for item in everything
        if (not query.change or item.change in query.change) and (not query.kind or item.list_name in query.kind)
    ]
    headers = {"X-Release": current.version, "Vary": "Accept"}
    if format_ is Format.CSV:
        name = f"immunofacts-{old['version']}-{new['version']}.csv"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        headers["ETag"] = derived_etag(call, old["digest"], new["digest"], format_)
        if unchanged := not_modified(call, headers):
            return unchanged
        shown = found if not call.head_only else []
        parts = _csv(call, old, new, shown)
        content = chained(await anext(parts), parts)
        return StreamingResponse(content, headers=headers, media_type=MEDIA_TYPES[format_])
    start = offset_of(query.cursor, len(found))
    end = start + query.limit
    page = DiffPage(
        **{"from": ReleaseRef(**old)},
        to=ReleaseRef(**new),
        counts=changes.count_changes(found),
        items=await call.store.compute(partial(_described, old=old, new=new, found=found[start:end], link=call.link)),
        total=len(found),
        next=_next(call, f"/releases/{old['version']}/diff/{new['version']}", end) if end < len(found) else None,
    )
    return Response(page.model_dump_json(by_alias=True), headers=headers, media_type=MEDIA_TYPES[Format.JSON])


def _described(
    connection: Connection, old: Any, new: Any, found: Iterable[ChangedRecord], link: Callable[[str], str]
) -> list[Change]:
    """What changed in each record."""
    version = {"removed": old["version"]}
    return [
        Change(
            kind=item.list_name,
            id=item.id,
            change=item.change,
            url=link(f"/{item.list_name}/{item.id}?release={version.get(item.change, new['version'])}"),
            fields=changes.changed_fields(connection, old["id"], new["id"], item),
        )
        for item in found
    ]


def _next(call: Call, path: str, offset: int) -> str:
    kept = [(param.name, param.value) for param in call.params if param.name != "cursor"]
    return call.link(f"{path}?{urlencode([*kept, ('cursor', str(offset))])}")


async def _csv(call: Call, old: RowMapping, new: RowMapping, found: Sequence[ChangedRecord]) -> AsyncIterator[bytes]:
    """One changed field a row, read in batches: a client that reads slowly holds no connection."""
    yield ((BYTE_ORDER_MARK if call.query.bom else "") + lines([DIFF_COLUMNS])[0]).encode()
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        rows = []
        for item in await call.store.compute(partial(_described, old=old, new=new, found=batch, link=call.link)):
            for one in item.fields or [FieldChange(field="")]:
                row = [item.kind, item.id, item.change, one.field, one.before, one.after, item.url]
                rows.append([cell(value) for value in row])
        yield "".join(lines(rows)).encode()


def diff_routes() -> list[Endpoint]:
    """The route of a diff, and that of all of it as a table."""
    diff = Endpoint(
        "/releases/{a}/diff/{b}", diff_releases, query=lambda: DiffParams, answer=lambda: DiffPage,
        summary="Compare two releases", tag="releases", responses={404: NOT_FOUND},
    )  # fmt: skip
    return [diff, export_of(diff, [Format.CSV], "what two releases differ in", DIFF_COLUMNS)]
