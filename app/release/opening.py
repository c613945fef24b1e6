"""Opening releases: each is read into memory once for all who wait, however long that takes, and few are held open."""

import asyncio
import logging
from collections.abc import Iterator
from functools import partial

from cachetools import LRUCache
from sqlalchemy import Connection, RowMapping, select

from app.nouns.base import table_of
from app.nouns.declaration_errors import DeclarationError
from app.nouns.registry import nouns
from app.release.database import NotReadyError
from app.release.indexing import build
from app.release.opened import OpenRelease
from app.release.reader import DatabaseReader
from app.release.stored_index import deserialize, fingerprint
from app.release.tables import DocumentTable, IndexTable

log = logging.getLogger("immunofacts")
MAX_OPENED = 2
"""Releases that are held open besides the current one."""
_Key = tuple[int, str]
"""A release, by its id and digest."""
_document = table_of(DocumentTable)
_index = table_of(IndexTable)


class OpenReleases:
    """The releases of one database that are open, and those that are being opened."""

    def __init__(self, reader: DatabaseReader) -> None:
        """Open releases by a reader."""
        self._reader = reader
        self._opened: LRUCache[_Key, OpenRelease] = LRUCache(MAX_OPENED)
        self._opening: dict[_Key, asyncio.Task[OpenRelease]] = {}
        self._unreadable: dict[_Key, str] = {}
        """Why declarations cannot read some releases: they never will, while this process runs."""

    async def open(self, row: RowMapping) -> OpenRelease:
        """The release of a row, in memory. Raises `NotReadyError`, or `DeadlineError`.

        Opening goes on where it takes longer than the deadline, and whoever asks next finds what was opened.
        """
        key = _key(row)
        if opened := self._opened.get(key):
            return opened
        if reason := self._unreadable.get(key):
            raise NotReadyError(reason)
        opening = self._opening.get(key)
        if opening is None:
            opening = asyncio.get_running_loop().create_task(self._reader.open(partial(_read_release, row=row)))
            opening.add_done_callback(partial(self._keep, key))
            self._opening[key] = opening
        return await self._reader.within_deadline(opening)

    def close(self, row: RowMapping) -> None:
        """Hold a release open no longer."""
        self._opened.pop(_key(row), None)

    def _keep(self, key: _Key, opening: "asyncio.Task[OpenRelease]") -> None:
        del self._opening[key]
        if opening.cancelled():
            return
        error = opening.exception()
        if error is None:
            self._opened[key] = opening.result()
        elif isinstance(error.__cause__, DeclarationError):
            self._unreadable[key] = str(error)
            log.error("not opened", extra={"release": key[0], "reason": str(error)})


def _key(row: RowMapping) -> _Key:
    return row["id"], row["digest"]


def _read_release(connection: Connection, row: RowMapping) -> OpenRelease:
    """Read the stored indexes of a release; derive all where one is not of these declarations."""
    mine = select(_index.c.list, _index.c.content).where(
        _index.c.release_id == row["id"], _index.c.fingerprint == fingerprint()
    )
    known = {noun.name: noun for noun in nouns() if row["counts"].get(noun.name)}
    # One after the other: their bytes together are as large as all that is made of them.
    stored = connection.execute(mine).yield_per(1)
    lists = {name: deserialize(known[name], content) for name, content in stored if name in known}
    if lists.keys() != known.keys():
        try:
            lists = build({name: documents_of(connection, row["id"], name) for name in known})
        except DeclarationError as error:
            raise NotReadyError(str(error)) from error
    for name, count in row["counts"].items():
        if count and name in lists and lists[name].size != count:
            raise NotReadyError(f"Release {row['version']} has not all its records; load it again.")
    opened = OpenRelease(row, lists)
    opened.names  # noqa: B018  # computed here, in a thread, and not by the first request
    return opened


def documents_of(connection: Connection, release_id: int, list_name: str) -> Iterator[str]:
    """All documents of a list, in its order; read as the connection reads rows, at once or in parts."""
    of_list = select(_document.c.document).where(_document.c.release_id == release_id, _document.c.list == list_name)
    return iter(connection.execute(of_list.order_by(_document.c.position)).scalars())
