"""The real application, on real databases, over real HTTP."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str, database: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project as a user would, in a process of its own."""
    env = os.environ | environment | ({"DATABASE_URL": f"sqlite:///{database}"} if database else {})
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole fact base, migrated and loaded once for all workers of a test run; or the one TEST_DATABASE names."""
    if "TEST_DATABASE" in os.environ:
        return Path(os.environ["TEST_DATABASE"])
    shared = (
        tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else tmp_path_factory.getbasetemp()
    )
    path = shared / "facts.db"
    with (shared / "facts.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            building = shared / "building.db"
            for command in (("app", "migrate"), ("seed", "load")):
                done = run(*command, database=building)
                assert done.returncode == 0, done.stderr
            for file in shared.glob("building.db*"):
                shutil.move(file, shared / file.name.replace("building", "facts"))
    return path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., str]]:
    """Start servers on a database; they are stopped at the end of the run."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(database: Path, **environment: str) -> str:
        port = free_port()
        env = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "PORT": str(port)} | environment
        process = subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=env)
        processes.append(process)
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            assert process.poll() is None, "The server stopped at its start."
            try:
                httpx.get(f"{url}/live", timeout=5)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return url
        raise AssertionError("The server did not start within 10 s.")

    yield begin
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)


@pytest.fixture(scope="session")
def url(database: Path, start: Callable[..., str]) -> str:
    """Address of a server of the whole fact base."""
    return start(database)


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[httpx.Client]:
    """A client of the whole fact base."""
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client
