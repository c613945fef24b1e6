"""Loading: all or nothing, the same twice is nothing, and a killed loader leaves the old release as it was."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from seed.files import FACTS, format_all
from tests.conftest import ROOT, run
from tests.seed.base import sound, write


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    """A database with one release of the small fact base."""
    database = tmp_path / "facts.db"
    write(sound(), tmp_path / "facts")
    assert run("app", "migrate", database=database).returncode == 0
    done = run("seed", "load", "--facts", str(tmp_path / "facts"), database=database)
    assert done.returncode == 0, done.stderr
    return database


def rows(database: Path, query: str) -> list[Any]:
    with sqlite3.connect(database) as connection:
        return connection.execute(query).fetchall()


def test_the_same_twice_is_one_release(loaded: Path, tmp_path: Path) -> None:
    again = run("seed", "load", "--facts", str(tmp_path / "facts"), database=loaded)
    assert "is current already" in again.stdout
    assert len(rows(loaded, "SELECT id FROM release")) == 1


def test_a_change_is_a_new_release_beside_the_old(loaded: Path, tmp_path: Path) -> None:
    files = sound()
    files["therapies/examplumab.json"]["mechanisms"][0]["description"] = "Blocks PD-1."
    done = run("seed", "load", "--facts", str(write(files, tmp_path / "changed")), database=loaded)
    assert " loaded: " in done.stdout
    versions = [version for (version,) in rows(loaded, "SELECT version FROM release ORDER BY id")]
    assert len(versions) == 2
    assert versions[1] == f"{versions[0]}.2"
    descriptions = rows(loaded, "SELECT description FROM mechanism ORDER BY release_id")
    assert descriptions == [("Blocks.",), ("Blocks PD-1.",)]
    back = run("seed", "load", "--facts", str(tmp_path / "facts"), database=loaded)
    assert back.returncode == 0


def test_the_order_and_layout_of_the_files_make_no_release(loaded: Path, tmp_path: Path) -> None:
    format_all(tmp_path / "facts")
    done = run("seed", "load", "--facts", str(tmp_path / "facts"), database=loaded)
    assert "is current already" in done.stdout
    assert len(rows(loaded, "SELECT id FROM release")) == 1


def test_a_killed_loader_leaves_the_old_release(loaded: Path, tmp_path: Path) -> None:
    files = sound()
    one = files["therapies/examplumab.json"]
    for number in range(300):
        other = json.loads(json.dumps(one).replace("examplumab", f"examplumab-{number}"))
        other["therapy"]["products"][0]["brand"] = f"Examplara {number}"
        files[f"therapies/examplumab-{number}.json"] = other
    del files["therapies/examplumab.json"]
    folder = write(files, tmp_path / "many")
    command = [sys.executable, "-m", "seed", "load", "--facts", str(folder)]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{loaded}"}
    random.seed(7)
    for _ in range(6):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(random.uniform(0.2, 1.6))  # noqa: S311  # moments to kill at, not secrets
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert rows(loaded, "PRAGMA integrity_check") == [("ok",)]
        current = rows(loaded, "SELECT max(release_id) FROM activation")[0][0]
        assert rows(loaded, f"SELECT count(*) FROM therapy WHERE release_id = {current}")[0][0] in {1, 300}  # noqa: S608  # a number read above
    done = run("seed", "load", "--facts", str(folder), database=loaded)
    assert done.returncode == 0, done.stderr
    assert rows(loaded, "SELECT count(*) FROM therapy JOIN release ON release.id = release_id GROUP BY release_id")[
        -1
    ] == (300,)


def test_two_loaders_at_once_both_end_well(tmp_path: Path) -> None:
    database = tmp_path / "facts.db"
    folder = write(sound(), tmp_path / "facts")
    assert run("app", "migrate", database=database).returncode == 0
    command = [sys.executable, "-m", "seed", "load", "--facts", str(folder)]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}"}
    both = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert len(rows(database, "SELECT id FROM release")) == 1, said


def test_a_load_without_schema_says_what_to_run(tmp_path: Path) -> None:
    done = run("seed", "load", database=tmp_path / "empty.db")
    assert done.returncode == 1
    assert "immunofacts migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_fact_files_are_canonical() -> None:
    changed, findings = format_all(FACTS, write=False)
    assert findings == []
    assert changed == [], "Run `python -m seed fmt`."
