"""Answers to what is not HTTP, which no application sees."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.api.errors import Problem, ProblemType
from app.http.headers import complete
from app.http.origins import Headers, Origins


def refusal(status: HTTPStatus, detail: str, scheme: str, server_headers: Headers, origins: Origins) -> bytes:
    """A problem document as it is sent, after which the connection is closed."""
    answer = Problem(ProblemType.MALFORMED, detail, title=status.phrase, status=status).response("")
    headers = complete([*server_headers, *answer.raw_headers], {"scheme": scheme, "state": {}}, origins)
    lines = [b"%s: %s\r\n" % pair for pair in [*headers, (b"connection", b"close")]]
    return b"".join([STATUS_LINE[status], *lines, b"\r\n", bytes(answer.body)])
