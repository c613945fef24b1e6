"""A real server that a test does something to, and clients that keep it busy meanwhile."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests import processes
from tests.processes import ROOT, Forked
from tests.servers import free_port, is_live


@contextmanager
def serving(
    database: str, log: Path, prepare: Callable[[], None] | None = None, **environment: str
) -> Iterator[tuple[Forked | subprocess.Popen[bytes], str]]:
    """A server of its own: its process and its address. What it says goes to a file, and is no traceback."""
    port = free_port()
    env = os.environ | {"DATABASE_URL": database, "PORT": str(port)} | environment
    if prepare:  # what a user may do is settled when a program is executed
        with log.open("wb") as said:
            command = [sys.executable, "-m", "app", "serve"]
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=said, stderr=said, preexec_fn=prepare)
    else:
        process = processes.start("app", "serve", environment=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: is_live(port) or process.poll() is not None, 30)
        assert process.poll() is None, log.read_text()
        yield process, url
    finally:
        process.terminate()
        process.wait(30)


def wait_for(what: Callable[[], object], seconds: float) -> None:
    """Wait until something is so; a machine under load gets the time it needs, up to an end."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"It was not so within {seconds} s."
        time.sleep(0.05)


def sound_answer(answer: httpx.Response) -> str:
    """What an answer is: 200 of one release, or a problem 503 that says when to come again. Raises for any other."""
    if answer.status_code == 200:
        release = answer.headers["X-Release"]
        body = answer.json()
        assert body["release"] == release
        assert body["items"] or body["total"] == 0
        return release
    assert answer.status_code == 503, (answer.status_code, answer.text)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    problem = json.loads(answer.text)
    assert problem["status"] == 503
    assert problem["detail"].endswith(".")
    return "503"


class Busy:
    """Clients that ask without pause, each over one connection, until the end of the block."""

    def __init__(self, url: str, paths: Callable[[int, int], str], clients: int = 8) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.latest: dict[int, str] = {}
        self._url, self._paths = url, paths
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(clients)]

    def _ask(self, number: int) -> None:
        asked = 0
        with httpx.Client(base_url=self._url, timeout=30) as client:
            while not self._over.is_set():
                asked += 1
                try:
                    what = sound_answer(client.get(self._paths(number, asked)))
                except (httpx.HTTPError, AssertionError, KeyError, ValueError) as error:
                    self.faults.append(f"{self._paths(number, asked)}: {error!r}")
                    what = "fault"
                self.counts[what] += 1
                self.latest[number] = what

    def __enter__(self) -> "Busy":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)
