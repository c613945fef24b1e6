"""Errors as the client sees them: typed problems, one body (RFC 9457), one place that turns the one into the other."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from rapidfuzz import process
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from app.database import DeadlineError
from app.hardening import HARDENED
from app.queries.listing import BadParameterError
from app.reader import NotReadyError

MEDIA_TYPE = "application/problem+json"


class Culprit(BaseModel):
    """One thing wrong with a request."""

    parameter: str = Field(description="Query parameter, or part of the path, that cannot be answered.")
    detail: str = Field(description="What is wrong with it.")
    allowed: str | None = Field(default=None, description="What is allowed.")
    suggestions: list[str] = Field(default=[], description="The nearest that would be answered, best first.")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Kind of problem, as a URN.", examples=["urn:immunofacts:problem:bad-parameter"])
    title: str = Field(examples=["A parameter cannot be answered"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["No value of `target` is called 'PD-9'."])
    instance: str = Field(description="Path that was asked for.", examples=["/therapies"])
    errors: list[Culprit] = []


class ProblemError(Exception):
    """A problem to be answered to the client."""

    def __init__(
        self, status: HTTPStatus, kind: str, title: str, culprits: Sequence[Culprit] = (), detail: str | None = None
    ) -> None:
        super().__init__(title)
        self.status = status
        self.kind = kind
        self.title = title
        self.culprits = list(culprits)
        self.detail = detail or " ".join(culprit.detail for culprit in culprits)
        self.headers: dict[str, str] = {}


def bad_parameter(*culprits: Culprit) -> ProblemError:
    """The problem of a parameter that is unknown, or whose value cannot be answered."""
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "bad-parameter", "A parameter cannot be answered", list(culprits)
    )


def not_found(noun: str, record_id: str, suggestions: Sequence[str] = ()) -> ProblemError:
    """The problem of an id that no record has."""
    detail = f"There is no {noun} {record_id[:120]!r}."
    culprit = Culprit(parameter="id", detail=detail, suggestions=list(suggestions))
    return ProblemError(HTTPStatus.NOT_FOUND, "not-found", f"No such {noun}", [culprit])


def unknown_parameter(name: str, known: Sequence[str]) -> Culprit:
    """The culprit of a parameter that an operation does not take."""
    nearest = [match for match, *_ in process.extract(name[:100], known, limit=3, score_cutoff=60)]
    allowed = ", ".join(known) or "none"
    return Culprit(
        parameter=name[:100],
        detail=f"There is no parameter {name[:100]!r} here.",
        allowed=f"one of: {allowed}",
        suggestions=nearest,
    )


def response(problem: ProblemError, path: str) -> Response:
    """The answer that tells a client of a problem. Never cached."""
    body = Problem(
        type=f"urn:immunofacts:problem:{problem.kind}",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        instance=path[:200],
        errors=problem.culprits,
    )
    content = body.model_dump(mode="json", exclude_none=True)
    text = json.dumps(content, ensure_ascii=True)
    headers = {"Cache-Control": "no-store", **HARDENED, **problem.headers}
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", "2")
    return Response(text, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Make every error of an application a problem document."""

    @app.exception_handler(ProblemError)
    async def on_problem(request: Request, error: ProblemError) -> Response:
        return response(error, request.url.path)

    @app.exception_handler(BadParameterError)
    async def on_bad_parameter(request: Request, error: BadParameterError) -> Response:
        culprit = Culprit(
            parameter=error.parameter, detail=error.message, allowed=error.allowed, suggestions=error.nearest
        )
        return response(bad_parameter(culprit), request.url.path)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        culprits = [_culprit(item, _known(request)) for item in error.errors()]
        unique = {(culprit.parameter, culprit.detail): culprit for culprit in culprits}
        return response(bad_parameter(*unique.values()), request.url.path)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        path = request.url.path
        if status is HTTPStatus.NOT_FOUND:
            detail = f"There is nothing at {path[:120]!r}; /docs shows every path."
            problem = ProblemError(status, "not-found", "No such path", detail=detail)
        elif status is HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(_methods(request))
            detail = f"{request.method} is not answered at {path[:120]!r}, but {allowed}."
            problem = ProblemError(status, "method-not-allowed", "Method not allowed", detail=detail)
            problem.headers = {"Allow": allowed}
        else:
            problem = ProblemError(status, "http", status.phrase, detail=str(error.detail))
        return response(problem, path)

    @app.exception_handler(NotReadyError)
    async def on_not_ready(request: Request, error: NotReadyError) -> Response:
        problem = ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "The fact base is not ready", detail=str(error)
        )
        return response(problem, request.url.path)

    @app.exception_handler(DeadlineError)
    async def on_deadline(request: Request, _: DeadlineError) -> Response:
        detail = "The answer took too long. Ask for less: a narrower filter, fewer facets, a smaller page."
        problem = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "deadline", "The answer took too long", detail=detail)
        return response(problem, request.url.path)

    @app.exception_handler(Exception)
    async def on_fault(request: Request, _: Exception) -> Response:
        detail = "The request could not be answered because of a fault of the server."
        problem = ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", "Fault of the server", detail=detail)
        return response(problem, request.url.path)


def _methods(request: Request) -> list[str]:
    """The methods that a path answers."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    posted = any(route.matches({**request.scope, "method": "POST"})[0] is Match.FULL for route in routes)
    return ["GET", "HEAD", "POST"] if posted else ["GET", "HEAD"]


def _known(request: Request) -> list[str]:
    """The query parameters that the operation takes."""
    route = request.scope.get("route")
    model = getattr(route, "query_model", None) or getattr(getattr(route, "endpoint", None), "query_model", None)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _culprit(error: dict[str, Any], known: Sequence[str]) -> Culprit:
    parameter = str(error["loc"][1] if len(error["loc"]) > 1 else error["loc"][0])
    if error["type"] == "extra_forbidden":
        return unknown_parameter(parameter, known)
    given = error.get("input")
    detail = f"{error['msg']}."
    allowed, suggestions = None, list[str]()
    context = error.get("ctx") or {}
    if error["type"] in {"enum", "literal_error"}:
        values = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        allowed = "one of: " + ", ".join(values)
        matched = process.extract(str(given)[:100].casefold(), values, limit=3, score_cutoff=60)
        suggestions = [value for value, *_ in matched]
        detail = f"No value of `{parameter}` is called {str(given)[:80]!r}."
    elif given is not None and isinstance(given, str):
        detail = f"`{parameter}` cannot be {given[:80]!r}: {error['msg']}."
    return Culprit(parameter=parameter, detail=detail, allowed=allowed, suggestions=suggestions)
