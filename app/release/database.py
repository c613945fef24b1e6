"""The database: engines for reading and writing, and the check of its schema."""

import os
import socket
import sqlite3
import time
from contextlib import closing, suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import orjson
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

DAMAGED = "The file {} is damaged, cut short, or not a database. Put a good one in its place."
BUSY = "Every connection to the database is in use."
BEING_REMOVED = "The release that was read is being removed."
MIGRATE = "Run `immunofacts migrate`, then `python -m seed load`."
MISSING = f"The database file {{}} is missing. Put it back. If it is new: {MIGRATE}"
MIGRATIONS = Path(__file__).parents[2] / "migrations"
QUERY_CANCELED = "57014"
"""PostgreSQL's code of a statement that took too long."""
PRIMARY_CODE = 0xFF
"""The bits of SQLite's code of an error that say its kind; the others say more of it."""
PROGRESS_STEPS = 50_000
"""Steps of SQLite's machine between two looks at the clock: some milliseconds."""
CACHE_SIZE = "PRAGMA cache_size=-512"
"""KiB of the file that each connection caches; the system caches it too, for all of them together."""


class NotReadyError(Exception):
    """The database cannot answer; the message says why, and what to run."""


class DeadlineError(NotReadyError):
    """A read took longer than any may."""


class LockedError(NotReadyError):
    """A writer holds the file of the database, and locks readers out until it has ended."""

    def __init__(self) -> None:
        super().__init__("The file of the database is locked by a writer at the moment.")


def writing_engine(url: str) -> Engine:
    """An engine for migrations and loads. SQLite writes ahead (WAL), so that readers go on while a load writes."""
    engine = create_engine(_parsed(url), json_serializer=lambda value: orjson.dumps(value, default=vars).decode())
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_writer)
        # Take the write lock at the start: two loads then run one after the other, and neither works in vain.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reading_engine(url: str, deadline: float = 0) -> Engine:
    """An engine for the server, which never writes. A statement may take `deadline` seconds; 0 disables the timeout."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        milliseconds = round(deadline * 1000)
        settings = {
            "options": f"-c default_transaction_read_only=on -c statement_timeout={milliseconds}",
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": milliseconds or 30_000,
        }
        return create_engine(
            parsed, pool_pre_ping=True, pool_size=10, max_overflow=6, pool_timeout=deadline or 30,
            connect_args=settings,
            isolation_level="AUTOCOMMIT",
        )  # fmt: skip
    engine = create_engine(_read_only(parsed), pool_size=10, max_overflow=40)
    event.listen(engine, "connect", _prepare_reader)
    return engine


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:  # its words may hold a part of the password
        raise NotReadyError(
            "DATABASE_URL cannot be read: write sqlite:///file or postgresql+psycopg://user:password@host:port/name."
        ) from error


def _read_only(url: URL) -> URL:
    path = Path(url.database or "").resolve()
    # A write-ahead database needs its index file beside it. Where none can be made, the file is read as it is, which
    # is the whole database unless a writer left its log.
    alone = not os.access(path.parent, os.W_OK) and not log_size(path)
    query = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if alone else {})
    return url.set(database=_file_uri(path), query=query)


def _file_uri(path: Path) -> str:
    """The address of a file, as SQLite reads it, whatever characters its path has."""
    return f"file:{quote(str(path))}"


def _prepare_writer(connection: object, _: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # a driver's connection, untyped at this hook
    # A load is one large transaction: it is kept in memory until it is written, and a crash cannot tear it (WAL).
    _execute(
        connection,
        "PRAGMA foreign_keys=ON",
        "PRAGMA page_size=8192",  # of a new file: most documents then take no page beside their row
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=NORMAL",
        "PRAGMA cache_size=-262144",
        "PRAGMA busy_timeout=10000",
    )


def _prepare_reader(connection: object, _: object) -> None:
    # Never mapped into memory: reading behind the end of a file that was cut short would end the process.
    # Never waits for a lock: reads by key run on the event loop. A writer that writes ahead locks nobody out.
    _execute(connection, "PRAGMA query_only=ON", "PRAGMA busy_timeout=0", "PRAGMA mmap_size=0", CACHE_SIZE)


def _execute(connection: object, *statements: str) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a driver's connection, untyped at this hook
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def limit_time(driver: Any, deadline: float) -> None:
    """Let the statements of a connection to SQLite end in some seconds; PostgreSQL sees to it by itself."""
    if isinstance(driver, sqlite3.Connection):
        end = time.monotonic() + deadline
        driver.set_progress_handler((lambda: time.monotonic() > end) if deadline else None, PROGRESS_STEPS)


def abort(driver: Any) -> None:
    """Cut the socket of a connection whose server does not answer: its thread goes on, with an error.

    SQLite needs none of it: `limit_time` ends its statements. A connection that is closed by now needs none either.
    """
    if not isinstance(driver, sqlite3.Connection):
        with suppress(Exception), socket.socket(fileno=os.dup(driver.pgconn.socket)) as theirs:
            theirs.shutdown(socket.SHUT_RDWR)


def timed_out(error: Exception) -> bool:
    """Whether a statement was ended by its deadline."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) == QUERY_CANCELED or str(cause) == "interrupted"


