"""An SQLite file as the file system sees it: which one it is, whether it is there, and whether all of it is."""

from contextlib import suppress
from pathlib import Path

Seen = tuple[int, ...]
"""What tells a file from another, and from itself before it was changed; empty where there is none."""


def seen(path: Path) -> Seen:
    """What a file is at this moment: its device, number, size and time of change."""
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
    return ()


def log_size(path: Path) -> int:
    """Bytes of the write-ahead log beside a file."""
    with suppress(OSError):
        return Path(f"{path}-wal").stat().st_size
    return 0


def fault(path: Path) -> str | None:
    """What is wrong with a file, as far as its first bytes tell."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError:
        return "is missing, or cannot be opened. Put it back." if not path.exists() else "cannot be opened."
    if not head.startswith(b"SQLite format 3\0"):
        return "is empty." if not head else "is not a database. Put a good one in its place."
    page = int.from_bytes(head[16:18], "big")
    whole = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    # While a log is folded into it, a file may be shorter than it says.
    if path.stat().st_size < whole and not log_size(path):
        return "is cut short. Put a good one in its place."
    return None
