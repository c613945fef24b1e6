"""Servers to measure: each a process of its own on the one core, while the load comes from the other."""

import os
import pickle
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.bare import Bare
from benchmarks.client import question

SETTINGS = {"WORKERS": "1", "LOG_LEVEL": "warning"}
"""Environment of every ImmunoFacts server that is measured: like the bare application, it logs no requests."""

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER_CORE, LOAD_CORE = ({CORES[0]}, {CORES[-1]}) if len(CORES) > 1 else (set(CORES), set(CORES))


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: psutil.Process
    started_in: float
    """Seconds from the command to the first 200."""

    def cpu(self) -> float:
        """Seconds of processor time that it has used so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def resident(self) -> int:
        """Bytes of memory that it holds."""
        return int(self.process.memory_info().rss)

    def mapped(self) -> int:
        """Bytes of these that are pages of files, where the system tells: each mapping of a page counts again."""
        return int(getattr(self.process.memory_info(), "shared", 0))


def pin(cores: set[int]) -> None:
    """Keep this process, and those it starts from now on, on these cores, where the system can."""
    if cores:
        os.sched_setaffinity(0, cores)


def _free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


@contextmanager
def _running(
    command: list[str], port: int, first: str, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a command, wait until it answers `first`, and stop it at the end."""
    said = tempfile.TemporaryFile()  # noqa: SIM115  # closed below, where the server ends
    pin(SERVER_CORE)
    began = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | dict(environment or {}), stdout=said, stderr=said)  # noqa: S603  # commands of our own
    pin(LOAD_CORE)
    try:
        while not _answers(port, first):
            if process.poll() is not None or time.perf_counter() - began > 60:
                said.seek(0)
                raise RuntimeError(f"{command[1:4]} does not answer {first}: {said.read().decode()[-2000:]}")
            time.sleep(0.005)
        yield Server(port, psutil.Process(process.pid), time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(20)
        said.close()


def _answers(port: int, target: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(question(target, {"Connection": "close"}).request)
            return connection.recv(65536)[9:12] in {b"200", b"304"}
    except OSError:
        return False


@contextmanager
def immunofacts(database: Path, **environment: str) -> Iterator[Server]:
    """ImmunoFacts by its own command."""
    port = _free_port()
    settings = SETTINGS | {"DATABASE_URL": f"sqlite:///{database}", "HOST": "127.0.0.1", "PORT": str(port)}
    command = [sys.executable, "-m", "app", "serve"]
    with _running(command, port, "/therapies?limit=1", settings | environment) as server:
        yield server


@contextmanager
def bare(answers: Mapping[str, Bare], folder: Path) -> Iterator[Server]:
    """The bare application, with these answers."""
    port, file = _free_port(), folder / "bare.pickle"
    file.write_bytes(pickle.dumps(dict(answers)))
    command = [sys.executable, "-m", "benchmarks.bare", str(port), str(file)]
    with _running(command, port, next(iter(answers))) as server:
        yield server


@contextmanager
def datasette(database: Path) -> Iterator[Server]:
    """Datasette on the same file, which it may take for immutable; it need not suggest facets."""
    port = _free_port()
    options = ["--setting", "suggest_facets", "off", "--setting", "facet_time_limit_ms", "10000"]
    options += ["--setting", "sql_time_limit_ms", "10000", "--setting", "default_cache_ttl", "0"]
    command = [sys.executable, "-m", "datasette", "serve", "-i", str(database), "-p", str(port), *options]
    with _running(command, port, "/-/versions.json") as server:
        yield server
