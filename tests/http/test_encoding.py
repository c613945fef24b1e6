"""Which content coding is answered."""

import gzip

import pytest
import zstandard

from app.http.encoding import Coding, compress, negotiate


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"", ""),
        (b"gzip", "gzip"),
        (b"GZIP", "gzip"),
        (b"x-gzip", "gzip"),
        (b"gzip, deflate, br, zstd", "zstd"),
        (b"zstd;q=0.5, gzip;q=0.9", "gzip"),
        (b"gzip;q=0", ""),
        (b"gzip;\tq=0", ""),
        (b"gzip\t;\tq=0.000", ""),
        (b"gzip ; Q=0.0", ""),
        (b"gzip;q=1.000", "gzip"),
        (b"gzip;q=0.001", "gzip"),
        (b"gzip;q=5", ""),
        (b"gzip;q=", ""),
        (b"gzip;quality=1", ""),
        (b"*", "zstd"),
        (b"*;q=0", ""),
        (b"*;q=0, gzip", "gzip"),
        (b"zstd;q=0, *", "gzip"),
        (b"zstd;q=0, *;q=0", ""),
        (b"identity;q=1, gzip;q=0.5", ""),
        (b"identity;q=0.5, gzip;q=0.5", "gzip"),
        (b"br, deflate", ""),
        (b"zstandard, gzipped", ""),
        (b",,gzip,,", "gzip"),
        (b"gzip, " + b"a" * 1000, ""),
    ],
)
def test_the_coding_that_the_client_wants_most(header: bytes, name: str) -> None:
    assert negotiate(header).name == name


@pytest.mark.parametrize("header", [b"gzip, identity;q=0", b"gzip, *;q=0", b"identity;q=0, *"])
def test_a_client_may_refuse_answers_without_a_coding(header: bytes) -> None:
    assert negotiate(header).required


def test_answers_without_a_coding_are_refused_by_nothing_else() -> None:
    assert not negotiate(b"gzip").required
    assert not negotiate(b"*;q=0.5").required


def test_what_is_compressed_is_the_same_each_time() -> None:
    content = b"content " * 1000
    packed = [compress(content, Coding(name)) for name in ("gzip", "gzip", "zstd", "zstd")]
    assert packed[0] == packed[1]
    assert packed[2] == packed[3]
    assert gzip.decompress(packed[0]) == zstandard.ZstdDecompressor().decompress(packed[2]) == content
