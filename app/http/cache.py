"""Finished answers, cached under the release that they were read from, so that nothing ever needs to be invalidated.

Only answers that name their release (`scope["state"]["release"]`) are cached. Errors, streams, what is answered in
parts (`Accept-Ranges`) and answers with a `Cache-Control` of their own pass through (`streams.py`).

HEAD is answered as GET without the body. So the application is always called with GET; what would stream an answer sees
`scope["state"]["head"]` and answers with headers only.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from cachetools import LRUCache
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.encoding import MAX_HEADER, MIN_COMPRESSED, Coding, compress, negotiate
from app.http.headers import CompleteHeaders, complete, wrong_host
from app.http.origins import Headers, Origins
from app.http.streams import compressing
from app.http.telemetry import Telemetry, new_id

Key = tuple[Any, ...]
Release = tuple[str, str]
"""Version and digest."""

CURRENT = b"public, max-age=5, must-revalidate"
"""For answers of the current release: a browser asks again after some seconds, and is mostly told 304."""
PINNED = b"public, max-age=31536000, immutable"
"""For answers of a release that the request names by its version: they never change."""
CACHEABLE_METHODS = frozenset({"GET", "HEAD"})
MAX_KEY = 4096
"""Bytes that a request may add to a key; answers to longer requests are not cached."""
MAX_SHARE = 8
"""The part of the cache that one answer may take: an eighth."""
ENTRY_OVERHEAD = 2500
"""Bytes of an entry beside its key, headers and body: objects, and the table of the cache."""
VARY = {b"accept", b"accept-encoding"}
"""Request headers that are part of a key."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer (status 200)."""

    headers: Headers
    not_modified: Headers
    """Headers of the answer to a client that has it already (304)."""
    body: bytes
    etag: bytes
    release: str
    route: str
    serialized: dict[int, bytes] = field(default_factory=dict)
    """Complete headers by status, as they are sent (`OutermostLayer`)."""

    def sent(self, method: str, if_none_match: bytes | None) -> tuple[int, Headers, bytes]:
        """Status, headers and body: 304 where the client has it by the weak comparison (RFC 9110, 13.1.2), else 200."""
        if if_none_match is not None:
            known = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
            if self.etag in known or known == [b"*"]:
                return 304, self.not_modified, b""
        return 200, self.headers, self.body if method == "GET" else b""


