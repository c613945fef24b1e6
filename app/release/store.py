"""The store: the current release and those that requests pin, each opened once, and their documents by key.

A release is opened into memory (`opened.py`); documents stay in the database and are read by key: at once on SQLite,
where that takes microseconds, in a thread on PostgreSQL. One event loop uses a store.
"""

import asyncio
import datetime as dt
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, select

from app.nouns.base import table_of
from app.nouns.declaration import Noun
from app.release import releases
from app.release.database import (
    BEING_REMOVED,
    DeadlineError,
    LockedError,
    NotReadyError,
    check_schema,
)
from app.release.database_file import DatabaseFile
from app.release.opened import OpenRelease, ReleaseKey
from app.release.opening import OpenReleases
from app.release.reader import DatabaseReader
from app.release.tables import DocumentTable

Value = TypeVar("Value")

BATCH, WHOLE_BATCH = 200, 25
"""Records, and whole therapies, that an export reads at once: some milliseconds, so that others get their turn."""
_document = table_of(DocumentTable)

LATEST, PREVIOUS = "latest", "previous"
"""Names of the current release, and of the one that was current before it; they stand wherever a version does."""


class NoSuchReleaseError(LookupError):
    """No release has this version, or was current on this day. The message says which, and why."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message


@dataclass(frozen=True)
class Observation:
    """What was seen of the database at a moment: its releases, and which was current when."""

    at: float
    current: OpenRelease
    versions: Mapping[str, RowMapping]
    activations: Sequence[tuple[dt.datetime, int]]
    """When which release was made current, newest first."""

    def on(self, day: dt.date) -> RowMapping | None:
        """The release that was current at the end of a day (UTC)."""
        end = releases.end_of(day)
        release_id = next((release_id for at, release_id in self.activations if at < end), None)
        return next((row for row in self.versions.values() if row["id"] == release_id), None)

    def version(self, name: str) -> str:
        """The version that a name stands for; a version stands for itself. Raises `NoSuchReleaseError`."""
        if name == LATEST:
            return self.current.version
        if name != PREVIOUS:
            return name
        there: dict[int, str] = {
            row["id"]: row["version"] for row in self.versions.values() if row["removed_at"] is None
        }
        before = (there[key] for _, key in self.activations if key != self.current.id and key in there)
        found = next(before, None)
        if found is None:
            raise NoSuchReleaseError("release", "There is no release before the current one.")
        return found


class Store:
    """The releases of a database, read-only."""

    def __init__(self, url: str, check_seconds: float = 1.0, deadline: float = 0) -> None:
        """Read the database of a URL; what was seen of it is trusted for `check_seconds`."""
        self._reader = DatabaseReader(url, deadline)
        self._check_seconds = check_seconds
        self._file = DatabaseFile(self._reader.path) if self._reader.is_file else None
        self._seen: Observation | None = None
        self._opened = OpenReleases(self._reader)
        self._observing: asyncio.Task[Observation] | None = None

    def close(self) -> None:
        """Close every connection."""
        self._reader.close()

    def peek(self) -> ReleaseKey | None:
        """The current release as last seen, if that was recently enough to be trusted. Never waits.

        It is observed again in good time, beside the requests, so that none of many has to wait for it.
        """
        seen = self._seen
        age = time.monotonic() - seen.at if seen else math.inf
        if seen is None or age >= self._check_seconds:
            return None
        if age > self._check_seconds / 2:
            self._observe_soon()
        return seen.current.key

    async def current(self) -> OpenRelease:
        """The current release. Raises `NotReadyError`, or `DeadlineError`."""
        seen = self._seen  # read once: a look in another thread may forget it
        if seen and self.peek() is not None:
            return seen.current
        try:
            return (await self.observe()).current
        except LockedError:
            if seen is None:
                raise
            return seen.current

    async def observe(self) -> Observation:
        """Look at the database now. Raises `NotReadyError`, or `DeadlineError`."""
        return await asyncio.shield(self._observe_soon())

    def _observe_soon(self) -> asyncio.Task[Observation]:
        if self._observing is None or self._observing.done():
            self._observing = asyncio.get_running_loop().create_task(self._observed())
            self._observing.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._observing

    async def _observed(self) -> Observation:
        try:
            began = time.monotonic()
            versions, activations, row = await self._reader.observe(self._look)
            seen = self._seen
            same = seen and (seen.current.id, seen.current.digest) == (row["id"], row["digest"])
            current = seen.current if seen and same else await self._opened.open(row)
            self._opened.close(row)  # it is held by what was seen
            self._seen = Observation(began, current, versions, activations)
            if self._reader.is_file:
                self._reader.open_inline()
        except LockedError:  # what was seen stays true until the writer ends, so cached answers go on
            self._seen = self._seen and replace(self._seen, at=time.monotonic())
            raise
        except NotReadyError:
            self._seen = None
            raise
        except self._reader.errors as error:
            self._seen = None
            raise self._reader.as_not_ready(error) from error
        return self._seen

    def _look(self) -> tuple[dict[str, RowMapping], list[tuple[dt.datetime, int]], RowMapping]:
        self._check()
        with self._reader.connection() as connection:
            return _releases(connection)

    def check_ready(self) -> None:
        """Raise `NotReadyError` unless the database has this code's schema and a current release."""
        self._look()

    def _check(self) -> None:
        """Raise `NotReadyError` unless the database has this code's schema. A file that was replaced is opened anew."""
        if self._file and self._file.look():
            self._reader.reopen()
            self._opened = OpenReleases(self._reader)
            self._seen = None
        check_schema(self._reader.engine)
        if self._file:
            self._file.check_whole(self._reader.engine)

    async def release(self, version: str | None = None, as_of: dt.date | None = None) -> OpenRelease:
        """The release of a version or its name, the one current at the end of a day (UTC), or the current one.

        Raises `NoSuchReleaseError`, `NotReadyError`, or `DeadlineError`.
        """
        if version is None and as_of is None:
            return await self.current()
        await self.current()
        version = await self.version(version) if version else None
        row = self._row(version, as_of)
        if row is None or row["removed_at"] is not None:  # it may have come since
            await self.observe()
            row = self._row(version, as_of)
        row = _readable(row, version, as_of)
        seen = self._seen
        if seen and seen.current.id == row["id"]:
            return seen.current
        try:
            return await self._opened.open(row)
        except NotReadyError as error:  # it may have been removed meanwhile
            self._invalidated(error)
            await self.observe()
            _readable(self._row(version, as_of), version, as_of)
            raise

    async def version(self, name: str) -> str:
        """The version that a name stands for: `latest`, `previous`; a version stands for itself.

        Raises `NoSuchReleaseError`, `NotReadyError`, or `DeadlineError`.
        """
        await self.current()
        return (self._seen or await self.observe()).version(name)

    def _row(self, version: str | None, as_of: dt.date | None) -> RowMapping | None:
        if self._seen is None:
            return None
        return self._seen.versions.get(version) if version else self._seen.on(as_of or dt.date.max)

    async def documents(
        self, release: OpenRelease, noun: Noun, positions: Sequence[int], *, whole: bool = False
    ) -> list[bytes]:
        """The documents at some positions of a list, in their order; `whole` gives records, not their list form."""
        return await self.fetch(partial(documents_at, release=release, noun=noun, positions=positions, whole=whole))

    async def batches(
        self, release: OpenRelease, noun: Noun, positions: Sequence[int], *, whole: bool = False
    ) -> AsyncIterator[list[bytes]]:
        """The same in batches. No connection is held between them, so slow clients cannot exhaust the pool."""
        size = WHOLE_BATCH if whole and noun.summary else BATCH
        for start in range(0, len(positions), size):
            yield await self.documents(release, noun, positions[start : start + size], whole=whole)
            await asyncio.sleep(0)

    async def document(self, release: OpenRelease, noun: Noun, record_id: str) -> bytes | None:
        """The whole document of a record, by its id to the letter; None where there is none."""
        by_id = partial(_documents_by, release=release, noun=noun, column="document", key="id", values=[record_id])
        return (await self.fetch(by_id)).get(record_id)

    async def positions(self, release: OpenRelease, noun: Noun, ids: Collection[str]) -> dict[str, int]:
        """The positions of records of a list, by id; what has none is left out."""
        return await self.fetch(partial(positions_of, release=release, noun=noun, ids=ids))

    async def fetch(self, read: Callable[[Connection], Value]) -> Value:
        """Read some rows by their keys: at once from a file, in a thread from a server."""
        if not self._reader.is_file:
            return await self._invalidating(self._reader.fetch(read))
        try:
            return read(self._reader.inline or self._reader.open_inline())
        except self._reader.errors as error:
            self._reader.close_inline()
            raise self._invalidated(self._reader.as_not_ready(error)) from error
        except NotReadyError as error:
            raise self._invalidated(error) from None

    async def compute(self, work: Callable[[Connection], Value]) -> Value:
        """Read and compute what takes long, in one of a few threads, up to the deadline."""
        return await self._invalidating(self._reader.compute(work))

    async def _invalidating(self, reading: Awaitable[Value]) -> Value:
        try:
            return await reading
        except NotReadyError as error:
            raise self._invalidated(error) from None

    def _invalidated(self, error: NotReadyError) -> NotReadyError:
        """The error, after which what was seen of the database is looked at again; not if that was locked, or slow."""
        if not isinstance(error, LockedError | DeadlineError):
            self._seen = None
        return error


