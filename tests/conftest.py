"""The real application, on real databases, over real HTTP.

TEST_ENGINE says on which engine: `sqlite` (default) or `postgresql`. TEST_POSTGRESQL names a server to make databases
on; else one is started from a wheel. TEST_DATABASE names an SQLite file that holds the whole fact base already.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.seed.base import sound, write

ROOT = Path(__file__).parent.parent


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on_sqlite(reason): left out on PostgreSQL, for the reason given.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the run on PostgreSQL what touches no database: the run on SQLite has tested it."""
    if databases.ENGINE == databases.SQLITE:
        return
    touching = [item for item in items if {"shared", "new_database", "url"} & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching
    for item in items:
        for mark in item.iter_markers("only_on_sqlite"):
            item.add_marker(pytest.mark.skip(reason=mark.args[0]))


def pytest_unconfigure(config: pytest.Config) -> None:
    databases.stop()
    if not hasattr(config, "workerinput"):
        databases.drop_all()


def run(*command: str, database: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project as a user would, in a process of its own."""
    env = os.environ | environment | ({"DATABASE_URL": database} if database else {})
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=180, check=False
    )


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a test run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def facts_on(shared: Path) -> Callable[[str], str]:
    """URL of the whole fact base on an engine, migrated and loaded once for all workers of a test run."""

    def on(engine: str) -> str:
        if engine == databases.SQLITE and "TEST_DATABASE" in os.environ:
            return f"sqlite:///{os.environ['TEST_DATABASE']}"
        return databases.once(shared, f"facts-{engine}", engine, lambda: _filled(databases.create(engine, shared)))

    return on


@pytest.fixture(scope="session")
def database(facts_on: Callable[[str], str]) -> str:
    """URL of the whole fact base, on the engine that the run is for."""
    return facts_on(databases.ENGINE)


def _filled(url: str, *options: str) -> str:
    for command in (("app", "migrate"), ("seed", "load", *options)):
        done = run(*command, database=url)
        assert done.returncode == 0, done.stderr
    return url


@pytest.fixture(scope="session")
def small(shared: Path) -> str:
    """URL of the small fact base, which is copied and never connected to."""

    def make() -> str:
        folder = write(sound(), shared / "small")
        return _filled(databases.create(databases.ENGINE, shared), "--facts", str(folder))

    return databases.once(shared, "small-url", databases.ENGINE, make)


@pytest.fixture
def new_database(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Make databases of a test's own: empty, or copies."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        made.append(databases.create(databases.ENGINE, tmp_path, template))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def empty(new_database: Callable[..., str]) -> str:
    """URL of an empty database of this test's own."""
    return new_database()


@pytest.fixture
def loaded(new_database: Callable[..., str], small: str) -> str:
    """URL of a database of this test's own, with one release of the small fact base."""
    return new_database(small)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


def waiting(process: subprocess.Popen[bytes], port: int) -> str:
    """Address of a server, once it answers."""
    url = f"http://127.0.0.1:{port}"
    for _ in range(400):
        assert process.poll() is None, "The server stopped at its start."
        try:
            httpx.get(f"{url}/live", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return url
    raise AssertionError("The server did not start within 20 s.")


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., str]]:
    """Start servers on a database; they are stopped at the end of the run."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(database: str, **environment: str) -> str:
        port = free_port()
        env = os.environ | {"DATABASE_URL": database, "PORT": str(port), "LOG_LEVEL": "warning"} | environment
        process = subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=env)
        processes.append(process)
        return waiting(process, port)

    yield begin
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)


@pytest.fixture(scope="session")
def url(database: str, start: Callable[..., str]) -> str:
    """Address of a server of the whole fact base."""
    return start(database)


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[httpx.Client]:
    """A client of the whole fact base."""
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client
