"""One load at a time, and what it leaves: an SQLite file that alone is the whole database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

KEY = 20_260_101
"""Of the advisory lock that a load holds on PostgreSQL."""


class BusyError(Exception):
    """Another load is running."""


@contextmanager
def only_load(engine: Engine) -> Iterator[None]:
    """Be the only load of a database until the end, however that comes. Raises `BusyError` while there is another.

    What is locked is nothing that a reader or another writer needs: beside an SQLite file, a file of its own.
    """
    with _file_lock(f"{engine.url.database}-load") if engine.dialect.name == "sqlite" else _server_lock(engine):
        yield


@contextmanager
def _file_lock(path: str) -> Iterator[None]:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise BusyError from error
        try:
            yield
        finally:
            with suppress(OSError):
                Path(path).unlink()


@contextmanager
def _server_lock(engine: Engine) -> Iterator[None]:
    with engine.connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY}).scalar():
            raise BusyError
        connection.commit()  # the lock stays with the connection; no transaction is left open for the length of a load
        try:
            yield
        finally:
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})


def settle(engine: Engine) -> None:
    """Fold the log of an SQLite database into its file, so that the file alone is the whole database.

    Where that cannot be done (the disk is full, a reader goes on), nothing is lost: the log stays beside the file.
    """
    if engine.dialect.name == "sqlite":
        with (
            suppress(sqlite3.Error),
            closing(engine.raw_connection()) as connection,
            closing(connection.cursor()) as cursor,
        ):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
