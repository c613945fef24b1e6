"""A server is told to stop under load: every request that it has read gets its whole answer, and it ends well.

One worker, idle connections and the like are in tests/http/test_server.py.
"""

import itertools
import signal
import socket
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import run
from tests.faults.serving import serving, wait_for
from tests.seed.base import many, write

CLIENTS = 16


class Asker(threading.Thread):
    """A client of one connection at a time, kept open as long as the server lets it, that counts what becomes of it."""

    def __init__(self, url: str, questions: "itertools.count[int]") -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._where = (urlsplit(url).hostname, urlsplit(url).port)
        self._questions = questions

    def run(self) -> None:
        """Ask until nobody listens any more."""
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
                for asked in itertools.count():
                    what = self._ask(connection)
                    if what == "unread":
                        what = "unread on a kept connection" if asked else "unread on a new connection"
                    self.counts[what] += 1
                    if what != "answered":
                        break

    def _ask(self, connection: socket.socket) -> str:
        path = f"/mechanisms?limit=100&q=examplumab+{next(self._questions)}"
        received = b""
        try:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
            while True:
                part = connection.recv(65536)
                received += part
                head, found, body = received.partition(b"\r\n\r\n")
                if found and len(body) == _length(head):
                    assert head.startswith(b"HTTP/1.1 200 "), head
                    return "answered, and closed" if b"connection: close" in head.lower() else "answered"
                if not part:
                    break
        except OSError:
            pass
        return "torn" if received else "unread"


def _length(head: bytes) -> int:
    return next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))


def test_no_request_in_flight_is_lost(loaded: str, tmp_path: Path) -> None:
    done = run("seed", "load", "--facts", str(write(many(60), tmp_path / "facts")), database=loaded)
    assert done.returncode == 0, done.stderr
    questions = itertools.count()
    with serving(loaded, tmp_path / "log", WORKERS="2", CACHE_BYTES="0") as (process, url):
        askers = [Asker(url, questions) for _ in range(CLIENTS)]
        for asker in askers:
            asker.start()
        wait_for(lambda: all(asker.counts["answered"] > 5 for asker in askers), 60)
        process.send_signal(signal.SIGTERM)
        for asker in askers:
            asker.join(60)
        assert process.wait(30) == 0
    counts: Counter[str] = sum((asker.counts for asker in askers), Counter())
    print(dict(counts))
    assert counts["torn"] == 0
    assert counts["unread on a kept connection"] == 0
    assert counts["refused"] == CLIENTS
    # A connection that the system took, and the server did not come to take over, was never read.
    assert counts["unread on a new connection"] + counts["reset while connecting"] <= CLIENTS
    assert "Traceback" not in (tmp_path / "log").read_text()
