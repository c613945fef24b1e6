"""Fact files that cannot be read as they stand: each is found, with file, record and how to fix it."""

import json
import os
import time
from pathlib import Path

import pytest

from seed.files import read
from seed.findings import MAX_FINDINGS
from tests.conftest import run
from tests.seed.base import sound, write
from tests.seed.breaking import (
    THERAPY,
    Change,
    assert_found,
    findings,
    history,
    in_list,
    in_therapy,
    product,
    rates,
    replaced,
    without,
)

BROKEN: dict[str, tuple[Change, str, str]] = {
    "broken JSON": (replaced("events.json", "[{"), "broken-json", "events.json"),
    "not UTF-8": (replaced("events.json", "[]\udcff"), "broken-json", "events.json"),
    "not a list": (replaced("events.json", "{}"), "broken-json", "events.json"),
    "unknown field": (in_therapy("mechanisms", colour="red"), "unknown-field", "mechanisms[0]"),
    "unknown section": (lambda files: files[THERAPY].update(extra=[]), "unknown-field", "extra"),
    "missing source": (without("mechanisms", "source"), "missing-field", "mechanisms[0]"),
    "missing locator": (without("adverse_events", "locator"), "missing-field", "adverse_events[0]"),
    "empty locator": (in_therapy("mechanisms", locator=" "), "bad-value", "mechanisms[0]"),
    "a text for a number": (rates({"grades": "any", "percent": "15"}), "bad-value", "adverse_events[0]"),
    "a word for a flag": (in_therapy("adverse_events", serious="yes"), "bad-value", "adverse_events[0]"),
    "a number that is none": (
        lambda files: files.update({THERAPY: json.dumps(files[THERAPY]).replace("200", "2e999")}), "broken-json", "-",
    ),
    "a key that is there twice": (
        lambda files: files.update({THERAPY: json.dumps(files[THERAPY])[:-1] + ', "warnings": []}'}),
        "duplicate-key", THERAPY,
    ),
    "a field that is there twice": (
        replaced("events.json", '[{"id": "rash", "name": "Rash", "name": "Itch", "organ_system": "cardiac"}]'),
        "duplicate-key", "rash",
    ),
    "a file that nothing reads": (replaced("outcomes.json", "[]"), "unknown-file", "outcomes.json"),
    "a file of another ending": (replaced("therapies/other.JSON", "{}"), "unknown-file", "therapies/other.JSON"),
    "a file in a folder of its own": (replaced("therapies/new/other.json", "{}"), "unknown-file", "therapies/new"),
    "a folder that is misspelled": (replaced("source/label.json", "[]"), "unknown-file", "source"),
    "NUL in a name": (in_list("events.json", name="Ra\0sh"), "invisible-text", "rash"),
    "escape in a synonym": (in_list("events.json", synonyms=["\x1b[31mRash"]), "invisible-text", "rash"),
    "newline in a name": (in_list("events.json", name="Rash\nor itch"), "invisible-text", "rash"),
    "a text turned round": (in_therapy("mechanisms", description="\u202eBlocks."), "invisible-text", "mechanisms[0]"),
    "a name of nothing": (in_list("events.json", name="\u200b\u200b"), "invisible-text", "rash"),
    "a name of blank letters": (in_list("events.json", name="\u3164"), "invisible-text", "rash"),
    "a space that is none": (in_list("events.json", name="Skin\u00a0rash"), "invisible-text", "rash"),
    "half a character": (in_list("events.json", name="Rash\ud800"), "invisible-text", "rash"),
    "a number for a day": (in_therapy("mechanisms", curated_on=20240506), "bad-value", "mechanisms[0]"),
    "seconds for a day": (in_therapy("mechanisms", curated_on="1704067200"), "bad-value", "mechanisms[0]"),
    "seconds for the day of a product": (product(approved_on="1577923200"), "bad-value", "therapy"),
    "a number for the day of a file": (
        lambda files: files[THERAPY].update(curated_on=20240506), "bad-value", "curated_on",
    ),
    "a week for the day of a file": (
        lambda files: files[THERAPY].update(curated_on="2024-W19-1"), "bad-value", "curated_on",
    ),
    "a week for a day": (in_therapy("mechanisms", curated_on="2024-W19-1"), "bad-value", "mechanisms[0]"),
    "broken exceptions": (replaced("exceptions.json", "[{]"), "broken-json", "exceptions.json"),
    "exceptions that are no list": (replaced("exceptions.json", '{"code": "cycle"}'), "broken-json", "exceptions.json"),
    "an exception without a record": (
        replaced("exceptions.json", '[{"code": "cycle"}]'), "missing-field", "exceptions[0]",
    ),
    "an exception that is no record": (replaced("exceptions.json", "[7]"), "bad-value", "exceptions[0]"),
    "unknown value": (in_therapy("mechanisms", action="heals"), "unknown-value", "mechanisms[0]"),
    "percent over 100": (rates({"grades": "any", "percent": 101}), "out-of-range", "adverse_events[0]"),
    "negative n": (rates({"grades": "any", "patients": -1}), "out-of-range", "adverse_events[0]"),
    "future date": (history(("approved", "2999-01-01")), "bad-value", "approvals[0]"),
    "future day of curation": (lambda files: files[THERAPY].update(curated_on="2999-01-01"), "bad-value", "curated_on"),
    "malformed DOI": (in_list("sources/label.json", doi="doi:10.1/x"), "malformed", "label.examplara"),
    "malformed PMID": (in_list("sources/label.json", pmid="PMC12"), "malformed", "label.examplara"),
    "malformed NCT": (in_list("sources/label.json", nct_id="NCT12"), "malformed", "label.examplara"),
    "malformed CURIE": (in_therapy("therapy", identifiers=["unii ABC"]), "malformed", "therapy"),
    "a day of an action that no calendar has": (history(("approved", "2021-02-30")), "bad-value", "approvals[0]"),
    "how it stands, beside its history": (
        in_therapy("indications", status="active"), "unknown-field", "indications[0]",
    ),
    "whole as a part": (
        in_therapy("adverse_events", subset={"by": ["whole"], "text": "all"}), "bad-value", "adverse_events[0]",
    ),
    "stale exception": (
        replaced("exceptions.json", '[{"code": "cycle", "file": "a", "record": "b", "reason": "c"}]'),
        "stale-exception", "cycle a b",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("broken", "code", "record"), BROKEN.values(), ids=BROKEN.keys())
def test_each_fault_yields_its_code_and_names_its_record(
    tmp_path: Path, broken: Change, code: str, record: str
) -> None:
    assert_found(tmp_path, broken, code, record)


def test_links_in_a_circle_and_folders_for_files_are_said(tmp_path: Path) -> None:
    folder = write(sound(), tmp_path)
    (folder / "therapies" / "circle.json").symlink_to("circle.json")
    (folder / "therapies" / "folder.json").mkdir()
    (folder / "circle").symlink_to("circle")
    (folder / "exceptions.json").symlink_to("exceptions.json")
    found = {(code, file) for code, file, _ in findings(folder)}
    assert found == {
        ("unknown-file", "circle"),
        ("unreadable-file", "therapies/circle.json"),
        ("unreadable-file", "therapies/folder.json"),
        ("unreadable-file", "exceptions.json"),
    }
    done = run("seed", "check", "--facts", str(folder))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_name_of_a_file_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    folder = write(sound(), tmp_path)
    Path(os.fsdecode(os.fsencode(folder) + b"/therapies/\xff.json")).write_text("{}")
    done = run("seed", "check", "--facts", str(folder))
    assert done.returncode == 1
    assert "therapies/\\udcff.json: -: [unknown-file]" in done.stderr
    assert "Traceback" not in done.stderr


def test_hidden_files_that_hold_no_facts_are_passed_over(tmp_path: Path) -> None:
    folder = write(sound() | {".gitkeep": "", "therapies/.DS_Store": "\0"}, tmp_path)
    assert findings(folder) == []


@pytest.mark.parametrize("record", ["{}", '{"id": "x", "name": "X", "organ_system": "cardiac", "colour": 1}'])
def test_the_report_on_very_many_bad_records_is_cut_and_ends(tmp_path: Path, record: str) -> None:
    folder = write(sound() | {"events.json": f"[{','.join([record] * 200_000)}]"}, tmp_path)
    began = time.monotonic()
    _, found = read(folder)
    assert time.monotonic() - began < 30
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1].code == "too-many-findings"


def test_a_finding_is_short_and_can_be_printed(tmp_path: Path) -> None:
    folder = write(sound() | {"events.json": json.dumps([{"id": "\x1b" + "x" * 100_000}])}, tmp_path)
    for finding in read(folder)[1]:
        assert len(str(finding)) < 1000
        assert str(finding).isprintable()
