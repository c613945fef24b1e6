"""Releases: which is current, which was on a day, and moving from one to another.

An activation is one row: going back to an older release is one more. The current release is that of the latest.
"""

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update
from sqlmodel import SQLModel

from app import search
from app.models.base import table_of
from app.models.release import Activation, Release, ReleaseForm

_release = table_of(Release)
_activation = table_of(Activation)


@lru_cache(maxsize=64)
def latest(before: dt.datetime | None = None) -> Select[Any]:
    """Select the release that is current, or that was before a moment, with the id of its activation."""
    query = select(_release, _activation.c.id.label("activation")).join(_activation)
    if before:
        query = query.where(_activation.c.activated_at < before)
    return query.order_by(_activation.c.activated_at.desc(), _activation.c.id.desc()).limit(1)


def end_of(day: dt.date) -> dt.datetime:
    """The moment at which a day is over (UTC)."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, dt.UTC)


def named(version: str) -> Select[Any]:
    """Select one release."""
    return select(_release).where(_release.c.version == version)


def readable(connection: Connection) -> list[RowMapping]:
    """The rows of all releases that can be read, newest first."""
    rows = connection.execute(select(_release).where(_release.c.removed_at.is_(None))).mappings()
    return sorted(rows, key=lambda row: order(row["version"]), reverse=True)


def listed(connection: Connection) -> list[ReleaseForm]:
    """All releases that can be read, newest first, with when each was last made current."""
    current = connection.execute(latest()).mappings().first()
    moments = select(_activation.c.release_id, func.max(_activation.c.activated_at)).group_by(_activation.c.release_id)
    last = {row[0]: row[1] for row in connection.execute(moments)}
    return [
        ReleaseForm(**row, activated_at=last[row["id"]], current=current is not None and row["id"] == current["id"])
        for row in readable(connection)
    ]


def order(version: str) -> tuple[int, ...]:
    """The key by which versions are in the order of time: `2026.11.21.10` is after `2026.11.21.9`."""
    return tuple(int(part) for part in version.split("."))


def next_version(taken: set[str], day: dt.date) -> str:
    """The version of a release of a day: its date, with a number from the second of a day on."""
    plain = day.strftime("%Y.%m.%d")
    numbers = {version.removeprefix(plain).lstrip(".") or "1" for version in taken if version.startswith(plain)}
    return f"{plain}.{max(map(int, numbers)) + 1}" if numbers else plain


def versions(connection: Connection) -> set[str]:
    """All versions ever given, those of removed releases too."""
    return set(connection.execute(select(_release.c.version)).scalars())


def activate(connection: Connection, release_id: int, at: dt.datetime | None = None) -> None:
    """Make a release current, now or (for a past release that is restored) as of a moment."""
    newest = connection.execute(select(func.max(_activation.c.activated_at))).scalar()
    moment = at or dt.datetime.now(dt.UTC)
    if at is None and newest is not None and moment <= newest:  # a clock that was set back must not undo this
        moment = newest + dt.timedelta(microseconds=1)
    connection.execute(insert(_activation).values(release_id=release_id, activated_at=moment))


def remove(connection: Connection, release_id: int) -> None:
    """Remove the records of a release that is not current; its version stays taken."""
    search.forget(connection, release_id)
    for table in _tables():
        connection.execute(table.delete().where(table.c.release_id == release_id))
    connection.execute(update(_release).where(_release.c.id == release_id).values(removed_at=dt.datetime.now(dt.UTC)))


def bring_back(connection: Connection, release_id: int) -> None:
    """Take back that a release was removed: its records are written again."""
    connection.execute(update(_release).where(_release.c.id == release_id).values(removed_at=None))


def _tables() -> Iterator[Any]:
    """The tables whose rows belong to a release, those that refer to others first."""
    for table in reversed(SQLModel.metadata.sorted_tables):
        if "release_id" in table.c and table is not _activation:
            yield table
