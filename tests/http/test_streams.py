"""Answers that are not kept: compressed on their way, and how long others may keep them."""

import gzip
import zlib
from collections.abc import Callable

import pytest
import zstandard

from app.http.cache import CURRENT, PINNED, OutermostLayer
from tests.http.application import calls
from tests.http.asgi import ask


def unpacked(coding: str | None, body: bytes) -> bytes:
    if coding == "gzip":
        return gzip.decompress(body)
    return zstandard.ZstdDecompressor().decompressobj().decompress(body) if coding == "zstd" else body


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=0", None),
        ("br", None),
    ],
)
def test_a_stream_is_compressed_as_the_client_wants(
    service: Callable[..., OutermostLayer], accept: str, coding: str | None
) -> None:
    answer = ask(service(), "/export", ("Accept-Encoding", accept))
    assert answer.header("Content-Encoding") == coding
    assert "Accept-Encoding" in (answer.header("Vary") or "")
    assert unpacked(coding, answer.body) == b"x" * 50_000
    assert answer.header("Content-Length") is None


def test_what_is_compressed_is_told_from_what_is_not(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    plain = ask(app, "/export?etag=1&length=1")
    packed = ask(app, "/export?etag=1&length=1", ("Accept-Encoding", "gzip"))
    assert (plain.header("ETag"), packed.header("ETag")) == ('"abc"', 'W/"abc"')
    assert (plain.header("Content-Length"), packed.header("Content-Length")) == ("50000", None)
    assert (plain.header("Accept-Ranges"), packed.header("Accept-Ranges")) == ("bytes", None)
    for accept, length in (("identity", "50000"), ("gzip", None)):
        head = ask(app, "/export?etag=1&length=1", ("Accept-Encoding", accept), method="HEAD")
        assert (head.body, head.header("Content-Length")) == (b"", length)


def test_a_stream_that_is_cut_is_not_taken_for_whole(service: Callable[..., OutermostLayer]) -> None:
    answer = ask(service(), "/export?fault=1", ("Accept-Encoding", "gzip"))
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    reader.decompress(answer.body)
    assert not reader.eof


def test_a_stream_is_made_once_and_holds_as_long_as_its_release(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    assert ask(app, "/export").header("Cache-Control") == CURRENT.decode()
    assert ask(app, "/export?release=2026.01.02").header("Cache-Control") == PINNED.decode()
    assert ask(app, "/export?release=latest").header("Cache-Control") == CURRENT.decode()
    calls.clear()
    ask(app, "/export", ("Accept-Encoding", "gzip"))
    assert len([call for call in calls if call.startswith("row")]) == 5


def test_errors_and_pictures_are_not_compressed(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    for target in ("/nothing", "/picture"):
        assert ask(app, target, ("Accept-Encoding", "gzip")).header("Content-Encoding") is None
