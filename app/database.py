"""The database: engines, the check of its schema, and the release that a request reads."""

import math
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import cache, partial
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, RowMapping, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app import database_file, releases
from app.reader import NotReadyError, NotRememberedError, Reader, Remembered

DAMAGED = "The file {} is damaged, cut short, or not a database. Put a good one in its place."
BUSY = "Every connection to the database is in use."
QUERY_CANCELED = "57014"
"""PostgreSQL's code of a statement that took too long."""
STEPS = 50_000
"""Steps of SQLite's machine between two looks at the clock: some milliseconds."""
CACHE = "PRAGMA cache_size=-512"
"""KiB of the file that each connection holds; the system holds it too, for all of them together."""
MIGRATE = "Run `immunofacts migrate`, then `python -m seed load`."


class DeadlineError(NotReadyError):
    """A question took longer than any may."""


def writing_engine(url: str) -> Engine:
    """An engine for migrations and loads. SQLite writes ahead (WAL), so that readers go on while a load writes.

    A form in a column of JSON is written as its fields are.
    """
    engine = create_engine(url, json_serializer=lambda value: orjson.dumps(value, default=vars).decode())
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_writer)
        # Take the write lock at the start: two loads then run one after the other, and neither works in vain.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reading_engine(url: str, deadline: float = 0) -> Engine:
    """An engine for the server, which never writes. A statement may take `deadline` seconds; 0 is for ever."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        options = f"-c default_transaction_read_only=on -c statement_timeout={round(deadline * 1000)}"
        return create_engine(
            parsed,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=30,
            connect_args={"options": options, "connect_timeout": 5},
            isolation_level="REPEATABLE READ",
        )
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
    _execute(connection, "PRAGMA query_only=ON", "PRAGMA busy_timeout=5000", "PRAGMA mmap_size=0", CACHE)


def _timed_out(error: DBAPIError | sqlite3.Error) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) == QUERY_CANCELED or str(cause) == "interrupted"


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
        if _timed_out(error):
            raise DeadlineError from error
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


class NoSuchReleaseError(LookupError):
    """No release has this version, or was current on this day. The message says which, and why."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message


