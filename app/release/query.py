"""What a query finds in a release, and page by page of it: positions of records."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice, product
from operator import and_
from typing import Any

import orjson
from pyroaring import BitMap

from app.nouns.declaration import Join, Noun
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
    if not noun.all_filters.keys().isdisjoint(params):
        return _every(release, noun, params)
    join, index = noun.join, release.lists[noun.name]
    joined = set(join.filters) & params.keys() if join else set()
    found = [index.find(name, params) for name in params if name not in joined]
    if join and joined:
        owning = release.joins[noun.name]
        found.append(owning.owners(owning.matching(joined_params(join, params))))
    return reduce(and_, found) if found else index.everything


def _every(release: OpenRelease, noun: Noun, params: Params) -> BitMap:
    """The records that meet all values of some filters, each as if it was asked for alone beside the others."""
    plain = {name: value for name, value in params.items() if name not in noun.all_filters}
    every = {noun.all_filters[name].of: values for name, values in params.items() if name in noun.all_filters}
    each = (dict(zip(every, ([value] for value in chosen), strict=True)) for chosen in product(*every.values()))
    return reduce(and_, (matching(release, noun, plain | one) for one in each), matching(release, noun, plain))


def joined_params(join: Join, params: Params) -> Params:
    """The filters of a query that one record of the joined noun must meet."""
    return join.base_filters | {name: params[name] for name in (*join.filters, *join.shared_filters) if name in params}


def page_of(
    release: OpenRelease, noun: Noun, params: Params, found: BitMap, sort: Sequence[str], limit: int, cursor: str | None
) -> PagePositions:
    """One page of what was found, in the order requested, then the list's own. Raises `BadCursorError`."""
    index = release.lists[noun.name]
    query_digest = _query_digest(release, noun, params, sort)
    start = 0 if cursor is None else _read_cursor(cursor, query_digest, index.size)
    chosen = list(islice(index.in_order(found, sort, start), limit + 1))
    following = _write_cursor(query_digest, chosen[limit][0]) if len(chosen) > limit else None
    return PagePositions([position for _, position in chosen[:limit]], len(found), following)


def _query_digest(release: OpenRelease, noun: Noun, params: Params, sort: Sequence[str]) -> str:
    content = orjson.dumps([release.version, noun.name, params, list(sort)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def _write_cursor(query_digest: str, rank: int) -> str:
    return base64.urlsafe_b64encode(f"{query_digest}.{rank}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str, query_digest: str, records: int) -> int:
    """The rank at which a cursor goes on. It came from outside: it is taken only as it was given out."""
    try:
        found, _, rank = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(".")
        if found != query_digest or _write_cursor(found, int(rank)) != cursor or not 0 <= int(rank) < records:
            raise BadCursorError
        return int(rank)
    except (ValueError, UnicodeError) as error:
        raise BadCursorError from error
