"""The disk is full in the middle of a load: a sentence, the old release as it was, and the next load succeeds."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, run
from tests.databases import rows
from tests.seed.base import many, write

pytestmark = pytest.mark.only_on_sqlite("The disk of a PostgreSQL server is not the loader's.")


@pytest.mark.parametrize("room", [0, 100_000, 400_000], ids=["for nothing", "for a little", "for half of it"])
def test_a_load_without_room_says_so_and_changes_nothing(loaded: str, tmp_path: Path, room: int) -> None:
    folder = write(many(100), tmp_path / "many")
    before = rows(loaded, "SELECT version FROM release"), rows(loaded, "SELECT count(*) FROM document")

    def limit() -> None:
        """No file may grow beyond this: what the system says of a full disk, the driver says of this too."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    done = subprocess.run(
        [sys.executable, "-m", "seed", "load", "--facts", str(folder)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": loaded},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=limit,
    )
    assert done.returncode == 1, done.stdout
    assert ("cannot be opened" if room == 0 else "The load was given up, and changed nothing: ") in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(loaded, "PRAGMA integrity_check") == [("ok",)]
    assert (rows(loaded, "SELECT version FROM release"), rows(loaded, "SELECT count(*) FROM document")) == before
    again = run("seed", "load", "--facts", str(folder), database=loaded)
    assert again.returncode == 0, again.stderr
    assert " loaded: " in again.stdout
