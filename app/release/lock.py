"""One change of releases at a time, and what it leaves: an SQLite file that alone is the whole database."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app.release.database import database_path, file_state, log_size

KEY = 20_260_101
"""Of the advisory lock on PostgreSQL."""
RETRY_SECONDS = 0.1


class BusyError(Exception):
    """Releases are being changed by another process."""


@contextmanager
def release_lock(engine: Engine, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lock that every change of releases needs: loading, restoring, activating, removing.

    Readers need no lock. On SQLite it is a file of its own beside the database. Raises `BusyError`.
    """
    lock = _file_lock if engine.dialect.name == "sqlite" else _server_lock
    with lock(engine, time.monotonic() + wait_seconds):
        yield


@contextmanager
def _file_lock(engine: Engine, deadline: float) -> Iterator[None]:
    path = Path(f"{Path(engine.url.database or '').resolve()}-load")
    with closing(_locked_file(path, deadline)):
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()


def _locked_file(path: Path, deadline: float) -> sqlite3.Connection:
    while True:
        # Only a file of our own making is ever closed here: closing another would drop SQLite's locks on it.
        with suppress(FileExistsError):
            path.touch(exist_ok=False)
        file = file_state(path)[:2]
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=MEMORY")  # a lock needs no room on the disk
            connection.execute("BEGIN EXCLUSIVE")
            if file and file_state(path)[:2] == file:  # else its last holder has removed the file meanwhile
                return connection
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                connection.close()
                raise
            if time.monotonic() >= deadline:
                connection.close()
                raise BusyError from error
            time.sleep(RETRY_SECONDS)
        connection.close()


@contextmanager
def _server_lock(engine: Engine, deadline: float) -> Iterator[None]:
    with engine.connect() as connection:
        while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": KEY}).scalar():
            if time.monotonic() >= deadline:
                raise BusyError
            time.sleep(RETRY_SECONDS)
        connection.commit()  # the lock stays with the connection; no transaction is left open while it is held
        try:
            yield
        finally:
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})


def checkpoint_wal(engine: Engine) -> None:
    """Move the write-ahead log of an SQLite database into its file, so that the file alone is the whole database.

    Where that cannot be done (the disk is full, a reader goes on), nothing is lost: the log stays beside the file.
    """
    if engine.dialect.name == "sqlite":
        with (
            suppress(sqlite3.Error),
            closing(engine.raw_connection()) as connection,
            closing(connection.cursor()) as cursor,
        ):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def clear_wal(url: str) -> str | None:
    """Remove what a failed load left in the write-ahead log; where that cannot be done, say what to do.

    A log that holds no more than a failed load is not needed, but may be what fills the disk.
    """
    parsed = make_url(url)
    path = database_path(parsed)
    if parsed.get_backend_name() != "sqlite" or not log_size(path):
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=2)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if not log_size(path):
        return None
    return (
        f"Its write-ahead log {path.name}-wal ({log_size(path):,} bytes) cannot be cleared. Do not remove it: free "
        "space on the disk, then run `python -m seed load` again, which clears it."
    )
