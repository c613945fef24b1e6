"""Errors that Starlette writes as plain text (wrong host, refused preflight, 416) become problem documents."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import Problem, ProblemType

KNOWN = {"Invalid host header": (ProblemType.WRONG_HOST, "The service is not known by the name in `Host`.")}
"""Texts that have a type of problem of their own."""
REPLACED = {b"content-type", b"content-length", b"cache-control"}
"""Headers of the plain text that the problem document has its own of."""


class PlainTextErrors:
    """Replaces plain-text errors by problem documents; their other headers stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, errors as problem documents."""
        replaced: Message | None = None
        text = b""

        async def send_problem(message: Message) -> None:
            nonlocal replaced, text
            if message["type"] == "http.response.start" and _is_plain_error(message):
                replaced = message
            elif replaced is None:
                await send(message)
            else:
                text += message.get("body", b"")
                if not message.get("more_body"):
                    await _send_document(replaced, text.decode("utf-8", "replace"), scope["path"], send)

        await self._app(scope, receive, send_problem)


def _is_plain_error(message: Message) -> bool:
    kind = next((value for name, value in message.get("headers", []) if name == b"content-type"), b"")
    return bool(message["status"] >= HTTPStatus.BAD_REQUEST and kind.startswith(b"text/plain"))


async def _send_document(start: Message, text: str, path: str, send: Send) -> None:
    status = HTTPStatus(start["status"])
    if text in KNOWN:
        problem = Problem(*KNOWN[text])
    else:
        detail = (text or status.phrase).rstrip(".") + "."
        problem = Problem(ProblemType.MALFORMED, detail, status=status)
    document = problem.response(path)
    kept = [pair for pair in start["headers"] if pair[0] not in REPLACED]
    await send({"type": "http.response.start", "status": status, "headers": [*document.raw_headers, *kept]})
    await send({"type": "http.response.body", "body": document.body})
