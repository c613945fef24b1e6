"""Work in a background process, while its caller goes on: most of a load is computing, which two cores halve."""

import multiprocessing
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")


def in_background(function: Callable[[], Value]) -> Callable[[], Value]:
    """Begin to call a function in a forked process, which reads what this one has in memory; return what waits for it.

    To be called while this process has one thread: of others, the forked one would have but the locks.

    It is called in this process, when it is waited for, where there is one core, where processes are not forked (all
    systems but Linux), and where that process ended without a value: what was wrong is then raised here.
    """
    if sys.platform != "linux" or os.cpu_count() == 1:
        return function
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_call, args=(function, sending), daemon=True)
    process.start()
    sending.close()

    def wait() -> Value:
        with receiving, suppress(EOFError):
            value: Value = receiving.recv()
            process.join()
            return value
        process.join()
        return function()

    return wait


def _call(function: Callable[[], object], sending: Connection) -> None:
    """Send the value of a function."""
    # Connections to the database would be held open, with their locks, when the other process is killed.
    for number in (int(path.name) for path in list(Path("/proc/self/fd").iterdir())):
        if number > 2 and number != sending.fileno():
            with suppress(OSError):  # that of the listing itself is closed already
                os.close(number)
    with suppress(Exception):
        sending.send(function())
