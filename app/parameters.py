"""The query parameters of each operation, as models made from the declarations of the lists."""

import datetime as dt
import re
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, create_model

from app.formats import Format
from app.queries.filters import Bound, Filter, Flag, List
from app.queries.listing import DEFAULT_LIMIT, MAX_LIMIT
from app.shapes import includable, keys_of, selectable

MAX_VALUES = 200
MAX_COUNT = 2**31 - 1


def split(value: Any) -> Any:
    """Take a parameter given twice, or with commas, as several values."""
    if not isinstance(value, list):
        return value
    return [part.strip() for item in value if isinstance(item, str) for part in item.split(",") if part.strip()]


def _not_empty(value: list[Any] | None) -> list[Any] | None:
    if value == []:
        raise ValueError("at least one value is needed")
    return value


def _in_any_case(vocabulary: type[Enum]) -> Any:
    """The type of a value of a vocabulary, whatever its case, and with spaces or dashes for underscores."""
    known = {_plain(str(member.value)): member for member in vocabulary}

    def find(value: Any) -> Any:
        return known.get(_plain(value), value) if isinstance(value, str) else value

    return Annotated[vocabulary, BeforeValidator(find)]


def _plain(value: str) -> str:
    return value.casefold().replace("_", "-").replace(" ", "-")


def _calendar_day(value: Any) -> Any:
    """Refuse the seconds since 1970 that pydantic would take for a day."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("a day is written as 2020-12-31")
    return value


Day = Annotated[dt.date, BeforeValidator(_calendar_day)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=300)]


def several(item: Any, most: int = MAX_VALUES) -> Any:
    """The type of a parameter that takes several values; an operation that takes but `most` refuses more by itself."""
    limits = {"minItems": 1, "maxItems": most}
    values = Annotated[list[item], Field(max_length=MAX_VALUES, json_schema_extra=limits)]
    return Annotated[values | None, BeforeValidator(split), AfterValidator(_not_empty)]


def _not_future(value: dt.date | None) -> dt.date | None:
    today = dt.datetime.now(dt.UTC).date()
    if value is not None and value > today:
        raise ValueError(f"today is {today} (UTC)")
    return value


class Pinned(BaseModel):
    """What every read takes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    release: Annotated[
        Word | None,
        Field(description="Release to read, such as `2026.11.21`; by default the current one. It never changes."),
    ] = None
    as_of: Annotated[
        Day | None,
        AfterValidator(_not_future),
        Field(description="Read the release that was current at the end of this day (UTC), such as `2026-11-21`."),
    ] = None


def pins() -> dict[str, Any]:
    """The fields of `Pinned`, to be declared last: the documentation then shows them after the filters."""
    return {name: (field.annotation, field) for name, field in Pinned.model_fields.items()}


def filter_field(wanted: Filter, most: int = MAX_VALUES) -> tuple[Any, Any]:
    """Type and documentation of the parameter of a filter, which takes so many values at most."""
    description = f"{wanted.description} For example `{wanted.example}`."
    alias = wanted.name if wanted.name != _attribute(wanted.name) else None
    if isinstance(wanted, Flag):
        return (bool | None, Field(default=None, alias=alias, description=description, examples=[wanted.example]))
    if isinstance(wanted, Bound):
        limits: dict[str, Any] = {"ge": wanted.minimum, "le": wanted.maximum}
        if wanted.type is int:  # what no database can hold, none can compare with
            limits = {"ge": wanted.minimum or 0, "le": wanted.maximum or MAX_COUNT}
        limits = {key: limit for key, limit in limits.items() if limit is not None}
        kind = Day if wanted.type is dt.date else wanted.type
        optional: Any = Annotated[kind, Field(**limits)] | None
        return (optional, Field(default=None, alias=alias, description=description, examples=[_typed(wanted)]))
    if wanted.vocabulary:
        item = _in_any_case(wanted.vocabulary)
        description += "\n\n" + wanted.vocabulary.documentation()
        field = Field(default=None, alias=alias, description=description, examples=[[wanted.example]])
        return (several(item, most), field)
    if wanted.names:
        description += f" Takes ids and names of `/{wanted.names}`."
    return (several(Word), Field(default=None, alias=alias, description=description, examples=[[wanted.example]]))


