"""Loading: a new release beside the old ones, and the same twice is nothing."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from app.release.database import log_size
from app.release.lock import BusyError, clear_wal, release_lock
from app.release.releases import order
from seed.files import read
from seed.formatting import format_all
from seed.indexing import IndexCache
from seed.release_data import ReleaseData
from seed.render import render
from tests.conftest import ROOT, run
from tests.databases import execute, file_of, rows
from tests.project import Copy
from tests.seed.base import many, sound, write


@pytest.fixture
def facts(tmp_path: Path) -> str:
    """Folder of the small fact base, which `loaded` was made from."""
    return str(write(sound(), tmp_path / "facts"))


def test_the_same_twice_is_one_release(loaded: str, facts: str) -> None:
    again = run("seed", "load", "--facts", facts, database=loaded)
    assert "is current already" in again.stdout
    assert len(rows(loaded, "SELECT id FROM release")) == 1


def test_a_change_is_a_new_release_beside_the_old(loaded: str, facts: str, tmp_path: Path) -> None:
    files = sound()
    files["therapies/examplumab.json"]["mechanisms"][0]["description"] = "Blocks PD-1."
    done = run("seed", "load", "--facts", str(write(files, tmp_path / "changed")), database=loaded)
    assert " loaded: " in done.stdout
    versions = [version for (version,) in rows(loaded, "SELECT version FROM release ORDER BY id")]
    assert len(versions) == 2
    assert order(versions[1]) > order(versions[0])
    descriptions = rows(loaded, "SELECT description FROM mechanism ORDER BY release_id")
    assert descriptions == [("Blocks.",), ("Blocks PD-1.",)]
    back = run("seed", "load", "--facts", facts, database=loaded)
    assert back.returncode == 0


def test_the_order_and_layout_of_the_files_make_no_release(loaded: str, facts: str, tmp_path: Path) -> None:
    format_all(tmp_path / "facts")
    done = run("seed", "load", "--facts", facts, database=loaded)
    assert "is current already" in done.stdout
    assert len(rows(loaded, "SELECT id FROM release")) == 1


def test_a_load_without_schema_says_what_to_run(empty: str) -> None:
    done = run("seed", "load", database=empty)
    assert done.returncode == 1
    assert "immunofacts migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_documents_and_indexes_are_stored_with_a_release(loaded: str) -> None:
    (counts,) = rows(loaded, "SELECT counts FROM release")
    listed = counts[0] if isinstance(counts[0], dict) else json.loads(counts[0])
    documents = rows(loaded, "SELECT list, count(*) FROM document GROUP BY list")
    assert dict(documents) == listed
    assert {name for (name,) in rows(loaded, "SELECT list FROM list_index")} == listed.keys()
    assert rows(loaded, "SELECT list FROM document WHERE summary IS NOT NULL") == [("therapies",)]


def test_a_load_of_the_same_renews_indexes_of_other_code(loaded: str, facts: str) -> None:
    stored = "SELECT list, fingerprint, content FROM list_index ORDER BY list"
    before = rows(loaded, stored)
    execute(loaded, "UPDATE list_index SET fingerprint = 'of older code'")
    execute(loaded, "DELETE FROM list_index WHERE list = 'events'")
    again = run("seed", "load", "--facts", facts, database=loaded)
    assert "is current already" in again.stdout
    assert "has a new index" in again.stdout
    assert [(name, mark, bytes(content)) for name, mark, content in rows(loaded, stored)] == [
        (name, mark, bytes(content)) for name, mark, content in before
    ]
    once_more = run("seed", "load", "--facts", facts, database=loaded)
    assert "has a new index" not in once_more.stdout


def test_indexes_are_made_again_only_of_lists_that_differ(tmp_path: Path) -> None:
    first = ReleaseData.of_forms(render(read(write(sound(), tmp_path / "first"))[0])).documents
    files = sound()
    files["therapies/examplumab.json"]["mechanisms"][0]["description"] = "Blocks PD-1."
    second = ReleaseData.of_forms(render(read(write(files, tmp_path / "second"))[0])).documents
    cache = IndexCache()
    cache.begin(first)()
    made: list[str] = []
    found = cache.begin(second, made.append)()
    assert sorted(made) == [
        "indications",
        "mechanisms",
        "therapies",
    ]  # a therapy holds its mechanisms, and owns indications
    assert found == IndexCache().begin(second)()
    assert found != IndexCache().begin(first)()


def test_a_broken_bundle_among_the_past_is_said(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    bundle = next((copy.folder / "seed" / "releases").iterdir())
    bundle.write_bytes(bundle.read_bytes()[:1000])
    said = copy.run(sys.executable, "-m", "seed", "load", "--migrate", "--past", fails=True)
    assert bundle.name in said
    assert "Traceback" not in said


@pytest.mark.only_on_sqlite("The disk of a PostgreSQL server is not the loader's.")
@pytest.mark.parametrize("reader", [False, True], ids=["alone", "beside a reader"])
def test_a_load_that_finds_the_disk_full_leaves_no_log(loaded: str, tmp_path: Path, reader: bool) -> None:
    folder = write(many(100), tmp_path / "many")
    file = file_of(loaded)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        if reader:
            connection.execute("SELECT count(*) FROM release").fetchall()
        done = subprocess.run(
            [sys.executable, "-m", "seed", "load", "--facts", str(folder)],
            cwd=ROOT, env=os.environ | {"DATABASE_URL": loaded}, capture_output=True, text=True, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY)),
        )  # fmt: skip
        assert done.returncode == 1
        assert "The load was given up, and changed nothing: " in done.stderr
        assert log_size(file) == 0
    assert not Path(f"{file}-load").exists()


@pytest.mark.only_on_sqlite("PostgreSQL keeps its own log.")
def test_a_log_that_cannot_be_cleared_is_said(loaded: str) -> None:
    file = file_of(loaded)
    with closing(sqlite3.connect(file)) as writer, closing(sqlite3.connect(file)) as reader:
        writer.execute("UPDATE release SET inputs = 'x'")
        writer.commit()
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM release").fetchall()
        advice = clear_wal(loaded)
        assert advice is not None
        assert f"{file.name}-wal" in advice
        reader.rollback()
        assert clear_wal(loaded) is None
        assert log_size(file) == 0


def test_every_change_of_releases_needs_one_lock(loaded: str, facts: str) -> None:
    engine = create_engine(loaded)
    version = rows(loaded, "SELECT version FROM release")[0][0]
    execute(loaded, "UPDATE release SET inputs = ''")
    with release_lock(engine):
        for command in (
            ("seed", "load", "--facts", facts),
            ("app", "release", "activate", version),
            ("app", "release", "remove", version),
        ):
            done = run(*command, database=loaded)
            assert done.returncode == 1, command
            assert "changed nothing" in done.stderr
        with pytest.raises(BusyError), release_lock(engine):
            pass
    with release_lock(engine):
        pass
    engine.dispose()


def test_who_waits_for_the_lock_gets_it_when_it_is_free(loaded: str) -> None:
    engines = [create_engine(loaded) for _ in range(6)]
    held: list[int] = []

    def hold(number: int) -> None:
        with release_lock(engines[number], wait_seconds=20):
            held.append(number)
            assert held[-1] == number
            time.sleep(0.05)
            assert held[-1] == number, "Two hold the lock."

    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(hold, range(len(engines))))
    assert sorted(held) == list(range(len(engines)))
    for engine in engines:
        engine.dispose()
