"""The validators of SSSOM and KGX, which have an environment of their own, and the files that they read."""

import fcntl
import subprocess
from pathlib import Path

import pytest

from app.release.export import export_data
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def environment(shared: Path) -> Path:
    """The environment of the validators, set up if it is not there as it is locked."""
    with (shared / "graph.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            ["make", "--silent", ".venv-graph/.installed"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / ".venv-graph" / "bin"


@pytest.fixture(scope="module")
def folder(database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the current release, in a folder."""
    folder = tmp_path_factory.mktemp("graph")
    export_data(database, None, folder)
    return folder
