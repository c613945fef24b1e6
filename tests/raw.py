"""HTTP as bytes: what no client library would send, and what becomes of each connection."""

import contextlib
import itertools
import socket
import threading
from collections import Counter
from urllib.parse import urlsplit


def connect(url: str, seconds: float = 20) -> socket.socket:
    """A connection to the server of an address."""
    where = urlsplit(url)
    return socket.create_connection((where.hostname, where.port), timeout=seconds)


def read(connection: socket.socket, most: int = 1_000_000_000) -> bytes:
    """Everything that the server sends until it closes."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while len(found) < most and (part := connection.recv(65_536)):
            found += part
    return found


def exchange(url: str, request: bytes, seconds: float = 20) -> bytes:
    """What the server answers to these bytes until it closes."""
    with connect(url, seconds) as connection:
        with contextlib.suppress(ConnectionError):  # the server may refuse before everything is sent
            connection.sendall(request)
        return read(connection)


def status(answer: bytes) -> int:
    """The status of an answer; 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


class KeepAliveClient(threading.Thread):
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
