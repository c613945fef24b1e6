"""The project as it is installed: the wheel, with the facts in it, in an environment and a folder of its own.

It is run by the oldest and the newest Python from 3.11 on that this machine has. Of the newest that all locked
dependencies are made for, it is asked whether they have wheels.
"""

import json
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.conftest import ROOT
from tests.seed.base import sound, write
from tests.servers import free_port, waiting

OLDEST, NEWEST = 11, 14
"""Minors of Python 3: of `requires-python`, and the newest that all locked dependencies have wheels for."""
QUIET = ("-q", "--disable-pip-version-check")


@cache
def pythons() -> list[str]:
    """The oldest and the newest interpreter of this machine, of the path and of pyenv; once, where they are one."""
    found = {f"3.{sys.version_info.minor}": sys.executable}
    for minor in range(OLDEST, NEWEST + 1):
        kept = sorted(Path.home().glob(f".pyenv/versions/*/bin/python3.{minor}"))
        for path in (shutil.which(f"python3.{minor}"), *kept):
            if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
                found.setdefault(f"3.{minor}", str(path))
    ends = sorted(found, key=lambda version: int(version[2:]))
    return [found[version] for version in dict.fromkeys((ends[0], ends[-1]))]


class Installed(NamedTuple):
    """An environment in which the wheel is installed."""

    bin: Path
    data: Path
    newest: bool
    """Whether it is of the newest Python of this machine."""

    def environment(self) -> dict[str, str]:
        """What its commands see: nothing of this working copy, and a folder for the data of the user."""
        hidden = ("DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if name not in hidden}
        return kept | {"XDG_DATA_HOME": str(self.data)}

    def run(self, folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `immunofacts …` in a folder."""
        return subprocess.run(
            [self.bin / "immunofacts", *command],
            cwd=folder, env=self.environment() | environment, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", *QUIET, "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run(command, check=True, timeout=180)
    [found] = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module", params=[0, 1], ids=["oldest", "newest"])
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own. What it depends on is installed for the newest Python, or the only one.

    For another, which runs these tests, it is that of these tests: what is missing there is found by the newest.
    """
    if request.param == len(pythons()):
        pytest.skip("This machine has one Python.")
    folder, python = tmp_path_factory.mktemp("installed"), pythons()[request.param]
    subprocess.run([python, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=120)
    own = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", own, "install", "--no-compile", *QUIET]
    if python == sys.executable and len(pythons()) > 1:
        [packages] = (folder / "venv").glob("lib/python*/site-packages")
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    else:
        subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True, timeout=600)
    subprocess.run([*pip, "--no-deps", "--force-reinstall", wheel], check=True, timeout=180)
    return Installed(folder / "venv" / "bin", folder / "data", newest=request.param == len(pythons()) - 1)


@contextmanager
def serving(installed: Installed, folder: Path, port: int) -> Iterator[str]:
    """A server that is started in a folder, once its log says that it serves."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [installed.bin / "immunofacts", "serve", "--port", str(port)],
            cwd=folder, env=installed.environment(), stdout=log, stderr=subprocess.PIPE,
        )  # fmt: skip
    try:
        end = time.monotonic() + 120
        while b"is served at" not in (folder / "log").read_bytes():
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.05)
        yield waiting(process, port)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_the_wheel_holds_the_facts_and_keeps_the_names_of_the_folders(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("app", "immunofacts", "migrations", "seed"):
        tracked = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=False)
        files = set(tracked.stdout.split("\n")) - {""}
        assert {name for name in files if (ROOT / name).exists()} <= names
    assert any(name.startswith("seed/facts/therapies/") for name in names)


def test_one_command_migrates_loads_and_serves(installed: Installed, tmp_path: Path) -> None:
    if not installed.newest:
        pytest.skip(
            "The newest Python shows it; the oldest checks the facts in the next test, and loads and serves a few."
        )
    (tmp_path / "app").mkdir()  # a folder of the user's, which is not ours
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('the wrong app')", encoding="utf-8")
    port = free_port()
    with serving(installed, tmp_path, port) as address, httpx.Client(base_url=address, timeout=60) as client:
        assert client.get("/therapies?class=pd-1-inhibitor&condition=melanoma").json()["total"] == 5
        assert client.get("/openapi.json").json()["openapi"] == "3.1.0"
        taken = installed.run(tmp_path, "serve", "--port", str(port))
        assert taken.returncode == 3
        assert taken.stdout == ""
        assert taken.stderr.startswith(f"The port {port} of 127.0.0.1 is taken by another program")
        assert taken.stderr.count("\n") == 1
        by_default = installed.run(tmp_path, PORT=str(port))
        assert (by_default.returncode, by_default.stderr) == (3, taken.stderr)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    assert any(line["event"] == f"ImmunoFacts is served at {address}" for line in lines)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app", "log"]  # nothing is left where it was started
    assert [path.name for path in (installed.data / "immunofacts").glob("*.db")] == ["immunofacts.db"]
    with serving(installed, tmp_path, port) as address:
        assert len(httpx.get(f"{address}/releases").json()["items"]) == 1  # nothing is loaded again


@pytest.mark.parametrize("installed", [0], indirect=True, ids=["oldest"])
def test_the_facts_of_the_package_are_checked_and_none_loaded_twice(installed: Installed, tmp_path: Path) -> None:
    assert installed.run(tmp_path, "check").stdout.endswith("are in order.\n")
    few = str(write(sound(), tmp_path / "facts"))
    assert installed.run(tmp_path, "load", "--facts", few).returncode == 0
    assert "is current already" in installed.run(tmp_path, "load", "--facts", few).stdout


def test_a_terminal_is_told_in_words_and_at_last_where(installed: Installed, tmp_path: Path) -> None:
    port = free_port()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [installed.bin / "immunofacts", "serve", "--port", str(port)],
        cwd=tmp_path, env=installed.environment(), stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    said = ""
    try:
        while "is served at" not in said and select.select([ours], [], [], 120)[0]:
            said += os.read(ours, 65_536).decode()
        assert said.splitlines()[-1].endswith(f"ImmunoFacts is served at http://127.0.0.1:{port}")
        httpx.get(f"http://127.0.0.1:{port}/targets?q=pd&limit=1&x=%1b%5b31m")
        while "x=" not in said and select.select([ours], [], [], 30)[0]:
            said += os.read(ours, 65_536).decode()
    finally:
        process.terminate()
        process.wait(30)
        os.close(ours)
    assert "  422  GET /targets?q=pd&limit=1&x=%1b%5b31m  " in said.splitlines()[-1]
    assert not any(line.startswith("{") for line in said.splitlines())
    assert "\x1b[31m" not in said


def test_an_address_that_cannot_be_had_is_said_in_a_sentence(installed: Installed, tmp_path: Path) -> None:
    done = installed.run(tmp_path, "serve", "--host", "192.0.2.1", "--port", "8000")
    assert done.returncode == 3
    assert done.stderr.startswith("The server cannot listen on port 8000 of 192.0.2.1: ")
    assert "Traceback" not in done.stderr


def test_another_that_binds_before_either_listens_is_told_too() -> None:
    from app.config import Settings
    from app.http.server import bind

    port = free_port()
    sockets = [bind(Settings(port=port)) for _ in range(2)]
    sockets[0].listen()
    with pytest.raises(OSError, match="in use"):
        sockets[1].listen()
    for bound in sockets:
        bound.close()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))


def test_the_newest_python_has_wheels_of_every_dependency(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", *QUIET, "--dry-run", "--ignore-installed", "--only-binary=:all:"]
    target = ["--python-version", f"3.{NEWEST}", "--target", tmp_path, "--require-hashes", "-r", "requirements.lock"]
    done = subprocess.run([*command, *target], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
