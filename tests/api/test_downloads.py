"""Which files of releases are removed to make room, and when; and those of a process that was killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

from app.api.downloads import MAX_RELEASES, OPENING_SECONDS, evict
from app.api.subprocesses import WRITE_SECONDS
from app.release.export import CHECKSUMS
from tests.processes import ROOT


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
    evict(new, tmp_path.iterdir(), MAX_RELEASES)
    assert all(folder.exists() for folder in (new, read, being_written))
    assert not any(folder.exists() for folder in (sent_long_ago, never_finished))


def test_files_of_a_killed_process_are_removed_by_the_next(tmp_path: Path) -> None:
    code = """if True:
        from app.api.downloads import folder_of_files
        (folder_of_files("temporary") / "x").touch()
        print("made", flush=True)
        input()
    """

    def start() -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "made\n"
        return process

    with start() as running, start() as killed:
        killed.kill()
        killed.wait()
        before = set(tmp_path.iterdir())
        assert len(before) == 2
        with start() as following:
            after = set(tmp_path.iterdir())
            assert len(after) == len(after & before) + 1 == 2
            following.communicate("\n")
        assert set(tmp_path.iterdir()) == after & before
        running.communicate("\n")
    assert not list(tmp_path.iterdir())