def _readable(row: RowMapping | None, version: str | None, as_of: dt.date | None) -> RowMapping:
    """The row of a release that was named by its version or by a day. Raises `NoSuchReleaseError`."""
    parameter = "release" if version else "as_of"
    if row is None:
        message = f"There is no release {(version or '')[:40]!r}." if version else f"No release was current on {as_of}."
        raise NoSuchReleaseError(parameter, message)
    if row["removed_at"] is not None:
        message = f"Release {row['version']} was removed on {row['removed_at'].date()}."
        raise NoSuchReleaseError(parameter, message)
    return row


def _releases(connection: Connection) -> tuple[dict[str, RowMapping], list[tuple[dt.datetime, int]], RowMapping]:
    """All releases by version, which was made current when, and the current one. Raises `NotReadyError`."""
    versions = {row["version"]: row for row in releases.all_rows(connection)}
    activations = releases.activations(connection)
    current = next((row for row in versions.values() if activations and row["id"] == activations[0][1]), None)
    if current is None:
        raise NotReadyError("No release is loaded. Run `python -m seed load`.")
    has_records = select(_document.c.position).where(_document.c.release_id == current["id"]).limit(1)
    if current["removed_at"] is not None or connection.execute(has_records).first() is None:
        raise NotReadyError(
            f"The current release {current['version']} has no records. Activate another, or load again."
        )
    return versions, activations, current


