"""Conditional requests and parts: what a client has already, and which bytes it wants (RFC 9110, 13 and 14)."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

import app
from app.api.endpoint import Call
from app.api.errors import Problem, ProblemType

OF_THE_CODE = {"Cache-Control": "public, max-age=3600"}
"""For what changes with the code only."""
OF_ALL_RELEASES = {"Cache-Control": "public, max-age=300"}
"""For what tells which releases there are: that may change without a new one."""
_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})")


def derived_etag(call: Call, *parts: str) -> str:
    """What tells an answer from all others before it is made: this code, the request, and what it is made of."""
    query = call.request.scope["query_string"].decode("latin-1")
    content = json.dumps([code_digest(), call.path, query, *parts])
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:24]}"'


@cache
def code_digest() -> str:
    """What tells this code from any other: with the code, answers change."""
    folder = Path(str(app.__file__)).parent
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(name.encode() + path.read_bytes() for name, path in files)).hexdigest()


def not_modified(call: Call, headers: Mapping[str, str]) -> Response | None:
    """304 where the client has the answer of these headers, by the weak comparison: it may have been compressed."""
    tags = [tag.strip().removeprefix("W/") for tag in call.request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"].removeprefix("W/") in tags or tags == ["*"]:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return None


def requested_part(request: Request, etag: str, length: int) -> tuple[int, int] | None:
    """The bytes that a client wants, from the first up to the one after the last; None for all of them.

    Several parts at once are answered with the whole, and so is a part of what changed meanwhile (`If-Range`). Raises
    `Problem` where there is no such part.
    """
    requested = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if requested is None or not any(requested.groups()) or request.headers.get("if-range", etag) != etag:
        return None
    first, last = requested.groups()
    start = int(first) if first else max(0, length - int(last))
    stop = min(length, int(last) + 1) if first and last else length
    if first and last and int(last) < start:
        return None  # no range at all
    if start >= stop:
        detail, headers = f"There are {length} bytes.", {"Content-Range": f"bytes */{length}"}
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        raise Problem(ProblemType.MALFORMED, detail, status=status, headers=headers)
    return start, stop


def partial_content(
    content: AsyncIterator[bytes], part: tuple[int, int], length: int, headers: Mapping[str, str], media_type: str
) -> Response:
    """A part of an answer of a length, as a stream."""
    start, stop = part
    own = {"Content-Range": f"bytes {start}-{stop - 1}/{length}", "Content-Length": str(stop - start)}
    return StreamingResponse(content, HTTPStatus.PARTIAL_CONTENT, {**headers, **own}, media_type)
