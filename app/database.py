"""The database: engines, the check of its schema, and the release that a request reads."""

import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app import database_file
from app.models.base import table_of
from app.models.release import Activation, Release

DAMAGED = "The file {} is damaged, cut short, or not a database. Put a good one in its place."
BUSY = "Every connection to the database is in use."
MIGRATE = "Run `immunofacts migrate`, then `python -m seed load`."


class NotReadyError(Exception):
    """The database cannot answer; the message says why, and what to run."""


def writing_engine(url: str) -> Engine:
    """An engine for migrations and loads. SQLite writes ahead (WAL), so that readers go on while a load writes."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_writer)
        # Take the write lock at the start: two loads then run one after the other, and neither works in vain.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reading_engine(url: str) -> Engine:
    """An engine for the server, which never writes."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        arguments = {"connect_timeout": 5}
        engine = create_engine(
            parsed,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=30,
            connect_args=arguments,
            isolation_level="REPEATABLE READ",
        )
        event.listen(engine, "connect", _prepare_postgresql_reader)
        return engine
    engine = create_engine(_read_only(parsed), pool_size=10, max_overflow=40)
    event.listen(engine, "connect", _prepare_reader)
    return engine


def _read_only(url: URL) -> URL:
    path = Path(url.database or "").resolve()
    # A write-ahead database needs its index file beside it. Where none can be made, the file is read as it is, which
    # is the whole database unless a writer left its log.
    alone = not os.access(path.parent, os.W_OK) and not _log_size(path)
    immutable = "&immutable=1" if alone else ""
    return make_url(f"sqlite:///file:{path}?mode=ro&uri=true{immutable}")


def _prepare_writer(connection: object, _: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # a driver's connection, untyped at this hook
    # A load is one large transaction: it is kept in memory until it is written, and a crash cannot tear it (WAL).
    _execute(
        connection,
        "PRAGMA foreign_keys=ON",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=NORMAL",
        "PRAGMA cache_size=-262144",
        "PRAGMA busy_timeout=10000",
    )


def _prepare_reader(connection: object, _: object) -> None:
    # Never mapped into memory: reading behind the end of a file that was cut short would end the process.
    _execute(connection, "PRAGMA query_only=ON", "PRAGMA busy_timeout=5000", "PRAGMA mmap_size=0")


def _prepare_postgresql_reader(connection: object, _: object) -> None:
    _execute(connection, "SET default_transaction_read_only = on")
    connection.commit()  # type: ignore[attr-defined]  # a driver's connection, untyped at this hook


def _execute(connection: object, *statements: str) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a driver's connection, untyped at this hook
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


MIGRATIONS = Path(__file__).parent.parent / "migrations"


@cache
def head_revision() -> str:
    """The newest revision that the migrations know: the one that no other builds on. Read without Alembic."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("*.py"))
    revisions = set(re.findall(r'^revision = "(\w+)"', source, re.MULTILINE))
    heads = revisions - set(re.findall(r'^down_revision = "(\w+)"', source, re.MULTILINE))
    return str(heads.pop())


def migrate(url: str) -> str:
    """Bring a database to the newest schema, and answer its revision. Does nothing where it is there already."""
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

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = url
    command.upgrade(config, "head")
    return head_revision()


def check_ready(url: str) -> None:
    """Raise `NotReadyError` unless the database has this code's schema and a release."""
    database = Database(url, trust_seconds=0)
    try:
        database.check()
    finally:
        database.engine.dispose()


def check_schema(engine: Engine) -> None:
    """Raise `NotReadyError` unless the schema is the one this code was written for."""
    name = _path(engine.url).name  # without its folder, host or password: everybody may read the sentence
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError) as error:
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


def _check_length(engine: Engine, path: Path) -> None:
    """Raise `NotReadyError` where an SQLite file is shorter than it says itself."""
    with engine.connect() as connection:
        pages, size = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
        )
    # While a log is folded into it, a file may be shorter.
    if path.stat().st_size < pages * size and not _log_size(path):
        raise NotReadyError(DAMAGED.format(path.name))


def _log_size(path: Path) -> int:
    log = database_file.log(path)
    return log[2] if log else 0


def _path(url: URL) -> Path:
    return Path((url.database or "").removeprefix("file:"))


