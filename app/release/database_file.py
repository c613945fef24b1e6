"""The file of an SQLite database: whether it is the one that was read before, and whole."""

from pathlib import Path

from sqlalchemy import Engine

from app.release.database import DAMAGED, MISSING, FileState, NotReadyError, file_state, log_size, log_state


class DatabaseFile:
    """A file, as it was found when it was looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: FileState = ()
        self._log: FileState = ()
        """Its log, as it was found beside it."""
        self._whole: FileState = ()
        """The file, as it was found whole."""

    def look(self) -> bool:
        """Look at it; answer whether it must be opened anew: it is another, or was written since it was found whole.

        Raises `NotReadyError` where there is none, or one beside which the log of another was left.
        """
        found, log, name = file_state(self._path), log_state(self._path), self._path.name
        if not found:
            raise NotReadyError(MISSING.format(name))
        if log and log[:2] == self._log[:2] and log[2] and found[:2] != self._found[:2]:
            raise NotReadyError(
                f"The file {name} was replaced, and the log of the old one is beside it: remove -wal and -shm."
            )
        self._found, self._log = found, log
        return found != self._whole

    def check_whole(self, engine: Engine) -> None:
        """Raise `NotReadyError` where it is shorter than it says itself."""
        with engine.connect() as connection:
            pages, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
            )
        found = file_state(self._path)
        if not found:  # it was there when it was opened
            raise NotReadyError(MISSING.format(self._path.name))
        # While a log is folded into it, a file may be shorter.
        if found[2] < pages * size and not log_size(self._path):
            raise NotReadyError(DAMAGED.format(self._path.name))
        self._whole = self._found
