"""Parameters: the query string as pairs, the model of each operation made of declarations, names resolved to ids."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from math import prod
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import parse_qsl, quote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, create_model
from pydantic_core import PydanticCustomError

from app.api.errors import Problem, ProblemType, bad_parameter
from app.api.formats import MEDIA_TYPES, Format
from app.api.invalid import values_meant
from app.api.meanings import VALUES
from app.api.shape import includable, selectable
from app.nouns.declaration import (
    UNKNOWN,
    AllFilter,
    AsOfFilter,
    Filter,
    FlagFilter,
    Noun,
    RangeFilter,
    TermFilter,
    attribute,
    base_name,
    public_keys,
)
from app.release.fulltext import MAX_WORDS, is_searchable
from app.release.names import AmbiguousNameError, UnknownNameError
from app.release.opened import OpenRelease

MAX_QUERY_BYTES = 16_384
MAX_PARAMETERS = 500
MAX_VALUES = 200
"""Values of one parameter."""
OF_PAGES = ("cursor", "limit", "facets", "fields", "include")
"""Parameters that an answer that is the whole result does not take."""
OF_EXPORTS = ("format", "bom")
"""Parameters of answers that are no JSON."""
MAX_ALL = 100
"""Combinations of values that filters which ask for all of them may make."""
MAX_LIMIT = 500
DEFAULT_LIMIT = 20
MAX_COUNT = 2**31 - 1
"""The largest number of patients that the database holds."""
_SAFE = "%!$&'()*+,;=:@/?-._~"
"""What may stand in the query of an address as it is, beside letters and digits (RFC 3986, 3.4)."""


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
            values.setdefault(name, []).append(value)
        elif name in values:
            raise bad_parameter(name[:100], f"`{name[:100]}` is given more than once; it takes one value.")
        else:
            values[name] = value
    return values


@cache
def _lists_of(model: type[BaseModel]) -> set[str]:
    """The parameters of a model that take several values."""
    return {field.alias or name for name, field in model.model_fields.items() if _is_list(field.annotation)}


def _is_list(annotation: Any) -> bool:
    parts = getattr(annotation, "__args__", ())
    return getattr(annotation, "__origin__", None) is list or any(map(_is_list, parts))


def split(value: Any) -> Any:
    """Take a parameter given twice, or with commas, as several values."""
    if not isinstance(value, list):
        return value
    return [part.strip() for item in value if isinstance(item, str) for part in item.split(",") if part.strip()]


def _not_empty(value: list[Any] | None) -> list[Any] | None:
    if value == []:
        raise PydanticCustomError("empty", "at least one value is needed")
    return value


def _in_any_case(vocabulary: type[StrEnum], *, optional: bool) -> Any:
    """The type of a value of a vocabulary, whatever its case, and with spaces or dashes for underscores; or unknown."""
    known: dict[str, str] = {_plain(str(member.value)): member for member in vocabulary}
    if optional:
        known[UNKNOWN] = UNKNOWN

    def find(value: Any) -> Any:
        return known.get(_plain(value), value) if isinstance(value, str) else value

    return Annotated[vocabulary | Literal[UNKNOWN] if optional else vocabulary, BeforeValidator(find)]


def _unknown_in_any_case(value: Any) -> Any:
    return UNKNOWN if isinstance(value, str) and value.strip().casefold() == UNKNOWN else value


def _plain(value: str) -> str:
    return value.casefold().replace("_", "-").replace(" ", "-")


def _calendar_day(value: Any) -> Any:
    """Refuse the seconds since 1970 that pydantic would take for a day."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise PydanticCustomError("day", "a day is written as 2020-12-31")
    return value


CalendarDay = Annotated[dt.date, BeforeValidator(_calendar_day)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=300)]


def several(item: Any, most: int = MAX_VALUES) -> Any:
    """The type of a parameter that takes several values; an operation that takes but `most` refuses more by itself."""
    limits = {"minItems": 1, "maxItems": most}
    values = Annotated[list[item], Field(max_length=MAX_VALUES, json_schema_extra=limits)]
    return Annotated[values | None, BeforeValidator(split), AfterValidator(_not_empty)]


