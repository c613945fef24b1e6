"""The parameters of each operation, as a model made of the declarations of its noun."""

import datetime as dt
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, create_model
from pydantic_core import PydanticCustomError

from app.api.formats import Format, formats_of, formats_of_record
from app.api.query_string import AT_COMMAS
from app.api.shape import includable
from app.nouns.base import Schema
from app.nouns.declaration import Noun, attribute
from app.nouns.filters import UNKNOWN, AllFilter, AsOfFilter, Filter, FlagFilter, RangeFilter, base_name
from app.nouns.paths import public_keys

MAX_VALUES = 200
"""Values of one parameter."""
OF_PAGES = ("cursor", "limit", "facets", "fields", "include")
"""Parameters that an answer that is the whole result does not take."""
OF_RECORDS = ("fields", "include")
"""Parameters that shape a single record."""
OF_EVERY_LIST = ("q", "sort", "limit", "facets", "fields", "include")
"""Parameters of every list that are documented behind the filters that are used most."""
SELDOM = ("id", "cursor", "format", "bom")
"""Parameters of every list that are documented last."""
MOST_USED = 8
"""Filters that are documented first, where a list declares none that are used most."""
OF_EXPORTS = ("format", "bom")
"""Parameters of answers that are no JSON."""
MAX_LIMIT = 500
DEFAULT_LIMIT = 20
MAX_COUNT = 2**31 - 1
"""The largest number of patients that the database holds."""


def _in_any_case(vocabulary: type[StrEnum], *, optional: bool) -> Any:
    """The type of a value of a vocabulary, whatever its case, and with spaces or dashes for underscores; or unknown."""
    words = _or_unknown(vocabulary) if optional else vocabulary
    known = {_plain(str(member.value)): member for member in words}

    def find(value: Any) -> Any:
        return known.get(_plain(value), value) if isinstance(value, str) else value

    return Annotated[words, BeforeValidator(find)]


@cache
def _or_unknown(vocabulary: type[StrEnum]) -> type[StrEnum]:
    """A vocabulary with `unknown`: one list of values, which a page can offer."""
    words = {member.name: str(member.value) for member in vocabulary} | {"UNKNOWN": UNKNOWN}
    found = StrEnum(f"{vocabulary.__name__}OrUnknown", words)  # type: ignore[misc]  # words of another
    found.__doc__ = f"As `{vocabulary.__name__}`; `{UNKNOWN}`: not known, or not stated."
    return found


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
    values = Annotated[list[item], Field(min_length=1, max_length=MAX_VALUES, json_schema_extra={"maxItems": most})]
    return Annotated[values | None, AT_COMMAS]


def _not_in_future(value: dt.date | None) -> dt.date | None:
    today = dt.datetime.now(dt.UTC).date()
    if value is not None and value > today:
        raise PydanticCustomError("future", "today is {today} (UTC)", {"today": today.isoformat()})
    return value


class NoParams(Schema):
    """An operation without parameters: whatever is given is refused."""

    model_config = ConfigDict(extra="forbid")


class ReleaseParams(Schema):
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


def declared(model: type[BaseModel], *left_out: str) -> dict[str, Any]:
    """The fields of a model, without some, to be declared of another."""
    return {
        name: (field.annotation, field)
        for name, field in model.model_fields.items()
        if (field.alias or name) not in left_out
    }


def params_model(name: str, fields: Mapping[str, Any]) -> type[BaseModel]:
    """The parameters of an operation, which refuses whatever else is given."""
    return create_model(name, __config__=ReleaseParams.model_config, **fields)


def with_release(name: str, fields: Mapping[str, Any]) -> type[BaseModel]:
    """Parameters, and last those of every read: the documentation shows these after the filters."""
    return params_model(name, {**fields, **declared(ReleaseParams)})


