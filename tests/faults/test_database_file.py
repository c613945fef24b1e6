"""The file of the database goes, comes, breaks and is locked under a running server: it says so, and recovers."""

import ctypes
import itertools
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.conftest import filled, run
from tests.databases import execute, file_of
from tests.faults.serving import serving, sound_answer, wait_for
from tests.seed.base import many, write

pytestmark = pytest.mark.only_on_sqlite("It is about the file of SQLite.")


class Served:
    """A server, its file, and a good copy of it."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, file: Path, good: Path) -> None:
        self.process, self.file, self.good = process, file, good
        self.client = httpx.Client(base_url=url, timeout=30)

    def answers(self) -> bool:
        """Whether everything is answered; every answer is 200, or a problem 503."""
        paths = (
            "/therapies?limit=3",
            "/therapies/examplumab",
            "/adverse-events?limit=1",
            "/therapies?format=csv",
            "/suggest?q=ex",
        )
        found = [self.client.get(path).status_code for path in paths]
        assert set(found) <= {200, 503}, found
        return sound_answer(self.client.get("/therapies")) != "503" and set(found) == {200} and self.is_ready()

    def is_ready(self) -> bool:
        """Whether the server lives, and says that it is ready."""
        assert self.client.get("/live").status_code == 200
        return self.client.get("/ready").status_code == 200

    def is_out(self, reason: str) -> bool:
        """Whether nothing is answered, and the reason is said."""
        ready = self.client.get("/ready")
        if ready.status_code == 503:
            assert reason in ready.json()["detail"], ready.text
            assert ready.headers["Retry-After"]
        return ready.status_code == 503 and sound_answer(self.client.get("/therapies")) == "503"

    def is_out_of_date(self, reason: str) -> bool:
        """Whether the server says that it cannot look at its database, and why."""
        ready = self.client.get("/ready")
        return ready.status_code == 503 and reason in ready.json()["detail"]

    def put(self, good: Path) -> None:
        """Put another file in the place of the one that is served, at once."""
        shutil.copy(good, self.file.with_suffix(".new"))
        self.file.with_suffix(".new").replace(self.file)


@pytest.fixture(scope="module", params=["1", "2"], ids=["one worker", "two workers"])
def server(small: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A server on a file of its own, which all tests of this module break and mend."""
    folder = tmp_path_factory.mktemp("served")
    database = databases.create(databases.ENGINE, folder, small)
    databases.checkpoint(database)
    file, good = file_of(database), folder / "good" / "good.db"
    good.parent.mkdir()
    shutil.copy(file, good)
    log = folder / "log"
    with serving(database, log, WORKERS=request.param) as (process, url):
        served = Served(process, url, file, good)
        yield served
        assert process.poll() is None
        served.client.close()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def served(server: Served) -> Iterator[Served]:
    """A server that answers from the good file, and does so again after the test."""
    wait_for(server.answers, 20)
    yield server
    server.put(server.good)
    for suffix in ("-wal", "-shm"):
        Path(f"{server.file}{suffix}").unlink(missing_ok=True)
    wait_for(lambda: server.answers() and server.client.get("/therapies").json()["total"] == 1, 20)


def move_away(file: Path) -> None:
    file.replace(file.with_suffix(".away"))


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 // 4096 * 4096)


def cut_to_the_head(file: Path) -> None:
    os.truncate(file, 4096)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def overwrite(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"no database at all" * 10_000)


def replace_by_garbage(file: Path) -> None:
    other = file.with_suffix(".garbage")
    other.write_bytes(b"no database at all" * 10_000)
    other.replace(file)


def revision(name: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        other = file.with_suffix(".other")
        shutil.copy(file, other)
        execute(f"sqlite:///{other}", f"UPDATE alembic_version SET version_num = '{name}'")  # noqa: S608  # our own
        other.replace(file)

    return change


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (move_away, "is missing"),
    "cut short": (cut, "damaged"),
    "cut to its head": (cut_to_the_head, "damaged"),
    "empty": (empty, "has no schema"),
    "overwritten": (overwrite, "not a database"),
    "replaced by garbage": (replace_by_garbage, "not a database"),
    "of an older schema": (revision("0000"), "has schema 0000"),
    "of a newer schema": (revision("9999"), "has schema 9999"),
}


def test_a_file_that_cannot_be_read_is_said_and_the_good_one_answers_again(served: Served) -> None:
    for break_it, reason in FAULTS.values():
        for put_back in (served.put, lambda good: shutil.copy(good, served.file)):
            break_it(served.file)
            wait_for(lambda reason=reason: served.is_out(reason), 10)
            assert not served.answers()
            put_back(served.good)
            wait_for(served.answers, 20)


