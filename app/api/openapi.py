"""The OpenAPI document as it is served, and the pages that show it without internet.

The document is made in a process of its own: the schemas of all models would stay in the memory of a worker. It is kept
beside the compiled code that it follows from, so that it is made once, not by each worker.
"""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.api import documentation
from app.api.conditional import OF_THE_CODE, code_digest
from app.api.document import add_examples
from app.api.errors import Problem, ProblemType
from app.api.examples import examples
from app.api.openapi_3_0 import as_3_0
from app.api.subprocesses import run_module
from app.release.database import NotReadyError
from app.release.opened import OpenRelease
from app.release.store import Store

ASSETS = Path(str(distribution("fastapi-offline").locate_file("fastapi_offline/static")))
"""Of FastAPI Offline: found without importing FastAPI, which takes 9 MB."""
FOREIGN_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"


class _Assets(StaticFiles):
    """Files that may be kept for a while."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """A file."""
        response = super().file_response(*args, **kwargs)
        response.headers.update(OF_THE_CODE)
        return response


class Documentation:
    """The OpenAPI document and the pages that show it."""

    def __init__(self, app: Starlette, files: Callable[[ASGIApp], ASGIApp]) -> None:
        """Document an application; `files` is a layer for static files."""
        self._app = app
        self._files = files
        self._release = ""
        self._document = b""
        self._lock = asyncio.Lock()

    def routes(self) -> list[Route | Mount]:
        """The routes of the documentation."""
        return [
            Route("/", self.redirect, name="root"),
            Route("/docs", self.swagger_ui, name="docs"),
            Route("/redoc", self.redoc, name="redoc"),
            Route("/openapi.json", self.document, name="openapi"),
            Route("/openapi-3.0.json", self.document_3_0, name="openapi_3_0"),
            Route("/assets/redoc.standalone.js", self.redoc_script, name="redoc_script"),
            Mount("/assets", self._files(_Assets(directory=ASSETS)), name="assets"),
        ]

    async def redirect(self, request: Request) -> Response:
        """Send whoever asks the bare address to the documentation; pages, where there are some, take the browsers."""
        docs = _prefix(request) + "/docs"
        body = orjson.dumps({"documentation": docs})
        headers = OF_THE_CODE | {"Location": docs, "Vary": "Accept"}
        return Response(body, status_code=307, media_type="application/json", headers=headers)

    async def swagger_ui(self, request: Request) -> Response:
        """Swagger UI."""
        return self._guarded(documentation.swagger_ui(_prefix(request)))

    async def redoc(self, request: Request) -> Response:
        """ReDoc."""
        return self._guarded(documentation.redoc(_prefix(request)))

    async def redoc_script(self, _: Request) -> Response:
        """ReDoc's script, without the one picture that it would fetch from elsewhere."""
        script = (ASSETS / "redoc.standalone.js").read_text(encoding="utf-8").replace(FOREIGN_LOGO, NO_PICTURE)
        return Response(script, media_type="text/javascript", headers=OF_THE_CODE)

    async def document(self, request: Request) -> Response:
        """The document, with examples out of the current release. Raises `Problem`."""
        return _answered(request, "/openapi.json", *await self._current())

    async def document_3_0(self, request: Request) -> Response:
        """The same as OpenAPI 3.0: Swagger UI reads it in half the time. Raises `Problem`."""
        version, document = await self._current()
        older = await asyncio.to_thread(lambda: orjson.dumps(as_3_0(orjson.loads(document))))
        return _answered(request, "/openapi-3.0.json", version, older)

    async def _current(self) -> tuple[str, bytes]:
        """The release and the document with its examples, made once a release."""
        store: Store = self._app.state.store
        try:
            release: OpenRelease | None = await store.current()
        except NotReadyError:
            release = None
        version = release.version if release else ""
        async with self._lock:
            if not self._document or self._release != version:
                document = orjson.loads(await written())
                del document["servers"]  # they depend on the way of the request
                add_examples(document, await examples(self._app, release) if release else {})
                self._release, self._document = version, orjson.dumps(document)
            return self._release, self._document

    def _guarded(self, page: str) -> HTMLResponse:
        """A page with the policy under which it works."""
        headers = {
            "Content-Security-Policy": documentation.content_security_policy(page),
            "Cache-Control": "public, max-age=300",
        }
        return HTMLResponse(page, headers=headers)


def _answered(request: Request, route: str, version: str, document: bytes) -> Response:
    """A document with the servers of the way that a request came."""
    request.scope["state"]["route"] = route
    if version:  # it is then kept, compressed, and has its ETag, as other answers out of a release
        request.scope["state"]["release"] = version
    servers = b'{"servers":[{"url":"%s"}],' % (_prefix(request) or "/").encode()
    return Response(servers + document[1:], media_type="application/json")


def _prefix(request: Request) -> str:
    """The path under which a proxy offers the service."""
    return str(request.scope.get("root_path", ""))


def keep(document: bytes) -> None:
    """Keep the document without examples for servers of the same code, in place of that of other code."""
    path = _kept_file()
    with suppress(OSError):  # the folder of the code may be read-only
        path.parent.mkdir(parents=True, exist_ok=True)
        for other in path.parent.glob(f"{Path(__file__).stem}.*.json"):
            other.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(document)
        Path(file.name).chmod(0o644)  # an image is built by one user, and serves as another
        Path(file.name).rename(path)


def _kept_file() -> Path:
    """Where the document of this code, and of these versions of what makes it, is kept."""
    made_by = f"{distribution('pydantic').version}-{code_digest()[:24]}"
    return Path(cache_from_source(__file__)).with_suffix(f".{made_by}.json")


async def written() -> bytes:
    """The document without examples: kept, or written by `immunofacts openapi`. Raises `Problem` where that fails."""
    with suppress(OSError):
        return _kept_file().read_bytes()
    with tempfile.TemporaryFile() as file:
        if not await run_module("app", "openapi", output=file):
            raise Problem(ProblemType.NOT_READY, "The OpenAPI document could not be made.")
        file.seek(0)
        return file.read()