def _not_in_future(value: dt.date | None) -> dt.date | None:
    today = dt.datetime.now(dt.UTC).date()
    if value is not None and value > today:
        raise PydanticCustomError("future", "today is {today} (UTC)", {"today": today.isoformat()})
    return value


class NoParams(BaseModel):
    """An operation without parameters: whatever is given is refused."""

    model_config = ConfigDict(extra="forbid")


class ReleaseParams(BaseModel):
    """What every read takes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    release: Annotated[
        Word | None,
        Field(
            description="Release to read, such as `2026.11.21`, which never changes; `latest` is the current one, "
            "`previous` the one before. By default the current one."
        ),
    ] = None
    as_of: Annotated[
        CalendarDay | None,
        AfterValidator(_not_in_future),
        Field(description="Read the release that was current at the end of this day (UTC), such as `2026-11-21`."),
    ] = None


def release_fields() -> dict[str, Any]:
    """The fields of `ReleaseParams`, to be declared last: the documentation then shows them after the filters."""
    return {name: (field.annotation, field) for name, field in ReleaseParams.model_fields.items()}


def filter_field(wanted: Filter, most: int = MAX_VALUES, *, optional: bool = False) -> tuple[Any, Any]:
    """Type and documentation of the parameter of a filter, which takes `most` values at most.

    Where values may be missing (`optional`), it takes `unknown` too.
    """
    description = wanted.description
    if optional:
        description += f" Or `{UNKNOWN}`."
    alias = wanted.name if wanted.name != attribute(wanted.name) else None
    if isinstance(wanted, FlagFilter):
        kind, examples = _optional(bool, optional=optional), [wanted.example == "true"]
        return (kind, Field(default=None, alias=alias, description=description, examples=examples))
    if isinstance(wanted, AsOfFilter):
        day: Any = Annotated[CalendarDay | None, AfterValidator(_not_in_future)]
        return (day, Field(default=None, alias=alias, description=description, examples=[wanted.example]))
    if isinstance(wanted, RangeFilter):
        limits: dict[str, Any] = {"ge": wanted.minimum, "le": wanted.maximum}
        if wanted.type is int:  # what no database can hold, none can compare with
            limits = {"ge": wanted.minimum or 0, "le": wanted.maximum or MAX_COUNT}
        limits = {key: limit for key, limit in limits.items() if limit is not None}
        kind = _optional(
            Annotated[CalendarDay if wanted.type is dt.date else wanted.type, Field(**limits)], optional=optional
        )
        example = wanted.example if wanted.type is dt.date else float(wanted.example)
        example = int(example) if wanted.type is int and isinstance(example, float) else example
        return (kind, Field(default=None, alias=alias, description=description, examples=[example]))
    if wanted.vocabulary:
        item = _in_any_case(wanted.vocabulary, optional=optional)
        if not isinstance(wanted, AllFilter) and most > 1:  # others are described where several values are taken
            description += "\n\n" + wanted.vocabulary.documentation()
        return (
            several(item, most),
            Field(default=None, alias=alias, description=description, examples=[[wanted.example]]),
        )
    if wanted.names and not isinstance(wanted, AllFilter):
        description += f" Takes ids and names of `/{wanted.names}`."
    return (several(Word, most), Field(default=None, alias=alias, description=description, examples=[[wanted.example]]))


def _optional(kind: Any, *, optional: bool) -> Any:
    """The type of a parameter that takes one value and may be left out."""
    if not optional:
        return kind | None
    return Annotated[kind | Literal[UNKNOWN] | None, BeforeValidator(_unknown_in_any_case)]


@cache
def list_params(noun: Noun, leave_out: str | None = None, only: tuple[str, ...] | None = None) -> type[BaseModel]:
    """The parameters of a list: its filters (or `only` some), and what every list takes."""
    fields: dict[str, Any] = {
        attribute(name): filter_field(wanted, optional=name in noun.optional)
        for name, wanted in noun.by_name.items()
        if base_name(wanted) != leave_out and (only is None or name in only)
    }
    orders = [name for key in noun.sorts for name in (key, f"-{key}")]
    text = 'Full text: words, each of which may be the beginning of a word, and "phrases"; all must occur.'
    fields["q"] = (Word | None, Field(default=None, description=f"{text} For example `{noun.question}`."))
    fields["sort"] = (
        several(Literal[tuple(orders)]),
        Field(
            default=None,
            description="Keys to order by, each once; with `-`, descending. Unknown values come last.",
            examples=[[orders[-1]]],
            json_schema_extra={"uniqueItems": True, "maxItems": len(noun.sorts)},
        ),
    )
    fields["limit"] = (
        Annotated[int, Field(ge=1, le=MAX_LIMIT)],
        Field(default=DEFAULT_LIMIT, description=f"Records a page, 1 to {MAX_LIMIT}."),
    )
    fields["cursor"] = (Word | None, Field(default=None, description="Where a page goes on: follow `next`."))
    facets = noun.facets  # of a sublist too: the parameter is then the same, and described once
    fields["facets"] = (
        several(Literal[tuple(facets)]),
        Field(
            default=None,
            description="Filters whose values to count, each under all others.",
            examples=[facets[:2]],
        ),
    )
    fields["id"] = (
        several(Word),
        Field(default=None, description="Only these records, by id: several in one request."),
    )
    fields["fields"] = _fields_param(selectable(noun))
    fields["format"] = (
        Format | None,
        Field(
            default=None,
            description="Format, before what `Accept` says. `csv` and `jsonl` are the whole result, not a page; "
            "`bibtex`, `ris` and `csl-json` cite every source that the whole result used.",
        ),
    )
    fields["bom"] = BOM
    if more := includable(noun):
        description = "Parts to embed, instead of one request for each."
        fields["include"] = (several(Literal[tuple(more)]), Field(default=None, description=description))
    return _model(f"{noun.singular.title().replace(' ', '')}Params", fields)


@cache
def record_params(noun: Noun) -> type[BaseModel]:
    """The parameters of a single record."""
    description = "Format; `bibtex`, `ris` and `csl-json` cite every source of the record."
    fields: dict[str, Any] = {
        "fields": _fields_param(public_keys(noun.public)),
        "format": (Format | None, Field(default=None, description=description)),
    }
    more = includable(noun) if noun.summary is None else []
    if more:
        description = "Parts to embed."
        fields["include"] = (several(Literal[tuple(more)]), Field(default=None, description=description))
    return _model(f"{noun.singular.title().replace(' ', '')}RecordParams", fields)


BOM: tuple[Any, Any] = (
    bool,
    Field(default=False, description="Begin CSV with a byte order mark, by which Excel knows UTF-8.", examples=[True]),
)


def _fields_param(keys: list[str]) -> tuple[Any, Any]:
    description = "Keys to answer: these and `id` alone."
    return (several(Literal[tuple(keys)]), Field(default=None, description=description))


def _model(name: str, fields: dict[str, Any]) -> type[BaseModel]:
    return create_model(name, __config__=ReleaseParams.model_config, **fields, **release_fields())


def given_filters(noun: Noun, query: BaseModel) -> dict[str, Any]:
    """The filters that a request gives, by name, in the order of the documentation."""
    given = query.model_fields_set
    return {
        name: value
        for attribute_, name in noun.filter_names.items()
        if attribute_ in given and (value := getattr(query, attribute_)) is not None
    }


def resolve_filters(release: OpenRelease, noun: Noun, given: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with names resolved to ids. Raises `Problem` for what is not known."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name == "id":
            found[name] = list(dict.fromkeys(value))
        elif name == "q":
            found[name] = searchable(value)
        else:
            wanted, owner = noun.by_name[name], noun.owners[name].name
            found[name] = resolve_filter(release, wanted, owner, value, optional=name in noun.optional)
    every = [name for name in found if name in noun.all_filters]
    if prod(len(found[name]) for name in every) > MAX_ALL:
        detail = f"{', '.join(f'`{name}`' for name in every)} together make more than {MAX_ALL} combinations."
        raise bad_parameter(every[0], detail, allowed=f"at most {MAX_ALL} combinations of their values")
    return found


def searchable(question: str) -> str:
    """A question that holds words. Raises `Problem` otherwise."""
    if not is_searchable(question):
        detail = f"`q` holds no word to search for, or more than {MAX_WORDS}."
        raise bad_parameter("q", detail, allowed='words, and phrases in "quotes"')
    return question


def resolve_filter(release: OpenRelease, wanted: Filter, list_name: str, value: Any, *, optional: bool = False) -> Any:
    """The value of one filter of a list with names resolved to ids. Raises `Problem` for what is not known."""
    if not isinstance(wanted, TermFilter):
        return value
    if wanted.vocabulary is not None:
        return list(dict.fromkeys(value))
    space = release.names.space_of(list_name, wanted)
    if len(value) == 1 and release.names.is_id(space, value[0]):  # as mostly
        return list(value)

    def resolve(text: str) -> list[str]:
        try:
            return release.names.resolve_each(space, text)
        except UnknownNameError:
            if wanted.written and re.fullmatch(wanted.written, text, re.ASCII):
                return [text]
            if optional and _unknown_in_any_case(text) == UNKNOWN:
                return [UNKNOWN]
            raise

    try:
        given = given_names(release, wanted, list_name, value)
        return list(dict.fromkeys(found for name in given for found in resolve(name)))
    except UnknownNameError as error:
        allowed = f"an id or a known name of /{wanted.names}" if wanted.names else "a value that occurs in this list"
        allowed += f", or `{UNKNOWN}`" * optional
        detail = f"No value of `{wanted.name}` is called {error.name[:80]!r}."
        known = [value for value in VALUES.get(base_name(wanted), ()) if release.names.matches(space, value)]
        meant = values_meant(wanted.name, error.name, [*known, *[UNKNOWN] * optional])
        suggestions = list(dict.fromkeys([*meant, *error.nearest]))
        raise bad_parameter(wanted.name, detail, allowed=allowed, suggestions=suggestions) from error
    except AmbiguousNameError as error:
        detail = f"{error.name[:80]!r} can mean several values of `{wanted.name}`; write the id."
        raise bad_parameter(wanted.name, detail, allowed=" or ".join(error.ids), suggestions=error.ids) from error


def given_names(release: OpenRelease, wanted: TermFilter, list_name: str, pieces: Sequence[str]) -> list[str]:
    """The names among the pieces between commas that a filter was given: a name may have commas itself."""
    return release.names.joined(release.names.space_of(list_name, wanted), pieces)


def permalink(path: str, params: Sequence[QueryParam], version: str, cursor: str | None = None) -> str:
    """The same query for good: pinned to the release that was read. Or the next page, from a `cursor` on."""
    left_out = {"release", "as_of"} if cursor is None else {"release", "as_of", "cursor"}
    kept = [param.raw for param in params if param.name not in left_out]
    if cursor is not None:
        kept.append(f"cursor={cursor}")
    return f"{path}?{'&'.join([*kept, f'release={version}'])}"


def negotiate(format_param: Format | None, accept: str | None) -> Format | None:
    """The format of an answer: `format=`, else what `Accept` prefers; None where it names none that is here."""
    if format_param or accept in {None, "", "*/*"}:
        return format_param or Format.JSON
    for media_type in _preferred(accept):
        if media_type in {"*/*", "application/*", ""}:
            return Format.JSON
        for format_, known in MEDIA_TYPES.items():
            if media_type in (known, f"{known.split('/')[0]}/*"):
                return format_
    return None


def _preferred(accept: str) -> list[str]:
    """The media types of an `Accept` header, best first; those that are refused (`q=0`) or malformed are left out."""
    ranked = []
    for number, part in enumerate(accept.split(",")):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            ranked.append((-float(quality), number, media_type.lower()))
        except ValueError:
            continue
    return [media_type for negative, _, media_type in sorted(ranked) if negative != 0]
