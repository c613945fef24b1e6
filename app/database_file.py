"""An SQLite file as the file system sees it: whether it is there, which one it is, and how long.

It is never opened here: a process that closes a file loses the locks that it holds on it through other handles (POSIX),
and SQLite, which needs them, cannot tell.
"""

from contextlib import suppress
from pathlib import Path

Seen = tuple[int, ...]
"""What tells a file from another (device, number) and from itself before (bytes, time); empty where there is none."""


def seen(path: Path) -> Seen:
    """What a file is at this moment."""
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
    return ()


def log(path: Path) -> Seen:
    """What the write-ahead log beside a file is at this moment."""
    return seen(Path(f"{path}-wal"))
