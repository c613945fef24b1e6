"""Commands of the project in processes forked from one that has imported their code, which most of a start is for.

They are processes as any other, but that the folder, the environment and what is written are set after the imports.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parent.parent
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["app.main", "app.cli", "seed.load", "seed.checks"])


class Forked:
    """A process, with the names that `subprocess.Popen` has."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process, self.pid = process, process.pid or 0

    @property
    def returncode(self) -> int | None:
        """The status with which it ended; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The status with which it ends. Raises `TimeoutExpired` after so many seconds."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def start(
    *command: str,
    environment: dict[str, str],
    stdout: Path | None = None,
    stderr: Path | None = None,
    prepare: Callable[[], object] | None = None,
) -> Forked:
    """Start `python -m` a command in the folder of the project. What it writes goes to files, if they are given."""
    process = _context.Process(
        target=_run, args=(command, environment, stdout, stderr, prepare), name=" ".join(command), daemon=False
    )
    process.start()
    return Forked(process)


def _run(
    command: tuple[str, ...],
    environment: dict[str, str],
    stdout: Path | None,
    stderr: Path | None,
    prepare: Callable[[], object] | None,
) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for path, stream in ((stdout, sys.stdout), (stderr, sys.stderr)):
        if path:
            with path.open("ab") as file:
                os.dup2(file.fileno(), stream.fileno())
    if prepare:
        prepare()
    sys.argv = [*command]
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # a process of multiprocessing ends without


def run(*command: str, environment: dict[str, str], seconds: float = 180) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and answer what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = start(*command, environment=environment, stdout=out, stderr=err)
        try:
            code = process.wait(seconds)
        except BaseException:
            process.kill()
            raise
        said = [path.read_text(encoding="utf-8") if path.exists() else "" for path in (out, err)]
        return subprocess.CompletedProcess(command, code, *said)
