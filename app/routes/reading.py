"""Reading: how a request becomes a validated query, and the release that it reads."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from app.database import Database, NoSuchReleaseError, Reader
from app.problems import Culprit, bad_parameter


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
            given = request.query_params
            values = {key: given.getlist(key) if key in several else given[key] for key in given}
            try:
                query = model.model_validate(values)
            except ValidationError as error:
                raise RequestValidationError(
                    [item | {"loc": ("query", *item["loc"])} for item in error.errors()]
                ) from error
            return await run_in_threadpool(operation, request=request, query=query, **request.path_params)

        return handle


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
        with database.read(version, day) as reader:
            request.state.release = reader.version
            yield reader
    except NoSuchReleaseError as error:
        culprit = Culprit(parameter=error.parameter, detail=error.message, allowed="see /releases")
        raise bad_parameter(culprit) from error
