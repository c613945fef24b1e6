"""Processes: stopping without a loss, signals, workers whose supervisor is killed, temporary folders."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.temporary import temporary_folder
from tests.conftest import ROOT
from tests.http.conftest import Running, one
from tests.raw import KeepAliveClient, connect, exchange, read, status
from tests.servers import free_port, is_live

CLIENTS = 16


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("path", ["/page?{}", "/page?same", "/slow?seconds=0.02&{}"])
def test_no_request_in_flight_is_lost(start: Callable[..., Running], workers: str, path: str) -> None:
    server = start(WORKERS=workers, LOG_LEVEL="warning")
    numbers = itertools.count()
    clients = [KeepAliveClient(server.url, path, numbers) for _ in range(CLIENTS)]
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
    port = int(server.url.rpartition(":")[2])
    for child in psutil.Process(server.process.pid).children():
        child.send_signal(signal.SIGHUP)
    server.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 6  # a supervisor restarts its workers, one after another
    while time.monotonic() < end:
        assert is_live(port)
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
    assert "is taken by another program" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