def filter_field(
    wanted: Filter, most: int = MAX_VALUES, *, optional: bool = False, prefilled: bool = False
) -> tuple[Any, Any]:
    """Type and documentation of the parameter of a filter, which takes `most` values at most.

    Where values may be missing (`optional`), it takes `unknown` too. A page that offers it has its example filled in
    where it is `prefilled`.
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
        kind = _optional(
            Annotated[CalendarDay if wanted.type is dt.date else wanted.type, Field(**limits)], optional=optional
        )
        example = wanted.example if wanted.type is dt.date else float(wanted.example)
        example = int(example) if wanted.type is int and isinstance(example, float) else example
        return (kind, Field(default=None, alias=alias, description=description, examples=[example]))
    if wanted.vocabulary:
        item = _in_any_case(wanted.vocabulary, optional=optional)
        return (several(item, most), Field(default=None, alias=alias, description=description))
    if wanted.names and not isinstance(wanted, AllFilter):
        description += f" Takes ids and names of `/{wanted.names}`."
    item = Annotated[Word, Field(examples=[wanted.example])]  # of each item: a page offers it for each that is added
    filled = [[wanted.example]] if prefilled else None
    return (several(item, most), Field(default=None, alias=alias, description=description, examples=filled))


def _optional(kind: Any, *, optional: bool) -> Any:
    """The type of a parameter that takes one value and may be left out."""
    if not optional:
        return kind | None
    return Annotated[kind | Literal[UNKNOWN] | None, BeforeValidator(_unknown_in_any_case)]


@cache
def list_params(noun: Noun, leave_out: str | None = None, only: tuple[str, ...] | None = None) -> type[BaseModel]:
    """The parameters of a list: its filters (or `only` some), and what every list takes."""
    fields: dict[str, Any] = {
        attribute(name): filter_field(wanted, optional=name in noun.optional, prefilled=name in noun.common[:1])
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
        Field(default=None, description="Filters whose values to count, each under all others."),
    )
    fields["id"] = (
        several(Word),
        Field(default=None, description="Only these records, by id: several in one request."),
    )
    fields["fields"] = _fields_param(public_keys(noun.listed))
    fields["format"] = (
        _format(formats_of(noun)),
        Field(
            default=None,
            description="Format, before what `Accept` says. `csv`, `jsonl`, `parquet`, `xlsx`: the whole result; "
            "`bibtex`, `ris` and `csl-json` cite every source that the whole result used.",
        ),
    )
    fields["bom"] = BOM
    if more := includable(noun):
        description = "Parts to embed, instead of one request for each."
        fields["include"] = (several(Literal[tuple(more)]), Field(default=None, description=description))
    return with_release(f"{noun.singular.title().replace(' ', '')}Params", _by_use(noun, fields))


def _by_use(noun: Noun, fields: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a list in the order in which they are documented: first those that are used most."""
    every = [attribute(name) for name in noun.all_filters]
    common = noun.common or [name for name in noun.by_name if name not in noun.all_filters][:MOST_USED]
    order = [*map(attribute, common), *OF_EVERY_LIST]
    last = [*every, *SELDOM]
    between = [name for name in fields if name not in order and name not in last]
    return {name: fields[name] for name in (*order, *between, *last) if name in fields}


@cache
def record_params(noun: Noun) -> type[BaseModel]:
    """The parameters of a single record."""
    description = "Format; `bibtex`, `ris` and `csl-json` cite every source of the record."
    fields: dict[str, Any] = {
        "fields": _fields_param(public_keys(noun.public)),
        "format": (_format(formats_of_record(noun)), Field(default=None, description=description)),
    }
    more = includable(noun) if noun.summary is None else []
    if more:
        description = "Parts to embed."
        fields["include"] = (several(Literal[tuple(more)]), Field(default=None, description=description))
    return with_release(f"{noun.singular.title().replace(' ', '')}RecordParams", fields)


def _format(offered: tuple[Format, ...]) -> Any:
    """The type of the parameter of a format, of those offered."""
    return Literal[tuple(format_.value for format_ in offered)] | None


BOM: tuple[Any, Any] = (
    bool,
    Field(default=False, description="Begin CSV with a byte order mark, by which Excel knows UTF-8.", examples=[True]),
)


def _fields_param(keys: list[str]) -> tuple[Any, Any]:
    description = "Keys to answer: these and `id` alone."
    return (several(Literal[tuple(keys)]), Field(default=None, description=description))