@dataclass(frozen=True)
class Reader:
    """A connection, and the release that everything read through it belongs to."""

    connection: Connection
    release_id: int
    version: str
    released_on: date
    digest: str


class Database:
    """The database as the server sees it: read-only, always scoped to one release."""

    def __init__(self, url: str, trust_seconds: float) -> None:
        self.engine = reading_engine(url)
        self._trust_seconds = trust_seconds
        self._file = _path(self.engine.url) if self.engine.dialect.name == "sqlite" else None
        self._seen: database_file.Seen | None = None
        self._log: database_file.Seen = ()
        self._logged: database_file.Seen = ()
        self._looked = -math.inf
        self._current: tuple[float, Release] | None = None

    def trusted_release(self) -> str | None:
        """Version of the current release as last seen, if that is recent enough to be trusted."""
        if self._current and time.monotonic() - self._current[0] < self._trust_seconds:
            return self._current[1].version
        return None

    @property
    def digest(self) -> str:
        """Digest of the current release as last seen: two databases may have releases of one name."""
        current = self._current
        return current[1].digest if current else ""

    def current_release(self) -> str:
        """Version of the current release. Raises `NotReadyError`."""
        with self.read() as reader:
            return reader.version

    def check(self) -> None:
        """Raise `NotReadyError` unless the database, as it is at this moment, has this code's schema and a release."""
        self._looked, self._current = -math.inf, None
        self.current_release()

    def _look(self) -> None:
        """See whether the database is still the one that is open, and its schema the right one.

        An open file goes on being read after another was put in its place: when it is another one, or was changed,
        everything that is open is closed.
        """
        seen = database_file.seen(self._file) if self._file else None
        now = time.monotonic()
        if seen == self._seen and now - self._looked < self._trust_seconds:
            return
        if seen != self._seen:
            self.engine.dispose()
            self._current = None
        if self._file:
            self._check_file(self._file, seen or ())
        check_schema(self.engine)
        if self._file:
            _check_length(self.engine, self._file)
        self._seen, self._looked = seen, now

    def _check_file(self, path: Path, seen: database_file.Seen) -> None:
        """Raise `NotReadyError` where there is no file, or one beside which the log of another was left."""
        if not seen:
            raise NotReadyError(f"The database file {path.name} is missing. Put it back. If it is new: {MIGRATE}")
        log = database_file.log(path)
        if log and log[:2] == self._log[:2] and log[2] and seen[:2] != self._logged[:2]:
            message = (
                f"The file {path.name} was replaced, and the log of the old one is beside it: remove -wal and -shm."
            )
            raise NotReadyError(message)
        self._log, self._logged = log, seen

    def _forget(self) -> None:
        """Trust nothing that was seen: whoever reads next looks again."""
        self._current, self._seen, self._looked = None, None, -math.inf

    @contextmanager
    def read(self, version: str | None = None) -> Iterator[Reader]:
        """Read the current release, or the one named. Raises `LookupError` if there is no such release."""
        try:
            self._look()
            with self.engine.connect() as connection:
                # One snapshot: what a load, a removal or a restored backup changes meanwhile is not seen.
                if self._file:
                    connection.exec_driver_sql("BEGIN")
                release = self._current_release(connection) if version is None else _release(connection, version)
                assert release.id is not None  # noqa: S101  # a row that was read has its key
                yield Reader(connection, release.id, release.version, release.released_on, release.digest)
        except NotReadyError:
            self._forget()
            raise
        except DBAPIError as error:
            self._forget()
            raise NotReadyError("The database cannot be read at the moment.") from error
        except PoolTimeoutError as error:
            raise NotReadyError(BUSY) from error

    def _current_release(self, connection: Connection) -> Release:
        query = select(table_of(Release)).join(table_of(Activation)).order_by(table_of(Activation).c.id.desc()).limit(1)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotReadyError("No release is loaded. Run `python -m seed load`.")
        release = Release(**row)
        self._current = (time.monotonic(), release)
        return release


def _release(connection: Connection, version: str) -> Release:
    row = connection.execute(select(table_of(Release)).where(table_of(Release).c.version == version)).mappings().first()
    if row is None:
        raise LookupError(version)
    return Release(**row)
