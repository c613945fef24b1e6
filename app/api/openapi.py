"""The OpenAPI document with real examples, and the pages that show it without internet."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import fastapi_offline
import orjson
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response
from starlette.requests import Request
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.api.descriptions import DESCRIPTION, TITLE
from app.api.endpoint import Endpoint
from app.api.errors import MEDIA_TYPE, ProblemDocument, ProblemType, example
from app.api.formats import MEDIA_TYPES, TABLES, Format
from app.api.formats.csv_format import columns
from app.nouns.registry import fact_nouns, nouns
from app.release.database import NotReadyError
from app.release.opened import OpenRelease
from app.release.store import Store

ASSETS = Path(fastapi_offline.__file__).parent / "static"
FOREIGN_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
REFERENCE = "#/components/schemas/{model}"
PROBLEMS = {
    "400": example(ProblemType.WRONG_HOST, detail="The service is not known by the name in `Host`."),
    "404": example(
        ProblemType.NOT_FOUND,
        noun="therapy",
        parameter="id",
        detail="There is no therapy 'pembrolizumap'.",
        suggestions=["pembrolizumab"],
    ),
    "406": example(ProblemType.NOT_ACCEPTABLE),
    "413": example(ProblemType.BODY_TOO_LONG),
    "414": example(ProblemType.QUERY_TOO_LONG),
    "422": example(
        ProblemType.BAD_PARAMETER,
        parameter="condition",
        detail="No value of `condition` is called 'melanomma'.",
        allowed="an id or a known name of /conditions",
        suggestions=["melanoma"],
    ),
    "429": example(ProblemType.TOO_MANY_REQUESTS, detail="600 per 1 minute are answered to one client."),
    "503": example(ProblemType.NOT_READY),
}
"""An example of each problem."""

Examples = Mapping[str, Any]
"""An answer by path."""


class Documentation:
    """The OpenAPI document and the pages that show it."""

    def __init__(self, app: FastAPI, page_policy: Callable[[str], str], files: Callable[[ASGIApp], ASGIApp]) -> None:
        """Document an application; `page_policy` is that of a page, `files` a layer for static files."""
        self._app = app
        self._page_policy = page_policy
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
            Route("/assets/redoc.standalone.js", self.redoc_script, name="redoc_script"),
            Mount("/assets", self._files(StaticFiles(directory=ASSETS)), name="assets"),
        ]

    async def redirect(self, request: Request) -> Response:
        """Send a visitor of the bare address to the documentation."""
        docs = _prefix(request) + "/docs"
        body = orjson.dumps({"documentation": docs})
        return Response(body, status_code=307, media_type="application/json", headers={"Location": docs})

    async def swagger_ui(self, request: Request) -> Response:
        """Swagger UI."""
        prefix = _prefix(request)
        return self._guarded(
            get_swagger_ui_html(
                openapi_url=f"{prefix}/openapi.json",
                title=f"{TITLE}: documentation",
                swagger_js_url=f"{prefix}/assets/swagger-ui-bundle.js",
                swagger_css_url=f"{prefix}/assets/swagger-ui.css",
                swagger_favicon_url=f"{prefix}/assets/favicon.png",
                swagger_ui_parameters={
                    "deepLinking": True,
                    "docExpansion": "list",
                    "defaultModelsExpandDepth": 0,
                    "displayRequestDuration": True,
                },
            )
        )

    async def redoc(self, request: Request) -> Response:
        """ReDoc."""
        prefix = _prefix(request)
        return self._guarded(
            get_redoc_html(
                openapi_url=f"{prefix}/openapi.json",
                title=f"{TITLE}: reference",
                redoc_js_url=f"{prefix}/assets/redoc.standalone.js",
                redoc_favicon_url=f"{prefix}/assets/favicon.png",
                with_google_fonts=False,
            )
        )

    async def redoc_script(self, _: Request) -> Response:
        """ReDoc's script, without the one picture that it would fetch from elsewhere."""
        script = (ASSETS / "redoc.standalone.js").read_text(encoding="utf-8").replace(FOREIGN_LOGO, NO_PICTURE)
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})

    async def document(self, request: Request) -> Response:
        """The document, with examples out of the current release; made once a release, in a thread."""
        store: Store = self._app.state.store
        try:
            release: OpenRelease | None = await store.current()
        except NotReadyError:
            release = None
        version = release.version if release else ""
        async with self._lock:
            if not self._document or self._release != version:
                examples = await self._examples(store, release) if release else {}
                endpoints = [route for route in self._app.routes if isinstance(route, Endpoint)]
                made = await asyncio.to_thread(openapi_document, endpoints, self._app.version, examples)
                self._release, self._document = version, orjson.dumps(made)
        request.scope["state"]["route"] = "/openapi.json"
        if version:  # it is then kept, compressed, and has its ETag, as other answers out of a release
            request.scope["state"]["release"] = version
        servers = b'{"servers":[{"url":"%s"}],' % (_prefix(request) or "/").encode()
        return Response(servers + self._document[1:], media_type="application/json")

    async def _examples(self, store: Store, release: OpenRelease) -> Examples:
        """A real answer for each path: the first record of each list, and whatever the comparisons show."""
        found: dict[str, Any] = await store.compute(lambda connection: self._app.state.examples(connection, release))
        for noun in nouns():
            if not release.counts.get(noun.name):
                continue
            whole = (await store.documents(release, noun, [0], whole=True))[0]
            listed = (await store.documents(release, noun, [0]))[0]
            page = {
                "items": [orjson.loads(listed)],
                "total": 1,
                "next": None,
                "query": {"limit": 20},
                "release": release.version,
                "permalink": f"/{noun.name}?release={release.version}",
            }
            found |= {f"/{noun.name}": page, f"/{noun.name}/{{id}}": orjson.loads(whole)}
            if noun.section:
                found[f"/therapies/{{id}}/{noun.name}"] = page
        return found

    def _guarded(self, page: HTMLResponse) -> HTMLResponse:
        """A page with the policy under which it works."""
        page.headers["Content-Security-Policy"] = self._page_policy(bytes(page.body).decode())
        page.headers["Cache-Control"] = "public, max-age=300"
        return page


