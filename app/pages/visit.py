"""A visit to a page: what the address says, and the API as the page asks it, in this process and of one release."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, get_args
from urllib.parse import quote, quote_plus

import orjson
from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import Match

from app.api.endpoint import Call, Endpoint, validated
from app.api.errors import Problem, ProblemType, bad_parameter
from app.api.formats import PICTURES
from app.api.params import OF_PAGES, ReleaseParams
from app.api.query_string import grouped, parse_query
from app.pages.routes import PREFIX
from app.release.opened import OpenRelease

Params = Mapping[str, Any]
OF_RELEASE = ("release", "as_of")
OF_THE_API = frozenset({"format", "bom", "fields", "include", "facets"})
"""Parameters that say what an answer of the API looks like; a page chooses that by itself."""
PICTURE = "svg"
CITATIONS = ("bibtex", "ris", "csl-json")


class Moved(Exception):  # noqa: N818  # no error: the record has another id
    """What was requested is found at another path of the API."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class ApiRequest(NamedTuple):
    """A request to the API that a page was made of."""

    address: str
    query: str
    rest: str
    """Its query without its pages and its order, as other formats take it: they are the whole result."""
    order: str
    """Its order, which pictures do not take: they have one of their own."""
    formats: Sequence[str]
    """Other formats that it is answered in."""

    def link(self, format_: str | None = None) -> str:
        """Its address, without the prefix of a proxy; in another format, which is the whole result and no page."""
        if format_ is None:
            return f"{self.address}{'?' if self.query else ''}{self.query}"
        order = "" if format_ in PICTURES else self.order
        return f"{self.address}?{'&'.join(filter(None, [self.rest, order, f'format={format_}']))}"


class Visit:
    """One request to a page."""

    def __init__(self, request: Request, ids: Mapping[str, str]) -> None:
        """Read the address; empty fields of a form are left out. Raises `Problem`."""
        self.request = request
        self.prefix = str(request.scope.get("root_path", ""))
        """The path under which a proxy offers the service."""
        self.ids = ids
        self.given = [param for param in parse_query(request.scope["query_string"]) if param.value.strip()]
        self.pin = ""
        """What the address says of the release, for the links of the page to say it too."""
        self.api_requests: list[ApiRequest] = []
        self.keep = True
        """The page follows from its release, so it may be kept."""
        for param in self.given:
            if param.name in OF_THE_API:
                detail = f"`{param.name}` is for the API; a page chooses it by itself."
                raise bad_parameter(param.name, detail)

    @property
    def path(self) -> str:
        """The path of the page, without the prefix of a proxy."""
        return str(self.request.scope["path"]).removeprefix(self.prefix)

    async def open(self) -> None:
        """Find the release that the address names, or the current one. Raises `Problem`, `NotReadyError`."""
        about = [param for param in self.given if param.name in OF_RELEASE]
        query = validated(ReleaseParams, grouped(about, ReleaseParams))
        self.release: OpenRelease = await Call(self.request, about, query).release()
        self.pin = "&".join(param.raw for param in about)

    def params(self) -> dict[str, str]:
        """What the address asks beside the release; several values of a name with commas."""
        found: dict[str, str] = {}
        for param in self.given:
            if param.name not in OF_RELEASE:
                found[param.name] = f"{found[param.name]},{param.value}" if param.name in found else param.value
        return found

    def takes(self, *names: str) -> dict[str, str]:
        """The same, where the page takes but some parameters, or none. Raises `Problem` for any other."""
        found = self.params()
        for name in without(found, *names):
            detail = f"This page has no parameter {name[:100]!r}."
            raise bad_parameter(name[:100], detail, allowed=", ".join((*names, *OF_RELEASE)))
        return found

    def href(self, path: str, params: Params | None = None) -> str:
        """The address of a page, under the same release as this one."""
        query = f"{query_of(params)}&{self.pin}" if params and self.pin else query_of(params) if params else self.pin
        return f"{self.prefix}{PREFIX}{path}{'?' if query else ''}{query}"

    def again(self, params: Params) -> str:
        """The page with other parameters, as a relative address."""
        return "?" + "&".join(filter(None, [query_of(params), self.pin]))

    def api(self, path: str) -> str:
        """The address of a path of the API, as clients see it."""
        return f"{self.prefix}{path}"

    def picture(self, path: str) -> str:
        """The address of the picture of what this page requested of the API; empty where that draws none."""
        drawn = [each for each in self.api_requests if each.address == path and PICTURE in each.formats]
        return self.api(drawn[-1].link(PICTURE)) if drawn else ""

    @property
    def permalink(self) -> str:
        """The page for good: pinned to its release."""
        kept = [param.raw for param in self.given if param.name not in OF_RELEASE]
        return "?" + "&".join([*kept, f"release={self.release.version}"])

    async def fetch(self, path: str, params: Params | None = None, *, shown: bool = True) -> Any:
        """The answer of the API to a request, pinned to the release of the visit.

        `shown` requests are named on the page. Raises `Moved` where the record has another id, `Problem` for whatever
        the API refuses.
        """
        endpoint, scope = self._found(path)
        if endpoint is None:
            raise Problem(ProblemType.NOT_FOUND, f"There is nothing at {path[:120]!r}.", title="No such path")
        takes = endpoint.query_model.model_fields
        given = {**(params or {}), **({"release": self.release.version} if "release" in takes else {})}
        query = query_of(given)
        scope["query_string"] = query.encode()
        answer = await endpoint.respond(Request(scope))
        if answer.status_code != 200:
            raise Moved(answer.headers["location"].partition("?")[0].removeprefix(self.prefix))
        self.keep = self.keep and answer.headers.get("cache-control") != "no-store"
        if shown:
            paged = OF_PAGES if "cursor" in takes else ()
            formats = _formats(endpoint.query_model, single=endpoint.path.endswith("/{id}"))
            order = query_of({"sort": given["sort"]}) if "sort" in given else ""
            rest = query_of(without(given, *paged, "sort"))
            self.api_requests.append(ApiRequest(path, query, rest, order, formats))
        return orjson.loads(answer.body)

    def _found(self, path: str) -> tuple[Endpoint | None, dict[str, Any]]:
        own = self.request.scope
        headers = [pair for pair in own["headers"] if pair[0] == b"host"] + [(b"accept", b"application/json")]
        scope = {**own, "path": self.prefix + path, "raw_path": quote(self.prefix + path).encode(),
                 "headers": headers, "state": {}, "method": "GET"}  # fmt: skip
        beginning = "/" + path.split("/", 2)[1]
        for route in self.request.app.routes:
            if isinstance(route, Endpoint) and route.path.startswith(beginning):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    return route, {**scope, **found}
        return None, scope


def query_of(params: Params) -> str:
    """Parameters as a query string; lists with commas."""
    return "&".join([f"{quoted(name)}={quoted(written(value))}" for name, value in params.items()])


@lru_cache(1000)
def quoted(text: str) -> str:
    """A text as a query string has it; the same few are written on every page."""
    return quote_plus(text, safe=",:/")


def written(value: Any) -> str:
    """A value as a query string has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ",".join(map(written, value))


def without(params: Params, *names: str) -> dict[str, Any]:
    """Parameters without some."""
    return {name: value for name, value in params.items() if name not in names}


@cache
def _formats(query_model: type[BaseModel], *, single: bool) -> tuple[str, ...]:
    """The formats beside JSON that an endpoint answers; a single record is only cited."""
    field = query_model.model_fields.get("format")
    offered = get_args(get_args(field.annotation)[0]) if field else ()  # some literals, or None
    return tuple(each for each in offered if each != "json" and (each in CITATIONS or not single))
