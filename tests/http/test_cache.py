"""Cached answers: what is cached under which key, for how long, in how many bytes."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.cache import CURRENT, ENTRY_OVERHEAD, MAX_KEY, PINNED, OutermostLayer, ResponseCache
from tests.http.application import RELEASE, calls
from tests.http.asgi import Answer, ask

JSON = [(b"content-type", b"application/json")]


class App:
    """An application whose answers a test chooses, behind a cache."""

    def __init__(self, body: bytes = b"{}", headers: Any = JSON, status: int = 200, max_bytes: int = 1_000_000) -> None:
        self.body, self.headers, self.status = body, headers, status
        self.length: int | None = None
        self.answered_from: str | None = RELEASE[0]
        self.current: tuple[str, str] | None = RELEASE
        self.asked = 0
        self.cache: ASGIApp = ResponseCache(self, lambda: self.current, max_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # as ASGI calls it
        """Answer what the test chose."""
        self.asked += 1
        if self.answered_from:
            scope["state"].update(release=self.answered_from, route="/x")
        length = str(len(self.body) if self.length is None else self.length).encode()
        headers = [*self.headers, (b"content-length", length)]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    def ask(self, target: str = "/x", *headers: tuple[str, str], **more: Any) -> Answer:
        """What the cache answers."""
        return ask(self.cache, target, *headers, **more)


def test_what_was_answered_is_not_asked_again() -> None:
    app = App()
    first, second = app.ask(), app.ask()
    assert first == second
    assert app.asked == 1
    assert first.header("Cache-Control") == CURRENT.decode()
    assert first.header("Vary") == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("target", "headers", "scope"),
    [
        ("/y", [], {}),
        ("/x?a=1", [], {}),
        ("/%78", [], {}),
        ("/x", [("Accept", "text/csv")], {}),
        ("/x", [("Accept-Encoding", "gzip")], {}),
        ("/x", [], {"scheme": "https"}),
        ("/x", [], {"root_path": "/prefix"}),
    ],
)
def test_the_key_holds_what_an_answer_depends_on(target: str, headers: Any, scope: Any) -> None:
    app = App()
    app.ask()
    app.ask(target, *headers, **scope)
    assert app.asked == 2


@pytest.mark.parametrize("headers", [[("User-Agent", "x")], [("Origin", "https://a.example")], [("Cookie", "a=1")]])
def test_the_key_holds_nothing_else(headers: Any) -> None:
    app = App()
    app.ask()
    app.ask("/x", *headers)
    app.ask("/x", host="other")
    assert app.asked == 1


def test_another_release_or_digest_is_another_key() -> None:
    app = App()
    app.ask()
    app.current = app.answered_from, _ = "2026.02.02", "abc"
    app.ask()
    app.current = "2026.02.02", "other"
    app.ask()
    assert app.asked == 3


def test_without_a_known_release_answers_are_the_same_and_not_cached() -> None:
    known, unknown = App(), App()
    unknown.current = None
    assert known.ask() == unknown.ask() == unknown.ask()
    assert unknown.asked == 2


@pytest.mark.parametrize(
    "change",
    [
        {"status": 404},
        {"headers": [(b"cache-control", b"no-store")]},
        {"headers": [(b"set-cookie", b"a=1")]},
        {"headers": [(b"vary", b"Cookie")]},
        {"headers": [(b"vary", b"Accept, X-Other")]},
    ],
)
def test_errors_and_what_depends_on_other_things_pass_unchanged(change: Any) -> None:
    app = App(**change)
    assert app.ask().header("ETag") is None
    app.ask()
    assert app.asked == 2


def test_answers_that_name_no_release_are_not_cached() -> None:
    app = App()
    app.answered_from = None
    app.ask()
    assert app.ask().header("ETag") is None
    assert app.asked == 2


def test_an_answer_of_a_release_that_is_not_current_is_cached_only_where_it_was_asked_for() -> None:
    app = App()
    app.answered_from = "2025.01.01"
    app.ask()
    app.ask()
    assert app.asked == 2
    app.ask("/x?release=2025.01.01")
    assert app.ask("/x?release=2025.01.01").header("Cache-Control") == PINNED.decode()
    assert app.asked == 3


@pytest.mark.parametrize("query", ["release=latest", "release=previous", "release=2026", "q=&release=2026.01.02x"])
def test_only_a_version_pins(query: str) -> None:
    """What `latest` means moves on: it must not be cached for a year."""
    assert App().ask(f"/x?{query}").header("Cache-Control") == CURRENT.decode()


def test_a_release_that_changes_meanwhile_is_not_cached() -> None:
    app = App()
    releases = iter([RELEASE, RELEASE, ("2026.01.02", "replaced")])
    app.cache = ResponseCache(app, lambda: next(releases), 1_000_000)
    app.ask()
    releases = iter([RELEASE] * 3)
    app.ask()
    assert app.asked == 2


def test_etags_are_those_of_the_bytes() -> None:
    app = App(b"{}" * 500)
    plain, packed = app.ask(), app.ask("/x", ("Accept-Encoding", "gzip"))
    assert gzip.decompress(packed.body) == plain.body
    assert packed.header("Content-Encoding") == "gzip"
    assert plain.header("ETag") != packed.header("ETag")
    assert App(b"[]" * 500).ask().header("ETag") != plain.header("ETag")


@pytest.mark.parametrize("known", ["{}", 'W/{}, "other"', '"other",{}', "*"])
def test_a_known_answer_is_304(known: str) -> None:
    app = App()
    etag = app.ask().header("ETag")
    assert etag
    answer = app.ask("/x", ("If-None-Match", known.format(etag)))
    assert (answer.status, answer.body) == (304, b"")
    assert answer.header("ETag") == etag
    assert answer.header("Content-Length") is None
    assert app.ask("/x", ("If-None-Match", '"other"')).status == 200


def test_a_small_answer_is_compressed_only_where_it_must_be() -> None:
    app = App()
    assert app.ask("/x", ("Accept-Encoding", "gzip")).header("Content-Encoding") is None
    assert app.ask("/x", ("Accept-Encoding", "gzip, identity;q=0")).header("Content-Encoding") == "gzip"


def test_what_is_compressed_already_is_left_alone() -> None:
    app = App(b"x" * 2000, [*JSON, (b"content-encoding", b"br")])
    answer = app.ask("/x", ("Accept-Encoding", "gzip, br"))
    assert (answer.header("Content-Encoding"), answer.body) == ("br", b"x" * 2000)


def test_head_is_get_without_the_body(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    head, get, again = (ask(app, "/page?a=1", method=method) for method in ("HEAD", "GET", "HEAD"))
    assert head.body == again.body == b""
    for name in ("content-length", "etag", "cache-control", "link", "x-release"):
        assert head.header(name) == get.header(name) == again.header(name) is not None
    assert len(calls) == 1


def test_head_of_a_stream_makes_none_of_it(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    answer = ask(app, "/export", method="HEAD")
    assert (answer.status, answer.body, answer.header("Content-Type")) == (200, b"", "text/csv; charset=utf-8")
    assert not [call for call in calls if call.startswith("row")]
    assert len(ask(app, "/export").body) == 50_000


def test_the_bytes_of_keys_and_headers_count() -> None:
    """4,000 long `Accept` headers, each another key, stay within the setting."""
    app = App(max_bytes=200_000)
    for number in range(300):
        app.ask("/x", ("Accept", f"text/x-{number}" + "x" * 3000))
    cache = app.cache
    assert isinstance(cache, ResponseCache)
    assert 0 < len(cache._answers) <= 200_000 // (3000 + ENTRY_OVERHEAD)
    assert cache._answers.currsize <= 200_000


def test_a_request_that_is_too_long_is_answered_and_not_cached() -> None:
    app = App()
    for _ in range(2):
        answer = app.ask("/x", ("Accept", "x" * (MAX_KEY + 1)))
        assert answer.header("ETag")
    assert app.asked == 2


def test_one_answer_takes_an_eighth_at_most() -> None:
    app = App(b"x" * 20_000, max_bytes=100_000)
    app.ask()
    app.ask()
    assert app.asked == 2


def test_the_least_recently_used_answer_goes_first() -> None:
    app = App(b"x" * 5_000, max_bytes=80_000)
    app.ask("/x?often")
    for number in range(30):
        app.ask(f"/x?{number}")
        app.ask("/x?often")
    assert app.asked == 31
    app.ask("/x?0")
    assert app.asked == 32


def test_a_torn_answer_is_no_answer() -> None:
    app = App()
    app.length = 5
    with pytest.raises(AssertionError, match="raised before it answered"):
        app.ask()
