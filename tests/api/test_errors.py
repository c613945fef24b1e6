"""Problems: every exception becomes one document (RFC 9457), in one place."""

import asyncio
import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api import handlers
from app.api.errors import InvalidParam, Problem, ProblemType, bad_parameter, example, not_found
from app.release.database import DeadlineError, NotReadyError


@pytest.mark.parametrize("kind", ProblemType, ids=lambda kind: kind.name)
def test_every_type_of_problem_is_a_document(kind: ProblemType) -> None:
    answer = Problem(kind, "Something.").response("/therapies")
    document = json.loads(bytes(answer.body))
    assert answer.status_code == document["status"] == kind.status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert document["type"] == f"urn:immunofacts:problem:{kind.value[1]}"
    assert document["detail"] == "Something."
    assert document["instance"] == "/therapies"
    assert document["errors"] == []
    assert ("retry-after" in answer.headers) is (kind.status == 503)
    assert example(kind)["status"] == kind.status


def test_a_parameter_says_what_is_wrong_allowed_and_near() -> None:
    problem = bad_parameter("class", "No such class.", allowed="an id", suggestions=["car-t"])
    document = json.loads(bytes(problem.response("/therapies").body))
    assert document["detail"] == "No such class."
    assert document["errors"] == [
        {"parameter": "class", "detail": "No such class.", "allowed": "an id", "suggestions": ["car-t"]}
    ]
    several = Problem(
        ProblemType.BAD_PARAMETER, params=[InvalidParam(parameter=name, detail=f"{name}.") for name in "ab"]
    )
    assert several.detail == "a. b."


def test_nothing_comes_back_as_it_was_sent() -> None:
    problem = not_found("therapy", "<script>" * 1000)
    answer = problem.response("/therapies/é" + "x" * 1000)
    assert len(answer.body) < 1_000
    assert bytes(answer.body).isascii()
    assert problem.title == "No such therapy"


RAISED = {
    "a problem": (bad_parameter("x", "No."), 422, "bad-parameter", "No."),
    "not ready": (NotReadyError("Run `immunofacts migrate`."), 503, "not-ready", "Run `immunofacts migrate`."),
    "a deadline": (DeadlineError(), 503, "deadline", "took too long"),
    "one of the framework": (HTTPException(418, "A teapot"), 418, "http", "A teapot"),
    "a fault": (ZeroDivisionError("secret"), 500, "fault", "fault of the server"),
}


@pytest.mark.parametrize(("error", "status", "kind", "detail"), RAISED.values(), ids=RAISED.keys())
def test_every_exception_is_answered_in_one_place(error: Exception, status: int, kind: str, detail: str) -> None:
    async def raising(_: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/raising", raising)], exception_handlers=handlers.HANDLERS)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/raising")

    answer = asyncio.run(ask())
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"].endswith(f":{kind}")
    assert detail in document["detail"]
    assert "secret" not in answer.text
