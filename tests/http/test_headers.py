"""Headers of all answers, and plain-text errors as problem documents."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.api.documentation import content_security_policy
from app.http.cache import OutermostLayer
from app.http.headers import SECURITY_HEADERS
from app.http.origins import EXPOSED
from tests.http.asgi import Answer, ask

PREFLIGHT = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET")]
ANSWERS: dict[str, tuple[str, str, list[tuple[str, str]], dict[str, Any], int]] = {
    "a page": ("GET", "/page", [], {}, 200),
    "a head": ("HEAD", "/page", [], {}, 200),
    "a stream": ("GET", "/export", [], {}, 200),
    "a redirect": ("GET", "/away", [], {}, 307),
    "an unknown path": ("GET", "/nothing", [], {}, 404),
    "another method": ("DELETE", "/page", [], {}, 405),
    "a fault": ("GET", "/fault", [], {}, 500),
    "a repeated header": ("GET", "/page", [("Origin", "x"), ("Origin", "y")], {}, 400),
    "a body on GET": ("GET", "/page", [("Content-Length", "5")], {}, 400),
    "a preflight": ("OPTIONS", "/page", PREFLIGHT, {}, 200),
    "a refused preflight": ("OPTIONS", "/page", PREFLIGHT, {"cors_origins": ["https://b.example"]}, 400),
    "a wrong host": ("GET", "/page", [], {"allowed_hosts": ["facts.example"]}, 400),
    "a range": ("GET", "/plain?text=No", [], {}, 416),
}


def answered(service: Callable[..., OutermostLayer], name: str, scheme: str) -> Answer:
    method, target, headers, settings, status = ANSWERS[name]
    answer = ask(service(**settings), target, *headers, method=method, scheme=scheme)
    assert answer.status == status
    return answer


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_has_the_security_headers(service: Callable[..., OutermostLayer], name: str, scheme: str) -> None:
    answer = answered(service, name, scheme)
    for header, value in SECURITY_HEADERS.items():
        assert answer.header(header) == value
    assert answer.header("Strict-Transport-Security") == ("max-age=31536000" if scheme == "https" else None)
    assert answer.header("X-Request-ID")
    if name not in {"a page", "a head", "a stream"}:
        assert answer.header("Cache-Control") == "no-store"


def test_the_rate_limit_has_them_too(service: Callable[..., OutermostLayer]) -> None:
    app = service(rate_limit="1/day")
    ask(app, "/page", scheme="https")
    answer = ask(app, "/page", scheme="https")
    assert answer.status == 429
    assert answer.header("Strict-Transport-Security")
    assert answer.header("Cache-Control") == "no-store"


def test_what_sets_no_caching_is_not_to_be_stored(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    for target in ("/away", "/nothing", "/live", "/metrics"):
        assert ask(app, target).header("Cache-Control") == "no-store", target
    assert ask(app, "/page").header("Cache-Control") != "no-store"


def test_an_answer_may_set_headers_of_its_own(service: Callable[..., OutermostLayer]) -> None:
    answer = ask(service(), "/own")
    assert answer.header("Cache-Control") == "max-age=60"
    assert answer.header("Content-Security-Policy") == "default-src 'self'"


def test_answers_name_their_release(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    for target in ("/page", "/page", "/export"):
        assert ask(app, target).header("X-Release") == "2026.01.02"
    assert ask(app, "/live").header("X-Release") is None


def test_any_origin_may_read_every_answer_and_none_varies_by_it(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    for target in ("/page", "/page", "/export", "/nothing", "/fault"):
        for headers in ([], [("Origin", "https://a.example")]):
            answer = ask(app, target, *headers)
            assert answer.header("Access-Control-Allow-Origin") == "*"
            assert "X-Release" in (answer.header("Access-Control-Expose-Headers") or "")
            assert "Origin" not in (answer.header("Vary") or "")


ONE, OTHER = "https://one.example", "https://two.example"


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("origins", [["*"], [ONE, OTHER]], ids=["any", "several"])
def test_every_answer_says_who_may_read_it(
    service: Callable[..., OutermostLayer], name: str, origins: list[str]
) -> None:
    method, target, headers, settings, _ = ANSWERS[name]
    app = service(**settings | {"cors_origins": origins})
    for origin in (None, ONE, OTHER, "https://three.example", "null"):
        sent = [pair for pair in headers if pair[0] != "Origin"] + ([("Origin", origin)] if origin else [])
        if name == "a repeated header":
            sent += [("Range", "bytes=0-1"), ("Range", "bytes=0-2")]
        for _ in range(2):
            answer = ask(app, target, *sent, method=method)
            allowed = "*" if origins == ["*"] else origin if origin in origins else None
            assert answer.header("Access-Control-Allow-Origin") == allowed
            assert ("Origin" in (answer.header("Vary") or "").split(", ")) is (
                origins != ["*"] or bool(origin and name.endswith("preflight"))  # Starlette's own
            )
            assert len([name for name, _ in answer.headers if name.lower() == "vary"]) <= 1
            readable = (answer.header("Access-Control-Expose-Headers") or "").split(", ")
            assert (readable == list(EXPOSED)) is bool(allowed)


def test_scripts_may_read_every_header_that_says_something(service: Callable[..., OutermostLayer]) -> None:
    always = {"Cache-Control", "Content-Length", "Content-Type"}
    for_browsers = {*SECURITY_HEADERS, "Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
    for name in ANSWERS:
        for header, _ in answered(service, name, "http").headers:
            if not header.lower().startswith("access-control-"):
                known = {key.lower() for key in (*EXPOSED, *always, *for_browsers, "Content-Range")}
                assert header.lower() in known, (name, header)


@pytest.mark.parametrize("name", ["a refused preflight", "a wrong host", "a range"])
def test_plain_text_errors_become_problem_documents(service: Callable[..., OutermostLayer], name: str) -> None:
    answer = answered(service, name, "http")
    assert answer.header("Content-Type") == "application/problem+json"
    assert answer.header("Content-Length") == str(len(answer.body))
    problem = json.loads(answer.body)
    assert problem["status"] == answer.status
    assert problem["detail"].endswith(".")
    assert problem["type"] == f"urn:immunofacts:problem:{'wrong-host' if name == 'a wrong host' else 'http'}"
    if name == "a range":
        assert (answer.header("Content-Range"), problem["detail"]) == ("bytes */5", "No.")
    if name == "a refused preflight":
        assert "Origin" in (answer.header("Vary") or "")


def test_a_plain_text_error_without_text_says_its_status(service: Callable[..., OutermostLayer]) -> None:
    assert json.loads(ask(service(), "/plain").body)["detail"] == "Requested Range Not Satisfiable."


def test_plain_text_that_is_no_error_stays(service: Callable[..., OutermostLayer]) -> None:
    answer = ask(service(), "/metrics")
    assert (answer.status, answer.header("Content-Type")) == (200, "text/plain; charset=utf-8")


def test_a_page_may_run_its_own_scripts_only() -> None:
    policy = content_security_policy("<script>one()</script><p><script src='x.js'></script><script>two()</script>")
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert script.count("'sha256-") == 2
    assert "unsafe" not in script
