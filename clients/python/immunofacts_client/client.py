"""The clients: each operation of the API as a method, pages, tables, retries, one release for all."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, Self, TypeVar

import httpx
from stamina import AsyncRetryingCaller, RetryingCaller

from .errors import ApiError
from .generated.client import Operations
from .operation import request_of
from .request import Request

if TYPE_CHECKING:
    import pandas

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
PAGE = 200
"""Records that are asked for at once by `items` and `pages`, where `limit` says nothing else."""
PATIENCE = 60.0
"""Seconds that an answer may tell a client to wait; for longer, the error is raised."""
BUSY = frozenset({429, 502, 503, 504})
"""Answers after which a request is sent again."""
HEADERS = {"User-Agent": f"immunofacts-client/{version('immunofacts-client')}"}


class Page(Protocol[T_co]):
    """What answers of lists have in common."""

    @property
    def items(self) -> Sequence[T_co]:
        """Records of the page."""

    @property
    def next_(self) -> str | None:
        """The next page."""


Pages = TypeVar("Pages", bound=Page[Any])


@dataclass(frozen=True)
class Answer(Generic[T]):
    """An answer with what its headers say."""

    value: T
    release: str | None
    headers: httpx.Headers


class _Common:
    """What both clients do alike."""

    def __init__(self, base_url: str, release: str | None) -> None:
        self.base_url = base_url.rstrip("/")
        self.release = release

    def _arguments(self, request: Request[Any]) -> dict[str, Any]:
        if request.params.get("as_of") is None:
            request = request.with_defaults(release=self.release)
        params = {name: value for name, value in request.params.items() if value is not None}
        return {
            "method": request.method,
            "url": self.base_url + request.path,
            "params": params,
            "json": request.json,
            "headers": HEADERS,
            "follow_redirects": True,
        }


class Client(_Common, Operations):
    """Asks at once: `facts.list_therapies(target="PD-1")`.

    Args:
        base_url: Address of the service, such as `http://127.0.0.1:8000`.
        release: Version of the release that everything is asked of; None asks the current one, which may change.
        attempts: How often a request is sent at most, where the connection fails or the service is busy (429, 502,
            503, 504). In between the client waits as long as `Retry-After` says, else longer each time.
        http: An httpx client of your own, with its timeouts, proxies and certificates.

    """

    def __init__(
        self, base_url: str, *, release: str | None = None, attempts: int = 4, http: httpx.Client | None = None
    ) -> None:
        super().__init__(base_url, release)
        self.http = http or httpx.Client(timeout=30)
        self._retry = RetryingCaller(attempts=attempts, timeout=None).on(_wait)

    def pin(self) -> str:
        """Ask everything from now on of the release that is current now; its version."""
        self.release = self.get_release("latest").version
        return self.release

    def send(self, request: Request[T]) -> T:
        """The answer to a request. Raises `ApiError`, or `httpx.TransportError` where nobody answers."""
        return request.read(self._response(request))

    def answer(self, operation: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Answer[T]:
        """The answer of an operation, with its release: `facts.answer(facts.get_therapy, "pembrolizumab").release`."""
        request = request_of(operation)(*args, **kwargs)
        response = self._response(request)
        return Answer(request.read(response), response.headers.get("X-Release"), response.headers)

    def pages(self, operation: Callable[P, Pages], *args: P.args, **kwargs: P.kwargs) -> Iterator[Pages]:
        """Each page of a list, of one release: `facts.pages(facts.list_warnings, event="CRS")`."""
        request = request_of(operation)(*args, **kwargs).with_defaults(limit=PAGE)
        while True:
            page = self.send(request)
            yield page
            if page.next_ is None:
                return
            request = request.following(page.next_)

    def items(self, operation: Callable[P, Page[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        """Each record of a list, over all pages: `facts.items(facts.list_warnings, event="CRS")`."""
        for page in self.pages(operation, *args, **kwargs):
            yield from page.items

    def to_pandas(self, operation: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> pandas.DataFrame:
        """The whole result of a list as a table: `facts.to_pandas(facts.list_rates, therapy="Keytruda")`.

        Its columns are typed; `frame.attrs["release"]` is its release. Needs `immunofacts-client[pandas]`.
        """
        return _frame(self._response(request_of(operation)(*args, **kwargs).as_table()))

    def _response(self, request: Request[Any]) -> httpx.Response:
        def once() -> httpx.Response:
            return _checked(self.http.request(**self._arguments(request)))

        return self._retry(once)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


class AsyncClient(_Common, Operations):
    """Asks when awaited: `await facts.list_therapies(target="PD-1")`; else as `Client`."""

    def __init__(
        self, base_url: str, *, release: str | None = None, attempts: int = 4, http: httpx.AsyncClient | None = None
    ) -> None:
        super().__init__(base_url, release)
        self.http = http or httpx.AsyncClient(timeout=30)
        self._retry = AsyncRetryingCaller(attempts=attempts, timeout=None).on(_wait)

    async def pin(self) -> str:
        """Ask everything from now on of the release that is current now; its version."""
        self.release = (await self.get_release("latest")).version
        return self.release

    async def send(self, request: Request[T]) -> T:
        """The answer to a request. Raises `ApiError`, or `httpx.TransportError` where nobody answers."""
        return request.read(await self._response(request))

    async def answer(self, operation: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> Answer[T]:
        """The answer of an operation, with its release."""
        request = request_of(operation)(*args, **kwargs)
        response = await self._response(request)
        return Answer(request.read(response), response.headers.get("X-Release"), response.headers)

    async def pages(
        self, operation: Callable[P, Awaitable[Pages]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[Pages]:
        """Each page of a list, of one release: `async for page in facts.pages(facts.list_warnings, event="CRS")`."""
        request = request_of(operation)(*args, **kwargs).with_defaults(limit=PAGE)
        while True:
            page = await self.send(request)
            yield page
            if page.next_ is None:
                return
            request = request.following(page.next_)

    async def items(
        self, operation: Callable[P, Awaitable[Page[T]]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[T]:
        """Each record of a list, over all pages: `async for warning in facts.items(facts.list_warnings)`."""
        async for page in self.pages(operation, *args, **kwargs):
            for item in page.items:
                yield item

    async def to_pandas(self, operation: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> pandas.DataFrame:
        """The whole result of a list as a table, as `Client.to_pandas` does."""
        return _frame(await self._response(request_of(operation)(*args, **kwargs).as_table()))

    async def _response(self, request: Request[Any]) -> httpx.Response:
        async def once() -> httpx.Response:
            return _checked(await self.http.request(**self._arguments(request)))

        return await self._retry(once)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    raise ApiError(response)


def _wait(error: Exception) -> bool | float:
    """Whether to ask again after an error, and where the answer says so, in how many seconds."""
    if not isinstance(error, ApiError):
        return isinstance(error, httpx.TransportError)
    if error.status not in BUSY or (error.retry_after or 0) > PATIENCE:
        return False
    return error.retry_after or True


def _frame(response: httpx.Response) -> pandas.DataFrame:
    import pandas  # optional

    frame = pandas.read_parquet(io.BytesIO(response.content))
    frame.attrs["release"] = response.headers["X-Release"]
    return frame
