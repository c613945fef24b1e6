"""The database: what is said where it cannot answer, and what a reader may do."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.release.database import (
    NotReadyError,
    check_schema,
    database_path,
    head_revision,
    is_prepared,
    migrate,
    reading_engine,
    writing_engine,
)
from app.release.database_file import DatabaseFile
from app.release.store import Store
from tests.databases import ENGINE, SQLITE, execute, file_of, rows


def observed(database: str) -> None:
    """Look at a database as a server does."""
    store = Store(database)
    try:
        asyncio.run(store.observe())
    finally:
        store.close()


def test_a_database_that_is_not_ready_says_why_and_what_to_run(empty: str) -> None:
    away = f"{empty}-of-which-there-is-none"
    with pytest.raises(NotReadyError, match="is missing" if ENGINE == SQLITE else "cannot be opened or reached"):
        observed(away)
    for statement in ("CREATE TABLE other (id INTEGER)", "DROP TABLE other"):
        execute(empty, statement)
        with pytest.raises(NotReadyError, match=r"has no schema yet.*immunofacts migrate"):
            observed(empty)
    migrate(empty)
    with pytest.raises(NotReadyError, match=r"No release is loaded.*python -m seed load"):
        observed(empty)
    execute(empty, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(
        NotReadyError, match=rf"has schema 0000, this code needs {head_revision()}.*immunofacts migrate"
    ):
        observed(empty)
    execute(empty, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NotReadyError, match=r"has schema 9999.*The code is older than the database"):
        observed(empty)


@pytest.mark.only_on_sqlite("Only a file can be empty, or garbage.")
@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "has no schema"), (b"no database at all" * 1000, "damaged|not a")]
)
def test_a_file_that_is_no_database_is_said_to_be_so(empty: str, content: bytes, reason: str) -> None:
    file_of(empty).write_bytes(content)
    with pytest.raises(NotReadyError, match=reason):
        observed(empty)


@pytest.mark.only_on_sqlite("A database of a server has no path.")
@pytest.mark.parametrize("folder", ["a#b", "a b", "50%20", "ä;&"])
def test_a_file_is_found_whatever_characters_its_path_has(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    file = tmp_path / folder / "x.db"
    url = f"sqlite:///{str(file).replace('%', '%25')}"
    assert is_prepared(url) is False
    migrate(url)
    with pytest.raises(NotReadyError, match="No release is loaded"):
        observed(url)
    assert is_prepared(url) is False
    engine = reading_engine(url)
    assert database_path(engine.url) == file
    check_schema(engine)
    engine.dispose()
    assert [path.name for path in tmp_path.iterdir()] == [folder]


@pytest.mark.only_on_sqlite("A database of a server is no folder.")
def test_a_folder_in_the_place_of_the_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}"
    assert is_prepared(url) is None
    with pytest.raises(NotReadyError, match="cannot be opened"):
        observed(url)


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://u:secret@h:x/y"])
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    for engine in (reading_engine, writing_engine):
        with pytest.raises(NotReadyError) as error:
            engine(url).connect()
        assert "secret" not in str(error.value)


@pytest.mark.only_on_sqlite("A database of a server is no file.")
def test_a_file_that_goes_while_it_is_looked_at_is_said_to_be_missing(loaded: str) -> None:
    """As when another takes its place: a worker that starts at that moment is not to end for it."""
    engine, file = reading_engine(loaded), file_of(loaded)
    with engine.connect():  # opened before it goes
        pass
    file.unlink()
    with pytest.raises(NotReadyError, match=f"{file.name} is missing"):
        DatabaseFile(file).check_whole(engine)
    engine.dispose()


def test_migrating_twice_does_nothing(loaded: str) -> None:
    before = rows(loaded, "SELECT count(*) FROM document")
    assert migrate(loaded) == head_revision()
    assert rows(loaded, "SELECT count(*) FROM document") == before


def test_two_migrations_of_one_number_are_refused(tmp_path: Path) -> None:
    for name in ("0001_first.py", "0002_of_one_branch.py", "0002_of_another.py"):
        (tmp_path / name).touch()
    with pytest.raises(NotReadyError, match="Two migrations have the number 0002"):
        head_revision(tmp_path)


def test_a_migration_that_is_not_there_is_said_in_a_sentence(loaded: str) -> None:
    execute(loaded, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NotReadyError, match=r"The database cannot be migrated: .*9999"):
        migrate(loaded)


def test_a_reader_never_writes(loaded: str) -> None:
    engine = reading_engine(loaded)
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(text("DELETE FROM document"))
    engine.dispose()
