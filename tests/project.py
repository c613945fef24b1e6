"""A copy of the project, with the small fact base in it, for tests that change the code."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.seed.base import sound, write
from tests.servers import free_port, waiting

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", ".cache", "*.db*", "facts", "tests", "benchmarks", "clients", "node_modules", "dist"
)
"""What is compiled stays: Python would take longer to compile a copy than to run it."""


class Copy:
    """A copy of the project, and a database of its own."""

    def __init__(self, folder: Path, database: str | None = None, origin: Path = ROOT) -> None:
        """Copy the project, or a copy of it; its commands use a database of its own, or the one that is given."""
        ignore = LEFT_OUT if origin == ROOT else None
        self.folder = Path(shutil.copytree(origin, folder / "copy", ignore=ignore))
        self.database = database or f"sqlite:///{folder / 'copy.db'}"
        if origin == ROOT:
            self.write_facts(sound())

    def write_facts(self, files: dict[str, Any]) -> None:
        """Write the fact base of the copy."""
        write(files, self.folder / "seed" / "facts")

    def insert(self, file: str, line: str, text: str) -> None:
        """Insert a text into a file, after the only line that is exactly this."""
        path = self.folder / file
        lines = path.read_text(encoding="utf-8").split("\n")
        assert lines.count(line) == 1, f"{file} has the line {line!r} {lines.count(line)} times."
        place = lines.index(line) + 1
        path.write_text("\n".join([*lines[:place], text.rstrip("\n"), *lines[place:]]), encoding="utf-8")

    def replace(self, file: str, line: str, instead: str) -> None:
        """Put other lines in the place of the only line of a file that is exactly this."""
        self.insert(file, line, instead)
        path = self.folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(f"{line}\n", "", 1), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands that run in the copy: their code is that of the copy."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return os.environ | {"PATH": path, "PYTHONPATH": str(self.folder), "DATABASE_URL": self.database}

    def run(self, *command: str, fails: bool = False, **environment: str) -> str:
        """Run a command in the copy; answer what it writes, errors too."""
        env = self.environment | environment
        done = subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert (done.returncode != 0) is fails, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address of a server that runs the code of the copy."""
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", str(port)], cwd=self.folder, env=self.environment
        )
        try:
            yield waiting(process, port)
        finally:
            process.terminate()
            process.wait(10)
