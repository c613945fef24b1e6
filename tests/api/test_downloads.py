"""Which files of releases are removed to make room, and when."""

import os
import time
from pathlib import Path

from app.api.downloads import MAX_RELEASES, OPENING_SECONDS, _used_until, evict
from app.api.subprocesses import WRITE_SECONDS
from app.release.export import CHECKSUMS


def folder_of(parent: Path, letter: str, seconds: float, *, complete: bool) -> Path:
    """A folder of files that were sent, or begun to be written, some seconds ago."""
    folder = parent / (letter * 16)
    folder.mkdir()
    ago = time.time() - seconds
    if complete:
        (folder / CHECKSUMS).touch()
        os.utime(folder / CHECKSUMS, (ago, ago))
    os.utime(folder, (ago, ago))
    return folder


def test_files_that_are_being_written_or_read_stay(tmp_path: Path) -> None:
    new = folder_of(tmp_path, "a", 0, complete=True)
    read = folder_of(tmp_path, "b", OPENING_SECONDS / 2, complete=True)
    being_written = folder_of(tmp_path, "c", WRITE_SECONDS / 2, complete=False)
    sent_long_ago = folder_of(tmp_path, "d", OPENING_SECONDS * 2, complete=True)
    never_finished = folder_of(tmp_path, "e", WRITE_SECONDS * 2, complete=False)
    evict(new, tmp_path.iterdir(), MAX_RELEASES, _used_until)
    assert all(folder.exists() for folder in (new, read, being_written))
    assert not any(folder.exists() for folder in (sent_long_ago, never_finished))
