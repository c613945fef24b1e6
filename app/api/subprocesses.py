"""Modules of this code in a process of their own, which takes neither time nor memory of the server."""

import os
from asyncio import create_subprocess_exec, subprocess, wait_for
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import IO

from app.config import OWN_PYTHON

WRITE_SECONDS = 300
"""How long a process may take."""


async def run_module(
    *arguments: str, lines: AsyncIterator[bytes] | None = None, output: IO[bytes] | None = None, **environment: str
) -> bool:
    """Run a module, given its name and arguments; whether it succeeded in time.

    `lines` are its standard input, and its standard output goes to the file `output`. The process is ended in any case.
    Raises what `lines` raise.
    """
    process = await create_subprocess_exec(
        *(*OWN_PYTHON, *arguments),
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=output or subprocess.DEVNULL,  # what it writes to standard error is for the operator: why it failed
    )
    try:
        await wait_for(_feed(process, lines), WRITE_SECONDS)
    except (TimeoutError, OSError):
        return False
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return process.returncode == 0


async def _feed(process: subprocess.Process, lines: AsyncIterator[bytes] | None) -> None:
    """Write lines as fast as the process reads them, and wait for its end."""
    if process.stdin is not None:
        if lines is not None:
            async for line in lines:
                process.stdin.write(line)
                await process.stdin.drain()
        process.stdin.close()
    await process.wait()
