"""The way of one request: which functions of app/ it enters, in how many files. Run by `python -m benchmarks.calls`.

The request comes over a socket, to uvicorn as it is run here; what is counted is called in the thread of its event
loop between the first byte and the end of the answer. Comprehensions and lambdas count with the function they stand in.
"""

import asyncio
import os
import socket
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import uvicorn

from app.config import Settings
from app.http.server import options
from app.main import create_app
from benchmarks.client import get

APP = Path(__file__).parents[1] / "app"
TARGET = "/therapies?class=pd-1-inhibitor&facets=class"
MAX_FUNCTIONS, MAX_FILES = 60, 12


class Function(NamedTuple):
    """A function that was entered."""

    file: str
    """Within app/."""
    name: str


def functions_entered(database_url: str, target: str = TARGET) -> list[Function]:
    """The functions of app/ that a GET of a target enters, in the order of their first calls.

    Another URL goes ahead, so that what happens once in a process is not counted.
    """
    settings = Settings(database_url=database_url, log_level="warning", release_check_seconds=60)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config = uvicorn.Config(create_app(settings), **options(settings) | {"workers": 1, "log_config": None})
    server = uvicorn.Server(config)
    found: dict[CodeType, None] = {}
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve([listening])

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            found.setdefault(frame.f_code)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            for sent in (f"{target}&limit=19" if "?" in target else f"{target}?limit=19", target):
                if sent == target:
                    _call(loops[0], lambda: sys.setprofile(note))
                connection.sendall(get(sent).content)
                status = _status(connection)
                if status != b"200":
                    raise RuntimeError(f"{sent} was answered with {status.decode()}.")
            _call(loops[0], lambda: sys.setprofile(None))
    finally:
        server.should_exit = True
        thread.join(10)
    entered = [_function(code) for code in found]
    return list(dict.fromkeys(each for each in entered if each))


def _call(loop: asyncio.AbstractEventLoop, function: Any) -> None:
    """Call in the thread of an event loop, and wait until that is done."""
    done = threading.Event()

    def run() -> None:
        function()
        done.set()

    loop.call_soon_threadsafe(run)
    done.wait(5)


def _status(connection: socket.socket) -> bytes:
    """Read a whole answer that gives its length; return its status."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head[9:12]


def _function(code: CodeType) -> Function | None:
    """The function of some code, if it is one of app/ that has a name."""
    path = Path(code.co_filename)
    if not path.is_relative_to(APP) or code.co_name.startswith("<"):
        return None
    return Function(str(path.relative_to(APP)), code.co_qualname)


if __name__ == "__main__":
    entered = functions_entered(os.environ.get("DATABASE_URL", Settings().database_url))
    for each in entered:
        print(f"{each.file:28} {each.name}")
    print(f"{len(entered)} functions in {len({each.file for each in entered})} files: GET {TARGET}")
