"""Cached answers of the whole service: the bytes of fresh ones, under ETags that differ whenever the bytes do."""

import gzip
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
import pytest
import zstandard

from app.api.formats import FILES, MEDIA_TYPES
from tests.api.documented import documented
from tests.api.test_engines import ITSELF, OWN, address, always
from tests.servers import served


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


WITH_FILES = {"/targets", "/exports/targets"}
"""Operations whose files are fetched: processes write them, none is cached, and test_typed_files.py reads all lists."""


@pytest.fixture(scope="module")
def servers(every_list: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two servers of the small fact base, of which each list has records: one that caches, and one that does not."""
    files = str(tmp_path_factory.mktemp("downloads"))  # those that processes write are written once for both
    with (
        served(every_list, DOWNLOADS=files) as (cached, _),
        served(every_list, DOWNLOADS=files, CACHE_BYTES="0") as (fresh, _),
        httpx.Client(base_url=cached, timeout=60) as client,
        httpx.Client(base_url=fresh, timeout=60) as other,
    ):
        yield client, other


def test_whatever_is_cached_is_the_fresh_answer(servers: tuple[httpx.Client, httpx.Client]) -> None:
    """Every operation of the OpenAPI document, in every format and coding, the first time and again."""
    client, other = servers
    document, compared, coded = documented(client), 0, set[str]()
    for path, methods in document["paths"].items():
        if path in OWN | ITSELF or "get" not in methods:
            continue
        where, asked = address(path, [client], "examplumab"), always(path, methods["get"])
        if path.endswith(("/compare", "/matrix")):
            asked = [("therapy", "examplumab")]
        bodies: dict[str, bytes] = {}
        for format_ in formats(methods["get"]):
            if format_ in FILES and path not in WITH_FILES:
                continue
            query = urlencode([*asked, *([("format", format_)] if format_ else [])])
            question = f"{where}?{query}" if query else where
            fresh = fetch(other, question)
            assert fresh.status == 200, question
            for coding, undo in CODINGS.items():
                first, cached = fetch(client, question, coding), fetch(client, question, coding)
                assert first.body == cached.body, question
                content = undo(cached.body) if "Content-Encoding" in cached.headers else cached.body
                assert content == fresh.body, question
                etag = cached.headers.get("ETag")
                same = content if etag and etag.startswith("W/") else cached.body
                assert etag is None or bodies.setdefault(etag, same) == same, question
                coded.add(cached.headers.get("Content-Encoding", "identity"))
                compared += 1
    assert compared > 300, compared
    assert coded == CODINGS.keys()


def test_a_long_stream_is_the_same_in_every_coding(client: httpx.Client) -> None:
    """A list of the whole fact base, which is compressed and sent piece by piece."""
    plain = fetch(client, "/indications?format=jsonl")
    assert len(plain.body) > 1_000_000
    for coding, undo in CODINGS.items():
        again = fetch(client, "/indications?format=jsonl", coding)
        assert again.headers.get("Content-Encoding", "identity") == coding
        assert undo(again.body) == plain.body


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
