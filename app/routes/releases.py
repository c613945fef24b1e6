"""Releases: listing them, what changed between two, the history of a record, and a whole release as files."""

import atexit
import csv
import io
import shutil
import sys
import tempfile
from asyncio import Lock, create_subprocess_exec, subprocess, wait_for
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import RowMapping

from app.database import Database
from app.exporting import CHECKSUMS, name_of
from app.formats import MEDIA_TYPES, Format, cell, chosen
from app.models.release import ReleaseForm, ReleaseRef
from app.parameters import Word, split
from app.problems import Culprit, ProblemError, bad_parameter, not_found
from app.queries import changes
from app.queries.listing import MAX_LIMIT
from app.reader import Reader
from app.releases import listed, readable
from app.routes.descriptions import ALWAYS, NOT_ACCEPTABLE, NOT_FOUND
from app.routes.reading import RecordId, reading
from app.routes.service import NoParameters, declared

router = APIRouter(tags=["releases"])

Version = Annotated[str, Path(description="Version, such as `2026.11.21`.", max_length=40)]
KEPT = 2
"""Releases whose files a worker keeps at hand."""
PATIENCE = 300
"""Seconds that writing the files of a release may take."""


class ReleasePage(BaseModel):
    """The releases, newest first."""

    items: list[ReleaseForm]
    total: int


class DiffQuery(BaseModel):
    """The parameters of a diff."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[
        list[Literal[tuple(changes.NAMES)]] | None,  # type: ignore[valid-type]  # the names of the catalogue
        BeforeValidator(split),
        Field(min_length=1, description="Only records of these lists.", examples=[["mechanisms"]]),
    ] = None
    change: Annotated[
        list[changes.How] | None,
        BeforeValidator(split),
        Field(min_length=1, description="Only `added`, `removed` or `changed`.", examples=[["changed"]]),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description=f"Records a page, 1 to {MAX_LIMIT}.")] = 100
    cursor: Annotated[Word | None, Field(description="Where a page goes on: follow `next`.")] = None
    format: Annotated[
        Literal["json", "csv"] | None,
        Field(description="Format, before what `Accept` says; `csv` is the whole, one changed field a row."),
    ] = None


class DiffPage(BaseModel):
    """What came, went and changed between two releases."""

    model_config = ConfigDict(populate_by_name=True)

    from_: ReleaseRef = Field(alias="from")
    to: ReleaseRef
    counts: dict[str, dict[str, int]] = Field(description="Per list: how many records came, went and changed.")
    items: list[changes.Change] = Field(description="In the order of the lists, then by id.")
    total: int
    next: str | None


class HistoryPage(BaseModel):
    """The releases in which a record came, went or changed, newest first."""

    id: str
    items: list[changes.Version]


class DownloadQuery(BaseModel):
    """The parameters of a download."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[
        Literal["sqlite", "jsonl", "sha256"],
        Field(
            description="`sqlite`: a file that can be queried, or served by `DATABASE_URL=sqlite:///file`. "
            "`jsonl`: a line that tells of the release, then a line a record. "
            "`sha256`: the checksums of both, as `sha256sum -c` takes them."
        ),
    ] = "sqlite"


@router.get("/releases", operation_id="list_releases", summary="List releases", responses=ALWAYS)
@declared
def releases(request: Request, response: Response, _: NoParameters) -> ReleasePage:
    """List the releases that can be read, newest first."""
    response.headers["Cache-Control"] = "no-store"
    with reading(request) as reader:
        items = listed(reader.connection)
        return ReleasePage(items=items, total=len(items))


@router.get(
    "/releases/{id}", operation_id="get_release", summary="Get one release", responses={**ALWAYS, 404: NOT_FOUND}
)
@declared
def release(request: Request, response: Response, id: Version, _: NoParameters) -> ReleaseForm:  # noqa: A002  # the design names it
    """Get one release."""
    response.headers["Cache-Control"] = "no-store"
    with reading(request) as reader:
        known = {form.version: form for form in listed(reader.connection)}
        if id not in known:
            raise not_found("release", id, list(known)[:5])
        return known[id]


def diff(request: Request, a: Version, b: Version, query: Annotated[DiffQuery, Query()]) -> Response:
    """Say which records came, went and changed from release `a` to release `b`, and which of their fields."""
    format_ = chosen(Format(query.format) if query.format else None, request.headers.get("accept"))
    if format_ not in {Format.JSON, Format.CSV}:
        detail = "Accept application/json or text/csv."
        raise ProblemError(HTTPStatus.NOT_ACCEPTABLE, "not-acceptable", "No such format", detail=detail)
    with reading(request) as reader:
        old, new = (_row(reader, version) for version in (a, b))
        pair = ("moved", old["digest"], new["digest"])
        found = [
            item
            for item in reader.once(pair, lambda: changes.moved(reader.connection, old["id"], new["id"]))
            if item.how in (query.change or [item.how]) and item.spec.name in (query.kind or [item.spec.name])
        ]
        headers = {"X-Release": reader.version, "Vary": "Accept"}
        if format_ is Format.CSV:
            database: Database = request.app.state.database
            headers["Content-Disposition"] = f'attachment; filename="immunofacts-{a}-{b}.csv"'
            return StreamingResponse(
                _table(database, old, new, found), headers=headers, media_type=MEDIA_TYPES[format_]
            )
        start = _offset(query.cursor, len(found))
        end = start + query.limit
        page = DiffPage(
            **{"from": ReleaseRef(**old)},
            to=ReleaseRef(**new),
            counts=changes.counts(found),
            items=list(changes.told(reader.connection, old, new, found[start:end])),
            total=len(found),
            next=_next(request, end) if end < len(found) else None,
        )
        return Response(page.model_dump_json(by_alias=True), headers=headers, media_type="application/json")


