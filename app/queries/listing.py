"""Pages of a list: filters choose its records, a sort orders them, a cursor continues and a limit ends them."""

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import NoResultFound

from app import search
from app.models.base import table_of
from app.models.index import Name
from app.queries.filters import List, Tagged
from app.queries.matching import Resolved, matching
from app.queries.names import AmbiguousNameError, UnknownNameError, nearest, resolve
from app.queries.sets import Order, positions
from app.reader import Reader

_name = table_of(Name).c

MAX_LIMIT = 500
PIECE = 1000
"""Records that an export reads at once."""
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
            space = wanted.names or f"{spec.owner(name).name}.{name}"
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


def page(reader: Reader, spec: List, query: Resolved, sort: Sequence[str], limit: int, cursor: str | None) -> Page:
    """One page of a list, in the order asked for, then the list's own."""
    fingerprint = _fingerprint(reader, spec, query, sort)
    start = 0 if cursor is None else _read_cursor(cursor, fingerprint, reader.counts[spec.name])
    found = matching(reader, spec, query)
    chosen = list(islice(_walk(reader, spec, found, sort, start), limit + 1))
    following = _write_cursor(fingerprint, chosen[limit][0]) if len(chosen) > limit else None
    documents = documents_at(reader, spec, [position for _, position in chosen[:limit]])
    return Page(documents, found.bit_count(), following)


def _walk(reader: Reader, spec: List, found: int, sort: Sequence[str], start: int) -> Iterator[tuple[int, int]]:
    """The records of a set in an order: the place of each, and its position."""
    if not sort:
        return ((position, position) for position in positions(found, start))
    return order(reader, spec, sort).walk(found, start)


def order(reader: Reader, spec: List, sort: Sequence[str]) -> Order:
    """All records of a list in an order."""

    def load() -> Order:
        table = table_of(spec.table)
        query = select(table.c.position).where(table.c.release_id == reader.release_id)
        ordered = query.order_by(*(_sort_key(spec, key) for key in sort), table.c.position)
        return Order.of(reader.connection.execute(ordered).scalars().all())

    return reader.once(("order", spec.name, tuple(sort)), load)


def position_of(reader: Reader, spec: List, record_id: str) -> int | None:
    """The position of a record in its list, by its id to the letter; None where there is none."""
    if reader.is_small(spec.name):  # the others will be asked for soon
        return all_positions(reader, spec).get(record_id)

    def find() -> int:
        table = table_of(spec.table)
        query = select(table.c.position).where(table.c.release_id == reader.release_id, table.c.id == record_id)
        found: int = reader.connection.execute(query).scalar_one()
        return found

    try:
        return reader.once(("position", spec.name, record_id), find)
    except NoResultFound:  # not remembered: anybody can make up ids
        return None


def document_of(reader: Reader, spec: List, record_id: str) -> str | None:
    """The whole document of a record, by its id to the letter; None where there is none."""
    if reader.is_small(spec.name):
        position = position_of(reader, spec, record_id)
        return None if position is None else documents_at(reader, spec, [position], whole=True)[0]
    query = f"SELECT document FROM {table_of(spec.table).name} WHERE release_id = :release AND id = :id"  # noqa: S608  # a name of our own
    rows = reader.near(query, release=reader.release_id, id=record_id)
    return rows[0][0] if rows else None


def all_positions(reader: Reader, spec: List) -> dict[str, int]:
    """The positions of all records of a list, by id."""

    def load() -> dict[str, int]:
        table = table_of(spec.table)
        rows: Any = reader.connection.execute(
            select(table.c.id, table.c.position).where(table.c.release_id == reader.release_id)
        )
        return dict(map(tuple, rows.all()))

    return reader.once(("positions", spec.name), load)


def documents_at(reader: Reader, spec: List, chosen: Sequence[int], *, whole: bool = False) -> list[str]:
    """The one SELECT of a list: the documents at some positions, in their order."""
    if not chosen:
        return []

    table = table_of(spec.table)
    document = table.c.document if whole or spec.document is None else spec.document

    def load(missing: list[int]) -> dict[int, str]:
        # Numbers of our own, written out: a parameter for each would take longer than the answer.
        places = ",".join(map(str, missing))
        query = f"SELECT position, {document.key} FROM {table.name} WHERE release_id = {reader.release_id}"  # noqa: S608  # names and numbers of our own
        return dict(map(tuple, reader.near(f"{query} AND position IN ({places})")))

    return reader.each((spec.name, whole), chosen, load)


def documents(
    read: Callable[[], AbstractContextManager[Reader]],
    spec: List,
    query: Resolved,
    sort: Sequence[str],
    *,
    whole: bool = False,
) -> Iterator[str]:
    """Every document of a query, in the order of its pages. `whole` gives records, not their list form.

    They are read in pieces, each of them by a `read` of its own: whoever takes his time holds no connection.
    """
    with read() as reader:
        chosen = [position for _, position in _walk(reader, spec, matching(reader, spec, query), sort, 0)]
    for start in range(0, len(chosen), PIECE):
        with read() as reader:
            piece = documents_at(reader, spec, chosen[start : start + PIECE], whole=whole)
        yield from piece


def _sort_key(spec: List, key: str) -> ColumnElement[Any]:
    """The expression to sort by, with unknown values last in both directions."""
    ascending = not key.startswith("-")
    column = table_of(spec.table).c[spec.sorts[key.lstrip("-")].key]
    if column.type.python_type is dt.date:
        known = func.coalesce(column, dt.date(9999, 12, 31) if ascending else dt.date(1, 1, 1))
    else:
        known = func.coalesce(column, 10**9 if ascending else -1)
    return known.asc() if ascending else known.desc()


def _fingerprint(reader: Reader, spec: List, query: Resolved, sort: Sequence[str]) -> str:
    content = orjson.dumps([reader.version, spec.name, query, list(sort)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def _write_cursor(fingerprint: str, place: int) -> str:
    return base64.urlsafe_b64encode(f"{fingerprint}.{place}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str, fingerprint: str, records: int) -> int:
    """The place at which a cursor goes on. It came from outside: it is taken only as it was given out."""
    try:
        found, _, place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(".")
        if found != fingerprint or _write_cursor(found, int(place)) != cursor or not 0 <= int(place) < records:
            raise ValueError(cursor)
        return int(place)
    except (ValueError, UnicodeError) as error:
        message = "This cursor does not belong to this query; follow `next` of the page before, unchanged."
        raise BadParameterError("cursor", message) from error
