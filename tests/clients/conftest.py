"""Generators of clients, which have an environment of their own, and the document that they read."""

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT

Run = Callable[..., str]


@pytest.fixture(scope="session")
def environment(shared: Path) -> Path:
    """The environment of the generators, set up if it is not there as it is locked."""
    with (shared / "clients.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            ["make", "--silent", ".venv-clients/.installed"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / ".venv-clients"


@pytest.fixture(scope="module")
def folder(client: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document of the whole fact base."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "openapi.json").write_bytes(client.get("/openapi.json").content)
    return folder


@pytest.fixture(scope="module")
def run(environment: Path, folder: Path) -> Run:
    """Run a command of the environment in the folder; answer what it writes, errors too. It must succeed."""

    def command(name: str, *arguments: str, **variables: str) -> str:
        programs = [environment / "bin", environment / "node_modules" / ".bin"]
        path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
        [program] = [found / name for found in programs if (found / name).exists()][:1]
        done = subprocess.run(
            [program, *arguments],
            cwd=folder,
            env=os.environ | {"PATH": path} | variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return command
