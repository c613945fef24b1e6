"""The files of releases that are downloaded: written by a process of their own, and kept while they are requested."""

import atexit
import shutil
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from app.api.errors import Problem, ProblemType
from app.api.shared_tasks import SharedTasks
from app.api.subprocesses import WRITE_SECONDS, run_module
from app.config import Settings
from app.release.export import CHECKSUMS, file_name
from app.temporary import temporary_folder


class Download(NamedTuple):
    """A file of a release: its media type, and what it is."""

    media_type: str
    text: str


DOWNLOADS = {
    "sqlite": Download(
        "application/vnd.sqlite3", "a file that can be queried, or served by `DATABASE_URL=sqlite:///file`."
    ),
    "jsonl": Download("application/x-ndjson", "a line that tells of the release, then a line a record."),
    "analysis": Download(
        "application/vnd.sqlite3", "an SQLite file of tables with single keys, for SQL and Datasette."
    ),
    "datapackage": Download("application/zip", "a Data Package (zip): tables as CSV and Parquet, with schemas."),
    "sssom": Download("text/tab-separated-values", "the mappings of events to NCIt, OAE, HPO and others (SSSOM)."),
    "kgx": Download(
        "application/gzip", "a knowledge graph in the words of the Biolink Model (KGX, tar.gz of nodes and edges)."
    ),
    "sha256": Download("text/plain", "the checksums of all, as `sha256sum -c` takes them."),
}
"""By format, the files of a release."""
MAX_RELEASES = 2
"""Most releases whose files a worker keeps."""
OPENING_SECONDS = 60
"""How long files stay after they were last requested: a file that is open can be read to its end in any case."""
_writing = SharedTasks[Path, None](keep_results=False)
"""By folder: several clients wait for one and the same process."""


async def release_file(settings: Settings, version: str, digest: str, format_: str) -> tuple[Path, str]:
    """The file of a release in a format, and its ETag, which is the same in every replica.

    Raises `Problem` where it could not be written.
    """
    name = file_name(version, format_)
    folder = folder_of_files(settings.downloads) / digest[:16]
    if not ((folder / CHECKSUMS).exists() and (folder / name).exists()):  # an older version may have left fewer
        await _writing.result(folder, partial(_write, settings, version, folder))
        evict(folder, folder.parent.glob("[0-9a-f]" * 16), MAX_RELEASES)
    (folder / CHECKSUMS).touch()  # the least recently sent are removed first
    return folder / name, f'W/"{digest[:24]}-{format_}"'


async def _write(settings: Settings, version: str, folder: Path) -> None:
    """Write the files of a release. Raises `Problem` where they cannot be written."""
    arguments = "app", "release", "export", version, "--to", str(folder)
    if not await run_module(*arguments, DATABASE_URL=settings.database_url):
        raise Problem(ProblemType.NOT_READY, "The files of this release could not be written.")


def evict(kept: Path, others: Iterable[Path], most: int) -> None:
    """Remove what was used longest ago of more than `most` files or folders, but nothing that may be in use still."""
    with suppress(OSError):
        by_age = sorted((_used_until(other), other) for other in others if other != kept)
        for until, other in by_age[: max(0, len(by_age) + 1 - most)]:
            if time.time() > until:
                shutil.rmtree(other, ignore_errors=True) if other.is_dir() else other.unlink(missing_ok=True)


def _used_until(path: Path) -> float:
    """Until when it may be needed: a folder without checksums, which come last, is still being written."""
    with suppress(OSError):
        return (path / CHECKSUMS).stat().st_mtime + OPENING_SECONDS
    with suppress(OSError):
        return path.stat().st_mtime + (WRITE_SECONDS if path.is_dir() else OPENING_SECONDS)
    return 0.0


@cache
def folder_of_files(setting: str) -> Path:
    """The folder for the files of releases. Raises `Problem` where it cannot be made.

    A temporary one is removed at the end of the process; if that is killed, by the next.
    """
    if setting != "temporary":
        return Path(setting)
    temporary = ExitStack()
    try:
        folder = temporary.enter_context(temporary_folder("immunofacts-downloads-"))
    except OSError as error:
        raise Problem(ProblemType.NOT_READY, "There is no folder in which files can be written.") from error
    atexit.register(temporary.close)
    return folder
