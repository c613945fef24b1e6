"""Answers that are not kept, such as exports, downloads and files: compressed on their way, and how long they hold.

A coding is chosen as for kept answers (`encoding.py`), and made by the same libraries, part by part.
"""

import zlib
from collections.abc import Callable
from typing import TypeAlias

import zstandard
from starlette.types import Message, Scope, Send

from app.http.encoding import MIN_COMPRESSED, Coding
from app.http.origins import with_vary

FOLLOWS_FROM_RELEASE = frozenset({200, 206, 304, 307, 308})
"""Status of answers that stay as they are while the release does."""
COMPRESSIBLE = (
    b"text/", b"application/json", b"application/x-ndjson", b"application/vnd.sqlite3", b"application/javascript",
)  # fmt: skip
"""Beginnings of the media types that are compressed; pictures are compressed already."""
_OF_THE_WHOLE = {b"accept-ranges", b"content-length", b"content-encoding", b"etag"}

_Compressor: TypeAlias = "zlib._Compress | zstandard.ZstdCompressionObj"
_COMPRESSORS: dict[str, Callable[[], _Compressor]] = {
    "gzip": lambda: zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS),
    "zstd": lambda: zstandard.ZstdCompressor(3).compressobj(),
}


def compressing(send: Send, scope: Scope, coding: Coding, cache_control: Callable[[], bytes]) -> Send:
    """A `send` that compresses an answer where the client wants that, and says how long it may be kept."""
    compressor: _Compressor | None = None

    async def send_compressed(message: Message) -> None:
        nonlocal compressor
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            given = dict(headers)
            if message["status"] in FOLLOWS_FROM_RELEASE and "release" in scope["state"]:
                headers += [] if b"cache-control" in given else [(b"cache-control", cache_control())]
            if message["status"] in {200, 206} and _is_compressible(given):
                headers = with_vary(headers, b"Accept-Encoding")
                if coding.name and message["status"] == 200:
                    compressor = _COMPRESSORS[coding.name]()
                    headers = [pair for pair in headers if pair[0] not in _OF_THE_WHOLE]
                    headers.append((b"content-encoding", coding.name.encode()))
                    headers += [(b"etag", b"W/" + given[b"etag"].removeprefix(b"W/"))] if b"etag" in given else []
            message = {**message, "headers": headers}
        elif compressor is not None and not scope["state"].get("head"):
            more, body = message.get("more_body", False), compressor.compress(message.get("body", b""))
            message = {**message, "body": body if more else body + compressor.flush()}
            if more and not body:
                return
        await send(message)

    return send_compressed


def _is_compressible(headers: dict[bytes, bytes]) -> bool:
    long = int(headers.get(b"content-length", MIN_COMPRESSED)) >= MIN_COMPRESSED or b"content-range" in headers
    return long and b"content-encoding" not in headers and headers.get(b"content-type", b"").startswith(COMPRESSIBLE)