class ResponseCache:
    """Caches answers up to a number of bytes, evicting the least recently used.

    `peek` gives version and digest of the current release, or None where they are not known at the moment; it never
    blocks. Answers are then made but not cached.
    """

    def __init__(
        self, app: ASGIApp, peek: Callable[[], Release | None], max_bytes: int, others: ASGIApp | None = None
    ) -> None:
        """Cache what `app` answers to GET and HEAD; `others` answers the other methods, by default `app` too."""
        self._app = app
        self._others = others or app
        self._peek = peek
        self._max_bytes = max_bytes
        self._answers: LRUCache[Key, tuple[Answer, int]] = LRUCache(max_bytes, getsizeof=lambda entry: entry[1])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the cache, or let the application answer and cache that."""
        if scope["method"] not in CACHEABLE_METHODS:
            await self._others(scope, receive, send)
            return
        headers = dict(scope["headers"])
        answer = self.lookup(scope, headers) or await self._ask(scope, headers, receive, send)
        if answer is not None:
            status, start, body = answer.sent(scope["method"], headers.get(b"if-none-match"))
            await send({"type": "http.response.start", "status": status, "headers": start})
            await send({"type": "http.response.body", "body": body})

    def lookup(self, scope: Scope, headers: dict[bytes, bytes]) -> Answer | None:
        """The cached answer to a request with these headers, if there is one."""
        release = self._peek()
        if release is None or scope["method"] not in CACHEABLE_METHODS:
            return None
        key = cache_key(release, scope, headers)
        entry = self._answers.get(key) or self._answers.get((*key, headers.get(b"host")))
        if entry is None:
            return None
        answer = entry[0]
        scope["state"].update(cache="hit", release=answer.release, route=answer.route)
        return answer

    async def _ask(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> Answer | None:
        """The answer of the application, finished and cached; None where it was none to be, and is sent already."""
        release = self._peek()
        start: Message | None = None
        body = bytearray()
        coding = negotiate(headers.get(b"accept-encoding", b"")[: MAX_HEADER + 1])
        pass_on: Send | None = None

        async def collect(message: Message) -> None:
            nonlocal start, pass_on
            if start is not None:
                body.extend(message.get("body", b""))
            elif message["type"] == "http.response.start" and _is_cacheable(message, scope):
                start = message
            else:
                pass_on = pass_on or compressing(send, scope, coding, lambda: PINNED if _is_pinned(scope) else CURRENT)
                await pass_on(message)

        if scope["method"] == "HEAD":
            scope["state"]["head"] = True
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, collect)
        if start is None:
            return None
        scope["state"]["cache"] = "miss"
        answer = finish(start["headers"], bytes(body), coding, scope)
        # The database may have been replaced, or another release made current, while the answer was made.
        if release is not None and release == self._peek() and (_is_pinned(scope) or answer.release == release[0]):
            key = cache_key(release, scope, headers)
            self._store((*key, headers.get(b"host")) if scope["state"].get("names_host") else key, answer)
        return answer

    def _store(self, key: Key, answer: Answer) -> None:
        key_bytes = sum(len(part) for part in key if isinstance(part, bytes))
        # Headers are held as pairs, for 304 too, and serialized.
        header_bytes = 4 * sum(len(name) + len(value) for name, value in answer.headers)
        size = len(answer.body) + header_bytes + key_bytes + ENTRY_OVERHEAD
        if key_bytes <= MAX_KEY and size <= self._max_bytes // MAX_SHARE:
            self._answers[key] = answer, size


def cache_key(release: Release, scope: Scope, headers: dict[bytes, bytes]) -> Key:
    """Everything that an answer depends on, read from the very headers that the application reads."""
    return (
        *release,
        scope["scheme"],
        scope.get("root_path", ""),
        scope.get("raw_path") or scope["path"].encode(),
        scope["query_string"],
        headers.get(b"accept"),
        negotiate(headers.get(b"accept-encoding", b"")[: MAX_HEADER + 1]),
    )


def _is_cacheable(start: Message, scope: Scope) -> bool:
    """Whether an answer is finished, names its release, and depends on nothing that is not part of the key."""
    headers = dict(start["headers"])
    varies = {name.strip().lower() for name in headers.get(b"vary", b"accept").split(b",")}
    return (
        start["status"] == 200
        and b"content-length" in headers
        and not headers.keys() & {b"accept-ranges", b"cache-control", b"set-cookie"}
        and varies <= VARY
        and "release" in scope["state"]
    )


def _is_pinned(scope: Scope) -> bool:
    """Whether the request names the release that answered it. A name such as `latest` moves on, and does not pin."""
    return b"&release=%s&" % scope["state"]["release"].encode() in b"&%s&" % scope["query_string"]


def finish(headers: Headers, body: bytes, coding: Coding, scope: Scope) -> Answer:
    """An answer with its content coding, its length, the ETag of these very bytes, and how long it may be cached."""
    given = dict(headers)
    if len(body) != int(given[b"content-length"]):
        raise RuntimeError("The application sent another number of bytes than it said.")
    headers = [pair for pair in headers if pair[0] not in {b"content-length", b"etag", b"vary"}]
    if b"content-encoding" not in given and coding.name and (coding.required or len(body) >= MIN_COMPRESSED):
        body = compress(body, coding)
        headers.append((b"content-encoding", coding.name.encode()))
    etag = b'"%s"' % hashlib.sha256(body + b"".join(name + value for name, value in headers)).hexdigest()[:24].encode()
    headers += [
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag),
        (b"cache-control", PINNED if _is_pinned(scope) else CURRENT),
        (b"vary", b"Accept, Accept-Encoding"),
    ]
    left_out = {b"content-length", b"content-type", b"content-encoding"}
    not_modified = [pair for pair in headers if pair[0] not in left_out]
    state = scope["state"]
    return Answer(headers, not_modified, body, etag, state["release"], state.get("route", "unmatched"))


class OutermostLayer(CompleteHeaders):
    """The outermost layer, with the short way of a cached answer past all others; they are for requests alone."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, origins: Origins, cache: ResponseCache | None) -> None:
        super().__init__(telemetry, origins)
        self._application = app
        self._telemetry = telemetry
        self._cache = cache
        """None where a setting makes layers look at each request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; start and end the application past all layers."""
        await (super().__call__ if scope["type"] == "http" else self._application)(scope, receive, send)

    def lookup_cached(self, scope: Scope) -> tuple[int, bytes, bytes] | None:
        """Status, headers and body, ready to be written, of what the layers would answer from the cache; else None.

        The answer is the same to the byte, and recorded as it would be; it is only not passed through each layer.
        """
        began = perf_counter()
        headers = dict(scope["headers"])
        repeated = len(headers) < len(scope["headers"])
        has_body = b"content-length" in headers or b"transfer-encoding" in headers
        if self._cache is None or repeated or has_body or wrong_host(scope, headers):
            return None
        answer = self._cache.lookup(scope, headers)
        if answer is None:
            return None
        status, start, body = answer.sent(scope["method"], headers.get(b"if-none-match"))
        request_id = new_id(headers.get(b"x-request-id"))
        head = b"%sx-request-id: %s\r\n" % (
            answer.serialized.get(status) or self._serialize(answer, status, start, scope),
            request_id,
        )
        self._telemetry.record(scope, request_id, status, perf_counter() - began)
        return status, head, body

    def _serialize(self, answer: Answer, status: int, headers: Headers, scope: Scope) -> bytes:
        """The headers of an answer as the layers complete them, but for the id of the request."""
        head = b"".join(b"%s: %s\r\n" % pair for pair in complete(headers, scope, self._origins))
        answer.serialized[status] = head
        return head
