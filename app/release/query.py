"""Evaluating a query: filters to bitmaps, intersected; and pages of what was found."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import and_
from typing import Any

import orjson
from pyroaring import BitMap

from app.nouns.declaration import Join, Noun, RangeFilter
from app.release.opened import OpenRelease

Params = dict[str, Any]
"""What is applied, by parameter, after names were resolved: lists of values, or a single bound, flag or text."""


class BadCursorError(Exception):
    """A cursor that was not given out for this query."""


@dataclass(frozen=True)
class PagePositions:
    """The positions of the records of a page, the exact total, and the cursor of the next page."""

    positions: list[int]
    total: int
    next_cursor: str | None


def matching(release: OpenRelease, noun: Noun, params: Params) -> BitMap:
    """The records of a list that meet every filter of a query. `id` holds positions, not ids."""
    join = noun.join
    joined = set(join.filters) & params.keys() if join else set()
    found = [_one(release, noun, name, value) for name, value in params.items() if name not in joined]
    if join and joined:
        members = matching(release, join.noun, joined_params(join, params))
        found.append(release.index(join.noun).owners_of(members, noun))
    return reduce(and_, found) if found else release.index(noun).everything


def _one(release: OpenRelease, noun: Noun, name: str, value: Any) -> BitMap:
    """The records that one filter finds."""
    index = release.index(noun)
    if name == "q":
        return index.text.matches(value)
    if name == "id":
        return BitMap(value)
    wanted = noun.filter(name)
    if isinstance(wanted, RangeFilter):
        return index.range(wanted, value)
    return index.term(name, [str(value).lower()] if isinstance(value, bool) else map(str, value))


def joined_params(join: Join, params: Params) -> Params:
    """The filters of a query that one record of the joined noun must meet."""
    return join.base_filters | {name: params[name] for name in (*join.filters, *join.shared_filters) if name in params}


def page(
    release: OpenRelease, noun: Noun, params: Params, found: BitMap, sort: Sequence[str], limit: int, cursor: str | None
) -> PagePositions:
    """One page of what was found, in the order requested, then the list's own. Raises `BadCursorError`."""
    index = release.index(noun)
    fingerprint = _fingerprint(release, noun, params, sort)
    start = 0 if cursor is None else _read_cursor(cursor, fingerprint, index.size)
    chosen = list(islice(index.in_order(found, sort, start), limit + 1))
    following = _write_cursor(fingerprint, chosen[limit][0]) if len(chosen) > limit else None
    return PagePositions([position for _, position in chosen[:limit]], len(found), following)


def _fingerprint(release: OpenRelease, noun: Noun, params: Params, sort: Sequence[str]) -> str:
    content = orjson.dumps([release.version, noun.name, params, list(sort)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def _write_cursor(fingerprint: str, rank: int) -> str:
    return base64.urlsafe_b64encode(f"{fingerprint}.{rank}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str, fingerprint: str, records: int) -> int:
    """The rank at which a cursor goes on. It came from outside: it is taken only as it was given out."""
    try:
        found, _, rank = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(".")
        if found != fingerprint or _write_cursor(found, int(rank)) != cursor or not 0 <= int(rank) < records:
            raise BadCursorError
        return int(rank)
    except (ValueError, UnicodeError) as error:
        raise BadCursorError from error
