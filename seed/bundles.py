"""Bundles: past releases, each one compressed file of JSON Lines that a load can restore to the byte.

The first line tells of the release; every other is a record of one list, as the API answers it. It is what
`/releases/{version}/download?format=jsonl` answers.
"""

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import zstandard
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.nouns.registry import nouns
from app.release import releases
from app.release.json_lines import header, lists_in_order, read_line, record_line
from seed.findings import printable
from seed.release_data import ReleaseData

BUNDLES = Path(__file__).parent / "releases"
SUFFIX = ".jsonl.zst"
LEVEL = 19
"""Of compression: made once, kept for good."""


class UnsoundBundleError(Exception):
    """A bundle is not what it says it is."""

    def __str__(self) -> str:
        return printable(super().__str__())


def _known(counts: dict[str, int]) -> dict[str, int]:
    unknown = sorted(counts.keys() - {noun.name for noun in nouns()})
    if unknown:
        raise ValueError(f"there is no list {unknown[0][:40]!r}")
    return counts


class _Header(BaseModel):
    """What the first line of a bundle says of the release."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: str
    released_on: dt.date
    activated_at: AwareDatetime
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    counts: Annotated[dict[str, Annotated[int, Field(ge=1)]], Field(min_length=1), AfterValidator(_known)]


class _FirstLine(BaseModel):
    """The first line of a bundle."""

    model_config = ConfigDict(extra="forbid", strict=True)

    release: _Header


class Bundle(_Header):
    """A bundle, of which the first line was read."""

    path: Path

    def read(self) -> ReleaseData:
        """Everything in it. Raises `UnsoundBundleError` where that is not what the first line says."""
        documents: dict[str, list[str]] = defaultdict(list)
        with _lines(self.path) as lines:
            next(lines)
            for line in lines:
                name, document = read_line(line)
                documents[name].append(document)
            data = ReleaseData.of_documents(documents)
        if data.digest != self.digest:
            raise UnsoundBundleError(f"{self.path.name} holds records of the digest {data.digest}, not {self.digest}.")
        if data.counts != self.counts:
            raise UnsoundBundleError(f"{self.path.name} says other counts than its records have.")
        return data


def bundles(folder: Path = BUNDLES) -> list[Bundle]:
    """All bundles of a folder, oldest first. Raises `UnsoundBundleError`."""
    found = [_of_folder(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return sorted(found, key=lambda bundle: releases.order(bundle.version))


def named(release: str, folder: Path = BUNDLES) -> Bundle:
    """The bundle of a version, or in a file. Raises `UnsoundBundleError` where there is none."""
    if Path(release).exists():
        return opened(Path(release))
    path = folder / f"{release}{SUFFIX}"
    if not path.exists():
        raise UnsoundBundleError(f"There is no release {release!r} in {folder}, and no such file.")
    return _of_folder(path)


def _of_folder(path: Path) -> Bundle:
    bundle = opened(path)
    if path.name != f"{bundle.version}{SUFFIX}":
        raise UnsoundBundleError(f"{path.name} says that it is release {bundle.version}: the name and it do not agree.")
    return bundle


def opened(path: Path) -> Bundle:
    """Read the first line of a bundle. Raises `UnsoundBundleError` where it is not sound."""
    with _lines(path) as lines:
        said = _FirstLine.model_validate_json(next(lines, "")).release
        if releases.day_of(said.version) != said.released_on:
            raise ValueError(f"version {said.version} was released on {said.released_on}")
        if not said.released_on <= said.activated_at.date() or said.activated_at > dt.datetime.now(dt.UTC):
            raise ValueError(f"version {said.version} was made current at {said.activated_at}")
    return Bundle(path=path, **vars(said))


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a bundle; whatever goes wrong while they are read is raised as `UnsoundBundleError`."""
    try:
        with path.open("rb") as raw:
            file: Any = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == ".zst" else raw
            with io.TextIOWrapper(file, encoding="utf-8", newline="\n") as lines:
                yield lines
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"])
        said = f"{path.name} is no sound release: {f'{where}: ' * bool(where)}{first['msg']}."
        if first["type"] == "missing" and error.title != _FirstLine.__name__:
            said += f" Where that came to {error.title} after this release, it has a default."
        raise UnsoundBundleError(said) from error
    except OSError as error:
        raise UnsoundBundleError(f"{path.name} cannot be read: {error.strerror}.") from error
    except (ValueError, zstandard.ZstdError, StopIteration) as error:
        raise UnsoundBundleError(f"{path.name} is no sound release: {error}.") from error


def publish(data: ReleaseData, now: dt.datetime, folder: Path = BUNDLES) -> tuple[Bundle, bool]:
    """Keep data as a bundle under the next version of today; where there is one of them already, answer that."""
    known = bundles(folder)
    for bundle in known:
        if bundle.digest == data.digest:
            return bundle, False
    version = releases.next_version({bundle.version for bundle in known}, now.date())
    path = folder / f"{version}{SUFFIX}"
    lines = [header(version, now.date(), now, data.digest, data.counts)]
    lines += [record_line(name, text) for name in lists_in_order(data.documents) for text in data.documents[name]]
    packed = zstandard.ZstdCompressor(LEVEL, threads=-1).compress("".join(lines).encode())
    folder.mkdir(exist_ok=True)
    path.write_bytes(packed)
    return opened(path), True
