"""Reading: how a request becomes a validated query, and the release that it reads."""

from asyncio import get_running_loop
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property, partial
from inspect import getdoc
from typing import Annotated, Any, get_args, get_origin

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.database import Database, NoSuchReleaseError
from app.problems import Culprit, bad_parameter
from app.reader import NotRememberedError, Reader
from app.routes.descriptions import ALWAYS

RecordId = Annotated[str, Path(max_length=300, description="Id; a name, brand, synonym or code is redirected to it.")]
_readers = ThreadPoolExecutor(8, thread_name_prefix="reader")
"""Threads in which the database is asked: a few, since each has a connection, and that its memory."""


class ReadRoute(Route):
    """A route whose query is read by its model at once, and whose operation answers a finished response.

    FastAPI looks for each of thirty parameters by itself, which costs more than the answer; and to be ready for that
    takes longer than all else at the start. So its own route is made for the documentation only, and the model of the
    query when it is first asked for.
    """

    def __init__(
        self,
        path: str,
        operation: Callable[..., Response],
        model: Callable[[], type[BaseModel]],
        form: Callable[[], Any],
        responses: Mapping[int | str, dict[str, Any]] | None = None,
        **documented: Any,
    ) -> None:
        """Answer `path` by `operation(request=…, query=…)`, with `id=…` where the path has one.

        `model` makes the model of the query, `form` that of the answer; `responses` and `documented` are what FastAPI's
        route takes beside. What the operation says of itself is the description, unless one is given.
        """
        super().__init__(path, self.answer, name=documented["operation_id"])
        self._operation = operation
        self._model = model
        self._form = form
        self._responses = responses or {}
        self._documented = {"description": getdoc(operation)} | documented

    @cached_property
    def query_model(self) -> type[BaseModel]:
        """The parameters of the query."""
        return self._model()

    @cached_property
    def _several(self) -> set[str]:
        fields = self.query_model.model_fields.items()
        return {field.alias or name for name, field in fields if _is_list(field.annotation)}

    def documented(self) -> APIRoute:
        """The route as FastAPI documents it."""
        query = Annotated[self.query_model, Query()]  # type: ignore[name-defined]  # a model made of declarations

        def list_of(query: query) -> None:
            """Take the parameters of a list."""

        def record(id: RecordId, query: query) -> None:  # noqa: A002  # the design names the parameter
            """Take an id too."""

        operation: Callable[..., None] = record if "{id}" in self.path else list_of
        responses: dict[int | str, dict[str, Any]] = {200: {"model": self._form(), "description": "The answer."}}
        responses |= {**ALWAYS, **self._responses}
        return APIRoute(self.path, operation, responses=responses, response_class=Response, **self._documented)

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        values: dict[str, Any] = {}
        for name, value, _ in request.state.asked:
            if name in self._several:
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        try:
            query = self.query_model.model_validate(values)
        except ValidationError as error:
            raise RequestValidationError(
                [item | {"loc": ("query", *item["loc"])} for item in error.errors()]
            ) from error
        asked = partial(self._operation, request=request, query=query, **request.path_params)
        # What is remembered is answered here and now; a thread is taken where the database must be asked.
        request.state.only_remembered = True
        try:
            return asked()
        except NotRememberedError:
            request.state.only_remembered = False
            return await get_running_loop().run_in_executor(_readers, asked)


class Reads:
    """Answers the read routes before the framework looks for them: it takes longer to find them than they take."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._routes = {route.path: route for route in app.routes if isinstance(route, ReadRoute)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a read, or pass the request on."""
        found = self._found(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        route, parameters = found
        request = Request({**scope, "app": self._app, "path_params": parameters, "route": route}, receive)
        scope["route"] = route
        try:
            answer = await route.answer(request)
        except Exception as error:
            known: dict[Any, Any] = self._app.exception_handlers
            kind = next(kind for kind in type(error).__mro__ if kind in known)
            answer = await known[kind](request, error)
            if kind is Exception:
                await answer(scope, receive, send)
                raise
        await answer(scope, receive, send)

    def _found(self, path: str) -> tuple[ReadRoute, dict[str, str]] | None:
        """The route of a path, and the parameters in it."""
        if path in self._routes:
            return self._routes[path], {}
        _, first, record_id, *rest = path.split("/") + [""] * (2 - path.count("/"))
        route = self._routes.get("/".join(["", first, "{id}", *rest]))
        return (route, {"id": record_id}) if record_id and route else None


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


@contextmanager
def reading(request: Request, query: Any = None) -> Iterator[Reader]:
    """Read the release that a query asks for, or the current one."""
    database: Database = request.app.state.database
    version, day = getattr(query, "release", None), getattr(query, "as_of", None)
    if version is not None and day is not None:
        detail = "`release` and `as_of` both say which release to read."
        raise bad_parameter(Culprit(parameter="as_of", detail=detail, allowed="one of the two"))
    try:
        only_remembered = getattr(request.state, "only_remembered", False)
        with database.read(version, day, only_remembered=only_remembered) as reader:
            request.state.release = reader.version
            yield reader
    except NoSuchReleaseError as error:
        culprit = Culprit(parameter=error.parameter, detail=error.message, allowed="see /releases")
        raise bad_parameter(culprit) from error
