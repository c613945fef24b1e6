"""The packages of the clients, built of the OpenAPI document, and the environment of what generates others."""

import fcntl
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.conftest import ROOT

Run = Callable[..., str]
DOCUMENT = ROOT / "docs" / "openapi.json"
NODE_MODULES = ROOT / "clients" / "typescript" / "node_modules"
ADDRESS = "http://127.0.0.1:8000"
"""Address of the service in the READMEs."""


@pytest.fixture(scope="session")
def packages(shared: Path) -> Path:
    """The folder with the packages of the clients, built if they are not there as their sources are."""
    with (shared / "clients.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(["make", "--silent", "clients"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "dist"


@pytest.fixture(scope="module")
def folder(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of TypeScript, and below it what Node takes from elsewhere."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "node_modules").symlink_to(NODE_MODULES)
    programs = folder / "programs"
    installed = programs / "node_modules" / "immunofacts-client"
    installed.mkdir(parents=True)
    [package] = packages.glob("immunofacts-client-*.tgz")
    subprocess.run(["tar", "xzf", package, "-C", installed, "--strip-components", "1"], check=True)
    return programs


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """Run a command of the environment in the folder; answer what it writes, errors too. It must succeed."""

    def command(name: str, *arguments: str, **variables: str) -> str:
        programs = [ROOT / ".venv-clients" / "bin", NODE_MODULES / ".bin"]
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


def examples(folder: str, language: str, url: str) -> list[str]:
    """The programs in the README of a folder, for a server at another address."""
    text = (ROOT / folder / "README.md").read_text("utf-8")
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert all(ADDRESS in program for program in found)
    return [program.replace(ADDRESS, url) for program in found]


class Busy(NamedTuple):
    """A server that is busy before it answers, and when it was asked."""

    url: str
    asked: list[float]


@pytest.fixture
def busy(url: str) -> Iterator[Busy]:
    """A way to the server on which the first request is refused for a second."""
    asked: list[float] = []

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Refuse, then relay."""
            asked.append(time.monotonic())
            answer = httpx.get(url + self.path) if len(asked) > 1 else None
            content = answer.content if answer else b""
            self.send_response(200 if answer else 503)
            if answer is None:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Write no log into the output of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Busy(f"http://127.0.0.1:{server.server_port}", asked)
        server.shutdown()
        thread.join()