def test_another_good_file_is_answered_from_and_never_mixed_with_the_first(served: Served, tmp_path: Path) -> None:
    folder = write(many(7), tmp_path / "seven")
    other = filled(databases.create(databases.ENGINE, tmp_path), "--facts", str(folder))
    asked = itertools.count()

    def total() -> int:
        """How many therapies there are, by a question that is asked for the first time; the answer is whole."""
        answer = served.client.get(f"/therapies?limit={next(asked) % 400 + 7}")
        assert sound_answer(answer) != "503"
        body = answer.json()
        assert len(body["items"]) == body["total"]
        return body["total"]

    for _ in range(4):
        for good, wanted in ((file_of(other), 7), (served.good, 1)):
            served.put(good)
            wait_for(lambda wanted=wanted: [total() for _ in range(4)] == [wanted] * 4, 10)


def test_a_file_is_never_read_with_the_log_of_another(served: Served) -> None:
    execute(f"sqlite:///{served.file}", "UPDATE release SET digest = 'of the old file'")
    assert Path(f"{served.file}-wal").stat().st_size > 0
    wait_for(served.is_ready, 10)
    served.put(served.good)
    wait_for(lambda: served.is_out("the log of the old one is beside it"), 10)
    for suffix in ("-wal", "-shm"):
        Path(f"{served.file}{suffix}").unlink()
    wait_for(served.answers, 20)
    assert served.client.get("/service-info").json()["digest"] != "of the old file"


def test_a_backup_is_restored_under_a_running_server(served: Served, tmp_path: Path) -> None:
    folder = write(many(7), tmp_path / "seven")
    done = run("seed", "load", "--facts", str(folder), database=f"sqlite:///{served.file}")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: served.client.get("/therapies").json()["total"] == 7, 10)
    # What `.restore` of the command sqlite3 does.
    with closing(sqlite3.connect(served.good)) as backup, closing(sqlite3.connect(served.file, timeout=10)) as live:
        backup.backup(live)
    wait_for(lambda: served.answers() and served.client.get("/therapies").json()["total"] == 1, 10)
    assert served.client.get("/releases").json()["total"] == 1


def test_readers_go_on_while_a_writer_has_the_file(served: Served) -> None:
    with closing(sqlite3.connect(served.file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("UPDATE release SET digest = 'not yet'")
        for number in range(50):
            assert served.client.get(f"/therapies?limit={number + 1}").status_code == 200
        assert served.is_ready()
        writer.execute("ROLLBACK")
    assert served.answers()


def test_cached_answers_and_probes_go_on_while_a_writer_locks_all_out(served: Served) -> None:
    """A file in another journal mode than that of the loads: whoever writes to it locks out those who read."""
    rolled_back = served.file.with_suffix(".rolled-back")
    shutil.copy(served.good, rolled_back)
    with closing(sqlite3.connect(rolled_back)) as connection:
        assert connection.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    served.put(rolled_back)
    wait_for(served.answers, 20)
    for _ in range(10):  # so that each worker has it
        assert served.client.get("/therapies?limit=3").status_code == 200
    with closing(sqlite3.connect(served.file, isolation_level=None, timeout=10)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        wait_for(lambda: served.is_out_of_date("is locked by a writer"), 10)
        for number in range(30):  # longer than what was seen is trusted
            began = time.monotonic()
            assert served.client.get("/therapies?limit=3").status_code == 200
            assert served.client.get("/live").status_code == 200
            new = served.client.get(f"/therapies?sort=-name&limit={number + 10}")
            assert (new.status_code, "is locked by a writer" in new.text) == (503, True)
            assert time.monotonic() - began < 2
            time.sleep(0.1)
        writer.execute("ROLLBACK")
    wait_for(served.answers, 10)


def without_override() -> None:
    """Take from root what lets it write where nobody may (CAP_DAC_OVERRIDE), so that it is a user as any other."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.parametrize("log_beside", [False, True])
def test_a_file_and_folder_that_cannot_be_written_answer(loaded: str, tmp_path: Path, log_beside: bool) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    file = folder / "facts.db"
    shutil.copy(file_of(loaded), file)
    if log_beside:
        Path(f"{file}-wal").touch()
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    try:
        with (
            serving(f"sqlite:///{file}", tmp_path / "log", without_override) as (_, url),
            httpx.Client(base_url=url) as client,
        ):
            assert client.get("/ready").status_code == 200
            assert client.get("/therapies").json()["total"] == 1
            assert {path.name for path in folder.iterdir()} <= {"facts.db", "facts.db-wal"}
    finally:
        folder.chmod(0o755)
