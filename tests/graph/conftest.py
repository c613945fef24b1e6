"""The validators of SSSOM and KGX, which have an environment of their own."""

import fcntl
import subprocess
from pathlib import Path

import pytest

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