def _prefix(request: Request) -> str:
    """The path under which a proxy offers the service."""
    return str(request.scope.get("root_path", ""))


def openapi_document(endpoints: Iterable[Endpoint], version: str, examples: Examples) -> dict[str, Any]:
    """The OpenAPI document of endpoints, with examples by path."""
    document = get_openapi(
        title=TITLE,
        version=version,
        description=DESCRIPTION,
        routes=[endpoint.documented() for endpoint in endpoints],
        license_info={"name": "Facts CC0-1.0, code Apache-2.0", "identifier": "Apache-2.0 AND CC0-1.0"},
        tags=[{"name": name, "description": text} for name, text in _tags().items()],
    )
    own_pages = {f"/{noun.name}" for noun in nouns()} | {f"/therapies/{{id}}/{noun.name}" for noun in fact_nouns()}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _without_null(parameter["schema"])
            for status, answer in operation["responses"].items():
                content = answer.setdefault("content", {})
                if status in PROBLEMS:
                    schema = {"$ref": REFERENCE.format(model="Problem")}
                    answer["content"] = {MEDIA_TYPE: {"schema": schema, "example": PROBLEMS[status]}}
                elif path in examples and "application/json" in content:
                    content["application/json"]["example"] = examples[path]
                    if path in own_pages or path.endswith("/{id}"):
                        content.update(_other_formats(path))
    _link(document["paths"])
    schemas = document["components"]["schemas"]
    problem = ProblemDocument.model_json_schema(ref_template=REFERENCE, mode="serialization")
    schemas |= problem.pop("$defs") | {"Problem": problem | {"title": "Problem"}}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _tags() -> dict[str, str]:
    """Groups of operations, in the order of the page."""
    return {noun.name: noun.list_description for noun in nouns()} | {
        "names": "Suggestions while a user types, resolving of given names, and search over everything.",
        "releases": "The loads of the fact base; a release never changes.",
        "service": "What the service says of itself.",
    }


def _link(paths: dict[str, Any]) -> None:
    """Say where a record of a list is found by itself, and where the lists of a therapy are (OpenAPI links)."""
    for noun in nouns():
        single = paths[f"/{noun.name}/{{id}}"]["get"]
        first = {"operationId": single["operationId"], "parameters": {"id": "$response.body#/items/0/id"}}
        paths[f"/{noun.name}"]["get"]["responses"]["200"]["links"] = {"first": first}
    nested = {noun.name: paths[f"/therapies/{{id}}/{noun.name}"]["get"] for noun in fact_nouns()}
    paths["/therapies/{id}"]["get"]["responses"]["200"]["links"] = {
        name: {"operationId": operation["operationId"], "parameters": {"id": "$response.body#/id"}}
        for name, operation in nested.items()
    }


def _other_formats(path: str) -> dict[str, Any]:
    """The media types that a list, or a single record, answers beside JSON; for tables, with their columns."""
    tables = {MEDIA_TYPES[format_] for format_ in TABLES} if path.endswith("{id}") else set()
    kinds = set(MEDIA_TYPES.values()) - {"application/json"} - tables
    found: dict[str, Any] = {kind: {"schema": {"type": "string"}} for kind in sorted(kinds)}
    found[MEDIA_TYPES[Format.CSL_JSON]]["schema"] = {"type": "array", "items": {"type": "object"}}
    noun = next((noun for noun in nouns() if path.endswith(f"/{noun.name}")), None)
    if noun:
        rows = "\n".join(f"- `{name}`" + (f": {text}" if text else "") for name, text in columns(noun.listed))
        found["text/csv"]["schema"]["description"] = f"UTF-8, RFC 4180. Columns:\n\n{rows}"
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that may be left out: a query string has no null, so none is offered."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    found: dict[str, Any] = {key: value for key, value in schema.items() if key not in {"anyOf", "title"}} | kinds[0]
    return found
