"""Processes: stopping without a loss, signals, workers whose supervisor is killed, temporary folders."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from app.http.temporary import temporary_folder
from tests.conftest import ROOT, free_port
from tests.http.conftest import Running, one
from tests.raw import connect, exchange, read, status

CLIENTS = 16


class Client(threading.Thread):
    """A client of one connection at a time, kept open as long as the server lets it, that counts what becomes of it."""

    def __init__(self, url: str, path: str, numbers: "itertools.count[int]") -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._where = (urlsplit(url).hostname, urlsplit(url).port)
        self._path, self._numbers = path, numbers

    def run(self) -> None:
        """Send requests until nobody listens any more."""
        while True:
            try:
                connection = socket.create_connection(self._where, timeout=30)
            except ConnectionRefusedError:
                self.counts["refused"] += 1
                return
            except OSError:
                self.counts["reset while connecting"] += 1
                continue
            with connection:
                for sent in itertools.count():
                    outcome = self._request(connection)
                    if outcome == "unread":
                        outcome = "unread on a kept connection" if sent else "unread on a new connection"
                    self.counts[outcome] += 1
                    if outcome != "answered":
                        break

    def _request(self, connection: socket.socket) -> str:
        target = self._path.format(next(self._numbers))
        received = b""
        try:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
            while part := connection.recv(65_536):
                received += part
                head, found, body = received.partition(b"\r\n\r\n")
                lines = head.lower().split(b"\r\n")
                if found and any(line == b"content-length: %d" % len(body) for line in lines):
                    assert head.startswith(b"HTTP/1.1 200 "), head
                    return "answered, and closed" if b"connection: close" in lines else "answered"
        except OSError:
            pass
        return "torn" if received else "unread"


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("path", ["/page?{}", "/page?same", "/slow?seconds=0.02&{}"])
def test_no_request_in_flight_is_lost(start: Callable[..., Running], workers: str, path: str) -> None:
    server = start(WORKERS=workers, LOG_LEVEL="warning")
    numbers = itertools.count()
    clients = [Client(server.url, path, numbers) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(1)
    server.process.send_signal(signal.SIGTERM)
    for client in clients:
        client.join(60)
    assert server.process.wait(30) == 0
    counts: Counter[str] = sum((client.counts for client in clients), Counter())
    print(dict(counts))
    assert counts["answered"] > CLIENTS
    assert counts["answered, and closed"] >= CLIENTS // 2
    assert counts["torn"] == counts["unread on a kept connection"] == 0
    assert counts["refused"] == CLIENTS
    # A connection that the system took, and the server did not come to take over, was never read.
    assert counts["unread on a new connection"] + counts["reset while connecting"] <= CLIENTS
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_nobody_asks_stops_as_well(start: Callable[..., Running], workers: str) -> None:
    server = start(WORKERS=workers)
    with connect(server.url) as idle:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
        assert idle.recv(10) == b""


def test_a_kept_connection_is_answered_once_more_while_draining(start: Callable[..., Running]) -> None:
    server = start()
    with connect(server.url) as connection:
        one(connection, b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = read(connection)
    assert status(answer) == 200
    assert b"connection: close" in answer


@pytest.mark.parametrize("workers", ["1", "2"])
def test_nobody_is_let_in_while_the_last_are_answered(start: Callable[..., Running], workers: str) -> None:
    """A connection that nobody takes over would wait until all have ended."""
    server = start(WORKERS=workers)
    with connect(server.url) as connection:
        connection.sendall(b"GET /slow?seconds=3 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1.2)
        with pytest.raises(ConnectionRefusedError):
            connect(server.url)
        assert server.process.poll() is None
        assert status(read(connection)) == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_hangup_ends_nobody(start: Callable[..., Running], workers: str) -> None:
    server = start(WORKERS=workers)
    for child in psutil.Process(server.process.pid).children():
        child.send_signal(signal.SIGHUP)
    server.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 6  # a supervisor restarts its workers, one after another
    while time.monotonic() < end:
        assert httpx.get(f"{server.url}/live").status_code == 200
        assert server.process.poll() is None
        time.sleep(0.1)


def test_workers_end_with_a_supervisor_that_is_killed(start: Callable[..., Running]) -> None:
    server = start(WORKERS="2")
    workers = psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert len(gone) >= 2
    assert not alive
    with pytest.raises(ConnectionRefusedError):
        connect(server.url)


def test_what_a_killed_server_leaves_is_removed_by_the_next(
    start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    other = start(WORKERS="2")
    killed = start(WORKERS="2")
    workers = psutil.Process(killed.process.pid).children(recursive=True)
    before = set(tmp_path.glob("immunofacts-*"))
    killed.process.kill()
    psutil.wait_procs(workers, timeout=10)
    assert set(tmp_path.glob("immunofacts-*")) == before
    assert len(before) == 2
    start(WORKERS="2")
    after = set(tmp_path.glob("immunofacts-*"))
    assert len(after) == 2
    assert len(after & before) == 1  # that of the one that runs on
    assert b"immunofacts_requests_total" in exchange(other.url, b"GET /metrics HTTP/1.0\r\n\r\n")


def test_a_temporary_folder_is_there_as_long_as_it_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary_folder("x-") as one, temporary_folder("x-") as two:
        assert one.is_dir()
        assert two.is_dir()
    assert not list(tmp_path.iterdir())


def failing(**environment: str) -> subprocess.CompletedProcess[str]:
    """A start that fails."""
    command = [sys.executable, "-m", "tests.http.application"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=30, check=False
    )


def test_a_temporary_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    """The folder named is a file, and so are all that Python would take instead."""
    blocked = tmp_path / "file"
    blocked.touch()
    code = f"""if True:
        import tempfile
        from app.config import Settings
        from app.http.server import run
        tempfile.tempdir = {str(blocked)!r}
        run(Settings(), "tests.http.application:create")
    """
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"WORKERS": "2", "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No temporary folder can be made for metrics: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_address_that_is_taken_ends_the_start(workers: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = failing(PORT=str(taken.getsockname()[1]), WORKERS=workers)
    assert done.returncode == 3
    assert "already in use" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
