"""Facts that cannot be true: each is found, with file, record and how to fix it, and nothing is loaded."""

from pathlib import Path
from typing import Any

import pytest

from seed.checks import CHECKS, findings_of
from seed.files import read
from seed.findings import MAX_FINDINGS
from tests.conftest import run
from tests.databases import rows
from tests.seed.base import EVIDENCE, sound, write
from tests.seed.breaking import (
    LABEL_B,
    THERAPY,
    Change,
    assert_found,
    findings,
    history,
    in_list,
    in_therapy,
    more,
    of_ages,
    product,
    rates,
    second_therapy,
    sharing,
    successor,
)
from tests.seed.test_outcome_checks import BROKEN as OUTCOMES
from tests.seed.test_outcome_checks import IN_TWO_FILES


def called_as_a_warning(files: dict[str, Any]) -> None:
    """Call a cohort so that an adverse event of it has the natural key of a warning."""
    therapy = files[THERAPY]
    [event] = therapy["adverse_events"]
    for cohort in therapy["cohorts"]:
        if cohort["key"] == event["cohort"]:
            cohort["key"] = "boxed"
    event["cohort"] = "boxed"


BROKEN: dict[str, tuple[Change, str, str]] = {
    "duplicate id": (
        more("events.json", id="rash", name="Eruption", organ_system="cardiac"), "duplicate-id", "rash",
    ),
    "duplicate fact": (
        lambda files: files[THERAPY]["warnings"].append(files[THERAPY]["warnings"][0]), "duplicate-id", "boxed.rash",
    ),
    "key of facts in two sections": (called_as_a_warning, "duplicate-id", "boxed.rash"),
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
    "a statement of no day": (in_list("statements.json", curated_on=None), "undated", "promise"),
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
    "grades 1 to 4 as all": (in_therapy("adverse_events", note="Printed as grades 1 to 4."), "low-grades", "rash"),
}  # fmt: skip


def test_the_sound_base_is_sound(tmp_path: Path) -> None:
    assert findings(write(sound(), tmp_path)) == []


SOUND: dict[str, Change] = {
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
def test_what_looks_like_a_fault_and_is_none_is_not_found(tmp_path: Path, changed: Change) -> None:
    files = sound()
    changed(files)
    assert findings(write(files, tmp_path / "facts")) == []


@pytest.mark.parametrize(("broken", "code", "record"), BROKEN.values(), ids=BROKEN.keys())
def test_each_fault_yields_its_code_and_names_its_record(
    tmp_path: Path, broken: Change, code: str, record: str
) -> None:
    assert_found(tmp_path, broken, code, record)


def test_the_report_on_many_doubtful_records_is_cut(tmp_path: Path) -> None:
    files = sound()
    files["events.json"] *= 3 * MAX_FINDINGS
    base, unread = read(write(files, tmp_path))
    assert unread == []
    found = findings_of(base, tmp_path)
    assert len(found) == MAX_FINDINGS + 1
    assert {finding.code for finding in found} == {"duplicate-id", "too-many-findings"}


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
