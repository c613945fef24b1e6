"""Repeated request headers: combined where they are lists, refused where they are not, before anything reads them."""

from collections.abc import Callable

import pytest

from app.http.cache import OutermostLayer
from tests.http.asgi import ask


@pytest.mark.parametrize(
    "name",
    ["Origin", "Content-Type", "Content-Length", "Range", "Authorization", "If-Modified-Since", "If-Range", "Host"],
)
def test_a_repeated_header_of_one_value_is_refused(service: Callable[..., OutermostLayer], name: str) -> None:
    answer = ask(service(), "/page", (name, "5"), (name, "6"), method="POST")
    assert answer.status == 400
    assert answer.header("Content-Type") == "application/problem+json"
    assert f"`{name}`".encode() in answer.body


def test_repeated_lists_are_combined_in_their_order(service: Callable[..., OutermostLayer]) -> None:
    answer = ask(service(), "/page", ("Accept", "text/csv"), ("Accept", "application/json;q=0.5"))
    assert b'"accept":"text/csv, application/json;q=0.5"' in answer.body
    cookie = ask(service(), "/echo", ("Cookie", "a=1"), ("Cookie", "b=2"), method="POST")
    assert b'"cookie":"a=1; b=2"' in cookie.body


@pytest.mark.parametrize("host", [None, "a b", "a/b", "user@host", "[::1]evil", "a,b", "host:port", "höst"])
def test_a_missing_or_broken_host_is_refused(service: Callable[..., OutermostLayer], host: str | None) -> None:
    assert ask(service(), "/page", host=host).status == 400


@pytest.mark.parametrize("host", ["", "localhost", "a.example:8000", "[::1]:80", "127.0.0.1", "under_score"])
def test_a_valid_host_is_answered(service: Callable[..., OutermostLayer], host: str) -> None:
    assert ask(service(), "/page", host=host).status == 200


def test_http_1_0_needs_no_host(service: Callable[..., OutermostLayer]) -> None:
    assert ask(service(), "/page", host=None, http_version="1.0").status == 200


def test_the_cache_is_not_poisoned_by_a_repeated_accept(service: Callable[..., OutermostLayer]) -> None:
    """Key and answer are made from one value, whichever of the two a layer reads."""
    app = service()
    for first, second in (("text/csv", "application/json"), ("application/json", "text/csv")):
        ask(app, "/page", ("Accept", first), ("Accept", second))
        for alone in (first, second):
            assert b'"accept":"%s"' % alone.encode() in ask(app, "/page", ("Accept", alone)).body


def test_the_cache_is_not_poisoned_by_an_origin(service: Callable[..., OutermostLayer]) -> None:
    app = service(cors_origins=["https://a.example", "https://b.example"])
    for origin in ("https://a.example", "https://b.example", "https://evil.example"):
        answer = ask(app, "/page", ("Origin", origin))
        allowed = None if "evil" in origin else origin
        assert answer.header("Access-Control-Allow-Origin") == allowed
        assert "Origin" in (answer.header("Vary") or "").split(", ")
    assert ask(app, "/page").header("Access-Control-Allow-Origin") is None
    assert ask(app, "/page", ("Origin", "https://a.example"), ("Origin", "https://evil.example")).status == 400
