"""Loading: a whole new release in one transaction, beside the old ones, and current at its end."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, inspect, update

from app.nouns.base import table_of
from app.nouns.registry import noun
from app.release import releases
from app.release.lock import checkpoint_wal
from app.release.tables import DocumentTable, ReleaseTable
from seed.bundles import BUNDLES, Bundle, UnsoundBundleError, bundles
from seed.files import EXCEPTIONS, fact_files
from seed.findings import Report
from seed.indexing import Progress, begin_index, write_index
from seed.inserting import insert_rows
from seed.release_data import ReleaseData
from seed.rows import Rows, columns_of, typed_rows

_APP = Path(__file__).parents[1] / "app"
CODE = [*sorted(Path(__file__).parent.rglob("*.py")), *sorted((_APP / "nouns").glob("*.py"))]
CODE += [*sorted((_APP / "vocabulary").glob("*.py")), _APP / "statistics.py"]
"""What checks and renders facts."""
_release = table_of(ReleaseTable)
_document = table_of(DocumentTable)


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    version: str
    counts: dict[str, int]
    new: bool
    activated: bool


def inputs_digest(folder: Path) -> str:
    """SHA-256 over the fact files and the code that renders them: the same inputs make the same release.

    Empty where a file cannot be read.
    """
    digest = hashlib.sha256()
    files = [path for _, path in fact_files(folder, Report())] + [folder / EXCEPTIONS]
    try:
        for path in (*files, *CODE):
            if path.exists():
                content = path.read_bytes()
                digest.update(f"{path.name}\0{len(content)}\0".encode())
                digest.update(content)
    except OSError:
        return ""
    return digest.hexdigest()


def missing_tables(engine: Engine) -> list[str]:
    """The tables of releases that are declared, and not there: a noun came without its migration."""
    there = set(inspect(engine).get_table_names())
    return [table.name for table in releases.tables_of_releases() if table.name not in there]


def already_current(engine: Engine, inputs: str) -> Loaded | None:
    """The current release, if it was made from these inputs."""
    with engine.connect() as connection:
        row = connection.execute(releases.latest()).mappings().first()
    if row is None or not inputs or row["inputs"] != inputs:
        return None
    return Loaded(row["version"], row["counts"], new=False, activated=False)


def load(engine: Engine, data: ReleaseData, inputs: str, progress: Progress, today: dt.date | None = None) -> Loaded:
    """Make data current: as a new release, or as the one that says the same already, which is activated again.

    What was published keeps its version: the same facts have the same version in every database.
    """
    published = bundles()
    own = next((bundle for bundle in published if bundle.digest == data.digest), None)
    if own and own.counts != data.counts:
        raise UnsoundBundleError(f"{own.path.name} says other counts than its records have.")
    with engine.begin() as connection:
        readable = releases.readable(connection)
        known = next((row for row in readable if row["digest"] == data.digest), None)
        if known is not None:
            connection.execute(update(_release).where(_release.c.id == known["id"]).values(inputs=inputs))
            activated = _make_current(connection, known["id"])
            return Loaded(known["version"], known["counts"], new=False, activated=activated)
        taken = releases.versions(connection)
        if own and own.version in taken:
            own = None
        day = own.released_on if own else today or dt.datetime.now(dt.UTC).date()
        version = own.version if own else releases.next_version(taken | {one.version for one in published}, day)
        release_id = _new(connection, version, day, data, inputs)
        _write(connection, data, release_id, progress)
        if own:
            releases.activate(connection, release_id, own.activated_at)
        _make_current(connection, release_id)
    checkpoint_wal(engine)
    return Loaded(version, data.counts, new=True, activated=True)


def restore(engine: Engine, bundle: Bundle, progress: Progress, *, current: bool = False) -> Loaded:
    """Write the release of a bundle beside the others, current since the day it was, or `current` from now on.

    The whole bundle is checked before the database is changed. Raises `UnsoundBundleError`.
    """
    data = bundle.read()
    with engine.begin() as connection:
        row = connection.execute(releases.named(bundle.version)).mappings().first()
        if row is not None and row["digest"] != bundle.digest:
            message = f"The database has another release {bundle.version}, of the digest {row['digest']}."
            raise UnsoundBundleError(message)
        if row is not None:
            release_id: int = row["id"]
        else:
            release_id = _new(connection, bundle.version, bundle.released_on, data)
            releases.activate(connection, release_id, bundle.activated_at)
        there = row is not None and row["removed_at"] is None
        if not there:
            releases.bring_back(connection, release_id)
            _write(connection, data, release_id, progress)
        activated = current and _make_current(connection, release_id)
    checkpoint_wal(engine)
    return Loaded(bundle.version, data.counts, new=not there, activated=activated)


def missing(engine: Engine, folder: Path = BUNDLES) -> list[Bundle]:
    """The bundles whose releases the database never had."""
    with engine.connect() as connection:
        taken = releases.versions(connection)
    return [bundle for bundle in bundles(folder) if bundle.version not in taken]


def _make_current(connection: Connection, release_id: int) -> bool:
    """Activate a release unless it is current, and say whether that was needed."""
    current = connection.execute(releases.latest()).mappings().first()
    if current is not None and current["id"] == release_id:
        return False
    releases.activate(connection, release_id)
    return True


def _new(connection: Connection, version: str, day: dt.date, data: ReleaseData, inputs: str = "") -> int:
    """Write what a release says of itself; answer its key."""
    values = {"version": version, "released_on": day, "digest": data.digest, "counts": data.counts, "inputs": inputs}
    release_id: int = connection.execute(insert(_release).values(**values)).inserted_primary_key[0]  # type: ignore[index]  # an insert of one row has its key
    return release_id


def _write(connection: Connection, data: ReleaseData, release_id: int, progress: Progress) -> None:
    """Write all records of a release: typed rows, documents, and the index of each list, made meanwhile."""
    indexes = begin_index(data.documents)
    for rows in typed_rows(data):
        progress(rows.table.name)
        insert_rows(connection, release_id, rows)
    progress("documents")
    insert_rows(connection, release_id, Rows(_document, columns_of(_document), _document_rows(data)))
    progress("index")
    write_index(connection, release_id, indexes())


def _document_rows(data: ReleaseData) -> Iterator[list[Any]]:
    for name, forms in data.forms.items():
        summary = noun(name).summary
        keys = set(summary.model_fields) if summary else None
        for position, (form, document) in enumerate(zip(forms, data.documents[name], strict=True)):
            short = form.model_dump_json(by_alias=True, include=keys) if keys else None
            yield [name, position, form.id, short, document]
