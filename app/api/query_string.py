"""The query string: its parameters as they were written, each a name and a value, and the permalink made of them."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

from pydantic import BaseModel

from app.api.errors import Problem, ProblemType, bad_parameter

MAX_QUERY_BYTES = 16_384
MAX_PARAMETERS = 500
_SAFE = "%!$&'()*+,;=:@/?-._~"
"""What may stand in the query of an address as it is, beside letters and digits (RFC 3986, 3.4)."""

AT_COMMAS = "values may be written with commas"
"""In the annotation of a parameter that takes several values: what is written with commas is several of them."""


class QueryParam(NamedTuple):
    """A parameter of a query string: its name, its value, and both as they were written."""

    name: str
    value: str
    raw: str


def parse_query(query: bytes) -> list[QueryParam]:
    """The parameters of a query string. Raises `Problem` where it is too long, or cannot be read."""
    if len(query) > MAX_QUERY_BYTES:
        detail = f"The query string has {len(query)} bytes; at most {MAX_QUERY_BYTES} are read."
        raise Problem(ProblemType.QUERY_TOO_LONG, detail)
    try:
        written = quote(query.decode("ascii"), safe=_SAFE)
        pairs = parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError as error:
        raise bad_parameter("query", "The query string is not UTF-8, percent-encoded.") from error
    except ValueError as error:
        raise bad_parameter("query", f"More than {MAX_PARAMETERS} parameters are given.") from error
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise bad_parameter(name.replace("\x00", "")[:100] or "query", "A parameter holds a null character.")
    return [QueryParam(*pair, raw) for pair, raw in zip(pairs, filter(None, written.split("&")), strict=True)]


def grouped(params: Iterable[QueryParam], model: type[BaseModel]) -> dict[str, Any]:
    """The values by parameter, as the model takes them. Raises `Problem` for a single value that is given twice."""
    lists, values = _lists_of(model), dict[str, Any]()
    for name, value, _ in params:
        if name in lists:
            parts = [part for item in value.split(",") if (part := item.strip())] if lists[name] else [value]
            values.setdefault(name, []).extend(parts)
        elif name in values:
            raise bad_parameter(name[:100], f"`{name[:100]}` is given more than once; it takes one value.")
        else:
            values[name] = value
    return values


@cache
def _lists_of(model: type[BaseModel]) -> dict[str, bool]:
    """The parameters of a model that take several values, and whether these may be written with commas."""
    return {
        field.alias or name: AT_COMMAS in field.metadata
        for name, field in model.model_fields.items()
        if _is_list(field.annotation)
    }


def _is_list(annotation: Any) -> bool:
    parts = getattr(annotation, "__args__", ())
    return getattr(annotation, "__origin__", None) is list or any(map(_is_list, parts))


def permalink(path: str, params: Sequence[QueryParam], version: str, cursor: str | None = None) -> str:
    """The same query for good: pinned to the release that was read. Or the next page, from a `cursor` on."""
    left_out = {"release", "as_of"} if cursor is None else {"release", "as_of", "cursor"}
    kept = [param.raw for param in params if param.name not in left_out]
    if cursor is not None:
        kept.append(f"cursor={cursor}")
    return f"{path}?{'&'.join([*kept, f'release={version}'])}"
