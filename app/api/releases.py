"""Releases: listing them, what changed between two, the history of a record, and a whole release as files."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import ConfigDict, Field
from sqlalchemy import Connection, RowMapping
from starlette.responses import FileResponse, Response, StreamingResponse

from app.api.conditional import derived_etag, not_modified
from app.api.descriptions import NOT_FOUND
from app.api.downloads import DOWNLOADS, release_file
from app.api.endpoint import Call, Endpoint
from app.api.errors import Problem, ProblemType, not_found
from app.api.export_routes import export_of
from app.api.formats import MEDIA_TYPES, Format
from app.api.formats.cells import cell
from app.api.formats.csv_format import BYTE_ORDER_MARK, lines
from app.api.page import offset_of
from app.api.params import BOM, MAX_LIMIT, Word
from app.api.query_string import AT_COMMAS
from app.api.responses import uncached_response
from app.nouns.base import Schema
from app.nouns.registry import nouns
from app.release import changes
from app.release.changes import ChangedRecord, ChangeType, FieldChange, history
from app.release.releases import listed, readable
from app.release.store import BATCH, LATEST, PREVIOUS, NoSuchReleaseError
from app.release.tables import Release, ReleaseRef

Found = TypeVar("Found")
DIFF_COLUMNS = ("kind", "id", "change", "field", "before", "after", "url")
"""Columns of the table of a diff."""


class ReleasePage(Schema):
    """The releases, newest first."""

    items: list[Release] = Field(description="The releases that can be read.")
    total: int = Field(description="How many there are.")


class Change(Schema):
    """A record that was added, removed or changed."""

    kind: str = Field(description="The list of the record.")
    id: str = Field(description="Id of the record.")
    change: ChangeType = Field(description="Whether it was added, removed or changed.")
    url: str = Field(description="The record in the newer release; where it was removed, in the older.")
    fields: list[FieldChange] = Field(description="What changed; empty where the record was added or removed.")


class Version(Schema):
    """A release in which a record was added, removed or changed."""

    release: ReleaseRef = Field(description="The release.")
    kind: str = Field(description="The list of the record.")
    change: ChangeType = Field(description="Whether the record was added, removed or changed in it.")
    url: str = Field(description="The record in this release; where it was removed, in the one before.")
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


class HistoryPage(Schema):
    """The releases in which a record was added, removed or changed, newest first."""

    id: str = Field(description="Id of the record.")
    items: list[Version] = Field(description="The releases in which it was added, removed or changed.")


class DownloadParams(Schema):
    """The parameters of a download."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[
        Literal[tuple(DOWNLOADS)],  # type: ignore[valid-type]  # the files there are
        Field(description=" ".join(f"`{name}`: {file.text}" for name, file in DOWNLOADS.items())),
    ] = "sqlite"


PINNED, MOVING = "public, max-age=31536000, immutable", "public, max-age=5, must-revalidate"
"""How long a file may be kept that is asked for by its version, or by a name that moves on."""


async def list_releases(call: Call) -> Response:
    """List the releases that can be read, newest first."""
    release = await call.release()
    items = await call.store.fetch(listed)
    return uncached_response(ReleasePage(items=items, total=len(items)), release.version)


async def get_release(call: Call) -> Response:
    """Get one release."""
    release, version = await call.release(), await _version(call, "id")
    forms = {form.version: form for form in await call.store.fetch(listed)}
    return uncached_response(_known(forms, version), release.version)


async def diff_releases(call: Call) -> Response:
    """Say which records were added, removed or changed from release `a` to release `b`, and which of their fields."""
    query, format_ = call.query, call.format((Format.JSON, Format.CSV))
    current = await call.release()
    rows = {row["version"]: row for row in await call.store.fetch(readable)}
    versions = [await _version(call, name) for name in ("a", "b")]
    old, new = (_known(rows, version, LATEST, PREVIOUS) for version in versions)
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
        return StreamingResponse(_csv(call, old, new, shown), headers=headers, media_type=MEDIA_TYPES[format_])
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


