"""The one place that turns every exception into a problem document."""

from http import HTTPStatus
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount, Route

from app.api.errors import FAULT, InvalidParam, Problem, ProblemType
from app.api.other_paths import intended_path, similar_paths
from app.release.database import DeadlineError, NotReadyError

_TOO_SLOW = "The answer took too long. Ask for less: a narrower filter, fewer facets, a smaller page."


def problem_of(error: Exception, request: Request) -> Problem:
    """The problem by which an exception is answered."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DeadlineError):
        return Problem(ProblemType.DEADLINE, _TOO_SLOW)
    if isinstance(error, NotReadyError):
        return Problem(ProblemType.NOT_READY, str(error))
    if isinstance(error, HTTPException):
        return _http_problem(error, request)
    return Problem(ProblemType.FAULT, FAULT)


def _http_problem(error: HTTPException, request: Request) -> Problem:
    """What the framework says by itself: no such path, or method."""
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at {path[:120]!r}; {request.scope.get('root_path', '')}/docs shows every path."
        prefix, own = _without_prefix(request)
        param = InvalidParam(
            parameter="path",
            detail=detail,
            suggestions=[f"{prefix}{other}" for other in similar_paths(own, _templates(request))],
        )
        return Problem(ProblemType.NOT_FOUND, params=[param], title="No such path")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_methods(request))
        detail = f"{request.method} is not answered at {path[:120]!r}, but {allowed}."
        return Problem(ProblemType.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
    return Problem(ProblemType.MALFORMED, str(error.detail), status=HTTPStatus(error.status_code))


def _without_prefix(request: Request) -> tuple[str, str]:
    """The prefix that a proxy strips, and the path without it."""
    prefix, path = str(request.scope.get("root_path", "")), str(request.scope["path"])
    return prefix, path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path


def _templates(request: Request) -> list[str]:
    """The paths that are answered."""
    return [route.path for route in request.app.routes if isinstance(route, Route)]


def _redirect(request: Request) -> Response | None:
    """The redirect from a path that is nearly right to the one that is meant; its query is kept."""
    prefix, own = _without_prefix(request)
    meant = intended_path(own, _templates(request))
    if meant is None or meant == quote(own):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {"Location": f"{prefix}{meant}{query}", "Cache-Control": "public, max-age=86400"}
    return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers=headers)


def _methods(request: Request) -> list[str]:
    """The methods that a path answers."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    found = [
        method
        for method in ("GET", "HEAD", "POST")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return found or ["GET", "HEAD"]


async def answer(request: Request, error: Exception) -> Response:
    """Answer an exception by its problem document; a path that is nearly right by a redirect."""
    no_path = isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND
    if no_path and (moved := _redirect(request)) is not None:
        return moved
    return problem_of(error, request).response(request.url.path)


HANDLERS = dict.fromkeys((Problem, NotReadyError, HTTPException, Exception), answer)
"""What Starlette calls for exceptions of each type, and of those below it."""
