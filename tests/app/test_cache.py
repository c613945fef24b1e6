"""Finished answers: the same bytes as fresh ones, under ETags that differ whenever the bytes do."""

import gzip
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest
import zstandard

from app.formats import MEDIA_TYPES
from tests.app.test_engines import ITSELF, OWN, address, always

pytestmark = pytest.mark.only_on_sqlite("What is kept is kept before any engine is asked.")

PATHS = (
    "/therapies?limit=5",
    "/therapies?class=car-t&facets=condition",
    "/therapies/pembrolizumab",
    "/indications?therapy=pembrolizumab&limit=3",
    "/adverse-events?event=colitis&limit=3",
    "/therapies?class=car-t&format=bibtex",
)


def fetch(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    """Fetch raw bytes: httpx would ask for codings, and undo them, by itself."""
    with client.stream("GET", path, headers={"Accept-Encoding": "identity"} | headers) as answer:
        answer.raw = b"".join(answer.iter_raw())  # type: ignore[attr-defined]  # kept for the test
    return answer


@pytest.mark.parametrize("path", PATHS)
def test_a_kept_answer_is_the_fresh_one_in_every_coding(
    client: httpx.Client, database: str, start: Callable[..., str], path: str
) -> None:
    unkept = start(database, CACHE_BYTES="0")
    with httpx.Client(base_url=unkept) as other:
        fresh = fetch(other, path).raw  # type: ignore[attr-defined]  # set by fetch
    etags = set()
    for coding, undone in (("identity", bytes), ("gzip", gzip.decompress), ("zstd", _unzstd)):
        first, kept, again = (fetch(client, path, **{"Accept-Encoding": coding}) for _ in range(3))
        assert first.raw == kept.raw == again.raw  # type: ignore[attr-defined]  # set by fetch
        assert undone(again.raw) == fresh  # type: ignore[attr-defined]  # set by fetch
        assert again.headers.get("Content-Encoding", "identity") == coding
        assert "Accept-Encoding" in again.headers["Vary"]
        etags.add(again.headers["ETag"])
    assert len(etags) == 3


def test_whatever_is_kept_is_the_fresh_answer(client: httpx.Client, database: str, start: Callable[..., str]) -> None:
    """Every operation of the OpenAPI document, in every format and coding, the first time and again."""
    document, compared = client.get("/openapi.json").json(), 0
    with httpx.Client(base_url=start(database, CACHE_BYTES="0"), timeout=60) as unkept:
        for path, methods in document["paths"].items():
            if path in OWN | ITSELF or "get" not in methods:
                continue
            where, asked = address(path, [client]), always(path, methods["get"])
            bytes_of: dict[str, bytes] = {}
            for format_ in formats(methods["get"]):
                query = urlencode([*asked, *([("format", format_)] if format_ else [])])
                question = f"{where}?{query}" if query else where
                fresh = fetch(unkept, question)
                assert fresh.status_code == 200, question
                for coding, undone in (("identity", bytes), ("gzip", gzip.decompress), ("zstd", _unzstd)):
                    first, kept, again = (fetch(client, question, **{"Accept-Encoding": coding}) for _ in range(3))
                    assert first.raw == kept.raw == again.raw, question  # type: ignore[attr-defined]  # set by fetch
                    plain = undone if "Content-Encoding" in again.headers else bytes
                    assert plain(again.raw) == fresh.raw, question  # type: ignore[attr-defined]  # set by fetch
                    compared += 1
                    etag = again.headers.get("ETag")
                    assert etag is None or bytes_of.setdefault(etag, again.raw) == again.raw, question  # type: ignore[attr-defined]  # set by fetch
    assert compared > 300


def formats(operation: dict) -> list[str]:
    """The formats of an operation, and the one that it has without being asked."""
    if not any(item["name"] == "format" for item in operation.get("parameters", [])):
        return [""]
    kinds = operation["responses"]["200"]["content"]
    return ["", *(str(format_) for format_, kind in MEDIA_TYPES.items() if kind in kinds)]


def _unzstd(content: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(content)


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


def test_errors_are_not_kept(client: httpx.Client) -> None:
    for path in ("/therapies?limit=0", "/therapies/nothing-of-the-kind"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_what_the_service_says_of_itself_is_not_kept(client: httpx.Client) -> None:
    for path in ("/ready", "/live", "/service-info", "/releases"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "ETag" not in answer.headers
