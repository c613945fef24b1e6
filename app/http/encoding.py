"""Content codings: which one a client wants (RFC 9110, 12.5.3), and answers compressed in it."""

import gzip
import re
from functools import lru_cache
from typing import NamedTuple

import zstandard

MIN_COMPRESSED = 600
"""Bytes below which a compressed answer is no shorter on the wire."""
MAX_HEADER = 500
"""Bytes of an `Accept-Encoding` that are parsed; a longer one is answered without a coding."""
_WEIGHT = re.compile(rb"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


class Coding(NamedTuple):
    """A content coding: `zstd`, `gzip` or none."""

    name: str
    required: bool = False
    """Whether the client refuses answers without a coding."""


IDENTITY = Coding("")


@lru_cache(maxsize=256)
def negotiate(accept_encoding: bytes) -> Coding:
    """The coding that a client wants most, zstd before gzip where it has no preference."""
    if len(accept_encoding) > MAX_HEADER:
        return IDENTITY
    weights: dict[bytes, float] = {}
    for part in accept_encoding.lower().split(b","):
        name, *parameters = (piece.strip(b" \t") for piece in part.split(b";"))
        weight = _WEIGHT.fullmatch(parameters[0]) if parameters else None
        weights[name.removeprefix(b"x-")] = float(weight[1]) if weight else 0.0 if parameters else 1.0
    others = weights.get(b"*", 0.0)
    zstd, gzipped = weights.get(b"zstd", others), weights.get(b"gzip", others)
    best = max(zstd, gzipped)
    if not best or best < weights.get(b"identity", 0.0):
        return IDENTITY
    required = not weights.get(b"identity", weights.get(b"*", 1.0))
    return Coding("zstd" if zstd == best else "gzip", required)


def compress(content: bytes, coding: Coding) -> bytes:
    """The content in a coding; the same bytes for the same content."""
    return zstandard.compress(content, 3) if coding.name == "zstd" else gzip.compress(content, 6, mtime=0)
