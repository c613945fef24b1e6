"""The real application, on real databases, over real HTTP.

TEST_ENGINE says on which engine: `sqlite` (default) or `postgresql`. TEST_POSTGRESQL names a server to make databases
on; else one is started from a wheel. TEST_DATABASE names an SQLite file that holds the whole fact base already.
"""

import asyncio
import datetime as dt
import gc
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import httpx
import orjson
import pytest

from app.nouns.registry import nouns
from app.release.export import export
from app.release.opened import OpenRelease
from app.release.store import Store
from tests import databases, processes
from tests.processes import ROOT
from tests.release.brute_force import BruteForce
from tests.seed.base import of_every_list, sound, write
from tests.servers import served

KEPT = ROOT / ".cache" / "tests"
"""Where the loaded fact base is kept from run to run."""
DOWNLOADS = "downloads"
"""The folder for files, of the servers of all workers."""
CURRENT = "(SELECT release_id FROM activation ORDER BY activated_at DESC, id DESC LIMIT 1)"
"""The key of the current release, in SQL."""
LOADING = ("app", "migrations", "seed")
"""What a loaded fact base follows from."""
LONGEST = (
    "test_browser",
    "test_installed",
    "test_fuzz",
    "test_pages",
    "test_adding",
    "test_patience",
    "test_server",
    "test_killed_loader",
    "test_engines",
    "test_tables",
    "test_facets",
    "test_database_file",
    "test_postgresql",
)
"""Modules that take longest, by their time. They begin first, so that at the end no worker waits long for others."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on_every_engine: runs on PostgreSQL too, whichever fixtures it has.")
    config.addinivalue_line("markers", "only_on_sqlite(reason): left out on PostgreSQL, for the reason given.")
    config.option.loadscopereorder = False  # pytest-xdist would begin with the modules that have most tests


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: some tests mostly wait, for clients that are slow and limits that pass."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest. On PostgreSQL, leave out what touches no engine: SQLite has shown it.

    What is answered follows from the release in memory, which test_engines.py and tests/release hold to be the same.
    """
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))
    if databases.ENGINE == databases.SQLITE:
        return
    touching = [item for item in items if _touches_an_engine(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching


def pytest_collection_finish() -> None:
    """Look for garbage less often: through what stays, such as all facts, that took a fifth of the time."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _touches_an_engine(item: pytest.Item) -> bool:
    if item.get_closest_marker("only_on_sqlite"):
        return False
    has_database = "new_database" in getattr(item, "fixturenames", ())
    return has_database or item.get_closest_marker("on_every_engine") is not None


def pytest_unconfigure(config: pytest.Config) -> None:
    databases.stop()
    if not hasattr(config, "workerinput"):
        databases.drop_all()


def run(*command: str, database: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m` a command of the project, in a process of its own."""
    env = os.environ | environment | ({"DATABASE_URL": database} if database else {})
    return processes.run(*command, environment=env)


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
        make = loaded_facts if engine == databases.SQLITE else lambda folder: filled(databases.create(engine, folder))
        return databases.once(shared, f"facts-{engine}", engine, lambda: make(shared))

    return on


def loaded_facts(folder: Path) -> str:
    """URL of the whole fact base in a folder: that of the last run, where facts, code and day are the same."""
    inputs = [ROOT / "requirements.lock", *(path for part in LOADING for path in (ROOT / part).rglob("*.*"))]
    digest = hashlib.sha256(str(dt.datetime.now(dt.UTC).date()).encode())
    for path in sorted(path for path in inputs if path.suffix in {".py", ".json", ".lock"}):
        if "__pycache__" not in path.parts:  # where the OpenAPI document is cached
            digest.update(path.read_bytes())
    kept = KEPT / f"{digest.hexdigest()[:16]}.db"
    if kept.exists():
        return databases.create(databases.SQLITE, folder, f"sqlite:///{kept}")
    loaded = filled(databases.create(databases.SQLITE, folder))
    databases.checkpoint(loaded)
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.db"):
        old.unlink(missing_ok=True)
    new = kept.with_suffix(f".{os.getpid()}")  # the run on the other engine may do the same
    shutil.copy(databases.file_of(loaded), new)
    new.rename(kept)
    return loaded


@pytest.fixture(scope="session")
def database(facts_on: Callable[[str], str]) -> str:
    """URL of the whole fact base, on the engine that the run is for."""
    return facts_on(databases.ENGINE)


@pytest.fixture(scope="session")
def release_files(shared: Path, database: str) -> Path:
    """Folder with the files of the current release, where servers of all workers look for them; written once."""

    def make() -> str:
        [(version, digest)] = databases.rows(database, f"SELECT version, digest FROM release WHERE id = {CURRENT}")  # noqa: S608  # ours
        folder = shared / DOWNLOADS / digest[:16]
        export(database, version, folder)
        return str(folder)

    return Path(databases.once(shared, "release-files", databases.ENGINE, make))


@pytest.fixture(scope="session")
def data_files(shared: Path, release_files: Path) -> Path:
    """Folder with those of them that are for analysis, the package unpacked, for all workers of a test run."""

    def make() -> str:
        folder = shared / "data-files"
        [package] = release_files.glob("*.zip")
        with ZipFile(package) as archive:
            archive.extractall(folder)
        for ending in ("analysis.sqlite", "sssom.tsv", "kgx.tar.gz"):
            [file] = release_files.glob(f"*.{ending}")
            shutil.copy(file, folder)
        return str(folder)

    return Path(databases.once(shared, "data-files-made", databases.ENGINE, make))


def filled(url: str, *options: str) -> str:
    """The URL of a database, migrated and loaded."""
    done = run("seed", "load", "--migrate", *options, database=url)
    assert done.returncode == 0, done.stderr
    return url


def loaded_once(shared: Path, name: str, files: dict[str, Any]) -> str:
    """URL of a fact base that one worker of a test run loads, and all of them use."""

    def make() -> str:
        return filled(databases.create(databases.ENGINE, shared), "--facts", str(write(files, shared / name)))

    return databases.once(shared, f"{name}-url", databases.ENGINE, make)


@pytest.fixture(scope="session")
def small(shared: Path) -> str:
    """URL of the small fact base, which is copied and never connected to."""
    return loaded_once(shared, "small", sound())


@pytest.fixture(scope="session")
def reading(shared: Path, small: str) -> str:
    """URL of the small fact base, for servers that read it."""
    return databases.once(
        shared, "reading-url", databases.ENGINE, lambda: databases.create(databases.ENGINE, shared, small)
    )


@pytest.fixture(scope="session")
def every_list(shared: Path) -> str:
    """URL of a small fact base that has records in every list, for servers that read it."""
    return loaded_once(shared, "every-list", of_every_list())


@pytest.fixture(scope="session")
def small_twice(shared: Path, small: str) -> str:
    """URL of the small fact base with a second release, which is copied and never connected to."""

    def make() -> str:
        database = databases.create(databases.ENGINE, shared, small)
        databases.execute(database, "UPDATE activation SET activated_at = '2026-03-02 10:00:00'")
        databases.execute(database, "UPDATE release SET version = '2026.03.02', released_on = '2026-03-02'")
        return filled(database, "--facts", str(write(changed(), shared / "changed")))

    return databases.once(shared, "small-twice-url", databases.ENGINE, make)


def changed() -> dict[str, Any]:
    """The small fact base with one mechanism changed, one warning removed, one indication and its product added."""
    files = sound()
    one = files["therapies/examplumab.json"]
    one["mechanisms"][0]["description"] = "Blocks PD-1."
    one["warnings"] = []
    one["indications"].append({**one["indications"][0], "agency": "EMA", "text": "Melanoma, in Europe."})
    one["approvals"].append({**one["approvals"][0], "indication": "ema.melanoma"})
    one["therapy"]["products"].append({**one["therapy"]["products"][0], "agency": "EMA"})
    return files


class Two(NamedTuple):
    """A database with two releases, the first of them current on 2 March 2026."""

    database: str
    first: str
    second: str


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


@pytest.fixture
def two(new_database: Callable[..., str], small_twice: str) -> Two:
    """A database of this test's own, with two releases."""
    return two_of(new_database(small_twice))


def two_of(database: str) -> Two:
    """A database with two releases, and their versions."""
    return Two(database, *(row[0] for row in databases.rows(database, "SELECT version FROM release ORDER BY id")))


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Start servers on databases; they are stopped at the end of the test."""
    with ExitStack() as stack:
        yield lambda database, **environment: stack.enter_context(served(database, **environment))[0]


@pytest.fixture(scope="module")
def serve_module() -> Iterator[Callable[..., str]]:
    """Start servers that all tests of a module use."""
    with ExitStack() as stack:
        yield lambda database, **environment: stack.enter_context(served(database, **environment))[0]


@pytest.fixture(scope="session")
def url(database: str, shared: Path) -> Iterator[str]:
    """Address of a server of the whole fact base; those of all workers keep the files that they write in one folder."""
    with served(database, DOWNLOADS=str(shared / DOWNLOADS)) as (address, _):
        yield address


@pytest.fixture(scope="session")
def uncached(database: str) -> Iterator[str]:
    """Address of a server of the whole fact base that caches nothing."""
    with served(database, CACHE_BYTES="0") as (address, _):
        yield address


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[httpx.Client]:
    """A client of the whole fact base."""
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def few(every_list: str) -> Iterator[httpx.Client]:
    """A client of the small fact base with records in every list, for what is refused or answered whatever there is."""
    with served(every_list) as (address, _), httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def texts(database: str) -> dict[str, list[str]]:
    """The documents of the current release, by list, in their order, as they are stored."""
    query = f"SELECT list, document FROM document WHERE release_id = {CURRENT} ORDER BY list, position"  # noqa: S608  # ours
    found: dict[str, list[str]] = {noun.name: [] for noun in nouns()}
    for name, text in databases.rows(database, query):
        found[name].append(text)
    return found


@pytest.fixture(scope="session")
def documents(texts: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """The same, parsed."""
    found = {name: [orjson.loads(text) for text in listed] for name, listed in texts.items()}
    gc.freeze()
    return found


@pytest.fixture(scope="session")
def base(documents: dict[str, list[dict[str, Any]]]) -> BruteForce:
    """The same, to be asked without an index."""
    return BruteForce(documents)


@pytest.fixture(scope="session")
def release(database: str) -> OpenRelease:
    """The current release as a server opens it."""
    store = Store(database)
    try:
        return asyncio.run(store.current())
    finally:
        store.close()
