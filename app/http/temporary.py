"""Temporary folders: those that killed processes left are removed by the next process that makes one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder that is removed at the end; and all with this prefix whose process has ended without doing so.

    A process holds a lock on its folder, which the system releases however the process ends.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
    lock = None
    while lock is None:  # a process that starts at the same time may have removed it before it was locked
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        lock = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _lock(folder: Path) -> int | None:
    """The open folder, locked for this process; None where another process has it, or it is gone."""
    import fcntl  # imported here: there is none on Windows, where one worker is all there is

    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        with suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.is_dir():
                return opened
        os.close(opened)
    return None
