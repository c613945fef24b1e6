"""Tables as files that are written whole (Parquet, Excel): by a process of its own, and kept while they are asked for.

The process is given the records and writes; so a server has neither the memory nor the time of the libraries that do
it. A file has its length and any part of it (`Range`), which is what readers of Parquet by address ask for.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response, StreamingResponse

from app.api.conditional import derived_etag, not_modified, partial_content, requested_part
from app.api.descriptions import NOT_ADVICE
from app.api.downloads import evict, folder_of_files
from app.api.errors import Problem, ProblemType
from app.api.formats import MEDIA_TYPES, Format
from app.api.query_string import permalink
from app.api.shared_tasks import SharedTasks
from app.api.subprocesses import run_module
from app.api.tables import Export
from app.release.database import NotReadyError
from app.release.releases import day_of
from app.tabular.write import LIBRARIES, first_line

MAX_FILES = 20
"""Most files that a worker keeps."""
MAX_PROCESSES = 2
"""Processes that write at the same time."""
CHUNK = 262_144
_process_slots = asyncio.Semaphore(MAX_PROCESSES)
_writing = SharedTasks[Path, None](keep_results=False)
"""By file: several clients wait for one and the same process."""


async def file_table(export: Export) -> Response:
    """The rows as a file, or the part of it that the client wants."""
    call, format_ = export.call, export.format
    etag = derived_etag(call, export.release.version, export.release.digest, format_, _library(format_))
    headers = export.headers | {"ETag": etag}
    if unchanged := not_modified(call, headers):
        return unchanged
    path = folder_of_files(call.settings.downloads) / "tables" / f"{etag.strip(chr(34))}.{format_}"
    try:
        os.utime(path)  # the least recently sent are removed first
    except OSError:
        await _writing.result(path, partial(_write, export, path))
    evict(path, path.parent.iterdir(), MAX_FILES)
    length, media_type = path.stat().st_size, MEDIA_TYPES[format_]
    if call.head_only:
        return Response(headers=headers | {"Content-Length": str(length)}, media_type=media_type)
    part = requested_part(call.request, etag, length)
    if part is None:  # no FileResponse: its time of writing differs from replica to replica
        headers["Content-Length"] = str(length)
        return StreamingResponse(_part(path, 0, length), headers=headers, media_type=media_type)
    return partial_content(_part(path, *part), part, length, headers, media_type)


def _about(export: Export) -> dict[str, str]:
    """What a file says of itself."""
    rows, release = export.rows, export.release
    return {
        "title": rows.name,
        "description": f"{rows.noun.list_summary}. {NOT_ADVICE}",
        "release": release.version,
        "created": day_of(release.version).isoformat(),
        "digest": release.digest,
        "query": json.dumps(export.applied, default=str),
        "permalink": permalink(f"/{rows.name}", export.call.params, release.version),
        "licence": "CC0-1.0",
    }


@cache
def _library(format_: Format) -> str:
    """The version of what writes a format, found without importing it."""
    return version(LIBRARIES[format_])


async def _write(export: Export, path: Path) -> None:
    """Write a file, of which nothing is there before it is whole. Raises `Problem` where it cannot be written."""
    async with _process_slots:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # In a folder of its own: libraries write temporary files beside it, some of which are dated 1980.
            with TemporaryDirectory(dir=path.parent, ignore_cleanup_errors=True) as folder:
                unfinished = Path(folder, path.name)
                arguments = "app.tabular.write", export.format.value, str(unfinished)
                if not await run_module(*arguments, lines=_lines(export)):
                    raise Problem(ProblemType.NOT_READY, "The file could not be written.")
                unfinished.rename(path)
        except NotReadyError as error:
            raise Problem(ProblemType.NOT_READY, str(error)) from error
        except OSError as error:
            raise Problem(ProblemType.NOT_READY, "There is no folder in which files can be written.") from error


async def _lines(export: Export) -> AsyncIterator[bytes]:
    """What the process reads: what the columns are, then the rows."""
    yield first_line(export.rows.keys, export.release.version, _about(export))
    async for documents in export.documents():
        yield b"".join(export.rows.as_lines(documents))


async def _part(path: Path, start: int, stop: int) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < stop:
            chunk = file.read(min(CHUNK, stop - start))
            if not chunk:
                return
            start += len(chunk)
            yield chunk