def _row(reader: Reader, version: str) -> RowMapping:
    known = {row["version"]: row for row in readable(reader.connection)}
    if version not in known:
        raise not_found("release", version, list(known)[:5])
    return known[version]


def _offset(cursor: str | None, total: int) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10 and 0 < int(cursor) < total):
        detail = "This cursor does not belong to this query; follow `next` of the page before, unchanged."
        raise bad_parameter(Culprit(parameter="cursor", detail=detail))
    return int(cursor)


def _next(request: Request, offset: int) -> str:
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', str(offset))])}"


def _table(database: Database, old: Any, new: Any, found: list[changes.Moved]) -> Iterator[bytes]:
    """One changed field a row, read in pieces: a client that reads slowly holds no connection."""
    names = ["kind", "id", "change", "field", "before", "after", "url"]
    yield (",".join(names) + "\r\n").encode()
    for start in range(0, len(found), MAX_LIMIT):
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        with database.read() as reader:
            for item in changes.told(reader.connection, old, new, found[start : start + MAX_LIMIT]):
                fields = item.fields or [changes.FieldChange(field="")]
                for one in fields:
                    row = [item.kind, item.id, item.change, one.field, one.before, one.after, item.url]
                    writer.writerow([cell(value) for value in row])
        yield buffer.getvalue().encode()


diff.query_model = DiffQuery  # type: ignore[attr-defined]  # read by problems.py to name what is known
router.get(
    "/releases/{a}/diff/{b}",
    operation_id="diff_releases",
    summary="Compare two releases",
    responses={
        200: {
            "model": DiffPage,
            "description": "What changed.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        404: NOT_FOUND,
        406: NOT_ACCEPTABLE,
        **ALWAYS,
    },
    response_class=Response,
)(diff)


@router.get(
    "/facts/{id}/history",
    operation_id="get_history",
    summary="Get the history of a record",
    responses={**ALWAYS, 404: NOT_FOUND},
)
@declared
def history(request: Request, response: Response, id: RecordId, _: NoParameters) -> HistoryPage:  # noqa: A002  # the design names it
    """Say in which releases a fact, or any other record, came, went or changed, and how; newest first."""
    response.headers["Cache-Control"] = "no-store"
    with reading(request) as reader:
        items = changes.history(reader.connection, id, readable(reader.connection)[::-1])
        if not items:
            raise not_found("record", id)
        return HistoryPage(id=id, items=items)


async def download(request: Request, id: Version, query: Annotated[DownloadQuery, Query()]) -> Response:  # noqa: A002  # the design names it
    """Get a whole release as one file. It is written when it is first asked for, which takes some seconds."""

    def look() -> str:
        with reading(request) as reader:
            return str(_row(reader, id)["digest"])

    folder = _folder(request.app.state.settings.downloads) / (await to_thread.run_sync(look))[:16]
    name = CHECKSUMS if query.format == "sha256" else name_of(id, query.format)
    async with _writing:
        if not (folder / CHECKSUMS).exists():
            await _write(request, id, folder)
    media_type = {"sqlite": "application/vnd.sqlite3", "jsonl": "application/x-ndjson", "sha256": "text/plain"}
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Release": id, "Accept-Ranges": "none"}
    request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] != b"range"]
    return FileResponse(folder / name, headers=headers, media_type=media_type[query.format], filename=name)


_writing = Lock()


async def _write(request: Request, version: str, folder: FilePath) -> None:
    """Write the files of a release in a process of its own, which takes no time from other requests."""
    for old in sorted(folder.parent.glob("[0-9a-f]" * 16), key=lambda path: path.stat().st_mtime)[: -KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "app", "release", "export", version, "--to", str(folder)),
        env={"DATABASE_URL": request.app.state.settings.database_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        code = await wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        process.kill()
        code = -1
    if code:
        detail = "The files of this release could not be written."
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "The fact base is not ready", detail=detail)


@cache
def _folder(named: str) -> FilePath:
    """The folder for the files of releases; a temporary one is gone with the process."""
    if named != "temporary":
        return FilePath(named)
    folder = FilePath(tempfile.mkdtemp(prefix="immunofacts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


download.query_model = DownloadQuery  # type: ignore[attr-defined]  # read by problems.py to name what is known
router.get(
    "/releases/{id}/download",
    operation_id="download_release",
    summary="Download a release",
    responses={
        200: {
            "description": "The file.",
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("application/vnd.sqlite3", "application/x-ndjson", "text/plain")
            },
        },
        404: NOT_FOUND,
        **ALWAYS,
    },
    response_class=Response,
)(download)
