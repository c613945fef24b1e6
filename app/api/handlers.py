"""The one place that turns every exception into a problem document."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount

from app.api.errors import Problem, ProblemType
from app.release.database import DeadlineError, NotReadyError

_TOO_SLOW = "The answer took too long. Ask for less: a narrower filter, fewer facets, a smaller page."
_FAULT = "The request could not be answered because of a fault of the server."


def problem_of(error: Exception, request: Request) -> Problem:
    """What a client is told of an exception."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DeadlineError):
        return Problem(ProblemType.DEADLINE, _TOO_SLOW)
    if isinstance(error, NotReadyError):
        return Problem(ProblemType.NOT_READY, str(error))
    if isinstance(error, HTTPException):
        return _http_problem(error, request)
    return Problem(ProblemType.FAULT, _FAULT)


def _http_problem(error: HTTPException, request: Request) -> Problem:
    """What the framework says by itself: no such path, or method."""
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at {path[:120]!r}; {request.scope.get('root_path', '')}/docs shows every path."
        return Problem(ProblemType.NOT_FOUND, detail, title="No such path")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_methods(request))
        detail = f"{request.method} is not answered at {path[:120]!r}, but {allowed}."
        return Problem(ProblemType.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
    status = HTTPStatus(error.status_code)
    return Problem(ProblemType.MALFORMED, str(error.detail), status=status, title=status.phrase)


def _methods(request: Request) -> list[str]:
    """The methods that a path answers."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    posted = any(route.matches({**request.scope, "method": "POST"})[0] is Match.FULL for route in routes)
    return ["GET", "HEAD", "POST"] if posted else ["GET", "HEAD"]


async def answer(request: Request, error: Exception) -> Response:
    """Answer an exception by its problem document."""
    return problem_of(error, request).response(request.url.path)


HANDLERS = dict.fromkeys((Problem, NotReadyError, HTTPException, Exception), answer)
"""What Starlette calls for exceptions of each type, and of those below it."""
