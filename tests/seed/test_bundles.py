"""Bundles: what is published is never another, and what is not sound is refused before the database changes."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from app.release.json_lines import header, lists_in_order, record_line
from seed.bundles import Bundle, UnsoundBundleError, bundles, named, opened, publish
from seed.files import read
from seed.release_data import ReleaseData
from seed.render import render
from tests.conftest import run
from tests.databases import rows
from tests.seed.base import published_documents, sound, write

NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def seen() -> set[tuple[str, str]]:
    """The documents that were read back into forms: most stand in several bundles."""
    return set()


@pytest.mark.parametrize("bundle", bundles(), ids=lambda bundle: bundle.version)
def test_published_bundles_are_what_they_were(bundle: Bundle, seen: set[tuple[str, str]]) -> None:
    documents = published_documents(bundle)
    data = ReleaseData({}, documents)
    assert data.digest == bundle.digest
    assert list(data.counts.items()) == list(bundle.counts.items())
    new = {name: [text for text in texts if (name, text) not in seen] for name, texts in documents.items()}
    assert ReleaseData.of_documents(new).counts == {name: len(texts) for name, texts in new.items() if texts}
    seen.update((name, text) for name, texts in new.items() for text in texts)
    lines = [header(bundle.version, bundle.released_on, bundle.activated_at, data.digest, data.counts)]
    lines += [record_line(name, text) for name in lists_in_order(documents) for text in documents[name]]
    with bundle.path.open("rb") as file:
        assert zstandard.ZstdDecompressor().stream_reader(file).read() == "".join(lines).encode()


def test_what_is_published_twice_is_one_bundle(tmp_path: Path) -> None:
    data = ReleaseData.of_forms(render(read(write(sound(), tmp_path / "facts"))[0]))
    bundle, new = publish(data, NOW, tmp_path)
    assert new
    assert (bundle.version, bundle.activated_at, bundle.counts) == ("2026.03.04", NOW, data.counts)
    assert publish(data, NOW, tmp_path) == (bundle, False)
    assert named("2026.03.04", tmp_path).read().documents == data.documents


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    """The lines of a sound bundle."""
    data = ReleaseData.of_forms(render(read(write(sound(), tmp_path / "facts"))[0]))
    bundle, _ = publish(data, NOW, tmp_path)
    with bundle.path.open("rb") as file:
        text: str = zstandard.ZstdDecompressor().stream_reader(file).read().decode()
    return text.splitlines(keepends=True)


def said(**change: Any) -> Callable[[list[str]], None]:
    """Change what the first line says; a value of None takes the key away."""

    def apply(lines: list[str]) -> None:
        release = json.loads(lines[0])["release"] | change
        known = {key: value for key, value in release.items() if value is not None}
        lines[0] = json.dumps({"release": known}) + "\n"

    return apply


def counted(name: str, count: int) -> Callable[[list[str]], None]:
    def apply(lines: list[str]) -> None:
        counts = json.loads(lines[0])["release"]["counts"] | {name: count}
        said(counts=counts)(lines)

    return apply


def instead(old: str, new: str) -> Callable[[list[str]], None]:
    def apply(lines: list[str]) -> None:
        lines[:] = "".join(lines).replace(old, new).splitlines(keepends=True)

    return apply


UNSOUND: dict[str, Callable[[list[str]], None]] = {
    "no version": said(version=None),
    "a word for a version": said(version="abc"),
    "a version with a newline": said(version="2026.03.04\n"),
    "a version of no day": said(version="2026.02.30"),
    "a first version with a number": said(version="2026.03.04.1"),
    "a version of another day": said(version="2026.03.05"),
    "a version that is a path": said(version="../2026.03.04"),
    "made current before its day": said(activated_at="2026-03-03T05:06:07+00:00"),
    "made current in the future": said(activated_at="2999-01-01T00:00:00+00:00"),
    "made current at no time": said(activated_at="2026-03-04"),
    "made current in no zone": said(activated_at="2026-03-04T05:06:07"),
    "a digest that is none": said(digest="af61"),
    "another digest": said(digest="0" * 64),
    "an unknown key": said(note="x"),
    "no counts": said(counts={}),
    "an unknown list": counted("outcomes", 1),
    "an empty list": counted("events", 0),
    "a false count": counted("events", 2),
    "a count that is a text": said(counts={"events": "1"}),
    "an empty line": lambda lines: lines.insert(2, "\n"),
    "a line of no record": lambda lines: lines.insert(2, "{}\n"),
    "an end that is cut": lambda lines: lines.append(lines.pop()[:-1]),
    "a list that is unknown": instead('{"list":"events"', '{"list":"outcomes"'),
    "a record that is none": instead('"name":"Rash"', '"name":7'),
    "no header": lambda lines: lines.pop(0) and None,
    "nothing": lambda lines: lines.clear(),
}


@pytest.mark.parametrize("broken", UNSOUND.values(), ids=UNSOUND.keys())
def test_what_is_not_sound_is_refused(lines: list[str], tmp_path: Path, broken: Callable[[list[str]], None]) -> None:
    broken(lines)
    path = tmp_path / "bundle.jsonl"
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    with pytest.raises(UnsoundBundleError) as caught:
        opened(path).read()
    assert str(caught.value).startswith("bundle.jsonl ")
    assert str(caught.value).isprintable()


def test_a_field_that_came_later_has_a_default(lines: list[str], tmp_path: Path) -> None:
    instead('"name":"Rash",', "")(lines)
    path = tmp_path / "bundle.jsonl"
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    with pytest.raises(UnsoundBundleError) as caught:
        opened(path).read()
    assert str(caught.value) == (
        "bundle.jsonl is no sound release: term.name: Field required. "
        "Where that came to AdverseEvent after this release, it has a default."
    )


def test_the_sound_one_is_sound(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "bundle.jsonl"
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    assert opened(path).read().counts["events"] == 1


@pytest.mark.parametrize("broken", ["a false count", "an empty line", "a version with a newline"])
def test_a_refused_bundle_changes_nothing(loaded: str, lines: list[str], tmp_path: Path, broken: str) -> None:
    before = rows(loaded, "SELECT * FROM release"), rows(loaded, "SELECT * FROM activation")
    UNSOUND[broken](lines)
    path = tmp_path / "bundle.jsonl"
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    done = run("seed", "load", "--release", str(path), database=loaded)
    assert done.returncode == 1
    assert "bundle.jsonl " in done.stderr
    assert "Traceback" not in done.stderr
    assert (rows(loaded, "SELECT * FROM release"), rows(loaded, "SELECT * FROM activation")) == before


def test_a_bundle_is_restored_to_the_byte(loaded: str, lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "bundle.jsonl"
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    done = run("seed", "load", "--release", str(path), database=loaded)
    assert "Release 2026.03.04 loaded: " in done.stdout, done.stderr
    both = rows(loaded, "SELECT list, position, id, summary, document FROM document ORDER BY list, position, id")
    assert both[::2] == both[1::2]
    assert len(both) == 2 * (len(lines) - 1)


def test_folders_and_links_in_a_circle_are_said(tmp_path: Path) -> None:
    (tmp_path / "2026.01.01.jsonl.zst").mkdir()
    with pytest.raises(UnsoundBundleError, match="cannot be read"):
        bundles(tmp_path)
    (tmp_path / "2026.01.01.jsonl.zst").rmdir()
    (tmp_path / "2026.01.01.jsonl.zst").symlink_to("2026.01.01.jsonl.zst")
    with pytest.raises(UnsoundBundleError, match="cannot be read"):
        bundles(tmp_path)


def test_the_name_of_a_published_file_is_its_version(tmp_path: Path) -> None:
    data = ReleaseData.of_forms(render(read(write(sound(), tmp_path / "facts"))[0]))
    bundle, _ = publish(data, NOW, tmp_path)
    bundle.path.rename(tmp_path / "2026.03.05.jsonl.zst")
    with pytest.raises(UnsoundBundleError, match=r"2026.03.05"):
        bundles(tmp_path)
