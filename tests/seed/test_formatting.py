"""`seed fmt`: it prints facts canonically, and never loses any."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seed.files import FACTS, read
from seed.formatting import format_all, printed
from tests.conftest import ROOT, run
from tests.seed.base import sound, write

THERAPY = "therapies/examplumab.json"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_fact_files_are_canonical() -> None:
    changed, findings = format_all(FACTS, write=False)
    assert findings == []
    assert changed == [], "Run `python -m seed fmt`."


def test_formatting_twice_changes_nothing(tmp_path: Path) -> None:
    folder = write(sound(), tmp_path)
    before = read(folder)[0]
    assert format_all(folder)[0] == sorted(sound())
    assert format_all(folder) == ([], [])
    after = read(folder)[0]
    assert (after.lists, after.count()) == (before.lists, before.count())
    assert after.therapies == before.therapies


@pytest.mark.parametrize(
    "added",
    [
        {"notes.txt": "Do not lose me."},
        {"outcomes.json": "[]"},
        {"therapies/drafts/other.json": "{}"},
        {"source/label.json": "[]"},
        {"therapies/examplumab.json.orig": "{}"},
    ],
    ids=lambda added: next(iter(added)),
)
def test_files_that_it_does_not_know_stay_and_are_findings(tmp_path: Path, added: dict[str, str]) -> None:
    folder = write(sound() | added, tmp_path)
    before = contents(folder)
    done = run("seed", "fmt", "--facts", str(folder))
    assert done.returncode == 1
    assert "[unknown-file]" in done.stderr
    assert contents(folder) == before


def merged(files: dict[str, Any]) -> dict[str, Any]:
    """The therapy's file as a merge leaves it: both sides' adverse events, one behind the other."""
    text = json.dumps(files[THERAPY])
    return files | {THERAPY: text[:-1] + f', "adverse_events": {json.dumps(files[THERAPY]["adverse_events"])}}}'}


def same_therapy_twice(files: dict[str, Any]) -> dict[str, Any]:
    return files | {"therapies/other.json": files[THERAPY]}


@pytest.mark.parametrize(
    ("broken", "code"), [(merged, "duplicate-key"), (same_therapy_twice, "duplicate-id")], ids=["merged", "twice"]
)
def test_where_facts_would_be_lost_nothing_is_written(tmp_path: Path, broken: Any, code: str) -> None:
    folder = write(broken(sound()), tmp_path)
    before = contents(folder)
    done = run("seed", "fmt", "--facts", str(folder))
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert contents(folder) == before


def test_fewer_records_than_were_read_are_never_written(tmp_path: Path) -> None:
    facts = read(write(sound(), tmp_path))[0]
    facts.therapies[0].sections["doses"] = facts.therapies[0].sections.pop("warnings")
    findings = printed(facts)[1]
    assert [finding.code for finding in findings] == ["lost-records"]


def test_sources_move_into_the_file_of_their_kind(tmp_path: Path) -> None:
    files = sound()
    files["sources/other.json"] = files.pop("sources/label.json")
    folder = write(files, tmp_path)
    changed, findings = format_all(folder)
    assert findings == []
    assert {"sources/other.json", "sources/label.json"} <= set(changed)
    assert not (folder / "sources" / "other.json").exists()
    assert len(read(folder)[0].records("sources")) == 1


def test_a_list_without_records_keeps_its_file(tmp_path: Path) -> None:
    folder = write(sound() | {"statements.json": []}, tmp_path)
    format_all(folder)
    assert (folder / "statements.json").read_text() == "[]\n"


def test_a_full_disk_loses_no_fact(tmp_path: Path) -> None:
    folder = write(sound(), tmp_path / "facts")
    facts = read(folder)[0]
    done = subprocess.run(
        [sys.executable, "-m", "seed", "fmt", "--facts", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY)),
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert read(folder) == (facts, [])
    assert [path.name for path in folder.rglob(".*")] == []
