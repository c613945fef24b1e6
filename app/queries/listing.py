"""The one SELECT of every list: filters narrow it, a cursor continues it, a limit ends it."""

import base64
import binascii
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app import search
from app.database import Reader
from app.models.base import table_of
from app.models.index import Name, Tag
from app.queries.filters import Bound, List, Tagged, Through
from app.queries.names import AmbiguousNameError, UnknownNameError, nearest, resolve

Resolved = dict[str, Any]
"""What was asked for, by parameter, after names were resolved: lists of values, or a single bound or text."""

_tag = table_of(Tag).c
_name = table_of(Name).c

MAX_LIMIT = 500
DEFAULT_LIMIT = 20


class BadParameterError(Exception):
    """A parameter that cannot be answered. Names the culprit, what is allowed, and what is nearest."""

    def __init__(
        self, parameter: str, message: str, *, allowed: str | None = None, nearest: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message
        self.allowed = allowed
        self.nearest = list(nearest)


@dataclass(frozen=True)
class Page:
    """A page of a list: finished documents, the exact total, and where it goes on."""

    documents: Sequence[str]
    total: int
    next_cursor: str | None


def resolved(reader: Reader, spec: List, asked: Mapping[str, Any]) -> Resolved:
    """Resolve the names among the values asked for. Raises `BadParameterError` for what is not known."""
    query: Resolved = {}
    for name, value in asked.items():
        if name == "q":
            if not search.is_searchable(value):
                message = f"`q` holds no word to search for, or more than {search.MAX_WORDS}."
                raise BadParameterError("q", message, allowed='words, and phrases in "quotes"')
            query[name] = value
            continue
        if name == "id":
            query[name] = _existing(reader, spec, value)
            continue
        wanted = spec.filter(name)
        if isinstance(wanted, Tagged) and wanted.vocabulary is None:
            space = wanted.names or f"{_owner(spec, name).name}.{name}"
            query[name] = list(dict.fromkeys(_resolve(reader, name, space, text) for text in value))
        else:
            query[name] = value
    return query


def _existing(reader: Reader, spec: List, ids: Sequence[str]) -> list[str]:
    """The ids asked for; each must be one of the list, to the letter."""
    table = table_of(spec.table)
    found = select(table.c.id).where(table.c.release_id == reader.release_id, table.c.id.in_(list(ids)))
    known = set(reader.connection.execute(found).scalars())
    for record_id in ids:
        if record_id not in known:
            message = f"No {spec.noun} has the id {record_id[:80]!r}."
            raise BadParameterError(
                "id", message, allowed=f"an id of /{spec.name}", nearest=nearest(reader, spec.name, record_id)
            )
    return list(dict.fromkeys(ids))


def _owner(spec: List, name: str) -> List:
    return spec.through.of if spec.through and name in spec.through.filters else spec


def _resolve(reader: Reader, parameter: str, space: str, text: str) -> str:
    try:
        return resolve(reader, space, text)
    except UnknownNameError as error:
        message = f"No value of `{parameter}` is called {text[:80]!r}."
        allowed = f"an id or a known name of /{space}" if "." not in space else "a value that occurs in this list"
        raise BadParameterError(parameter, message, allowed=allowed, nearest=error.nearest) from error
    except AmbiguousNameError as error:
        message = f"{text[:80]!r} can mean several values of `{parameter}`; write the id."
        raise BadParameterError(parameter, message, allowed=" or ".join(error.ids), nearest=error.ids) from error


def conditions(reader: Reader, spec: List, query: Resolved) -> list[ColumnElement[bool]]:
    """The WHERE of a list: its release, and one condition for each filter asked for."""
    table = table_of(spec.table)
    found: list[ColumnElement[bool]] = [table.c.release_id == reader.release_id]
    via = spec.through
    for name, value in query.items():
        if name == "id":
            found.append(table.c.id.in_(value))
        elif name == "q":
            hits = search.positions(reader.connection, reader.release_id, spec.name, value)
            found.append(table.c.position.in_(hits))
        elif via is None or name not in via.filters:
            found.append(_condition(reader, spec, name, value))
    if via and any(name in query for name in via.filters):
        found.append(table.c.id.in_(select(via.owner).where(*_through(reader, via, query))))
    return found


def _through(reader: Reader, via: Through, query: Resolved) -> list[ColumnElement[bool]]:
    passed = {name: query[name] for name in (*via.filters, *via.joining) if name in query}
    return conditions(reader, via.of, via.always | passed)


def _condition(reader: Reader, spec: List, name: str, value: Any) -> ColumnElement[bool]:
    wanted = spec.filter(name)
    if isinstance(wanted, Bound):
        return wanted.condition(value)
    values = [str(value).lower()] if isinstance(value, bool) else [str(item) for item in value]
    table = table_of(spec.table)
    return table.c.position.in_(
        select(_tag.position).where(
            _tag.release_id == reader.release_id,
            _tag.list == spec.name,
            _tag.filter == name,
            _tag.value.in_(values),
        )
    )


def page(reader: Reader, spec: List, query: Resolved, sort: Sequence[str], limit: int, cursor: str | None) -> Page:
    """One page of a list, in a total order: the sort asked for, then the list's own order."""
    table = table_of(spec.table)
    where = conditions(reader, spec, query)
    keys = [_sort_key(spec, key) for key in sort]
    fingerprint = _fingerprint(reader, spec, query, sort)
    found = select(
        spec.document if spec.document is not None else table.c.document, *(key for key, _ in keys), table.c.position
    )
    found = found.where(*where)
    if cursor is not None:
        found = found.where(_after(keys, table.c.position, _read_cursor(cursor, fingerprint, [key for key, _ in keys])))
    order = [key.asc() if ascending else key.desc() for key, ascending in keys]
    rows = reader.connection.execute(found.order_by(*order, table.c.position).limit(limit + 1)).all()
    total = reader.connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    more = len(rows) > limit
    rows = rows[:limit]
    return Page([row[0] for row in rows], total, _write_cursor(fingerprint, rows[-1][1:]) if more else None)


def documents(
    reader: Reader, spec: List, query: Resolved, sort: Sequence[str], *, whole: bool = False
) -> Iterator[str]:
    """Every document of a query, in the order of its pages, streamed. `whole` gives records, not their list form."""
    table = table_of(spec.table)
    keys = [_sort_key(spec, key) for key in sort]
    column = table.c.document if whole or spec.document is None else spec.document
    found = select(column).where(*conditions(reader, spec, query))
    order = [key.asc() if ascending else key.desc() for key, ascending in keys]
    rows = reader.connection.execution_options(yield_per=500).execute(found.order_by(*order, table.c.position))
    return (row[0] for row in rows)


def _sort_key(spec: List, key: str) -> tuple[ColumnElement[Any], bool]:
    """The expression to sort by, with unknown values last in both directions."""
    ascending = not key.startswith("-")
    column = spec.sorts[key.lstrip("-")]
    if column.type.python_type is dt.date:
        return func.coalesce(column, dt.date(9999, 12, 31) if ascending else dt.date(1, 1, 1)), ascending
    return func.coalesce(column, 10**9 if ascending else -1), ascending


def _after(
    keys: Sequence[tuple[ColumnElement[Any], bool]], position: ColumnElement[int], last: Sequence[Any]
) -> ColumnElement[bool]:
    """Everything that comes after the last row of the page before."""
    columns = [*keys, (position, True)]
    alternatives = []
    for depth, (column, ascending) in enumerate(columns):
        equal = [before == value for (before, _), value in zip(columns[:depth], last, strict=False)]
        alternatives.append(and_(*equal, column > last[depth] if ascending else column < last[depth]))
    return or_(*alternatives)


def _fingerprint(reader: Reader, spec: List, query: Resolved, sort: Sequence[str]) -> str:
    content = json.dumps([reader.version, spec.name, query, list(sort)], default=str, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _write_cursor(fingerprint: str, values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, dt.date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps([fingerprint, *plain]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, fingerprint: str, keys: Sequence[ColumnElement[Any]]) -> list[Any]:
    """The values that a cursor holds. It came from outside: each must be what its column can be compared with."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found, *values, position = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if found != fingerprint:
            raise ValueError(cursor)
        read = [_read_value(value, key.type.python_type) for value, key in zip(values, keys, strict=True)]
        return [*read, _read_value(position, int)]
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError) as error:
        message = "This cursor does not belong to this query; follow `next` of the page before, unchanged."
        raise BadParameterError("cursor", message) from error


def _read_value(value: Any, kind: type) -> Any:
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if isinstance(value, bool | str) or not abs(value) < 2**63 or (kind is int and not isinstance(value, int)):
        raise ValueError(value)
    return value


def facet(reader: Reader, spec: List, query: Resolved, name: str) -> list[tuple[str, int]]:
    """How many records of the list carry each value of a filter, under all the other filters; most first."""
    others = {key: value for key, value in query.items() if key != name}
    via = spec.through
    if via and name in via.filters:
        inner = table_of(via.of.table)
        outer = table_of(spec.table)
        counted, listed = func.count(func.distinct(via.owner)), via.of.name
        own = {key: value for key, value in others.items() if key not in via.filters}
        where = [
            *_through(reader, via, others),
            via.owner.in_(select(outer.c.id).where(*conditions(reader, spec, own))),
        ]
    else:
        inner = table_of(spec.table)
        counted, listed = func.count(), spec.name
        where = conditions(reader, spec, others)
    found = (
        select(_tag.value, counted.label("records"))
        .join(inner, and_(inner.c.release_id == _tag.release_id, inner.c.position == _tag.position))
        .where(_tag.release_id == reader.release_id, _tag.list == listed, _tag.filter == name, *where)
        .group_by(_tag.value)
    )
    rows = [(row.value, row.records) for row in reader.connection.execute(found)]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def names_of(reader: Reader, space: str, ids: Sequence[str]) -> dict[str, str]:
    """The names of records of a list, by id."""
    query = select(_name.id, _name.name).where(
        _name.release_id == reader.release_id, _name.list == space, _name.how == "name", _name.id.in_(ids)
    )
    return {row.id: row.name for row in reader.connection.execute(query)}
