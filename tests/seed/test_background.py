"""Work in the background: it is done in another process, and here where that one ends without a value."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seed.background import in_background
from tests.seed.base import sound, write

pytestmark = [
    pytest.mark.only_on_sqlite("No database is read."),
    pytest.mark.skipif(sys.platform != "linux" or os.cpu_count() == 1, reason="all is done in this process"),
]


def test_a_value_comes_from_another_process_which_reads_what_is_in_memory_here() -> None:
    words = ["melanoma"] * 100_000
    waits = [in_background(lambda number=number: (os.getpid(), words[number:])) for number in (0, 1)]
    (first, everything), (second, rest) = (wait() for wait in waits)
    assert len({os.getpid(), first, second}) == 3
    assert (len(everything), len(rest)) == (100_000, 99_999)


def test_a_failure_is_raised_where_the_value_is_waited_for(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise KeyError(os.getpid())

    wait = in_background(fail)
    with pytest.raises(KeyError, match=str(os.getpid())):
        wait()
    assert not capfd.readouterr().err


def test_what_a_killed_process_was_to_do_is_done_here() -> None:
    own = os.getpid()

    def work() -> int:
        if os.getpid() != own:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    assert in_background(work)() == own


def test_nothing_that_is_open_here_is_held_open_there() -> None:
    reading, writing = os.pipe()
    wait = in_background(lambda: [path.name for path in Path("/proc/self/fd").iterdir()])
    os.close(writing)
    assert os.read(reading, 1) == b""  # the end of a pipe of which nobody else holds the other side
    os.close(reading)
    assert len(wait()) <= 5


def test_a_load_has_no_thread_when_it_forks(tmp_path: Path) -> None:
    say = "os.register_at_fork(before=lambda: print('threads:', threading.active_count()))"
    code = f"import os, threading\nfrom seed.__main__ import main\n{say}\nmain()"
    command = [sys.executable, "-c", code, "load", "--migrate", "--facts", str(write(sound(), tmp_path / "facts"))]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/facts.db"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    *forks, said = done.stdout.splitlines()
    assert forks == ["threads: 1"] * len(forks), done.stderr
    assert len(forks) >= 3  # the checks, and the indexes in two halves
    assert "loaded" in said
