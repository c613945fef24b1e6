"""Servers of the small application."""

import os
import re
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from app.config import Settings
from app.http.cache import OutermostLayer
from tests import processes
from tests.http import application
from tests.processes import Forked
from tests.servers import free_port, waiting


class Running(NamedTuple):
    """A server, and the file that it logs to."""

    url: str
    process: Forked
    log: Path


@contextmanager
def running(log: Path, limit_files: int | None = None, **environment: str) -> Iterator[Running]:
    """A server of the small application, which may open so many files."""
    port = free_port()
    env = os.environ | {"PORT": str(port), "LOG_LEVEL": "info"} | environment
    prepare = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (limit_files, limit_files)) if limit_files else None
    process = processes.start("tests.http.application", environment=env, stdout=log, stderr=log, prepare=prepare)
    try:
        yield Running(waiting(process, port), process, log)
    finally:
        process.terminate()
        process.wait(20)


def one(connection: socket.socket, request: bytes) -> bytes:
    """The whole answer to a request, and nothing that comes after it."""
    connection.sendall(request)
    found = b""
    while b"\r\n\r\n" not in found:
        part = connection.recv(65_536)
        assert part, found
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: ([0-9]+)", head.lower())
    wanted = 0 if request.startswith(b"HEAD") or length is None else int(length[1])
    while len(body) < wanted:
        body += connection.recv(65_536)
    assert len(body) == wanted
    return head + b"\r\n\r\n" + body


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start servers that are stopped at the end of the test."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(running(tmp_path / "log", **options))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that waits two seconds for a client."""
    with running(tmp_path_factory.mktemp("server") / "log", REQUEST_SECONDS="2") as server:
        yield server


@pytest.fixture
def service() -> Callable[..., OutermostLayer]:
    """Make the small application with settings."""
    application.calls.clear()
    return lambda **settings: application.create(Settings(**settings))
