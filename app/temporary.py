"""Temporary folders: those that killed processes left are removed by the next process that makes one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # there is none on Windows: nothing is locked there, and what killed processes left stays
    fcntl = None  # type: ignore[assignment]  # the module, or None


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
    folder, lock = Path(tempfile.mkdtemp(prefix=prefix)), None
    while fcntl and (lock := _lock(folder)) is None:  # a process that started at the same time may have removed it
        folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """The open folder, locked for this process; None where another process has it, or it is gone."""
    if fcntl is None:
        return None
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        with suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.is_dir():
                return opened
        os.close(opened)
    return None
