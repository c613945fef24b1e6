"""Requests to an ASGI application without a server, header by header as a test gives them."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

Headers = Sequence[tuple[str, str]]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name.lower()]

    def header(self, name: str) -> str | None:
        """The one value of a header, or None."""
        found = self.all(name)
        assert len(found) <= 1, (name, found)
        return found[0] if found else None


def scope_of(target: str, method: str = "GET", headers: Headers = (), **more: Any) -> dict[str, Any]:
    """The scope of a request as uvicorn makes it."""
    path, _, query = target.partition("?")
    named = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": named,
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.1", 1234),
        "state": {},
    } | more


def ask(
    app: ASGIApp,
    target: str,
    *headers: tuple[str, str],
    method: str = "GET",
    body: bytes | list[bytes] = b"",
    host: str | None = "test",
    **scope: Any,
) -> Answer:
    """The answer of an application to a request."""
    given = [*([("Host", host)] if host is not None else []), *headers]
    return asyncio.run(_ask(app, scope_of(target, method, given, **scope), [body] if isinstance(body, bytes) else body))


async def _ask(app: ASGIApp, scope: dict[str, Any], parts: list[bytes]) -> Answer:
    left = list(parts)
    messages: list[Message] = []

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()  # the client stays
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Message) -> None:
        messages.append(message)

    try:
        await asyncio.wait_for(app(scope, receive, send), 20)
    except RuntimeError:
        assert messages, "The application raised before it answered."
    start, *rest = messages
    headers = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
    return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))
