"""How a page is drawn: templates, the files that they need, and the headers of an answer that is HTML."""

from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.api.descriptions import NOT_ADVICE, TITLE
from app.api.errors import InvalidParam, Problem, ProblemType
from app.api.invalid import NO_PARAMETER
from app.pages import words
from app.pages.pieces import Pieces
from app.pages.routes import PREFIX
from app.pages.visit import Visit, without

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of pages: their own files, nothing inline, nothing of others."""
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAV = (
    ("Therapies", "/therapies"),
    ("Conditions", "/conditions"),
    ("Classes", "/classes"),
    ("Targets", "/targets"),
    ("Trials", "/trials"),
    ("Compare", "/adverse-events/compare"),
    ("Approvals", "/approvals"),
    ("Changes", "/releases"),
)
"""What leads on from every page."""


class _Environment(Environment):
    """Jinja's, which looks for the key of a document first: for the attribute is in vain, and slow."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The value of a key, or of an attribute."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def _environment() -> Environment:
    """The templates. What an older release lacks is left empty: its documents have the keys of their day."""
    environment = _Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(words.FILTERS)
    environment.globals.update(title=TITLE, not_advice=NOT_ADVICE, nav=NAV, asset_url=asset_url)
    return environment


@cache
def _assets() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (HERE / "assets").iterdir()}


@cache
def asset_url(name: str) -> str:
    """The path of a file, with what tells this version of it from others."""
    return f"{PREFIX}/assets/{name}?v={sha256(_assets()[name]).hexdigest()[:12]}"


def asset(name: str) -> Response:
    """A file that pages need. It may be kept for good: its address changes with it."""
    content = _assets().get(name)
    if content is None:
        return Problem(ProblemType.NOT_FOUND, f"There is no file {name[:120]!r}.").response(f"{PREFIX}/assets/")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, media_type=MEDIA_TYPES[Path(name).suffix], headers=headers)


def drawn(visit: Visit, template: str, context: dict[str, Any]) -> Response:
    """A page, kept as long as its release is current, unless it shows what changes meanwhile."""
    shown = {"href": visit.href, "api": visit.api, "root": visit.prefix, "p": Pieces(visit)}
    html = _environment().get_template(template).render(visit=visit, release=visit.release.version, **shown, **context)
    headers = {
        "Content-Security-Policy": POLICY,
        "Link": f'<{visit.prefix}{visit.path}{visit.permalink}>; rel="permalink"',
        "Vary": "Accept",
        **({} if visit.keep else {"Cache-Control": "no-store"}),
    }
    return HTMLResponse(html, headers=headers)


def _retries(visit: Visit | None, param: InvalidParam) -> list[tuple[str, str]]:
    """What may be meant instead of what cannot be answered, each with the address that asks for it."""
    if visit is None:
        return []
    params = visit.params()
    if param.parameter == "id":
        above = visit.path.removeprefix(PREFIX).rpartition("/")[0]
        return [(meant, visit.href(f"{above}/{meant}", params)) for meant in param.suggestions]
    value = params.get(param.parameter, "")
    rest = without(params, param.parameter)
    if param.detail.startswith(NO_PARAMETER):
        return [(meant, visit.again(rest | {meant: value})) for meant in param.suggestions]
    return [(meant, visit.again(rest | {param.parameter: meant})) for meant in param.suggestions]


def drawn_problem(request: Request, visit: Visit | None, problem: Problem) -> Response:
    """The page that says what is wrong, with the status and the headers of the problem document."""
    document = problem.response(request.url.path)
    root = str(request.scope.get("root_path", ""))

    def href(path: str, params: Any = None) -> str:
        return visit.href(path, params) if visit else f"{root}{PREFIX}{path}"

    html = _environment().get_template("problem.html").render(
        problem=problem, href=href, root=root, api=lambda path: root + path, retries=partial(_retries, visit)
    )  # fmt: skip
    kept = {name: value for name, value in document.headers.items() if name not in {"content-length", "content-type"}}
    headers = kept | {"Content-Security-Policy": POLICY}
    return HTMLResponse(html, status_code=problem.status, headers=headers)
