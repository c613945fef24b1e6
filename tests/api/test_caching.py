"""Cached answers of the whole service: the bytes of fresh ones, under ETags that differ whenever the bytes do."""

import gzip
from collections.abc import Callable
from itertools import cycle
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
import zstandard

from app.api.formats import MEDIA_TYPES
from tests.api.documented import documented
from tests.api.test_engines import ITSELF, OWN, address, always


class Answer(NamedTuple):
    """An answer with the bytes of its body as they came."""

    status: int
    headers: httpx.Headers
    body: bytes


def fetch(client: httpx.Client, path: str, coding: str = "identity") -> Answer:
    """Fetch raw bytes: httpx would ask for codings, and undo them, by itself. Citations name the host."""
    with client.stream("GET", path, headers={"Accept-Encoding": coding, "Host": "facts.example"}) as answer:
        return Answer(answer.status_code, answer.headers, b"".join(answer.iter_raw()))


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "zstd": lambda content: zstandard.ZstdDecompressor().decompressobj().decompress(content),
}


def test_whatever_is_cached_is_the_fresh_answer(client: httpx.Client, uncached: str) -> None:
    """Every operation of the OpenAPI document, in every format, the first time and again.

    JSON is asked for in every coding, another format in the coding whose turn it is.
    """
    document, compared, coded = documented(client), 0, set[str]()
    turns = cycle(CODINGS)
    with httpx.Client(base_url=uncached, timeout=60) as other:
        for path, methods in document["paths"].items():
            if path in OWN | ITSELF or "get" not in methods:
                continue
            where, asked = address(path, [client]), always(path, methods["get"])
            if path.removeprefix("/exports") in {
                "/adverse-events",
                "/adverse-events/rates",
                "/outcomes",
            }:  # the whole list, in every format and coding, would take as long as the rest
                asked.append(("therapy", "ipilimumab"))
            if path.endswith(("/compare", "/matrix")) and not asked:
                asked.append(("therapy", "ipilimumab"))
            bodies: dict[str, bytes] = {}
            for format_ in formats(methods["get"]):
                query = urlencode([*asked, *([("format", format_)] if format_ else [])])
                question = f"{where}?{query}" if query else where
                fresh = fetch(other, question)
                assert fresh.status == 200, question
                for coding in CODINGS if not format_ else [next(turns)]:
                    undo = CODINGS[coding]
                    first, cached = fetch(client, question, coding), fetch(client, question, coding)
                    assert first.body == cached.body, question
                    content = undo(cached.body) if "Content-Encoding" in cached.headers else cached.body
                    assert content == fresh.body, question
                    etag = cached.headers.get("ETag")
                    same = content if etag and etag.startswith("W/") else cached.body
                    assert etag is None or bodies.setdefault(etag, same) == same, question
                    coded.add(cached.headers.get("Content-Encoding", "identity"))
                    compared += 1
    assert compared > 150
    assert coded == CODINGS.keys()


def formats(operation: dict) -> list[str]:
    """The formats of an operation, and the one that it has without being asked."""
    if not any(item["name"] == "format" for item in operation.get("parameters", [])):
        return [""]
    kinds = operation["responses"]["200"]["content"]
    return ["", *(str(format_) for format_, kind in MEDIA_TYPES.items() if kind in kinds)]


def test_a_known_etag_is_answered_304_without_a_body(client: httpx.Client) -> None:
    first = client.get("/therapies?limit=7")
    etag = first.headers["ETag"]
    for known in (etag, f'W/{etag}, "other"', "*"):
        answer = client.get("/therapies?limit=7", headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["ETag"] == etag
    assert client.get("/therapies?limit=7", headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_current_release_is_asked_for_again_and_a_pinned_one_is_not(client: httpx.Client) -> None:
    current = client.get("/therapies?limit=2")
    assert "must-revalidate" in current.headers["Cache-Control"]
    assert "immutable" in client.get(current.json()["permalink"]).headers["Cache-Control"]


def test_errors_are_not_cached(client: httpx.Client) -> None:
    for path in ("/therapies?limit=0", "/therapies/nothing-of-the-kind"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_what_the_service_says_of_itself_is_not_cached(client: httpx.Client) -> None:
    for path in ("/ready", "/live", "/service-info", "/releases"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "ETag" not in answer.headers
