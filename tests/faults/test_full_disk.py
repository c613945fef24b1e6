"""The disk is full in the middle of a load: a sentence, the old release as it was, and the next load succeeds.

So it is where files of a release, or a table, are written; or where their folder is gone.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from app.api.formats.rows import rows_of
from app.nouns.registry import noun
from app.tabular.write import first_line
from tests.conftest import ROOT, run
from tests.databases import rows
from tests.seed.base import many, write

pytestmark = pytest.mark.only_on_sqlite("The disk of a PostgreSQL server is not the loader's.")


def run_without_room(room: int, *command: str, database: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that may make no file larger than some bytes."""

    def limit() -> None:
        """What the system says of a full disk, the driver says of this too."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=limit,
    )


@pytest.mark.parametrize("room", [0, 100_000, 400_000], ids=["for nothing", "for a little", "for half of it"])
def test_a_load_without_room_says_so_and_changes_nothing(loaded: str, tmp_path: Path, room: int) -> None:
    folder = write(many(100), tmp_path / "many")
    before = rows(loaded, "SELECT version FROM release"), rows(loaded, "SELECT count(*) FROM document")
    done = run_without_room(room, "seed", "load", "--facts", str(folder), database=loaded)
    assert done.returncode == 1, done.stdout
    assert ("cannot be opened" if room == 0 else "The load was given up, and changed nothing: ") in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(loaded, "PRAGMA integrity_check") == [("ok",)]
    assert (rows(loaded, "SELECT version FROM release"), rows(loaded, "SELECT count(*) FROM document")) == before
    again = run("seed", "load", "--facts", str(folder), database=loaded)
    assert again.returncode == 0, again.stderr
    assert " loaded: " in again.stdout


@pytest.mark.parametrize("room", [10_000, 40_000, 150_000], ids=["for lines", "for little of a file", "for most"])
def test_files_of_a_release_without_room_end_the_command_in_a_sentence(loaded: str, tmp_path: Path, room: int) -> None:
    [(version,)] = rows(loaded, "SELECT version FROM release")
    done = run_without_room(room, "app", "release", "export", version, "--to", str(tmp_path / "out"), database=loaded)
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("format_", ["parquet", "xlsx"])
def test_a_table_whose_folder_is_gone_is_given_up_in_a_sentence(tmp_path: Path, format_: str) -> None:
    about = {"title": "targets", "description": "Targets.", "created": "2026-11-21", "licence": "CC0-1.0"}
    head = first_line(rows_of(noun("targets")).keys, "2026.11.21", about)
    done = subprocess.run(
        [sys.executable, "-m", "app.tabular.write", format_, str(tmp_path / "gone" / f"table.{format_}")],
        cwd=ROOT,
        input=head,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"The file cannot be written: ")
    assert b"Traceback" not in done.stderr