def locked(error: Exception) -> bool:
    """Whether a writer locked readers out. None does that in the journal mode that `writing_engine` sets (WAL)."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", 0) & PRIMARY_CODE == sqlite3.SQLITE_BUSY


@cache
def head_revision(versions: Path = MIGRATIONS / "versions") -> str:
    """The newest revision of the migrations: the one that no other builds on.

    Read from the names of the files (`0004_….py`): importing Alembic takes a fifth of a second. A test compares.
    Raises `NotReadyError` where two have one number, as when they come from two branches.
    """
    numbers = sorted(path.name.partition("_")[0] for path in versions.glob("*_*.py"))
    for number, following in pairwise(numbers):
        if number == following:
            raise NotReadyError(f"Two migrations have the number {number}: give the later one the next number.")
    return numbers[-1]


def migrate(url: str) -> str:
    """Bring a database to the newest schema, and return its revision. Does nothing where it is there already."""
    engine = writing_engine(url)
    try:
        check_schema(engine)
    except NotReadyError:
        pass
    else:
        return head_revision()
    finally:
        engine.dispose()
    from alembic import command  # imported here: only migrating needs it
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = url
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NotReadyError(f"The database cannot be migrated: {error}.") from error
    return head_revision()


def is_prepared(url: str) -> bool | None:
    """Whether an SQLite file has this code's schema and a release; None of any other database, or a newer schema.

    Raises `NotReadyError` where the URL cannot be read.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    path = Path(parsed.database or "")
    if not path.exists():
        return False
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{_file_uri(path.resolve())}?mode=ro", uri=True)) as connection,
    ):
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return False
        [[found]] = connection.execute("SELECT version_num FROM alembic_version")
        if found > head_revision():
            return None
        loaded = "activation" in tables and connection.execute("SELECT 1 FROM activation LIMIT 1").fetchone()
        return found == head_revision() and bool(loaded)
    return None


def check_schema(engine: Engine) -> None:
    """Raise `NotReadyError` unless the schema is the one this code was written for."""
    name = database_path(engine.url).name  # without its folder, host or password: everybody may read the sentence
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError) as error:
        if timed_out(error):
            raise DeadlineError from error
        if locked(error):
            raise LockedError from error
        if "alembic_version" in str(error.orig):
            raise NotReadyError(f"The database {name} has no schema yet. {MIGRATE}") from error
        # A server's words tell where it is, and are not for everybody.
        reason = f" ({error.orig})" if engine.dialect.name == "sqlite" else ""
        raise NotReadyError(
            f"The database {name} cannot be opened or reached{reason}. If it is new: {MIGRATE}"
        ) from error
    except DBAPIError as error:
        raise NotReadyError(f"{DAMAGED.format(name)} If it is new: {MIGRATE}") from error
    except PoolTimeoutError as error:
        raise NotReadyError(BUSY) from error
    head = head_revision()
    if found != head:
        newer = "The code is older than the database." if str(found) > head else MIGRATE
        raise NotReadyError(f"The database {name} has schema {found}, this code needs {head}. {newer}")


FileState = tuple[int, ...]
"""What tells a file from another (device, number) and from itself before (bytes, time); empty where there is none."""


def file_state(path: Path) -> FileState:
    """What a file is at this moment.

    It is never opened: a process that closes a file loses the locks that SQLite holds on it through other handles.
    """
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
    return ()


def log_state(path: Path) -> FileState:
    """What the write-ahead log beside a file is at this moment."""
    return file_state(Path(f"{path}-wal"))


def log_size(path: Path) -> int:
    """Bytes of the write-ahead log beside a file."""
    log = log_state(path)
    return log[2] if log else 0


def database_path(url: URL) -> Path:
    """The file of an SQLite database; of another, its name."""
    name = url.database or ""
    return Path(unquote(name.removeprefix("file:")) if name.startswith("file:") else name)