async def _version(call: Call, name: str) -> str:
    """The version that a part of the path means: `latest` and `previous` stand for one. Raises `Problem`."""
    given = str(call.request.path_params[name])
    try:
        return await call.store.version(given)
    except NoSuchReleaseError as error:
        raise Problem(ProblemType.NOT_FOUND, error.message, title="No such release") from error


def _known(releases: Mapping[str, Found], version: str, *more: str) -> Found:
    """One of some releases, by its version. Raises `Problem` where it is none of them; it suggests `more` too."""
    if version not in releases:
        raise not_found("release", version, [*list(releases)[:5], *more])
    return releases[version]


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


async def get_history(call: Call) -> Response:
    """Say in which releases a fact, or any other record, was added, removed or changed, and how; newest first."""
    release, record_id = await call.release(), call.request.path_params["id"]
    found = await call.store.compute(lambda connection: history(connection, record_id, readable(connection)[::-1]))
    if not found:
        raise not_found("record", record_id)
    items = [
        Version(
            release=ReleaseRef(**item.release),
            kind=item.list_name,
            change=item.change,
            url=call.link(f"/{item.list_name}/{record_id}?release={item.readable_in}"),
            fields=item.fields,
        )
        for item in found
    ]
    return uncached_response(HistoryPage(id=record_id, items=items), release.version)


async def download_release(call: Call) -> Response:
    """Get a whole release as one file. It is written when it is first requested, which takes some seconds."""
    version, format_ = await _version(call, "id"), call.query.format
    row = _known({row["version"]: row for row in await call.store.fetch(readable)}, version)
    path, etag = await release_file(call.settings, version, row["digest"], format_)
    media_type = DOWNLOADS[format_].media_type
    headers = {
        "Cache-Control": PINNED if version == call.request.path_params["id"] else MOVING,
        "X-Release": version,
        "Accept-Ranges": "none",
        "ETag": etag,
    }
    if unchanged := not_modified(call, headers):
        return unchanged
    if call.head_only:
        headers["Content-Length"] = str(path.stat().st_size)
        headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
        return Response(headers=headers, media_type=media_type)
    call.request.scope["headers"] = [pair for pair in call.request.scope["headers"] if pair[0] != b"range"]
    return FileResponse(path, headers=headers, media_type=media_type, filename=path.name)


def release_routes() -> list[Endpoint]:
    """The routes of releases."""
    route = partial(Endpoint, tag="releases")
    files: dict[str, Any] = {
        "application/vnd.sqlite3": {"schema": {"type": "string", "format": "binary"}},
        "application/x-ndjson": {"schema": {"type": "string"}},
        "application/zip": {"schema": {"type": "string", "format": "binary"}},
        "text/plain": {"schema": {"type": "string"}},
        "text/tab-separated-values": {"schema": {"type": "string"}},
        "application/gzip": {"schema": {"type": "string", "format": "binary"}},
    }
    diff = route("/releases/{a}/diff/{b}", diff_releases, query=lambda: DiffParams, answer=lambda: DiffPage,
                 summary="Compare two releases", responses={404: NOT_FOUND})  # fmt: skip
    return [
        route("/releases", list_releases, answer=lambda: ReleasePage, summary="List releases"),
        route("/releases/{id}", get_release, answer=lambda: Release, summary="Get one release",
              responses={404: NOT_FOUND}),
        diff,
        export_of(diff, [Format.CSV], "what two releases differ in", DIFF_COLUMNS),
        route("/facts/{id}/history", get_history, answer=lambda: HistoryPage, summary="Get the history of a record",
              responses={404: NOT_FOUND}),
        route("/releases/{id}/download", download_release, query=lambda: DownloadParams, answer=lambda: None,
              summary="Download a release",
              responses={200: {"description": "The file.", "content": files}, 404: NOT_FOUND}),
    ]  # fmt: skip