def _typed(wanted: Bound) -> Any:
    return wanted.example if wanted.type is dt.date else wanted.type(wanted.example)  # type: ignore[arg-type,call-arg]  # the other types are int and float


def list_model(spec: List, leave_out: str | None = None) -> type[BaseModel]:
    """The parameters of a list: its filters, and what every list takes."""
    fields: dict[str, Any] = {}
    for wanted in spec.all_filters():
        if wanted.name != leave_out:
            field_type, field = filter_field(wanted)
            fields[_attribute(wanted.name)] = (field_type, field)
    orders = [name for key in spec.sorts for name in (key, f"-{key}")]
    text = 'Full text: words, each of which may be the beginning of a word, and "phrases"; all must occur.'
    fields["q"] = (Word | None, Field(default=None, description=f"{text} For example `{_question(spec)}`."))
    fields["sort"] = (
        several(Literal[tuple(orders)]),
        Field(
            default=None,
            description=f"Order: {', '.join(f'`{key}`' for key in spec.sorts)}; `-` before a key turns it round; "
            "unknown values come last. By default the list's own order.",
            examples=[[orders[-1]]],
        ),
    )
    fields["limit"] = (
        Annotated[int, Field(ge=1, le=MAX_LIMIT)],
        Field(default=DEFAULT_LIMIT, description=f"Records a page, 1 to {MAX_LIMIT}."),
    )
    fields["cursor"] = (Word | None, Field(default=None, description="Where a page goes on: follow `next`."))
    facets = [name for name in spec.facets() if name != leave_out]
    fields["facets"] = (
        several(Literal[tuple(facets)]),
        Field(
            default=None,
            description="Filters whose values are to be counted, each under all the other filters: "
            + f"{_listed(facets)}.",
            examples=[facets[:2]],
        ),
    )  # fmt: skip
    fields |= _shape(spec)
    fields |= pins()
    return create_model(f"{spec.noun.title().replace(' ', '')}Query", __config__=Pinned.model_config, **fields)


def _shape(spec: List) -> dict[str, Any]:
    """The parameters that shape an answer."""
    keys, more = selectable(spec), includable(spec)
    found: dict[str, Any] = {
        "id": (several(Word), Field(default=None, description="Only these records, by id: several in one request.")),
        "fields": (
            several(Literal[tuple(keys)]),
            Field(default=None, description=f"Keys to answer; `id` always is. One or more of: {_listed(keys)}."),
        ),
        "format": (
            Format | None,
            Field(
                default=None,
                description="Format, before what `Accept` says. `csv` and `jsonl` are the whole result, not a page; "
                "`bibtex`, `ris` and `csl-json` cite every source that the whole result used.",
            ),
        ),
    }
    if more:
        text = f"Parts to bring along, instead of one request for each. One or more of: {_listed(more)}."
        found["include"] = (several(Literal[tuple(more)]), Field(default=None, description=text))
    return found


def record_model(spec: List) -> type[BaseModel]:
    """The parameters of a single record."""
    keys = keys_of(spec.form)
    fields: dict[str, Any] = {
        "fields": (
            several(Literal[tuple(keys)]),
            Field(default=None, description=f"Keys to answer; `id` always is. One or more of: {_listed(keys)}."),
        ),
        "format": (
            Format | None,
            Field(default=None, description="Format; `bibtex`, `ris` and `csl-json` cite every source of the record."),
        ),
    }
    more = includable(spec) if spec.summary is None else []
    if more:
        fields["include"] = (
            several(Literal[tuple(more)]),
            Field(default=None, description=f"Parts to bring along. One or more of: {_listed(more)}."),
        )
    fields |= pins()
    return create_model(f"{spec.noun.title().replace(' ', '')}RecordQuery", __config__=Pinned.model_config, **fields)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _question(spec: List) -> str:
    return {"statements": "resistance", "sources": "melanoma", "events": "enterocolitis"}.get(spec.name, "melanoma")


def _attribute(name: str) -> str:
    """The attribute of a parameter whose name is a word of Python."""
    return f"{name}_" if name == "class" else name


def filters_asked(spec: List, query: BaseModel) -> dict[str, Any]:
    """The filters that a request asks for, by name."""
    given = {name.rstrip("_") for name in query.model_fields_set}
    wanted = (name for name in spec.names if name in given)
    values = ((name, getattr(query, _attribute(name))) for name in wanted)
    return {name: value for name, value in values if value is not None}
