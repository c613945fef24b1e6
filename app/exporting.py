"""A whole release as files: a SQLite file that can be queried and served, JSON Lines, and their checksums."""

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
from sqlalchemy import Connection, Table, insert, select
from sqlmodel import SQLModel

from app import releases, search
from app.database import NoSuchReleaseError, migrate, reading_engine, writing_engine
from app.models.base import table_of
from app.models.release import Release
from app.queries.catalogue import LISTS

CHECKSUMS = "SHA256SUMS"
CHUNK = 20_000


def name_of(version: str, format_: str) -> str:
    """The name of a file of a release."""
    return f"immunofacts-{version}.{format_}"


def header(version: str, day: dt.date, activated_at: dt.datetime, digest: str, counts: dict[str, int]) -> str:
    """The first line of a release in JSON Lines."""
    said = {"version": version, "released_on": day, "activated_at": activated_at, "digest": digest, "counts": counts}
    return orjson.dumps({"release": said}).decode() + "\n"


def record_line(list_name: str, document: str) -> str:
    """A line of one record, which stands in it as it is."""
    return f'{{"list":"{list_name}","record":{document}}}\n'


def read_line(line: str) -> tuple[str, str]:
    """The list and the document of a line that `record_line` wrote."""
    name, _, rest = line.removeprefix('{"list":"').partition('","record":')
    return name, rest.removesuffix("\n").removesuffix("}")


def export(url: str, version: str, folder: Path) -> list[Path]:
    """Write the files of a release into a folder; nothing is there before it is whole. Raises `NoSuchReleaseError`."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = reading_engine(url)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as work, engine.connect() as connection:
        row = connection.execute(releases.named(version)).mappings().first()
        if row is None or row["removed_at"] is not None:
            raise NoSuchReleaseError("release", f"There is no release {version!r}.")
        activated_at = next(form.activated_at for form in releases.listed(connection) if form.version == version)
        lines, database = Path(work, name_of(version, "jsonl")), Path(work, name_of(version, "sqlite"))
        with lines.open("w", encoding="utf-8", newline="\n") as file:
            file.write(header(version, row["released_on"], activated_at, row["digest"], row["counts"]))
            file.writelines(_records(connection, row["id"]))
        _write_sqlite(connection, row["id"], f"sqlite:///{database}", activated_at)
        sums = Path(work, CHECKSUMS)
        sums.write_text("".join(f"{_sha256(path)}  {path.name}\n" for path in (lines, database)), encoding="utf-8")
        written = [Path(shutil.move(path, folder / path.name)) for path in (lines, database, sums)]
    engine.dispose()
    return written


def _records(connection: Connection, release_id: int) -> Iterator[str]:
    for spec in LISTS:
        table = table_of(spec.table)
        query = select(table.c.document).where(table.c.release_id == release_id).order_by(table.c.position)
        for document in connection.execution_options(yield_per=1000).execute(query).scalars():
            yield record_line(spec.name, document)


def _write_sqlite(source: Connection, release_id: int, url: str, activated_at: dt.datetime) -> None:
    """Copy one release into a database of its own, which is then current there."""
    migrate(url)
    engine = writing_engine(url)
    with engine.begin() as target:
        for table in SQLModel.metadata.sorted_tables:
            if table is table_of(Release) or ("release_id" in table.c and table.name != "activation"):
                _copy(source, target, table, release_id)
        releases.activate(target, release_id, activated_at)
        search.index(target, release_id)
    with engine.connect() as target:
        target.exec_driver_sql("COMMIT")
        target.exec_driver_sql("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    engine.dispose()


def _copy(source: Connection, target: Connection, table: Table, release_id: int) -> None:
    columns = [column for column in table.columns if column.name != "rowid"]
    key = table.c.id if table is table_of(Release) else table.c.release_id
    ordered = select(*columns).where(key == release_id).order_by(*table.primary_key)
    found = source.execution_options(yield_per=CHUNK).execute(ordered)
    for rows in found.mappings().partitions():
        target.execute(insert(table), [dict(row) for row in rows])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
