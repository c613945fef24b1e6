"""The hot path: one plain ASGI layer that keeps finished answers, with their ETag, compressed once.

An answer is kept under the release it was read from, so that it never needs to be invalidated: a new release is a new
key. Only answers that name their release are kept; errors, streams and what forbids it are not.
"""

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import zstandard
from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import Database
from app.reader import NotReadyError

CURRENT = b"public, max-age=5, must-revalidate"
"""For answers of the current release: a browser asks again after some seconds, and is mostly told 304."""
PINNED = b"public, max-age=31536000, immutable"
"""For answers of a release that the request names: they never change."""
WORTH_COMPRESSING = 600
"""Bytes below which a compressed answer is no shorter on the wire."""

KEPT = frozenset({"GET", "HEAD"})

Headers = list[tuple[bytes, bytes]]
Key = tuple[Any, ...]


class Written:
    """Headers, and the same as they are sent."""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers

    @cached_property
    def head(self) -> bytes:
        """The lines, each with its end."""
        return b"".join(b"%s: %s\r\n" % pair for pair in self.headers)


@dataclass(frozen=True)
class Answer:
    """A finished answer."""

    etag: bytes
    whole: Written
    unchanged: Written
    """What is sent where the client has it already (304)."""
    body: bytes
    route: str
    """Template of the path, for those who count."""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.body) + 6000

    def to(self, scope: Scope, known: bytes | None) -> tuple[int, Written, bytes]:
        """Status, headers and body for a request whose client has the answers `known` (`If-None-Match`)."""
        if known is not None and (known == self.etag or _matches(known, self.etag)):
            return 304, self.unchanged, b""
        return 200, self.whole, b"" if scope["method"] == "HEAD" else self.body


class Cache:
    """Keeps finished answers up to a number of bytes, the least recently used going first."""

    def __init__(self, app: ASGIApp, database: Database, capacity: int, *, origins_differ: bool) -> None:
        self._app = app
        self._database = database
        self._capacity = capacity
        self._origins_differ = origins_differ
        self._bytes = 0
        self._answers: OrderedDict[Key, Answer] = OrderedDict()

    def at_once(self, scope: Scope) -> tuple[int, bytes, bytes] | None:
        """Status, head and body, ready to be written, of an answer that is kept; else None."""
        release = self._database.trusted_release()
        if release is None or scope["method"] not in KEPT:
            return None
        asked = dict(scope["headers"])
        answer = self._kept(self._key(release, scope, asked), scope)
        if answer is None:
            return None
        status, written, body = answer.to(scope, asked.get(b"if-none-match"))
        return status, written.head, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept; else let the application answer, and keep it."""
        if scope["type"] != "http" or scope["method"] not in KEPT:
            await self._app(scope, receive, send)
            return
        release = self._database.trusted_release()
        if release is None:
            try:
                release = await to_thread.run_sync(self._database.current_release)
            except NotReadyError:
                release = ""
        asked = dict(scope["headers"])
        key, known = self._key(release, scope, asked), asked.get(b"if-none-match")
        answer = self._kept(key, scope)
        if answer is None:
            await self._fill(key, scope, receive, send, known)
        else:
            await _send(answer, scope, known, send)

    def _key(self, release: str, scope: Scope, asked: dict[bytes, bytes]) -> Key:
        """Everything that an answer depends on."""
        origin = asked.get(b"origin")
        return (
            release,
            self._database.digest,
            scope["scheme"],
            scope["path"],
            scope["query_string"],
            asked.get(b"accept"),
            origin if self._origins_differ else origin is not None,
            _coding(asked.get(b"accept-encoding", b"")),
        )

    def _kept(self, key: Key, scope: Scope) -> Answer | None:
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
            scope["state"].update(cache="hit", release=key[0], route=answer.route)
        return answer

    async def _fill(self, key: Key, scope: Scope, receive: Receive, send: Send, known: bytes | None) -> None:
        started: list[Message] = []
        body: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {key for key, _ in message["headers"]}
                kept = message["status"] == 200 and named >= {b"content-length", b"x-release"}
                kept = kept and b"cache-control" not in named
                if kept:
                    started.append(message)
                    return
            elif started:
                body.append(message.get("body", b""))
                return
            await send(message)

        # The application always answers the whole: what HEAD leaves out is left out here.
        await self._app({**scope, "method": "GET"} if scope["method"] == "HEAD" else scope, receive, collect)
        if not started:
            return
        pinned = b"&release=" in b"&" + scope["query_string"]
        scope["state"]["cache"] = "miss"
        answer = _finished(started[0], b"".join(body), key[-1], scope["state"]["route"], pinned=pinned)
        same = self._database.digest == key[1]  # another database may have taken the place of the one that was trusted
        if same and (pinned or _header(started[0], b"x-release") == key[0].encode()):
            self._keep(key, answer)
        await _send(answer, scope, known, send)

    def _keep(self, key: Key, answer: Answer) -> None:
        if answer.size > self._capacity // 8:
            return
        before = self._answers.pop(key, None)  # two that asked at once were both answered
        self._answers[key] = answer
        self._bytes += answer.size - (before.size if before else 0)
        while self._bytes > self._capacity:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= oldest.size


@lru_cache(maxsize=256)
def _coding(accepted: bytes) -> str:
    """The content coding to answer in: zstd before gzip, and neither unless it is accepted."""
    allowed = set()
    for part in accepted.lower().split(b","):
        name, _, parameters = part.strip().partition(b";")
        if parameters.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}:
            allowed.add(name.strip())
    return "zstd" if b"zstd" in allowed else "gzip" if b"gzip" in allowed else ""


def _header(message: Message, name: bytes) -> bytes | None:
    return next((value for key, value in message["headers"] if key == name), None)


def _finished(start: Message, body: bytes, coding: str, route: str, *, pinned: bool) -> Answer:
    """The answer with its length, its ETag (of these very bytes), and how long it may be kept."""
    headers = [pair for pair in start["headers"] if pair[0] not in {b"content-length", b"vary"}]
    if coding and len(body) >= WORTH_COMPRESSING:
        body = zstandard.compress(body, 3) if coding == "zstd" else gzip.compress(body, 6, mtime=0)
        headers.append((b"content-encoding", coding.encode()))
    etag = b'"%s"' % hashlib.sha256(body + b"".join(key + value for key, value in headers)).hexdigest()[:24].encode()
    headers += [
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag),
        (b"cache-control", PINNED if pinned else CURRENT),
        (b"vary", b"Accept, Accept-Encoding"),
    ]
    left_out = {b"content-length", b"content-type", b"content-encoding"}
    unchanged = [pair for pair in headers if pair[0] not in left_out]
    return Answer(etag, Written(headers), Written(unchanged), body, route)


async def _send(answer: Answer, scope: Scope, known: bytes | None, send: Send) -> None:
    status, written, body = answer.to(scope, known)
    await send({"type": "http.response.start", "status": status, "headers": written.headers})
    await send({"type": "http.response.body", "body": body})


def _matches(known: bytes, etag: bytes) -> bool:
    """Whether `If-None-Match` names the ETag; the comparison is the weak one (RFC 9110, 13.1.2)."""
    named = {part.strip().removeprefix(b"W/") for part in known.split(b",")}
    return b"*" in named or etag in named
