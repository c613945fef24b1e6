"""Bad fact files: each is found, with file, record and how to fix it, and nothing is loaded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seed.checks import CHECKS, findings_of
from seed.files import read
from tests.conftest import run
from tests.databases import rows
from tests.seed.base import EVIDENCE, sound, write

THERAPY = "therapies/examplumab.json"


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
    "unknown value": (in_therapy("mechanisms", action="heals"), "unknown-value", "mechanisms[0]"),
    "percent over 100": (rates({"grades": "any", "percent": 101}), "out-of-range", "adverse_events[0]"),
    "negative n": (rates({"grades": "any", "patients": -1}), "out-of-range", "adverse_events[0]"),
    "future date": (in_therapy("indications", approved_on="2999-01-01"), "bad-value", "indications[0]"),
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
    "unknown subject": (in_list("statements.json", about="class:tcr-t"), "unknown-reference", "promise"),
    "cycle": (in_list("conditions.json", parents=["melanoma", "skin-cancer"]), "cycle", "melanoma"),
    "area of no parent": (in_list("conditions.json", area="allergic"), "area", "melanoma"),
    "protein that is no gene": (in_list("targets.json", xrefs=[]), "gene", "PDCD1"),
    "label without revision": (in_list("sources/label.json", revision=None), "source-in-full", "label.examplara"),
    "source that nothing cites": (
        more("sources/label.json", id="label.b", kind="label", title="B", revision="1", level="regulatory_label"),
        "unused-source", "label.b",
    ),
    "shared brand": (second_therapy(therapy__products__0__brand="EXAMPLARA"), "shared-brand", "EXAMPLARA"),
    "approved before the licence": (in_therapy("indications", approved_on="2019-01-01"), "date-order", "melanoma"),
    "indication without product": (in_therapy("indications", agency="EMA"), "indication-product", "melanoma"),
    "in force without a licence": (product(status="withdrawn"), "indication-product", "melanoma"),
    "no standing": (
        lambda files: (files[THERAPY]["therapy"].update(products=[]), files[THERAPY].update(indications=[])),
        "standing", "therapy",
    ),
    "unknown register": (in_therapy("therapy", identifiers=["abc:1"]), "registry", "therapy"),
    "none reported, but there": (
        in_therapy("therapy", none_reported=[{"kind": "boxed_warning", **EVIDENCE}]), "contradiction", "boxed_warning",
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


@pytest.mark.parametrize(("broken", "code", "record"), BROKEN.values(), ids=BROKEN.keys())
def test_each_fault_yields_its_code_and_names_its_record(
    tmp_path: Path, broken: Callable[[dict[str, Any]], None], code: str, record: str
) -> None:
    files = sound()
    broken(files)
    (tmp_path / "facts").mkdir()
    for name, content in files.items():
        path = tmp_path / "facts" / name
        path.parent.mkdir(exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    found = findings(tmp_path / "facts")
    first = found[0]
    assert first[0] == code, found
    assert record in first[2] or record in first[1], found


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {check.code for check in CHECKS} <= {code for _, code, _ in BROKEN.values()}


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
