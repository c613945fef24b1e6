"""Exports: the whole result of a query as a table, streamed record by record, of which any part can be asked for.

What an export is follows from the release, the request and this code. So its ETag is known before it is made, and is
the same in every replica; and its length is known once the rows of its list have been measured. That is done for the
first client that wants it as it is, or a part of it (`Range`), once a release.
"""

import json
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple
from weakref import WeakKeyDictionary

from starlette.responses import Response, StreamingResponse

from app.api.conditional import derived_etag, not_modified, partial_content, requested_part
from app.api.endpoint import Call
from app.api.errors import Problem, ProblemType
from app.api.formats import MEDIA_TYPES, TABLES, Format
from app.api.formats.csv_format import BYTE_ORDER_MARK
from app.api.formats.rows import Rows
from app.api.responses import export_headers
from app.api.shared_tasks import SharedTasks
from app.nouns.declaration import Noun
from app.release.database import NotReadyError
from app.release.opened import OpenRelease
from app.release.store import Store

_CODING = re.compile(r"gzip|zstd|\*", re.IGNORECASE)
"""In `Accept-Encoding`: the answer may be compressed on its way, and then has no length."""
_measured: WeakKeyDictionary[OpenRelease, SharedTasks[str, "array[int]"]] = WeakKeyDictionary()
"""By release, and what is measured of a list: a figure for each record, in the order of the list."""


class Export(NamedTuple):
    """The rows of some records of a list as a table, in a format."""

    call: Call
    release: OpenRelease
    rows: Rows
    format: Format
    positions: Sequence[int]
    applied: Mapping[str, object]
    """The query, after names were resolved."""

    @property
    def headers(self) -> dict[str, str]:
        """Its permalink and licence, the name of its file, what was applied, and that it is answered in parts."""
        file = f"immunofacts-{self.rows.name.replace('/', '-')}-{self.release.version}.{self.format}"
        return export_headers(self.call, self.release) | {
            "Content-Disposition": f'attachment; filename="{file}"',
            "X-Query": json.dumps(self.applied, default=str),
            "Accept-Ranges": "bytes",
        }

    @property
    def begin(self) -> bytes:
        """What stands before the rows."""
        mark = BYTE_ORDER_MARK if self.call.query.bom else ""
        return f"{mark}{TABLES[self.format].header(self.rows)}".encode()

    def documents(self, first: int = 0, last: int | None = None) -> AsyncIterator[list[bytes]]:
        """The documents of the records, from one to another, in batches."""
        return self.call.store.batches(self.release, self.rows.noun, self.positions[first:last])

    async def chunks(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from one row to another, a chunk for each batch of documents."""
        async for documents in self.documents(first, last):
            yield b"".join(TABLES[self.format].texts(self.rows, documents, self.release.version))

    async def ends(self, *, measure: bool) -> list[int] | None:
        """Where each row ends; where the rows of the list are not measured, they are now, or there is no answer."""
        key = f"{self.rows.name} as {self.format}"
        known = _measured.get(self.release)
        lengths = known.peek(key) if known else None
        if measure:
            lengths = await measured(self.call.store, self.release, self.rows.noun, key, self._lengths)
        if lengths is None:
            return None
        return list(accumulate((lengths[position] for position in self.positions), initial=len(self.begin)))

    def _lengths(self, documents: list[bytes]) -> Iterable[int]:
        return map(len, TABLES[self.format].texts(self.rows, documents, self.release.version))

    async def part(self, ends: Sequence[int], start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `stop`, of which only the rows that hold them are made."""
        if start < ends[0]:
            yield self.begin[start:stop]
        first = max(0, bisect_right(ends, start) - 1)
        at = ends[first]
        async for chunk in self.chunks(first, bisect_left(ends, stop)):
            if piece := chunk[max(0, start - at) : max(0, stop - at)]:
                yield piece
            at += len(chunk)


async def measured(
    store: Store, release: OpenRelease, noun: Noun, what: str, of: Callable[[list[bytes]], Iterable[int]]
) -> "array[int]":
    """A figure for each record of a list, in its order, made `of` its documents once a release."""

    async def measure() -> "array[int]":
        found = array("I")
        async for documents in store.batches(release, noun, range(release.lists[noun.name].size)):
            found.extend(of(documents))
        return found

    return await _measured.setdefault(release, SharedTasks(keep_results=True)).result(what, measure)


async def table(export: Export) -> Response:
    """The rows as a stream, or the part of it that the client wants."""
    call, format_ = export.call, export.format
    headers = export.headers
    headers["ETag"] = derived_etag(call, export.release.version, export.release.digest, format_)
    if unchanged := not_modified(call, headers):
        return unchanged
    compressed = _CODING.search(call.request.headers.get("accept-encoding", ""))
    has_range = "range" in call.request.headers and not call.head_only
    ends = await export.ends(measure=has_range or not compressed)
    part = requested_part(call.request, headers["ETag"], ends[-1]) if ends else None
    if ends and part:
        return partial_content(export.part(ends, *part), part, ends[-1], headers, MEDIA_TYPES[format_])
    headers |= {"Content-Length": str(ends[-1])} if ends else {}
    if call.head_only:
        return StreamingResponse((), media_type=MEDIA_TYPES[format_], headers=headers)
    chunks = export.chunks()
    first = await anext(chunks, b"")  # made before the answer begins: what is wrong by now can still be said
    return StreamingResponse(chained(export.begin + first, chunks), media_type=MEDIA_TYPES[format_], headers=headers)


async def chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The first part of an answer and the others. Raises `Problem` where the database is lost on the way."""
    yield first
    try:
        async for chunk in rest:
            yield chunk
    except NotReadyError as error:  # the release is being removed, or the database is away
        raise Problem(ProblemType.NOT_READY, str(error)) from error
