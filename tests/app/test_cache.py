"""Finished answers: the same bytes as fresh ones, under ETags that differ whenever the bytes do."""

import gzip
from collections.abc import Callable

import httpx
import pytest
import zstandard

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
        first, again = (fetch(client, path, **{"Accept-Encoding": coding}) for _ in range(2))
        assert first.raw == again.raw  # type: ignore[attr-defined]  # set by fetch
        assert undone(again.raw) == fresh  # type: ignore[attr-defined]  # set by fetch
        assert again.headers.get("Content-Encoding", "identity") == coding
        assert "Accept-Encoding" in again.headers["Vary"]
        etags.add(again.headers["ETag"])
    assert len(etags) == 3


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
