"""The documentation: the OpenAPI document with real examples, and the pages that show it without internet."""

from pathlib import Path
from threading import Lock
from typing import Any

import fastapi_offline
import orjson
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from starlette.staticfiles import StaticFiles

from app.database import Database
from app.formats import MEDIA_TYPES, TABLES, Format, columns
from app.hardening import page_policy
from app.models.base import table_of
from app.problems import MEDIA_TYPE, Problem
from app.queries.catalogue import LISTS, NESTED
from app.queries.therapies import THERAPIES
from app.reader import NotReadyError
from app.routes import comparison
from app.routes.descriptions import LISTED
from app.routes.reading import ReadRoute

ASSETS = Path(fastapi_offline.__file__).parent / "static"
FOREIGN_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
REFERENCE = "#/components/schemas/{model}"
NO_PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"


def _example(status: int, kind: str, title: str, **culprit: Any) -> dict[str, Any]:
    return {
        "type": f"urn:immunofacts:problem:{kind}",
        "title": title,
        "status": status,
        "detail": culprit.get("detail", title),
        "instance": "/therapies",
        "errors": [culprit] if "parameter" in culprit else [],
    }


TAGS = {name: text for name, (_, text) in LISTED.items()} | {
    "names": "Suggestions while a user types, resolving of names at hand, and search over everything.",
    "releases": "The loads of the fact base; a release never changes.",
    "service": "What the service says of itself.",
}
"""Groups of operations, in the order of the page."""

PROBLEMS = {
    "404": _example(
        404,
        "not-found",
        "No such therapy",
        parameter="id",
        detail="There is no therapy 'pembrolizumap'.",
        suggestions=["pembrolizumab"],
    ),
    "400": _example(400, "wrong-host", "Wrong host", detail="The service is not known by the name in `Host`."),
    "406": _example(406, "not-acceptable", "No such format"),
    "413": _example(413, "too-long", "The body is too long"),
    "414": _example(414, "too-long", "The query is too long"),
    "422": _example(
        422,
        "bad-parameter",
        "A parameter cannot be answered",
        parameter="condition",
        detail="No value of `condition` is called 'melanomma'.",
        allowed="an id or a known name of /conditions",
        suggestions=["melanoma"],
    ),
    "429": _example(429, "too-many", "Too many requests", detail="600 per 1 minute are answered to one client."),
    "503": _example(503, "not-ready", "The fact base is not ready"),
}
"""An example of each problem."""


def install(app: FastAPI) -> None:
    """Serve `/docs`, `/redoc` and their assets from the package, and complete `/openapi.json`."""

    @app.get("/assets/redoc.standalone.js", include_in_schema=False)
    def redoc_script() -> Response:
        """ReDoc, without the one picture that it would fetch from elsewhere."""
        script = (ASSETS / "redoc.standalone.js").read_text(encoding="utf-8").replace(FOREIGN_LOGO, NO_PICTURE)
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})

    app.mount("/assets", StaticFiles(directory=ASSETS), name="assets")

    @app.get("/docs", include_in_schema=False)
    async def swagger_ui() -> HTMLResponse:
        return _guarded(
            get_swagger_ui_html(
                openapi_url="/openapi.json",
                title=f"{app.title}: documentation",
                swagger_js_url="/assets/swagger-ui-bundle.js",
                swagger_css_url="/assets/swagger-ui.css",
                swagger_favicon_url="/assets/favicon.png",
                swagger_ui_parameters={
                    "deepLinking": True,
                    "docExpansion": "list",
                    "defaultModelsExpandDepth": 0,
                    "displayRequestDuration": True,
                },
            )
        )

    @app.get("/redoc", include_in_schema=False)
    async def redoc() -> HTMLResponse:
        return _guarded(
            get_redoc_html(
                openapi_url="/openapi.json",
                title=f"{app.title}: reference",
                redoc_js_url="/assets/redoc.standalone.js",
                redoc_favicon_url="/assets/favicon.png",
                with_google_fonts=False,
            )
        )

    documents: dict[str, dict[str, Any]] = {}
    making = Lock()

    def openapi() -> dict[str, Any]:
        """The document, with examples out of the current release; made once a release."""
        try:
            with app.state.database.read() as reader:
                release = reader.version
        except NotReadyError:
            release = ""
        with making:
            if release not in documents:
                documents.clear()
                documents[release] = _document(app)
            return documents[release]

    @app.get("/openapi.json", include_in_schema=False)
    def document() -> Response:
        """The document. It takes most of a second to make, in a thread of its own: others go on meanwhile."""
        return Response(orjson.dumps(app.openapi()), media_type="application/json")

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way of changing the document


