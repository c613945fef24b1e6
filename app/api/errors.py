"""Errors as the client sees them: one typed exception, one document (RFC 9457), one place that makes it."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.api.schemas import NOT_ALWAYS

MEDIA_TYPE = "application/problem+json"
FAULT = "The request could not be answered because of a fault of the server."


class InvalidParam(BaseModel):
    """One thing wrong with a request."""

    model_config = ConfigDict(defer_build=True)

    parameter: str = Field(description="Query parameter, or part of the path, that cannot be answered.")
    detail: str = Field(description="What is wrong with it.")
    allowed: str | None = Field(default=None, description="What is allowed.", json_schema_extra=NOT_ALWAYS)
    suggestions: list[str] = Field(default=[], description="The nearest that would be answered, best first.")


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(defer_build=True)

    type: str = Field(description="Kind of problem, as a URN.", examples=["urn:immunofacts:problem:bad-parameter"])
    title: str = Field(examples=["A parameter cannot be answered"], description="The kind of problem in a few words.")
    status: int = Field(examples=[422], description="HTTP status.")
    detail: str = Field(
        examples=["No value of `target` is called 'PD-9'."], description="What is wrong with this request."
    )
    instance: str = Field(description="Path of the request.", examples=["/therapies"])
    errors: list[InvalidParam] = Field(default=[], description="Each parameter that cannot be answered.")


class ProblemType(Enum):
    """Kinds of problem: status, last part of the URN, title."""

    MALFORMED = (400, "http", "Bad Request")
    WRONG_HOST = (400, "wrong-host", "Wrong host")
    NOT_FOUND = (404, "not-found", "Not found")
    METHOD_NOT_ALLOWED = (405, "method-not-allowed", "Method not allowed")
    NOT_ACCEPTABLE = (406, "not-acceptable", "No such format")
    BODY_TOO_LONG = (413, "too-long", "The body is too long")
    QUERY_TOO_LONG = (414, "too-long", "The query is too long")
    BAD_PARAMETER = (422, "bad-parameter", "A parameter cannot be answered")
    TOO_MANY_REQUESTS = (429, "too-many", "Too many requests")
    FAULT = (500, "fault", "Fault of the server")
    NOT_READY = (503, "not-ready", "The fact base is not ready")
    DEADLINE = (503, "deadline", "The answer took too long")

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status."""
        return HTTPStatus(self.value[0])


class Problem(Exception):  # noqa: N818  # named as RFC 9457 names it
    """A problem to be answered to the client. Raised anywhere in the API, turned into a document in one place.

    `title` and `status`, which has a title, replace those of the type where they are more exact.
    """

    def __init__(
        self,
        type_: ProblemType,
        detail: str = "",
        *,
        params: Sequence[InvalidParam] = (),
        title: str | None = None,
        status: HTTPStatus | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.type = type_
        self.status = status or type_.status
        self.title = title or (status.phrase if status else type_.value[2])
        self.params = list(params)
        self.detail = detail or " ".join(param.detail for param in self.params)
        self.headers = dict(headers or {})

    def response(self, path: str) -> Response:
        """The answer that tells a client of the problem. Never cached."""
        document = ProblemDocument(
            type=f"urn:immunofacts:problem:{self.type.value[1]}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=path[:200],
            errors=self.params,
        )
        content = json.dumps(document.model_dump(mode="json", exclude_none=True), ensure_ascii=True)
        headers = {"Cache-Control": "no-store"} | self.headers
        if self.status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers.setdefault("Retry-After", "2")
        return Response(content, status_code=self.status, media_type=MEDIA_TYPE, headers=headers)


class TooMuch(Problem):
    """More is found than is answered at once; other questions, which find less of it, would be."""


def bad_parameter(
    parameter: str, detail: str, *, allowed: str | None = None, suggestions: Sequence[str] = ()
) -> Problem:
    """The problem of one parameter that is unknown, or whose value cannot be answered."""
    param = InvalidParam(parameter=parameter, detail=detail, allowed=allowed, suggestions=list(suggestions))
    return Problem(ProblemType.BAD_PARAMETER, params=[param])


def too_much(parameter: str, detail: str, allowed: str) -> TooMuch:
    """The problem of a parameter that finds too much."""
    return TooMuch(
        ProblemType.BAD_PARAMETER, params=[InvalidParam(parameter=parameter, detail=detail, allowed=allowed)]
    )


def not_found(noun: str, record_id: str, suggestions: Sequence[str] = (), detail: str | None = None) -> Problem:
    """The problem of an id that no record has, or, as `detail` says, of a name that does not lead to one."""
    detail = detail or f"There is no {noun} {record_id[:120]!r}."
    param = InvalidParam(parameter="id", detail=detail, suggestions=list(suggestions))
    return Problem(ProblemType.NOT_FOUND, params=[param], title=f"No such {noun}")


def example(type_: ProblemType, **param: Any) -> dict[str, Any]:
    """A problem document for the documentation, with one invalid parameter if any is given."""
    title = f"No such {param.pop('noun')}" if "noun" in param else type_.value[2]
    detail = param.pop("detail", title)
    return {
        "type": f"urn:immunofacts:problem:{type_.value[1]}",
        "title": title,
        "status": int(type_.status),
        "detail": detail,
        "instance": "/therapies",
        "errors": [{"detail": detail} | param] if "parameter" in param else [],
    }
