"""Servers in processes of their own, and whether they answer."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import processes
from tests.processes import Forked


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


def waiting(process: Forked | subprocess.Popen[bytes], port: int) -> str:
    """Address of a server, once it answers."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, "The server stopped at its start."
        if is_live(port):
            return f"http://127.0.0.1:{port}"
        time.sleep(0.02)
    raise AssertionError("The server did not start within 30 s.")


def is_live(port: int) -> bool:
    """Whether a server answers at a port. Without httpx, whose certificates take 20 ms to read each time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/live")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def served(database: str, output: Path | None = None, **environment: str) -> Iterator[tuple[str, Forked]]:
    """A server on a database: its address and its process. What it writes goes to a file, if one is given."""
    port = free_port()
    env = os.environ | {"DATABASE_URL": database, "PORT": str(port), "LOG_LEVEL": "warning"} | environment
    process = processes.start("app", "serve", environment=env, stdout=output)
    try:
        yield waiting(process, port), process
    finally:
        process.terminate()
        process.wait(10)
