"""Servers to measure: each on the one core, while the load comes from the other."""

import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.bare import Bare
from benchmarks.client import get

QUIET = {"WORKERS": "1", "LOG_LEVEL": "warning"}
"""Environment of ImmunoFacts where nothing else is said: like the bare application, it logs no requests."""
COMPOSE = Path(__file__).parents[1] / "compose.yaml"
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER_CORE, LOAD_CORE = ({CORES[0]}, {CORES[-1]}) if len(CORES) > 1 else (set(CORES), set(CORES))


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    processes: Sequence[psutil.Process]
    """Those that answer."""
    started_in: float
    """Seconds from the command to the first 200."""

    def cpu(self) -> float:
        """Seconds of processor time that it has used so far."""
        times = [process.cpu_times() for process in self.processes]
        return float(sum(each.user + each.system for each in times))

    def resident(self) -> int:
        """Bytes of memory that it holds."""
        return sum(int(process.memory_info().rss) for process in self.processes)

    def mapped(self) -> int:
        """Bytes of these that are pages of files, where the system tells: each mapping of a page counts again."""
        return sum(int(getattr(process.memory_info(), "shared", 0)) for process in self.processes)


def pin(cores: set[int]) -> None:
    """Keep this process, and those it starts from now on, on these cores, where the system can."""
    if cores:
        os.sched_setaffinity(0, cores)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


@contextmanager
def _running(
    command: list[str], port: int, first: str, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a command, wait until it answers `first`, and stop it at the end."""
    output = tempfile.TemporaryFile()  # noqa: SIM115  # closed below, where the server ends
    pin(SERVER_CORE)
    began = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | dict(environment or {}), stdout=output, stderr=output)  # noqa: S603  # commands of our own
    pin(LOAD_CORE)
    try:
        while not _answers(port, first):
            if process.poll() is not None or time.perf_counter() - began > 120:
                output.seek(0)
                raise RuntimeError(f"{command[1:4]} does not answer {first}: {output.read().decode()[-2000:]}")
            time.sleep(0.005)
        started_in = time.perf_counter() - began
        found = psutil.Process(process.pid)
        yield Server(port, [found, *found.children()], started_in)
    finally:
        process.terminate()
        process.wait(20)
        output.close()


def _answers(port: int, target: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
            connection.sendall(get(target, {"Connection": "close"}).content)
            return connection.recv(65536)[9:12] in {b"200", b"304"}
    except OSError:
        return False


@contextmanager
def immunofacts(database: Path, **environment: str) -> Iterator[Server]:
    """ImmunoFacts by its own command, with one worker, and without the log of requests where it is not asked for."""
    port = free_port()
    settings = QUIET | {"DATABASE_URL": f"sqlite:///{database}", "HOST": "127.0.0.1", "PORT": str(port)}
    command = [sys.executable, "-m", "app", "serve"]
    with _running(command, port, "/therapies?limit=1", settings | environment) as server:
        yield server


@contextmanager
def bare(answers: Mapping[str, Bare], folder: Path, *, access_log: bool = False) -> Iterator[Server]:
    """The bare application, with these answers."""
    port, file = free_port(), folder / "bare.pickle"
    file.write_bytes(pickle.dumps(dict(answers)))
    command = [sys.executable, "-m", "benchmarks.bare", str(port), str(file)]
    with _running([*command, "access-log"] if access_log else command, port, next(iter(answers))) as server:
        yield server


@contextmanager
def datasette(database: Path) -> Iterator[Server]:
    """Datasette on the same file, which it may take for immutable; it need not suggest facets."""
    port = free_port()
    options = ["--setting", "suggest_facets", "off", "--setting", "facet_time_limit_ms", "10000"]
    options += ["--setting", "sql_time_limit_ms", "10000", "--setting", "default_cache_ttl", "0"]
    command = [sys.executable, "-m", "datasette", "serve", "-i", str(database), "-p", str(port), *options]
    with _running(command, port, "/-/versions.json") as server:
        yield server


def nginx_missing() -> str | None:
    """Why nginx cannot be measured, in a sentence; None where it can."""
    if shutil.which("nginx") is None:
        return "nginx is not installed here (`apt-get install nginx`): not measured."
    if "proxy_cache " not in COMPOSE.read_text(encoding="utf-8"):
        return "The proxy of compose.yaml caches nothing: not measured."
    return None


@contextmanager
def nginx(upstream: Server, folder: Path) -> Iterator[Server]:
    """The proxy of compose.yaml before a server: with addresses and folders of this machine, and one process."""
    port = free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    replaced = {
        "$$": "$",
        "user nginx;": f"daemon off; pid {folder}/pid; {'user root;' if os.geteuid() == 0 else ''}",
        "worker_processes auto;": "worker_processes 1;",
        "resolver 127.0.0.11 valid=5s;": "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in kinds),
        "app:8000 resolve": f"127.0.0.1:{upstream.port}",
        "listen 80": f"listen 127.0.0.1:{port}",
        "/var/cache/nginx": str(folder),
        "/dev/stdout": f"{folder}/access.log",
    }
    text = textwrap.dedent(COMPOSE.read_text(encoding="utf-8").rpartition("content: |\n")[2])
    for shipped, here in replaced.items():
        if shipped not in text:
            raise RuntimeError(f"The proxy of compose.yaml has no {shipped!r} any more: see {Path(__file__).name}.")
        text = text.replace(shipped, here)
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with _running(command, port, "/therapies?limit=1") as proxy:
        yield Server(port, [*proxy.processes, *upstream.processes], proxy.started_in)


def free_memory() -> int:
    """Bytes of memory that programs can have."""
    return int(psutil.virtual_memory().available)
