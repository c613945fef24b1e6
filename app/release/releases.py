"""Releases: which is current, which was on a day, and moving from one to another.

An activation is one row: going back to an older release is one more. The current release is that of the latest.
"""

import datetime as dt
import re
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, func, insert, select, update
from sqlmodel import SQLModel

from app.nouns.base import table_of
from app.nouns.registry import nouns
from app.release.tables import ActivationTable, Release, ReleaseTable

VERSION = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})(\.([2-9]|[1-9]\d{1,5}))?")
"""A day, with a number from the second release of a day on."""
_release = table_of(ReleaseTable)
_activation = table_of(ActivationTable)


# Versions


def day_of(version: str) -> dt.date:
    """The day of a version. Raises `ValueError` where it is none."""
    found = VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"{version[:40]!r} is no version such as 2026.11.21 or 2026.11.21.2")
    return dt.date(*map(int, found.group(1, 2, 3)))


def order(version: str) -> tuple[int, ...]:
    """The key by which versions are in the order of time: `2026.11.21.10` is after `2026.11.21.9`."""
    return tuple(int(part) for part in version.split("."))


def next_version(taken: set[str], day: dt.date) -> str:
    """The version of a release of a day: its date, with a number from the second of a day on."""
    plain = day.strftime("%Y.%m.%d")
    numbers = {version.removeprefix(plain).lstrip(".") or "1" for version in taken if version.startswith(plain)}
    return f"{plain}.{max(map(int, numbers)) + 1}" if numbers else plain


# Which releases there are


@cache
def latest() -> Select[Any]:
    """Select the release that is current."""
    query = select(_release).join(_activation)
    return query.order_by(_activation.c.activated_at.desc(), _activation.c.id.desc()).limit(1)


def end_of(day: dt.date) -> dt.datetime:
    """The moment at which a day is over (UTC)."""
    if day == dt.date.max:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, dt.UTC)


def named(version: str) -> Select[Any]:
    """Select one release."""
    return select(_release).where(_release.c.version == version)


def all_rows(connection: Connection) -> list[RowMapping]:
    """The rows of all releases, those that were removed too."""
    return list(connection.execute(select(_release)).mappings())


def readable(connection: Connection) -> list[RowMapping]:
    """The rows of all releases that can be read, newest first."""
    rows = [row for row in all_rows(connection) if row["removed_at"] is None]
    return sorted(rows, key=lambda row: order(row["version"]), reverse=True)


def activations(connection: Connection) -> list[tuple[dt.datetime, int]]:
    """When which release, by its key, was made current; the newest first, which is the current one."""
    newest_first = select(_activation.c.activated_at, _activation.c.release_id).order_by(
        _activation.c.activated_at.desc(), _activation.c.id.desc()
    )
    return [(at, release_id) for at, release_id in connection.execute(newest_first)]


def listed(connection: Connection) -> list[Release]:
    """All releases that can be read and ever were current, newest first, with when each last became so."""
    moments = activations(connection)
    last = {release_id: at for at, release_id in reversed(moments)}
    return [
        Release(**row, activated_at=last[row["id"]], current=row["id"] == moments[0][1])
        for row in readable(connection)
        if row["id"] in last
    ]


def versions(connection: Connection) -> set[str]:
    """All versions ever given, those of removed releases too."""
    return set(connection.execute(select(_release.c.version)).scalars())


# Changes, which need `release_lock`


def activate(connection: Connection, release_id: int, at: dt.datetime | None = None) -> None:
    """Make a release current, now or (for a past release that is restored) as of a moment."""
    newest = connection.execute(select(func.max(_activation.c.activated_at))).scalar()
    moment = at or dt.datetime.now(dt.UTC)
    if at is None and newest is not None and moment <= newest:  # a clock that was set back must not undo this
        moment = newest + dt.timedelta(microseconds=1)
    connection.execute(insert(_activation).values(release_id=release_id, activated_at=moment))


def remove(connection: Connection, release_id: int) -> None:
    """Remove the records of a release that is not current; its version stays taken."""
    for table in reversed(tables_of_releases()):
        connection.execute(table.delete().where(table.c.release_id == release_id))
    connection.execute(update(_release).where(_release.c.id == release_id).values(removed_at=dt.datetime.now(dt.UTC)))


def bring_back(connection: Connection, release_id: int) -> None:
    """Take back that a release was removed: its records are written again."""
    connection.execute(update(_release).where(_release.c.id == release_id).values(removed_at=None))


def tables_of_releases() -> list[Table]:
    """The tables whose rows belong to a release, those that others refer to first."""
    nouns()  # declares the tables of records
    return [table for table in SQLModel.metadata.sorted_tables if "release_id" in table.c and table is not _activation]