def _guarded(page: HTMLResponse) -> HTMLResponse:
    """A page with the policy under which it works."""
    page.headers["Content-Security-Policy"] = page_policy(bytes(page.body).decode())
    return page


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=[route.documented() if isinstance(route, ReadRoute) else route for route in app.routes],
        license_info=app.license_info,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    examples = _examples(app.state.database)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _without_null(parameter["schema"])
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if status in PROBLEMS:
                    answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
                    answer["content"][MEDIA_TYPE]["example"] = PROBLEMS[status]
                elif path in examples and "application/json" in content:
                    content["application/json"]["example"] = examples[path]
                    if path not in comparison.EXAMPLES:
                        content.update(_other_formats(path))
    _link(document["paths"])
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template=REFERENCE, mode="serialization")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _link(paths: dict[str, Any]) -> None:
    """Say where a record of a list is found by itself, and where the lists of a therapy are (OpenAPI links)."""
    for spec in LISTS:
        single = paths[f"/{spec.name}/{{id}}"]["get"]
        first = {"operationId": single["operationId"], "parameters": {"id": "$response.body#/items/0/id"}}
        paths[f"/{spec.name}"]["get"]["responses"]["200"]["links"] = {"first": first}
    nested = {spec.name: paths[f"/{THERAPIES.name}/{{id}}/{spec.name}"]["get"] for spec in NESTED}
    paths[f"/{THERAPIES.name}/{{id}}"]["get"]["responses"]["200"]["links"] = {
        name: {"operationId": operation["operationId"], "parameters": {"id": "$response.body#/id"}}
        for name, operation in nested.items()
    }


def _other_formats(path: str) -> dict[str, Any]:
    """The media types that a list, or a single record, answers beside JSON; for tables, with their columns."""
    tables = {MEDIA_TYPES[format_] for format_ in TABLES} if path.endswith("{id}") else set()
    kinds = set(MEDIA_TYPES.values()) - {"application/json"} - tables
    found: dict[str, Any] = {kind: {"schema": {"type": "string"}} for kind in sorted(kinds)}
    found[MEDIA_TYPES[Format.CSL_JSON]]["schema"] = {"type": "array", "items": {"type": "object"}}
    spec = next((spec for spec in LISTS if path.endswith(f"/{spec.name}")), None)
    if spec:
        named = columns(spec.summary or spec.form)
        rows = "\n".join(f"- `{name}`" + (f": {text}" if text else "") for name, text in named)
        found["text/csv"]["schema"]["description"] = f"UTF-8, RFC 4180. Columns:\n\n{rows}"
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that may be left out: a query string has no null, so none is offered."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    found: dict[str, Any] = {key: value for key, value in schema.items() if key not in {"anyOf", "title"}} | kinds[0]
    return found


def _examples(database: Database) -> dict[str, Any]:
    """A real answer for each path: the first record of the current release, or one of a known therapy."""
    found: dict[str, Any] = {}
    try:
        with database.read() as reader:
            found |= comparison.examples(reader)
            for spec in LISTS:
                table = table_of(spec.table)
                query = select(table.c.document, spec.document if spec.document is not None else table.c.document)
                query = query.where(table.c.release_id == reader.release_id).order_by(table.c.position)
                row = reader.connection.execute(query.limit(1)).first()
                if row is None:
                    continue
                found[f"/{spec.name}/{{id}}"] = orjson.loads(row[0])
                page = {
                    "items": [orjson.loads(row[1])],
                    "total": 1,
                    "next": None,
                    "query": {"limit": 20},
                    "release": reader.version,
                    "permalink": f"/{spec.name}?release={reader.version}",
                }
                found[f"/{spec.name}"] = page
                if spec in NESTED:
                    found[f"/{THERAPIES.name}/{{id}}/{spec.name}"] = page
    except NotReadyError:
        return {}
    return found
