"""The server of the soak, which is killed and restarted, and its clients."""

import hashlib
import http.client
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks import servers
from benchmarks.soak.cases import Case

Key = tuple[int, str]
"""Status, and SHA-256 of the body."""


class Answer(NamedTuple):
    """What came back, whole."""

    status: int
    release: str | None
    body: bytes

    @property
    def key(self) -> Key:
        """What answers are compared by."""
        return self.status, hashlib.sha256(self.body).hexdigest()


class Client:
    """A keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def send(self, case: Case, release: str | None = None) -> Answer:
        """Send a request once, pinned to a release if one is given. Raises `OSError` or `HTTPException`."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            self._connection.request(case.method, case.pinned(release), case.body, dict(case.headers))
            found = self._connection.getresponse()
            answer = Answer(found.status, found.getheader("X-Release"), found.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if found.will_close:
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Service:
    """The server with two workers, which is killed and restarted."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.port = servers.free_port()
        self.url = database_url
        self.log = folder / "server.log"
        self._environment = os.environ | {
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "WORKERS": "2",
            "LOG_LEVEL": "warning",
            "TMPDIR": str(folder),  # a worker that is killed leaves its temporary files
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.exits: list[int] = []
        """Statuses with which it ended when it was told to."""

    def start(self) -> None:
        """Start, and wait until it is ready."""
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "app", "serve"]
            self._process = subprocess.Popen(command, env=self._environment, stdout=output, stderr=output)  # noqa: S603  # our own command
        end = time.monotonic() + 60
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The server does not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        client = Client(self.port)
        try:
            return client.send(Case("", "/ready")).status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()

    def stop(self) -> None:
        """Stop by SIGTERM, and wait until it has ended."""
        if self._process is not None:
            self._process.terminate()
            self.exits.append(self._process.wait(60))
            self._process = None

    def kill_worker(self, chance: random.Random) -> bool:
        """Kill a worker; say whether there was one."""
        children = psutil.Process(self._process.pid).children() if self._process else []
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        if workers:
            chance.choice(workers).kill()
        return bool(workers)

    def faults(self) -> list[str]:
        """The lines of its log that tell of faults and tracebacks."""
        lines = self.log.read_text(errors="replace").splitlines()
        found = [line for line in lines if '"event":"fault"' in line or "Traceback" in line]
        return [line[-2000:] for line in found if "is being removed" not in line]  # an export that was cut short
