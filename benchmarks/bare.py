"""The yardstick: a bare ASGI application that returns finished answers, and does nothing else.

Run by `python -m benchmarks.bare PORT FILE [access-log]`. The file is a pickle of this run's own making: for each
target, status, headers and body. With `access-log`, uvicorn logs each request, as it does by default.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

Bare = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers and body."""


def messages(answer: Bare) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two messages that an answer is."""
    status, headers, body = answer
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def constant(answer: Bare) -> ASGIApp:
    """Always the same answer."""
    start, body = messages(answer)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  # as ASGI calls it
        await send(start)
        await send(body)

    return app


def varied(answers: dict[str, Bare]) -> ASGIApp:
    """The answer of each target."""
    known = {target.encode(): messages(answer) for target, answer in answers.items()}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  # as ASGI calls it
        query = scope["query_string"]
        start, body = known[scope["raw_path"] + b"?" + query if query else scope["raw_path"]]
        await send(start)
        await send(body)

    return app


if __name__ == "__main__":
    finished: dict[str, Bare] = pickle.loads(Path(sys.argv[2]).read_bytes())  # noqa: S301  # written by this very run
    chosen = constant(*finished.values()) if len(finished) == 1 else varied(finished)
    logs = "access-log" in sys.argv
    uvicorn.run(
        chosen,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=logs,
        log_level="info" if logs else "warning",
        server_header=False,
    )
