"""What an operation asks: one form, which both clients send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx

T = TypeVar("T")
Several: TypeAlias = T | Sequence[T]
"""One value of a filter, or several: any of them is meant."""


@dataclass(frozen=True)
class Request(Generic[T]):
    """A request and how its answer is read. Parameters that the operation has, but was not given, are None."""

    method: str
    path: str
    params: Mapping[str, Any]
    read: Callable[[httpx.Response], T]
    json: Any = None

    def with_defaults(self, **params: Any) -> Request[T]:
        """The same with these, where the operation has them and was not given them."""
        added = {name: value for name, value in params.items() if name in self.params and self.params[name] is None}
        return replace(self, params={**self.params, **added})

    def following(self, link: str) -> Request[T]:
        """The request of the next page: as this one, at the cursor and in the release that a link names."""
        named = parse_qs(urlsplit(link).query)
        return replace(self, params={**self.params, **{name: named[name] for name in ("cursor", "release")}})

    def as_table(self) -> Request[bytes]:
        """The request of the whole result as a Parquet file."""
        return replace(self, params={**self.params, "format": "parquet"}, read=content)  # type: ignore[arg-type, return-value]  # another answer


def json_of(parse: Callable[[Any], T]) -> Callable[[httpx.Response], T]:
    """How an answer in JSON is read into a model."""
    return lambda response: parse(response.json())


def content(response: httpx.Response) -> bytes:
    """How any other answer is read."""
    return response.content
