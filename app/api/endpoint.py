"""Endpoints: how a request becomes validated parameters and the release that it reads; one kind of route for all."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from inspect import getdoc
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.errors import Problem, ProblemType, bad_parameter, not_found
from app.api.formats import MEDIA_TYPES, OF_LISTS, Format, negotiate
from app.api.invalid import invalid_params
from app.api.meanings import VALUES, meant_by
from app.api.params import NoParams
from app.api.query_string import QueryParam, grouped, parse_query, permalink
from app.config import Settings
from app.release.opened import OpenRelease
from app.release.store import NoSuchReleaseError, Store

Value = TypeVar("Value")


class Call:
    """One request to an endpoint, validated."""

    def __init__(self, request: Request, params: list[QueryParam], query: Any, body: Any = None) -> None:
        """Hold a request, its query string parameter by parameter as written, and both as their models."""
        self.request = request
        self.params = params
        self.query = query
        self.body = body
        self.path: str = request.scope["path"]
        self.route: str = request.scope["state"]["route"]
        """The path as it is declared: `/therapies/{id}`."""
        self.store: Store = request.app.state.store
        self.settings: Settings = request.app.state.settings

    @property
    def head_only(self) -> bool:
        """Only the headers of the answer are wanted."""
        return self.request.method == "HEAD" or bool(self.request.scope["state"].get("head"))

    def link(self, path: str) -> str:
        """The address of a path of this service, as clients see it: under the prefix that a proxy strips."""
        return f"{self.request.scope.get('root_path', '')}{path}"

    def address(self) -> str:
        """The address of this service as the client sees it, without a slash at its end: the answer names it."""
        self.request.scope["state"]["names_host"] = True
        return str(self.request.base_url).rstrip("/")

    def permalink(self, release: OpenRelease, cursor: str | None = None) -> str:
        """The same query for good: pinned to a release. Or the next page, from a `cursor` on."""
        return permalink(self.path, self.params, release.version, cursor)

    def format(self, offered: Sequence[Format] = OF_LISTS) -> Format:
        """The format of the answer, of those offered.

        Raises `Problem` where `Accept` names none of them, or the query has a byte order mark for what is no CSV.
        """
        accept = self.request.headers.get("accept")
        explicit = self.query.format or (Format.JSON if accept in {None, "", "*/*"} else None)
        found = Format(explicit) if explicit else negotiate(accept, offered)
        if found is None:
            allowed = ", ".join(MEDIA_TYPES[each] for each in offered)
            raise Problem(ProblemType.NOT_ACCEPTABLE, f"Accept one of: {allowed}.")
        if found is not Format.CSV and getattr(self.query, "bom", False):
            raise bad_parameter("bom", "Only CSV has a byte order mark.", allowed="`bom=true` with `format=csv`")
        return found

    async def release(self) -> OpenRelease:
        """The release that the query asks for, or the current one."""
        version, day = getattr(self.query, "release", None), getattr(self.query, "as_of", None)
        if version is not None and day is not None:
            detail = "`release` and `as_of` both say which release to read."
            raise bad_parameter("as_of", detail, allowed="one of the two")
        try:
            release = await (self.store.release(version, day) if version or day else self.store.current())
        except NoSuchReleaseError as error:
            meant = meant_by(str(version or "")[:100], VALUES["release"], VALUES["release"])
            allowed = "see /releases; or latest, previous"
            raise bad_parameter(error.parameter, error.message, allowed=allowed, suggestions=meant) from error
        self.request.scope["state"]["release"] = release.version
        return release

    async def release_in_path(self, part: str, releases: Mapping[str, Value], *names: str) -> Value:
        """What `releases` have by the version that a part of the path means: itself, `latest` or `previous`.

        Raises `Problem` where they have none; it suggests `names` too.
        """
        try:
            version = await self.store.version(str(self.request.path_params[part]))
        except NoSuchReleaseError as error:
            raise Problem(ProblemType.NOT_FOUND, error.message, title="No such release") from error
        if version not in releases:
            raise not_found("release", version, [*list(releases)[:5], *names])
        return releases[version]


Handler = Callable[[Call], Awaitable[Response]]


class Endpoint(Route):
    """A route whose parameters are read by one model at once, and whose handler answers a finished response.

    FastAPI reads each parameter of a query by itself, which costs more than most answers. Models are made by functions,
    at first use: a server starts without them.
    """

    def __init__(
        self,
        path: str,
        handler: Handler,
        *,
        answer: Callable[[], Any],
        summary: str,
        tag: str,
        operation_id: str = "",
        query: Callable[[], type[BaseModel]] = lambda: NoParams,
        body: type[BaseModel] | None = None,
        description: str | None = None,
        responses: Mapping[int | str, dict[str, Any]] | None = None,
    ) -> None:
        """Answer `path` by `handler`, after which the operation is called, unless it has a name of its own.

        `answer` makes the model of the answer, None where it is no JSON.
        """
        self.operation_id = operation_id or handler.__name__
        super().__init__(path, self.respond, methods=["POST"] if body else ["GET"], name=self.operation_id)
        self.handler = handler
        self._query = query
        self.answer = answer
        self.body = body
        self.summary = summary
        self.tag = tag
        self.description = description or getdoc(handler) or ""
        self.responses = dict(responses or {})
        """By status, what the document says of it beside the model of the answer and the problems common to all."""

    @cached_property
    def query_model(self) -> type[BaseModel]:
        """The parameters of the query."""
        return self._query()

    async def respond(self, request: Request) -> Response:
        """Answer a request."""
        request.scope["state"]["route"] = self.path
        params = parse_query(request.scope["query_string"])
        query = validated(self.query_model, grouped(params, self.query_model))
        body = validated(self.body, await _json_object(request)) if self.body else None
        return await self.handler(Call(request, params, query, body))


def validated(model: type[BaseModel], values: Mapping[str, Any]) -> Any:
    """The values as their model. Raises `Problem`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid_params(error.errors(), model) from error


def release_headers(release: OpenRelease, links: Mapping[str, str | None]) -> dict[str, str]:
    """The headers of an answer out of a release: its version, and links by relation."""
    found = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items() if url)
    return {"X-Release": release.version, "Link": found, "Vary": "Accept"}


async def _json_object(request: Request) -> dict[str, Any]:
    """The object that a body is. Raises `Problem` where it is none, or says a key twice."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem(
            ProblemType.BAD_PARAMETER, "The body is read as JSON only: send `Content-Type: application/json`."
        )

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            key = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
            raise bad_parameter(key[:100], f"`{key[:100]}` is given more than once in the body; it takes one value.")
        return found

    try:
        found = json.loads(await request.body(), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Problem(ProblemType.BAD_PARAMETER, "The body is no JSON.") from error
    if not isinstance(found, dict):
        raise Problem(ProblemType.BAD_PARAMETER, "The body is no JSON object.")
    return found
