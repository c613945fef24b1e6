"""The file of mappings: read, printed canonically, and told what is wrong with it."""

from pathlib import Path

import pytest

from seed.files import read
from seed.formatting import format_all
from seed.mappings import FILE
from tests.seed.base import sound, write

HEAD = "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tconfidence\n"
ROW = "immunofacts.event:rash\tskos:exactMatch\tHP:0000988\tSkin rash\tsemapv:LexicalMatching\t0.9\n"


def folder_with(tmp_path: Path, rows: str) -> Path:
    return write(sound() | {FILE: HEAD + rows}, tmp_path)


def test_events_have_their_mappings_and_the_file_is_printed(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ROW)
    facts, findings = read(folder)
    assert not findings
    [event] = facts.records("events")
    assert (event.curie, event.curie_match) == ("HP:0000988", "exact")
    assert FILE in format_all(folder)[0]
    assert format_all(folder) == ([], [])
    assert read(folder)[0].records("events") == facts.records("events")
    text = (folder / FILE).read_text()
    assert "immunofacts.event:rash\tRash\tskos:exactMatch\tHP:0000988" in text
    assert '"mappings"' not in (folder / "events.json").read_text()


def test_a_broader_term_is_said_to_be_broader(tmp_path: Path) -> None:
    row = ROW.replace("exactMatch", "broadMatch")
    [event] = read(folder_with(tmp_path, row))[0].records("events")
    assert (event.curie, event.curie_match) == ("HP:0000988", "broader")
    [event] = read(folder_with(tmp_path, row.replace("broad", "close")))[0].records("events")
    assert (event.curie, event.curie_match) == (None, None)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ROW.replace("event:rash", "event:hiccups"), "unknown-reference"),
        (ROW.replace("HP:0000988", "meddra:10037844"), "registry"),
        (ROW.replace("HP:0000988", "Skin rash"), "malformed"),
        (ROW.replace("skos:exactMatch", "the same"), "unknown-value"),
        (ROW.replace("semapv:LexicalMatching", ""), "missing-field"),
        (ROW.replace("0.9", "2"), "out-of-range"),
        (ROW.replace("0.9", "sure"), "bad-value"),
        (ROW + ROW, "duplicate-id"),
    ],
)
def test_what_is_wrong_is_a_finding(tmp_path: Path, row: str, code: str) -> None:
    findings = read(folder_with(tmp_path, row))[1]
    assert [finding.code for finding in findings] == [code]
    assert {finding.file for finding in findings} == {FILE}


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ROW)
    (folder / FILE).write_bytes(b"\xff\xfe")
    assert [finding.code for finding in read(folder)[1]] == ["unreadable-file"]
