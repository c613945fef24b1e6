"""An operation as a method: what the function that makes its request takes, and the answer to it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, get_args, overload

from .request import Request

if TYPE_CHECKING:
    from .client import AsyncClient, Client

P = ParamSpec("P")
T = TypeVar("T")


class Operation(Generic[P, T]):
    """A method of both clients: `Client` answers at once, `AsyncClient` when awaited."""

    def __init__(self, build: Callable[P, Request[T]]) -> None:
        self._build = build
        self.__doc__ = build.__doc__

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        """What notebooks show of it: what it takes, and the answer in the place of the request."""
        signature = inspect.signature(self._build)
        return signature.replace(return_annotation=get_args(signature.return_annotation)[0])

    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Awaitable[T]]: ...
    @overload
    def __get__(self, client: None, owner: type) -> Operation[P, T]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """The operation, bound to a client."""
        if client is None:
            return self

        @functools.wraps(self._build)
        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return client.send(self._build(*args, **kwargs))

        method.__signature__ = self._signature  # type: ignore[attr-defined]  # functions take any attribute
        return method


def request_of(method: Callable[P, Any]) -> Callable[P, Request[Any]]:
    """The function that makes the request of a bound operation."""
    build: Callable[P, Request[Any]] = inspect.unwrap(method)
    return build
