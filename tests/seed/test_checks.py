"""Bad fact files: each is found, with file, record and how to fix it, and nothing is loaded."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seed.checks import CHECKS, findings_of
from seed.files import read
from seed.findings import MAX_FINDINGS
from tests.conftest import run
from tests.databases import rows
from tests.seed.base import EVIDENCE, sound, write
from tests.seed.test_outcome_checks import BROKEN as OUTCOMES
from tests.seed.test_outcome_checks import IN_TWO_FILES

THERAPY = "therapies/examplumab.json"
LABEL_B: dict[str, Any] = {
    "id": "label.b",
    "kind": "label",
    "title": "B",
    "revision": "1",
    "set_id": "00000000-0000-0000-0000-00000000000b",
    "level": "regulatory_label",
}


def in_therapy(section: str, /, **change: Any) -> Callable[[dict[str, Any]], None]:
    def apply(files: dict[str, Any]) -> None:
        content = files[THERAPY][section]
        (content[0] if isinstance(content, list) else content).update(change)

    return apply


def in_list(name: str, /, **change: Any) -> Callable[[dict[str, Any]], None]:
    return lambda files: files[name][0].update(change)


def more(name: str, /, **record: Any) -> Callable[[dict[str, Any]], None]:
    return lambda files: files[name].append(record)


def without(section: str, field: str) -> Callable[[dict[str, Any]], None]:
    def apply(files: dict[str, Any]) -> None:
        del files[THERAPY][section][0][field]

    return apply


def replaced(name: str, text: str) -> Callable[[dict[str, Any]], None]:
    return lambda files: files.update({name: text})


def rates(*printed: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return in_therapy("adverse_events", rates=list(printed))


def product(**change: Any) -> Callable[[dict[str, Any]], None]:
    return lambda files: files[THERAPY]["therapy"]["products"][0].update(change)


def sharing(*, locator: str, status: str) -> Callable[[dict[str, Any]], None]:
    """Two products of one application, read in one row."""

    def apply(files: dict[str, Any]) -> None:
        products = files[THERAPY]["therapy"]["products"]
        products[0] |= {"application": "BLA999999", "locator": "row BLA 999999, shared by Examplara and Simplara"}
        products.append(products[0] | {"brand": "Simplara", "locator": locator, "status": status})

    return apply


def of_ages(condition: str, *ages: str, lowest: float | None = None) -> Callable[[dict[str, Any]], None]:
    """The indication is for a condition below one of that name, and for some ages."""

    def apply(files: dict[str, Any]) -> None:
        files["conditions.json"][1]["name"] = condition
        files[THERAPY]["indications"][0] |= {"age_groups": list(ages), "age_min_years": lowest}

    return apply


def successor(*, ages: list[str]) -> Callable[[dict[str, Any]], None]:
    """Beside the indication, which is for adults, another of a newer label for some ages."""

    def apply(files: dict[str, Any]) -> None:
        label = files["sources/label.json"][0]
        files["sources/label.json"].append(label | {"id": "label.examplara.2024-01-02", "revision": "2024-01-02"})
        one, action = files[THERAPY]["indications"][0], files[THERAPY]["approvals"][0]
        one |= {"brands": ["Examplara"], "age_groups": ["adult"]}
        newer = {"key": "wider", "age_groups": ages, "source": "label.examplara.2024-01-02"}
        files[THERAPY]["indications"].append(one | newer)
        files[THERAPY]["approvals"].append(action | {"indication": "fda.melanoma.wider"})

    return apply


def history(*actions: tuple[str, str | None]) -> Callable[[dict[str, Any]], None]:
    found = [{"indication": "fda.melanoma", "action": action, "on": on, **EVIDENCE} for action, on in actions]
    return lambda files: files[THERAPY].update(approvals=found)


def second_therapy(**change: Any) -> Callable[[dict[str, Any]], None]:
    def apply(files: dict[str, Any]) -> None:
        other = json.loads(json.dumps(files[THERAPY]))
        other["therapy"] |= {"id": "otherumab", "name": "otherumab"}
        other["therapy"]["products"][0]["brand"] = "Otherara"
        other["cohorts"][0]["therapies"] = ["otherumab"]
        for path, value in change.items():
            part = other
            *steps, last = path.split("__")
            for step in steps:
                part = part[int(step) if step.isdigit() else step]
            part[last] = value
        files["therapies/otherumab.json"] = other

    return apply


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
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
    "duplicate id": (
        more("events.json", id="rash", name="Eruption", organ_system="cardiac"), "duplicate-id", "rash",
    ),
    "duplicate fact": (
        lambda files: files[THERAPY]["warnings"].append(files[THERAPY]["warnings"][0]), "duplicate-id", "boxed.rash",
    ),
    "name of two records": (
        more("events.json", id="eruption", name="RASH", organ_system="cardiac"), "duplicate-name", "eruption",
    ),
    "unknown event": (in_therapy("warnings", event="rush"), "unknown-reference", "boxed.rush"),
    "unknown cohort": (in_therapy("adverse_events", cohort="trial-2"), "unknown-reference", "trial-2.rash"),
    "unknown source": (in_therapy("mechanisms", source="label.other"), "unknown-reference", "PDCD1.inhibitor"),
    "unknown biomarker": (
        in_therapy("indications", biomarkers=[{"id": "her2", "state": "positive"}]),
        "unknown-reference", "melanoma",
    ),
    "unknown therapy of a cohort": (in_therapy("cohorts", therapies=["otherumab"]), "unknown-reference", "trial-1"),
    "unknown successor": (
        in_list("sources/label.json", superseded_by="label.b", standing="superseded"), "unknown-reference", "label.ex",
    ),
    "unknown subject": (in_list("statements.json", about="class:tcr-t"), "unknown-reference", "promise"),
    "cycle": (in_list("conditions.json", parents=["melanoma", "skin-cancer"]), "cycle", "melanoma"),
    "area of no parent": (in_list("conditions.json", area="allergic"), "area", "melanoma"),
    "protein that is no gene": (in_list("targets.json", xrefs=[]), "gene", "PDCD1"),
    "label without revision": (in_list("sources/label.json", revision=None), "source-in-full", "label.examplara"),
    "a person's label": (in_list("sources/label.json", authors=["Feltes TF"]), "author-kind", "label.examplara"),
    "an organisation among people": (
        in_list("sources/label.json", authors=["Genentech, Inc."], author_kind="people"),
        "author-kind", "label.examplara",
    ),
    "source that nothing cites": (
        more("sources/label.json", **LABEL_B), "unused-source", "label.b",
    ),
    "label without address": (in_list("sources/label.json", url=None), "source-in-full", "label.examplara"),
    "a copy that counts as a label": (
        in_list("sources/label.json", url="https://fda.gov.example/label"), "label-copy", "label.examplara",
    ),
    "a copy of the level of a label": (
        in_list("sources/label.json", kind="label_copy"), "label-copy", "label.examplara",
    ),
    "an older revision that counts as current": (
        lambda files: (
            in_list("sources/label.json", set_id=LABEL_B["set_id"], date="2023-01-02")(files),
            more("sources/label.json", **LABEL_B, year=2023, month=2)(files),
            in_therapy("warnings", source="label.b")(files),
        ),
        "newer-revision", "label.examplara",
    ),
    "shared brand": (second_therapy(therapy__products__0__brand="EXAMPLARA"), "shared-brand", "EXAMPLARA"),
    "approved before the licence": (history(("approved", "2019-01-01")), "date-order", "melanoma"),
    "indication without product": (product(agency="EMA"), "indication-product", "melanoma"),
    "a brand in other letters": (in_therapy("indications", brands=["EXAMPLARA"]), "indication-product", "melanoma"),
    "in force without a licence": (product(status="withdrawn"), "on-the-market", "melanoma"),
    "in force, but off the market": (product(status="discontinued"), "on-the-market", "melanoma"),
    "accelerated by a document without a date": (
        in_therapy("approvals", approval_type="accelerated"), "provisional", "melanoma",
    ),
    "accelerated by an old document alone": (
        lambda files: (
            in_therapy("approvals", approval_type="accelerated")(files),
            in_list("sources/label.json", date="2022-01-02")(files),
        ),
        "provisional", "melanoma",
    ),
    "a use beside the wider one that came after it": (successor(ages=["adult", "adolescent"]), "successor", "melanoma"),
    "a product that may be older than the first": (
        lambda files: files[THERAPY]["therapy"]["products"].append(
            {"brand": "Examplara", "agency": "EMA", "status": "authorised", **EVIDENCE}
        ),
        "first-approval", "product Examplara",
    ),
    "a later line in the text alone": (
        in_therapy("indications", text="Previously treated melanoma."), "line", "melanoma",
    ),
    "a first line in the text alone": (in_therapy("indications", text="Untreated melanoma."), "line", "melanoma"),
    "an age in the text alone": (in_therapy("indications", text="Melanoma from 12 years of age."), "age", "melanoma"),
    "a group of ages in the text alone": (in_therapy("indications", population="adults"), "age", "melanoma"),
    "a cut-off in another spelling": (
        lambda files: (
            files.update({"biomarkers.json": [{"id": "pd-l1", "name": "PD-L1"}]}),
            in_therapy("indications", biomarkers=[{"id": "pd-l1", "state": "high", "cutoff": ">= 1%"}])(files),
        ),
        "cutoff", "melanoma",
    ),
    "adults alone, from an age below theirs": (of_ages("Skin cancer", "adult", lowest=2), "age-group", "melanoma"),
    "adults of a juvenile condition": (of_ages("Juvenile cancer", "adult", "child"), "age-group", "melanoma"),
    "children of an adult-onset condition": (of_ages("Adult-onset cancer", "adult", "child"), "age-group", "melanoma"),
    "a row that is not said to be shared": (
        sharing(locator="row BLA 999999", status="authorised"), "shared-row", "product Simplara",
    ),
    "off the market by a shared row": (
        sharing(locator="row BLA 999999, shared by Examplara and Simplara", status="discontinued"),
        "shared-row", "product Simplara",
    ),
    "a kind of approval in the text alone": (
        in_therapy("indications", text="Melanoma (conditional approval)."), "approval-type", "melanoma",
    ),
    "two products of one id": (
        lambda files: files[THERAPY]["therapy"]["products"].append(
            {"brand": "Examplara", "agency": "FDA", "approved_on": "2020-01-02", "status": "authorised", **EVIDENCE}
        ),
        "shared-brand", "product Examplara",
    ),
    "a condition below one that excludes it": (
        more("conditions.json", id="uveal", name="Uveal melanoma", area="oncology", parents=["melanoma"]),
        "excluded-parent", "uveal",
    ),
    "a condition that is not below what it is a kind of": (
        more("conditions.json", id="mibc", name="Muscle-invasive bladder cancer", area="oncology"),
        "excluded-parent", "mibc",
    ),
    "no standing": (
        lambda files: (
            files[THERAPY]["therapy"].update(products=[]), files[THERAPY].update(indications=[], approvals=[]),
        ),
        "standing", "therapy",
    ),
    "unknown register": (in_therapy("therapy", identifiers=["abc:1"]), "registry", "therapy"),
    "none reported, but there": (
        in_therapy("therapy", none_reported=[{"kind": "boxed_warning", **EVIDENCE}]), "contradiction", "boxed_warning",
    ),
    "converted before it was approved": (
        history(("approved", "2021-05-06"), ("converted", "2020-05")), "history-order", "fda.melanoma",
    ),
    "an indication without a history": (history(), "no-history", "fda.melanoma"),
    "approved without a day beside a day": (
        history(("approved", "2021-05-06"), ("approved", None)), "history-order", "fda.melanoma",
    ),
    "approved twice": (
        history(("approved", "2021-05-06"), ("approved", "2021-05")), "history-order", "fda.melanoma",
    ),
    "withdrawn, but never approved": (history(("withdrawn", "2022")), "history-order", "fda.melanoma"),
    "a day of an action that no calendar has": (history(("approved", "2021-02-30")), "bad-value", "approvals[0]"),
    "how it stands, beside its history": (
        in_therapy("indications", status="active"), "unknown-field", "indications[0]",
    ),
    "a document that shows it, unknown": (
        in_therapy("indications", seen=[{"source": "label.b", "locator": "1"}]), "unknown-reference", "melanoma",
    ),
    "no rate": (in_therapy("adverse_events", rates=[]), "no-rate", "rash"),
    "n over N": (rates({"grades": "any", "patients": 201}), "n-over-N", "rash"),
    "percent that n does not give": (rates({"grades": "any", "patients": 30, "percent": 16}), "percent", "rash"),
    "percent finer than n gives": (rates({"grades": "any", "patients": 31, "percent": 15.0}), "percent", "rash"),
    "severe over any grade": (
        rates({"grades": "any", "percent": 15}, {"grades": "3-4", "percent": 16}), "severe-over-any", "rash",
    ),
    "one arm, two sizes": (
        second_therapy(cohorts__0__patients=150, adverse_events__0__rates=[{"grades": "any", "percent": 1}]),
        "arm-size", "trial-1-examplumab",
    ),
    "an arm under two cohorts": (
        lambda files: (
            more("sources/label.json", **LABEL_B)(files),
            in_therapy("cohorts", nct_id="NCT00000001")(files),
            second_therapy(cohorts__0__therapies=["examplumab"], cohorts__0__source="label.b")(files),
        ),
        "one-arm", "trial-1",
    ),
    "the same as nothing": (in_therapy("cohorts", same_as="otherumab.trial-9"), "one-arm", "trial-1-examplumab"),
    "the same with another therapy": (
        second_therapy(cohorts__0__same_as="examplumab.trial-1-examplumab"), "one-arm", "trial-1"
    ),
    "serious, but not marked": (in_therapy("adverse_events", reported_term="Serious rash"), "serious", "rash"),
    "deaths from one kind of event": (
        lambda files: (
            more("events.json", id="death", name="Death", organ_system="cardiac")(files),
            in_therapy("adverse_events", event="death", reported_term="Rash leading to death")(files),
        ),
        "fatal", "death",
    ),
    "several trials, but not pooled": (in_therapy("cohorts", label="All trials: examplumab"), "pooled", "trial-1"),
    "part of an event": (in_therapy("adverse_events", reported_term="Rash, mild"), "part", "rash"),
    "part of an event by a limit": (in_therapy("adverse_events", reported_term="Rash > 50 mm"), "part", "rash"),
    "whole as a part": (
        in_therapy("adverse_events", subset={"by": ["whole"], "text": "all"}), "bad-value", "adverse_events[0]",
    ),
    "grades 1 to 4 as all": (in_therapy("adverse_events", note="Printed as grades 1 to 4."), "low-grades", "rash"),
    "stale exception": (
        replaced("exceptions.json", '[{"code": "cycle", "file": "a", "record": "b", "reason": "c"}]'),
        "stale-exception", "cycle a b",
    ),
}  # fmt: skip


def findings(folder: Path) -> list[tuple[str, str, str]]:
    base, unread = read(folder)
    return [(finding.code, finding.file, finding.record) for finding in unread + findings_of(base, folder)]


def test_the_sound_base_is_sound(tmp_path: Path) -> None:
    assert findings(write(sound(), tmp_path)) == []


SOUND: dict[str, Callable[[dict[str, Any]], Any]] = {
    "accelerated, as a newer document shows": lambda files: (
        in_therapy("approvals", approval_type="accelerated")(files),
        in_list("sources/label.json", date="2022-06-02")(files),
    ),
    "a use for others than the one beside it": successor(ages=["child"]),
    "a biosimilar without a day": lambda files: files[THERAPY]["therapy"]["products"].append(
        {"brand": "Simplara", "agency": "EMA", "status": "authorised", "biosimilar": True, **EVIDENCE}
    ),
    "a text of both lines": in_therapy("indications", text="Untreated or relapsed melanoma."),
    "a line that is a field": in_therapy("indications", text="Untreated melanoma.", line="first"),
    "adults and children, from an age below that of adults": of_ages("Skin cancer", "adult", "child", lowest=2),
    "children of a juvenile condition": of_ages("Juvenile cancer", "adolescent", "child", lowest=2),
    "adults of an adult-onset condition": of_ages("Adult-onset cancer", "adult"),
    "a row that is said to be shared": sharing(
        locator="row BLA 999999, shared by Examplara and Simplara", status="authorised"
    ),
    "the age of somebody else": in_therapy("indications", text="Infants of mothers with melanoma."),
}


@pytest.mark.parametrize("changed", SOUND.values(), ids=SOUND.keys())
def test_what_looks_like_a_fault_and_is_none_is_not_found(
    tmp_path: Path, changed: Callable[[dict[str, Any]], Any]
) -> None:
    files = sound()
    changed(files)
    assert findings(write(files, tmp_path / "facts")) == []


@pytest.mark.parametrize(("broken", "code", "record"), BROKEN.values(), ids=BROKEN.keys())
def test_each_fault_yields_its_code_and_names_its_record(
    tmp_path: Path, broken: Callable[[dict[str, Any]], None], code: str, record: str
) -> None:
    files = sound()
    broken(files)
    (tmp_path / "facts").mkdir()
    for name, content in files.items():
        path = tmp_path / "facts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    found = findings(tmp_path / "facts")
    first = found[0]
    assert first[0] == code, found
    assert record in first[2] or record in first[1], found


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
def test_the_report_on_millions_of_bad_records_is_cut_and_ends(tmp_path: Path, record: str) -> None:
    folder = write(sound() | {"events.json": f"[{','.join([record] * 1_000_000)}]"}, tmp_path)
    began = time.monotonic()
    _, found = read(folder)
    assert time.monotonic() - began < 30
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1].code == "too-many-findings"


def test_the_report_on_many_doubtful_records_is_cut(tmp_path: Path) -> None:
    files = sound()
    files["events.json"] *= 3 * MAX_FINDINGS
    base, unread = read(write(files, tmp_path))
    assert unread == []
    found = findings_of(base, tmp_path)
    assert len(found) == MAX_FINDINGS + 1
    assert {finding.code for finding in found} == {"duplicate-id", "too-many-findings"}


def test_a_finding_is_short_and_can_be_printed(tmp_path: Path) -> None:
    folder = write(sound() | {"events.json": json.dumps([{"id": "\x1b" + "x" * 100_000}])}, tmp_path)
    for finding in read(folder)[1]:
        assert len(str(finding)) < 1000
        assert str(finding).isprintable()


def test_every_check_has_a_fault_that_it_finds() -> None:
    faults = {code for _, code, _ in BROKEN.values()} | {code for _, code in OUTCOMES.values()}
    faults |= {code for _, _, code in IN_TWO_FILES.values()}
    assert {check.code for check in CHECKS} <= faults


def test_all_findings_are_shown_at_once_and_nothing_is_loaded(empty: str, tmp_path: Path) -> None:
    assert run("app", "migrate", database=empty).returncode == 0
    files = sound()
    for broken in ("unknown event", "n over N", "cycle"):
        BROKEN[broken][0](files)
    folder = write(files, tmp_path / "facts")
    done = run("seed", "load", "--facts", str(folder), database=empty)
    assert done.returncode == 1
    for code in ("unknown-reference", "n-over-N", "cycle"):
        assert f"[{code}]" in done.stderr
    assert done.stderr.count("Fix:") >= 3
    assert rows(empty, "SELECT count(*) FROM release") == [(0,)]


def test_an_exception_with_a_reason_excuses_one_finding(tmp_path: Path) -> None:
    files = sound()
    BROKEN["percent that n does not give"][0](files)
    record = "adverse_events trial-1-examplumab.rash"
    entry = {"code": "percent", "file": THERAPY, "record": record, "reason": "The label prints it so."}
    files["exceptions.json"] = [entry]
    assert findings(write(files, tmp_path / "excused")) == []
    files["exceptions.json"] = [entry | {"reason": ""}]
    assert [code for code, *_ in findings(write(files, tmp_path / "unreasoned"))] == ["percent"]
