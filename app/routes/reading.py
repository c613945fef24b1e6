"""Reading: how a request becomes a validated query, and the release that it reads."""

from asyncio import get_running_loop
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, get_args, get_origin

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.types import Receive, Scope, Send

from app.database import Database, NoSuchReleaseError
from app.problems import Culprit, bad_parameter
from app.reader import NotRememberedError, Reader

_readers = ThreadPoolExecutor(8, thread_name_prefix="reader")
"""Threads in which the database is asked: a few, since each has a connection, and that its memory."""


class ReadRoute(APIRoute):
    """A route whose query is read by its model at once, and whose operation answers a finished response.

    FastAPI looks for each of thirty parameters by itself, which costs more than the answer. The documentation still
    comes from the signature of the operation.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of this route."""
        model: type[BaseModel] = self.endpoint.query_model  # type: ignore[attr-defined]  # each operation declares it
        several = {field.alias or name for name, field in model.model_fields.items() if _is_list(field.annotation)}
        operation = self.endpoint

        async def handle(request: Request) -> Response:
            values: dict[str, Any] = {}
            for name, value, _ in request.state.asked:
                if name in several:
                    values.setdefault(name, []).append(value)
                else:
                    values[name] = value
            try:
                query = model.model_validate(values)
            except ValidationError as error:
                raise RequestValidationError(
                    [item | {"loc": ("query", *item["loc"])} for item in error.errors()]
                ) from error
            asked: Callable[[], Response] = partial(operation, request=request, query=query, **request.path_params)
            # What is remembered is answered here and now; a thread is taken where the database must be asked.
            request.state.only_remembered = True
            try:
                return asked()
            except NotRememberedError:
                request.state.only_remembered = False
                return await get_running_loop().run_in_executor(_readers, asked)

        return handle


class Reads:
    """Answers the read routes before the framework looks for them: it takes longer to find them than they take."""

    def __init__(self, app: FastAPI, *routers: APIRouter) -> None:
        self._app = app
        routes = [route for router in routers for route in router.routes if isinstance(route, ReadRoute)]
        self._handlers = {route.path: (route, route.get_route_handler()) for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a read, or pass the request on."""
        found = self._found(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        path, parameters = found
        route, handle = self._handlers[path]
        request = Request({**scope, "app": self._app, "path_params": parameters, "route": route}, receive)
        scope["route"] = route
        try:
            answer = await handle(request)
        except Exception as error:
            known: dict[Any, Any] = self._app.exception_handlers
            kind = next(kind for kind in type(error).__mro__ if kind in known)
            answer = await known[kind](request, error)
            if kind is Exception:
                await answer(scope, receive, send)
                raise
        await answer(scope, receive, send)

    def _found(self, path: str) -> tuple[str, dict[str, str]] | None:
        """The template of a path, and the parameters in it."""
        if path in self._handlers:
            return path, {}
        _, first, record_id, *rest = path.split("/") + [""] * (2 - path.count("/"))
        template = "/".join(["", first, "{id}", *rest])
        return (template, {"id": record_id}) if record_id and template in self._handlers else None


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