def positions_of(connection: Connection, release: OpenRelease, noun: Noun, ids: Collection[str]) -> dict[str, int]:
    """The positions of records of a list, by id; what has none is left out."""
    column = _document.c
    found = select(column.id, column.position).where(
        column.release_id == release.id, column.list == noun.name, column.id.in_(list(ids))
    )
    return {row[0]: row[1] for row in connection.execute(found)}


def documents_at(
    connection: Connection, release: OpenRelease, noun: Noun, positions: Sequence[int], *, whole: bool = False
) -> list[bytes]:
    """The one SELECT of a list: the documents at some positions, in their order."""
    if not positions:
        return []
    column = "document" if whole or noun.summary is None else "summary"
    by_position = _documents_by(connection, release, noun, column, "position", positions)
    if len(by_position) < len(set(positions)):
        raise NotReadyError(BEING_REMOVED)
    return [by_position[position] for position in positions]


def _documents_by(
    connection: Connection, release: OpenRelease, noun: Noun, column: str, key: str, values: Sequence[str | int]
) -> dict[Any, bytes]:
    """Documents by a key, from the driver's own cursor: SQLAlchemy's wrapping of it takes longer than the read.

    The values are parameters, so that the driver prepares a statement once for each number of them. Documents are read
    as their UTF-8, as they are stored and answered: to make a string of one takes a sixth of a single record.
    """
    mark, content = "?", f"CAST({column} AS BLOB)"
    if connection.dialect.name != "sqlite":
        mark, content = "%s", f"convert_to({column}, 'UTF8')"
    wanted = f"release_id = {mark} AND list = {mark} AND {key} IN ({','.join([mark] * len(values))})"
    cursor = connection.connection.cursor()
    cursor.execute(f"SELECT {key}, {content} FROM document WHERE {wanted}", (release.id, noun.name, *values))  # noqa: S608  # names of our own columns
    found = dict(cursor.fetchall())
    cursor.close()
    return found
