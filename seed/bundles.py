"""Bundles: past releases, each one compressed file of JSON Lines that a load can restore to the byte.

The first line tells of the release; every other is a record of one list, as the API answers it. It is what
`/releases/{version}/download?format=jsonl` answers.
"""

import datetime as dt
import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import zstandard

from app import releases
from app.exporting import header, read_line, record_line
from app.queries.catalogue import LISTS
from seed.contents import Contents

BUNDLES = Path(__file__).parent / "releases"
SUFFIX = ".jsonl.zst"
LEVEL = 19
"""Of compression: made once, kept for good."""


UNREADABLE = (KeyError, TypeError, ValueError, StopIteration, zstandard.ZstdError)
"""What reading a file that is no bundle ends in."""


class UnsoundBundleError(Exception):
    """A bundle is not what it says it is."""


@dataclass(frozen=True)
class Bundle:
    """What the first line of a bundle says."""

    path: Path
    version: str
    released_on: dt.date
    activated_at: dt.datetime
    digest: str
    counts: dict[str, int]

    def contents(self) -> Contents:
        """Everything in it. Raises `UnsoundBundleError` where the digest is another."""
        documents: dict[str, list[str]] = defaultdict(list)
        try:
            with _opened(self.path) as lines:
                next(lines)
                for line in lines:
                    name, document = read_line(line)
                    documents[name].append(document)
            contents = Contents.of_documents(documents)
        except UNREADABLE as error:
            raise UnsoundBundleError(f"{self.path.name} cannot be read: {error}.") from error
        if contents.digest != self.digest:
            raise UnsoundBundleError(
                f"{self.path.name} holds records of the digest {contents.digest}, not {self.digest}."
            )
        return contents


def bundles(folder: Path = BUNDLES) -> list[Bundle]:
    """All bundles of a folder, oldest first."""
    return sorted(map(opened, folder.glob(f"*{SUFFIX}")), key=lambda bundle: releases.order(bundle.version))


def named(release: str, folder: Path = BUNDLES) -> Bundle:
    """The bundle of a version, or in a file. Raises `UnsoundBundleError` where there is none."""
    path = Path(release) if Path(release).exists() else folder / f"{release}{SUFFIX}"
    if not path.exists():
        raise UnsoundBundleError(f"There is no release {release!r} in {folder}, and no such file.")
    return opened(path)


def opened(path: Path) -> Bundle:
    """Read the first line of a bundle. Raises `UnsoundBundleError` where there is none."""
    try:
        with _opened(path) as lines:
            said = orjson.loads(next(lines))["release"]
        return Bundle(
            path,
            said["version"],
            dt.date.fromisoformat(said["released_on"]),
            dt.datetime.fromisoformat(said["activated_at"]),
            said["digest"],
            said["counts"],
        )
    except UNREADABLE as error:
        raise UnsoundBundleError(f"{path.name} is no release in JSON Lines.") from error


def _opened(path: Path) -> io.TextIOWrapper:
    file: Any = path.open("rb")
    if path.suffix == ".zst":
        file = zstandard.ZstdDecompressor().stream_reader(file, closefd=True)
    return io.TextIOWrapper(file, encoding="utf-8", newline="\n")


def publish(contents: Contents, now: dt.datetime, folder: Path = BUNDLES) -> tuple[Bundle, bool]:
    """Keep contents as a bundle under the next version of today; where there is one of them already, answer that."""
    known = bundles(folder)
    for bundle in known:
        if bundle.digest == contents.digest:
            return bundle, False
    version = releases.next_version({bundle.version for bundle in known}, now.date())
    path = folder / f"{version}{SUFFIX}"
    lines = [header(version, now.date(), now, contents.digest, contents.counts)]
    lines += [record_line(spec.name, text) for spec in LISTS for text in contents.documents[spec.name]]
    packed = zstandard.ZstdCompressor(LEVEL, threads=-1).compress("".join(lines).encode())
    folder.mkdir(exist_ok=True)
    path.write_bytes(packed)
    return opened(path), True