class Database:
    """The database as the server sees it: read-only, always scoped to one release."""

    def __init__(
        self, url: str, trust_seconds: float, deadline: float = 0, prepare: Callable[[Reader], None] | None = None
    ) -> None:
        self.engine = reading_engine(url, deadline)
        self._prepare = prepare
        self._trust_seconds = trust_seconds
        self._deadline = deadline
        self._remembered = Remembered()
        self._file = _path(self.engine.url) if self.engine.dialect.name == "sqlite" else None
        self._seen: database_file.Seen | None = None
        self._log: database_file.Seen = ()
        self._logged: database_file.Seen = ()
        self._looked = -math.inf
        self._current: tuple[float, RowMapping] | None = None
        self._looking = False

    def trusted_release(self) -> str | None:
        """Version of the current release as last seen, if that is recent enough to be trusted.

        It is looked for again in good time, beside the requests, so that none of many has to wait for it.
        """
        current = self._current
        age = time.monotonic() - current[0] if current else math.inf
        if current is None or age >= self._trust_seconds:
            return None
        if age > self._trust_seconds / 2 and not self._looking:
            self._looking = True
            Thread(target=self._look_aside, daemon=True).start()
        version: str = current[1]["version"]
        return version

    def prepare(self) -> None:
        """Make ready the release that is current; only then it is the one that is read. Raises `NotReadyError`."""
        began = time.monotonic()
        with self._snapshot() as connection:
            reader = Reader(self._latest(connection), self._remembered, connection)
            self._remembered.make_room(sum(reader.counts.values()))
            if self._prepare:
                reader.once("prepared", partial(self._prepare, reader))
        self._current = began, reader.row

    def _look_aside(self) -> None:
        try:
            self.prepare()
        except NotReadyError:
            pass  # whoever asks next is told
        finally:
            self._looking = False

    @property
    def digest(self) -> str:
        """Digest of the current release as last seen: two databases may have releases of one name."""
        current = self._current
        return str(current[1]["digest"]) if current else ""

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
            self._remembered.clear()
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
    def read(
        self, version: str | None = None, as_of: date | None = None, *, only_remembered: bool = False
    ) -> Iterator[Reader]:
        """Read the release named, the one that was current at the end of a day (UTC), or the current one.

        Raises `NoSuchReleaseError`, `NotReadyError`, `DeadlineError`, or `NotRememberedError` where what is remembered
        is not enough, but the only thing that may be used.
        """
        if only_remembered:
            trusted = self._trusted(version, as_of)
            if trusted is None:
                raise NotRememberedError
            with ExitStack() as stack:
                aside = cache(lambda: self._still(trusted, stack.enter_context(self._snapshot())))
                yield Reader(trusted, self._remembered, aside=aside if self._file else None)
            return
        with self._snapshot() as connection:
            if version is None and as_of is None:
                row = self._latest(connection)
                self._current = time.monotonic(), row
            else:
                row = self._asked(connection, version, as_of)
            yield Reader(row, self._remembered, connection)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A connection that sees the database as it is now: what a load, a removal or a backup changes is not seen."""
        try:
            self._look()
            with self.engine.connect() as connection:
                if self._file:
                    self._begin(_driver(connection))
                yield connection
        except NotReadyError:
            self._forget()
            raise
        except (DBAPIError, sqlite3.Error) as error:
            if _timed_out(error):
                raise DeadlineError from error
            self._forget()
            raise NotReadyError("The database cannot be read at the moment.") from error
        except PoolTimeoutError as error:
            raise NotReadyError(BUSY) from error

    def _still(self, row: RowMapping, connection: Connection) -> Connection:
        """The connection, if it sees as current what is remembered as such: another file may have taken its place."""
        latest = self._latest(connection)
        if (latest["id"], latest["digest"]) != (row["id"], row["digest"]):
            raise NotRememberedError
        return connection

    def _trusted(self, version: str | None, as_of: date | None) -> RowMapping | None:
        """The current release, if that is what is asked for and it was seen recently enough."""
        current = self._current
        if current is None or as_of is not None or time.monotonic() - current[0] >= self._trust_seconds:
            return None
        return current[1] if version is None or version == current[1]["version"] else None

    def _begin(self, driver: sqlite3.Connection) -> None:
        """Begin to read a file, until the deadline at most; PostgreSQL sees to both by itself."""
        driver.execute("BEGIN")
        if self._deadline:
            end = time.monotonic() + self._deadline
            driver.set_progress_handler(lambda: time.monotonic() > end, STEPS)

    def _asked(self, connection: Connection, version: str | None, as_of: date | None) -> RowMapping:
        parameter, asked = ("release", version) if version is not None else ("as_of", str(as_of))
        query = releases.named(version) if version is not None else releases.latest(releases.end_of(as_of or date.max))
        row = connection.execute(query).mappings().first()
        if row is None:
            message = f"There is no release {asked[:40]!r}." if version else f"No release was current on {asked}."
            raise NoSuchReleaseError(parameter, message)
        if row["removed_at"] is not None:
            message = f"Release {row['version']} was removed on {row['removed_at'].date()}."
            raise NoSuchReleaseError(parameter, message)
        return row

    def _latest(self, connection: Connection) -> RowMapping:
        # A file tells in no time whether anything was written since this connection looked last.
        version = _driver(connection).execute("PRAGMA data_version").fetchone() if self._file else None
        seen, row = connection.info.get("latest", (None, None))
        if row is None or version is None or seen != version:
            row = connection.execute(releases.latest()).mappings().first()
            connection.info["latest"] = version, row
        if row is None:
            raise NotReadyError("No release is loaded. Run `python -m seed load`.")
        found: RowMapping = row
        return found


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.driver_connection
    found: sqlite3.Connection = driver
    return found
