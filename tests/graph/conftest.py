"""The validators of SSSOM and KGX, which have an environment of their own."""

import fcntl
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def validators(environment: Path) -> Callable[..., Any]:
    """Run a script of this folder with the validators, on some files; it tells what it found as JSON, at last."""

    def run(script: str, *files: Path) -> Any:
        command = [environment / "python", Path(__file__).with_name(script), *files]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
