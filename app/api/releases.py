"""Releases: listing them, the history of a record through them, and a whole release as files."""

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from starlette.responses import FileResponse, Response

from app.api.conditional import not_modified
from app.api.descriptions import NOT_FOUND
from app.api.diff import diff_routes
from app.api.downloads import DOWNLOADS, release_file
from app.api.endpoint import Call, Endpoint
from app.api.errors import not_found
from app.api.responses import uncached_response
from app.nouns.base import Schema
from app.release.changes import ChangeType, FieldChange, history
from app.release.releases import listed, readable
from app.release.tables import Release, ReleaseRef


class ReleasePage(Schema):
    """The releases, newest first."""

    items: list[Release] = Field(description="The releases that can be read.")
    total: int = Field(description="How many there are.")


class Version(Schema):
    """A release in which a record was added, removed or changed."""

    release: ReleaseRef = Field(description="The release.")
    kind: str = Field(description="The list of the record.")
    change: ChangeType = Field(description="Whether the record was added, removed or changed in it.")
    url: str = Field(description="The record in this release; where it was removed, in the one before.")
    fields: list[FieldChange] = Field(description="What changed; empty where the record was added or removed.")


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
    release = await call.release()
    forms = {form.version: form for form in await call.store.fetch(listed)}
    return uncached_response(await call.release_in_path("id", forms), release.version)


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
    format_, rows = call.query.format, {row["version"]: row for row in await call.store.fetch(readable)}
    row = await call.release_in_path("id", rows)
    version = row["version"]
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
    return [
        route("/releases", list_releases, answer=lambda: ReleasePage, summary="List releases"),
        route("/releases/{id}", get_release, answer=lambda: Release, summary="Get one release",
              responses={404: NOT_FOUND}),
        *diff_routes(),
        route("/facts/{id}/history", get_history, answer=lambda: HistoryPage, summary="Get the history of a record",
              responses={404: NOT_FOUND}),
        route("/releases/{id}/download", download_release, query=lambda: DownloadParams, answer=lambda: None,
              summary="Download a release",
              responses={200: {"description": "The file.", "content": files}, 404: NOT_FOUND}),
    ]  # fmt: skip
