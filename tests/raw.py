"""HTTP as bytes, for what no client library would send."""

import contextlib
import socket
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
