"""A whole release as files: an SQLite file that can be served, JSON Lines, and their checksums.

For data scientists also a Data Package and an SQLite file for analysis, which `app/tabular` writes.
"""

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from sqlalchemy import Connection, Table, insert, select

from app.nouns.base import table_of
from app.release import releases
from app.release.database import migrate, reading_engine, writing_engine
from app.release.json_lines import header, lists_in_order, record_line
from app.release.opening import documents_of
from app.release.store import NoSuchReleaseError
from app.release.tables import Release, ReleaseTable

CHECKSUMS = "SHA256SUMS"
ENDINGS = {
    "analysis": "analysis.sqlite",
    "datapackage": "datapackage.zip",
    "sssom": "events.sssom.tsv",
    "kgx": "kgx.tar.gz",
}
"""Of the names of files, by format, where they are not the format."""
ROWS, CHUNK = 1_000, 20_000
"""Rows that are read at once, and those that are copied at once."""
_ZIPPED_ON = (1980, 1, 1, 0, 0, 0)
"""The oldest moment that an archive knows: the same files are the same archive."""


def file_name(version: str, format_: str) -> str:
    """The name of the file of a release in a format."""
    return CHECKSUMS if format_ == "sha256" else f"immunofacts-{version}.{ENDINGS.get(format_, format_)}"


def export(url: str, version: str, folder: Path) -> list[Path]:
    """Write the files of a release into a folder; nothing is there before it is whole. Raises `NoSuchReleaseError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as work, _snapshot(url) as connection:
        release_id, form = _release(connection, version)
        lines, database = Path(work, file_name(version, "jsonl")), Path(work, file_name(version, "sqlite"))
        with lines.open("w", encoding="utf-8", newline="\n") as file:
            file.write(header(version, form.released_on, form.activated_at, form.digest, form.counts))
            for name in lists_in_order(form.counts):
                file.writelines(record_line(name, document) for document in documents_of(connection, release_id, name))
        _write_sqlite(connection, release_id, f"sqlite:///{database}", form.activated_at)
        package = Path(work, "package")
        analysis = _write_data(connection, release_id, form, package)
        files = [lines, database, Path(shutil.move(analysis, work)), _zipped(package, version)]
        files += _write_exchanged(connection, release_id, form, Path(work))
        sums = Path(work, CHECKSUMS)
        sums.write_text("".join(f"{_sha256(path)}  {path.name}\n" for path in files), encoding="utf-8")
        return [Path(shutil.move(path, folder / path.name)) for path in (*files, sums)]


def export_data(url: str, version: str | None, folder: Path) -> list[Path]:
    """Write a release, by default the current one, as a Data Package and as an SQLite file for analysis.

    What is there already of an earlier one is replaced. Raises `NoSuchReleaseError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as work, _snapshot(url) as connection:
        release_id, form = _release(connection, version)
        _write_data(connection, release_id, form, Path(work))
        _write_exchanged(connection, release_id, form, Path(work))
        written = sorted(Path(work).iterdir())
        for path in written:
            if (folder / path.name).is_dir():
                shutil.rmtree(folder / path.name)
            shutil.move(path, folder / path.name)
    return [folder / path.name for path in written]


def _release(connection: Connection, version: str | None) -> tuple[int, Release]:
    """The key and the form of a release, by default of the current one. Raises `NoSuchReleaseError`."""
    forms = releases.listed(connection)
    form = next((form for form in forms if (form.version == version if version else form.current)), None)
    if form is None:
        said = f"There is no release {version[:40]!r}." if version else "No release is loaded."
        raise NoSuchReleaseError("release", said)
    return connection.execute(releases.named(form.version)).mappings().one()["id"], form


def _write_data(connection: Connection, release_id: int, form: Release, folder: Path) -> Path:
    """Write a Data Package and the SQLite file for analysis into a folder; return the latter."""
    from app.tabular import analysis, package  # imported here: pyarrow is for those alone who write with it
    from app.tabular.relational import tables_of

    folder.mkdir(exist_ok=True)
    tables = tables_of({name: documents_of(connection, release_id, name) for name in form.counts})
    about = {
        "title": f"ImmunoFacts {form.version}",
        "description": "Facts on therapies that work through the immune system, each with its source. A reference for "
        "research and development, not medical advice.",
        "version": form.version,
        "created": f"{form.released_on.isoformat()}T00:00:00Z",
        "digest": form.digest,
    }
    path = folder / file_name(form.version, "analysis")
    analysis.write(path, tables, about | {"licence": package.LICENCE["name"]})
    package.write(folder, tables, about)
    return path


def _write_exchanged(connection: Connection, release_id: int, form: Release, folder: Path) -> list[Path]:
    """Write into a folder what other knowledge bases take: the mappings of events (SSSOM), and the graph (KGX)."""
    from app.tabular import kgx, sssom  # imported here: for those alone who write with it

    events = (orjson.loads(document) for document in documents_of(connection, release_id, "events"))
    about = {"mapping_set_version": form.version, "mapping_date": form.released_on.isoformat()}
    mappings, graph = folder / file_name(form.version, "sssom"), folder / file_name(form.version, "kgx")
    mappings.write_text(sssom.text(({"mappings": [], **event} for event in events), about), encoding="utf-8")
    kgx.write(graph, {name: documents_of(connection, release_id, name) for name in form.counts}, form.version)
    return [mappings, graph]


def _zipped(folder: Path, version: str) -> Path:
    """A folder as an archive beside it."""
    path = folder.parent / file_name(version, "datapackage")
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            info = ZipInfo(file.relative_to(folder).as_posix(), _ZIPPED_ON)
            archive.writestr(info, file.read_bytes(), ZIP_DEFLATED)
    return path


@contextmanager
def _snapshot(url: str) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is loaded or removed meanwhile."""
    engine = reading_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        connection.execution_options(yield_per=ROWS)
        yield connection
    engine.dispose()


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
