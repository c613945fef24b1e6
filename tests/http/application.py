"""A small application behind the layers of `app.http`, for tests that need a real server: `python -m` this module."""

import asyncio
import os
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, request_response

from app.config import Settings
from app.http.cache import OutermostLayer
from app.http.plain_text_errors import PlainTextErrors
from app.http.server import run
from app.http.stack import build
from app.http.telemetry import metrics

RELEASE = ("2026.01.02", "abcdef")
calls: list[str] = []
"""What was asked of the application itself, that is, not answered from the cache."""


def _of_release(request: Request) -> None:
    """Note what the layers are to know of a request, as the endpoints of the API do."""
    version = request.query_params.get("release", RELEASE[0]).replace("latest", RELEASE[0])
    request.scope["state"].update(route=request.url.path, release=version)
    calls.append(str(request.url))


async def page(request: Request) -> Response:
    """A page that depends on `Accept` and on the query."""
    _of_release(request)
    accept = request.headers.get("accept", "*/*")
    return JSONResponse(
        {"accept": accept, "query": str(request.query_params), "padding": "x" * 2000, "scheme": request.url.scheme},
        headers={"Link": '</page?cursor=2>; rel="next"'},
    )


async def export(request: Request) -> Response:
    """A stream; for HEAD, its headers only."""
    _of_release(request)

    async def rows() -> AsyncIterator[bytes]:
        for number in range(int(request.query_params.get("rows", 5))):
            calls.append(f"row {number}")
            if number and "fault" in request.query_params:
                raise RuntimeError("a fault within a stream")
            yield b"x" * 10_000
            await asyncio.sleep(0.001)

    head = request.scope["state"].get("head")
    headers = {"ETag": '"abc"', "Accept-Ranges": "bytes"} if "etag" in request.query_params else {}
    headers |= {"Content-Length": "50000"} if "length" in request.query_params else {}
    return StreamingResponse(iter(()) if head else rows(), media_type="text/csv", headers=headers)


async def picture(_: Request) -> Response:
    """What is compressed already."""
    return Response(b"x" * 5000, media_type="image/png")


async def slow(request: Request) -> Response:
    """An answer after some seconds."""
    await asyncio.sleep(float(request.query_params.get("seconds", 0.5)))
    return JSONResponse({"slow": True})


async def echo(request: Request) -> Response:
    """The body of the request."""
    return JSONResponse({"body": (await request.body()).decode(), "cookie": request.headers.get("cookie")})


async def fault(_: Request) -> Response:
    """A fault of the application."""
    raise RuntimeError("a fault of the application")


async def plain(request: Request) -> Response:
    """A plain-text error with a header that must stay."""
    return PlainTextResponse(request.query_params.get("text", ""), 416, headers={"Content-Range": "bytes */5"})


async def own(_: Request) -> Response:
    """An answer that sets headers which others get by default."""
    return Response(b"own", headers={"Cache-Control": "max-age=60", "Content-Security-Policy": "default-src 'self'"})


async def counted(_: Request) -> Response:
    """The metrics."""
    return PlainTextResponse(metrics(RELEASE))


async def live(_: Request) -> Response:
    """Which process answers."""
    return JSONResponse({"status": "live", "pid": os.getpid()})


def routes() -> list[Route]:
    """All routes."""
    return [
        Route("/page", page),
        Route("/export", export),
        Route("/picture", picture),
        Route("/slow", slow),
        Route("/echo", echo, methods=["POST"]),
        Route("/fault", fault),
        Route("/plain", PlainTextErrors(request_response(plain))),
        Route("/own", own),
        Route("/away", lambda _: RedirectResponse("/page")),
        Route("/live", live),
        Route("/ready", live),
        Route("/metrics", counted),
    ]


def create(settings: Settings | None = None) -> OutermostLayer:
    """The application behind its layers."""
    return build(Starlette(routes=routes()), settings or Settings(), lambda: RELEASE)


if __name__ == "__main__":
    run(Settings(), "tests.http.application:create")
