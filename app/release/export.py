"""A whole release as files: an SQLite file that can be queried and served, JSON Lines, and their checksums."""

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from sqlalchemy import Connection, Engine, Table, insert, select

from app.nouns.base import table_of
from app.nouns.registry import nouns
from app.release import releases
from app.release.database import migrate, reading_engine, writing_engine
from app.release.store import NoSuchReleaseError
from app.release.tables import DocumentTable, ReleaseTable

CHECKSUMS = "SHA256SUMS"
CHUNK = 20_000
_BEGINNING, _MIDDLE, _END = '{"list":"', '","record":', "}\n"
_document = table_of(DocumentTable)


def file_name(version: str, format_: str) -> str:
    """The name of a file of a release."""
    return f"immunofacts-{version}.{format_}"


def header(version: str, day: dt.date, activated_at: dt.datetime, digest: str, counts: dict[str, int]) -> str:
    """The first line of a release in JSON Lines."""
    release = {"version": version, "released_on": day, "activated_at": activated_at, "digest": digest, "counts": counts}
    return orjson.dumps({"release": release}).decode() + "\n"


def record_line(list_name: str, document: str) -> str:
    """A line of one record, which stands in it as it is."""
    return f"{_BEGINNING}{list_name}{_MIDDLE}{document}{_END}"


def read_line(line: str) -> tuple[str, str]:
    """The list and the document of a line that `record_line` wrote. Raises `ValueError` where it is none."""
    name, found, rest = line.removeprefix(_BEGINNING).partition(_MIDDLE)
    if not (line.startswith(_BEGINNING) and found and rest.endswith(_END)):
        raise ValueError(f"no record: {line[:40]!r}")
    return name, rest.removesuffix(_END)


def lists_in_order(names: Iterable[str]) -> list[str]:
    """Lists in the order in which files hold them: that of the documentation."""
    rank = {noun.name: noun.order for noun in nouns()}
    return sorted(names, key=lambda name: (rank.get(name, max(rank.values()) + 1), name))


def export(url: str, version: str, folder: Path) -> list[Path]:
    """Write the files of a release into a folder; nothing is there before it is whole. Raises `NoSuchReleaseError`."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = reading_engine(url)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as work, _snapshot(engine) as connection:
        row = connection.execute(releases.named(version)).mappings().first()
        form = next((form for form in releases.listed(connection) if form.version == version), None)
        if row is None or form is None:
            raise NoSuchReleaseError("release", f"There is no release {version[:40]!r}.")
        lines, database = Path(work, file_name(version, "jsonl")), Path(work, file_name(version, "sqlite"))
        with lines.open("w", encoding="utf-8", newline="\n") as file:
            file.write(header(version, form.released_on, form.activated_at, form.digest, form.counts))
            for name in lists_in_order(form.counts):
                file.writelines(record_line(name, document) for document in _documents(connection, row["id"], name))
        _write_sqlite(connection, row["id"], f"sqlite:///{database}", form.activated_at)
        sums = Path(work, CHECKSUMS)
        sums.write_text("".join(f"{_sha256(path)}  {path.name}\n" for path in (lines, database)), encoding="utf-8")
        written = [Path(shutil.move(path, folder / path.name)) for path in (lines, database, sums)]
    engine.dispose()
    return written


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is loaded or removed meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _documents(connection: Connection, release_id: int, name: str) -> Iterator[str]:
    of_list = select(_document.c.document).where(_document.c.release_id == release_id, _document.c.list == name)
    in_order = of_list.order_by(_document.c.position)
    return iter(connection.execution_options(yield_per=1000).execute(in_order).scalars())


def _write_sqlite(source: Connection, release_id: int, url: str, activated_at: dt.datetime) -> None:
    """Copy one release into a database of its own, which is then current there."""
    migrate(url)
    engine = writing_engine(url)
    with engine.begin() as target:
        for table in (table_of(ReleaseTable), *releases.tables_of_releases()):
            _copy(source, target, table, release_id)
        releases.activate(target, release_id, activated_at)
    with engine.connect() as target:
        target.exec_driver_sql("COMMIT")
        target.exec_driver_sql("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    engine.dispose()


def _copy(source: Connection, target: Connection, table: Table, release_id: int) -> None:
    key = table.c.id if table is table_of(ReleaseTable) else table.c.release_id
    ordered = select(table).where(key == release_id).order_by(*table.primary_key)
    found = source.execution_options(yield_per=CHUNK).execute(ordered)
    for rows in found.mappings().partitions():
        target.execute(insert(table), [dict(row) for row in rows])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
