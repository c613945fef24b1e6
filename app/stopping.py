"""Stopping without a loss: a process that is told to stop listens no more, sends its clients away, and then closes.

A connection that is kept open may be closed by the server at the very moment at which its client sends the next
request, which is then lost. So every answer of a last second closes its connection; whoever has more to ask comes
again, to another replica.
"""

import asyncio
import signal
import sys
import threading
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.protocol import PatientProtocol

LAST_SECONDS = 1.0


class _Supervisor(Multiprocess):
    def terminate_all(self) -> None:
        """Listen no more before the workers do: what nobody would take over is refused at once."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


def run(config: uvicorn.Config) -> None:
    """Serve until told to stop; to have stopped then is no failure."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if config.workers > 1:
        _Supervisor(config, sockets=[config.bind_socket()]).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def stop_gently() -> None:
    """Put off the end of the server that runs this. To be called by its lifespan, in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if not isinstance(server, uvicorn.Server):
        return
    loop = asyncio.get_running_loop()

    def begin() -> None:
        PatientProtocol.says_goodbye = True
        for listening in getattr(server, "servers", ()):  # there are none before it has begun
            listening.close()

    def on_signal(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(begin)
        loop.call_soon_threadsafe(loop.call_later, LAST_SECONDS, server.handle_exit, number, frame)

    signal.signal(signal.SIGTERM, on_signal)
