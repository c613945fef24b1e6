"""Rates against labels: of a file, of a plain text, fetched at their revision."""

from pathlib import Path
from typing import Any

import pytest
import respx

from app.nouns.adverse_event import AdverseEventRecord
from seed.verify.documents import Shelf, read_folder
from seed.verify.rates import judge
from seed.verify.scope import read_scope
from seed.verify.verdicts import Verdict
from seed.verify.verifying import Verifying
from seed.verify.web import Web
from tests.seed.verify.invented import SET_ID, event, facts, label, rate

RIGHT = [
    event("Rash", rate(patients=30, percent=15), rate("3-4", percent=2.0)),
    event("Rash", rate(percent=15)),
    event("rash", rate(patients=9, percent=9), rate("3-4", patients=0, percent=0)),
    event("Cough", rate(percent=12), rate("3-4", percent_below=1)),
    event("Immune-mediated hepatitis", rate(patients=5, percent=2.5), rate("3", percent=1), locator="6.1"),
    event("Adverse reactions leading to discontinuation", rate(percent=6), locator="6.1, TRIAL-1"),
    event("Fatal sepsis", rate("5", patients=1, percent=0.5), locator="6.1"),
]
WRONG = [
    event("Rash", rate(patients=30, percent=16)),
    event("Rash", rate(patients=31, percent=15)),
    event("Rash", rate(percent=15), rate("3-4", percent=3)),
    event("Cough", rate(percent=12), rate("3-4", percent=1.5)),
    event("Dizziness", rate(percent=15)),
    event("Rash", rate(percent=15), locator="6.1, Table 7"),
    event("Immune-mediated hepatitis", rate(percent=7.5), locator="6.1"),
    event("Immune-mediated colitis", rate(percent=8.5), locator="6.1"),
]


@pytest.mark.parametrize("fact", RIGHT, ids=lambda fact: str(fact["reported_term"]))
def test_a_rate_that_the_label_prints_is_found(fact: dict[str, Any], shelf: Shelf) -> None:
    found = judge(AdverseEventRecord.model_validate(fact), next(iter(shelf.by_set.values())))
    assert found.verdict is Verdict.FOUND, found.reason


@pytest.mark.parametrize("fact", WRONG, ids=lambda fact: str(fact["reported_term"]))
def test_a_rate_that_the_label_does_not_print_is_not_found(fact: dict[str, Any], shelf: Shelf) -> None:
    found = judge(AdverseEventRecord.model_validate(fact), next(iter(shelf.by_set.values())))
    assert found.verdict is Verdict.NOT_FOUND
    assert found.reason


def test_what_cannot_be_judged_says_why(shelf: Shelf) -> None:
    document = next(iter(shelf.by_set.values()))
    band = AdverseEventRecord.model_validate(event("Rash", frequency_band="common"))
    elsewhere = AdverseEventRecord.model_validate(event("Rash", rate(percent=15), locator="14.1, Table 3"))
    assert judge(band, document).verdict is Verdict.NOT_JUDGED
    assert "section 14" in judge(elsewhere, document).reason


OTHERS = [
    event(term, rate(patients=n, percent=percent), rate("3-4", percent=severe))
    for term, n, percent, severe in [
        ("Fatigue", 22, 11, 1.5),
        ("Nausea", 20, 10, 1.0),
        ("Pruritus", 18, 9, 0.5),
        ("Anemia", 16, 8, 3.0),
        ("Headache", 14, 7, 0),
        ("Cough", 24, 12, 0),
    ]
]
OTHERS[-1]["rates"] = [rate(patients=24, percent=12)]


def test_a_rate_of_another_arm_is_not_found(tmp_path: Path, shelf: Shelf, web: Web) -> None:
    base = facts(tmp_path / "facts", *OTHERS, event("Rash", rate(patients=9, percent=9)))
    judged = {item.record: item for item in Verifying(base, web, shelf, read_scope(["rate"], base)).run()}
    astray = judged.pop("examplumab.trial-1-examplumab.rash")
    assert astray.verdict is Verdict.NOT_FOUND
    assert "column" in astray.reason
    assert {item.verdict for item in judged.values()} == {Verdict.FOUND}


def test_a_whole_arm_under_the_heading_of_another_is_not_found(tmp_path: Path, shelf: Shelf, web: Web) -> None:
    placebo = [("Rash", 9), ("Cough", 8), ("Fatigue", 7), ("Nausea", 6), ("Pruritus", 5), ("Anemia", 4)]
    swapped = [event(term, rate(patients=n, percent=n)) for term, n in placebo]
    base = facts(tmp_path / "facts", *swapped)
    judged = Verifying(base, web, shelf, read_scope(["rate"], base)).run()
    assert {item.verdict for item in judged} == {Verdict.NOT_FOUND}
    assert "N=100" in judged[0].reason


def test_a_plain_text_is_a_label_too(tmp_path: Path) -> None:
    header = "# product: Examplara | INN: examplumab | text as served on 2023-01-02\n\n== ADVERSE REACTIONS ==\n"
    table = "6.1 Trials Table 1: Reactions Adverse Reaction EXAMPLARA Placebo Rash a 30 (15) 9 (9) Cough 24 (12) 8 (8) "
    table += "Increased alaine 14 (7) 2 (2) "
    (tmp_path / "examplara.txt").write_text(header + table)
    misprinted = AdverseEventRecord.model_validate(event("Increased alanine", rate(percent=7)))
    (tmp_path / "label.other.2020.txt").write_text("Rash occurred in 4% of patients.")
    shelf = read_folder(tmp_path)
    assert set(shelf.by_id) == {"label.examplara.2023-01-02", "label.other.2020"}
    document = shelf.by_id["label.examplara.2023-01-02"]
    for percent, verdict in ((15, Verdict.FOUND), (12, Verdict.NOT_FOUND)):
        fact = AdverseEventRecord.model_validate(event("Rash", rate(percent=percent)))
        assert judge(fact, document).verdict is verdict
    assert judge(misprinted, document).verdict is Verdict.FOUND


def test_files_that_are_no_labels_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text('{"results": [{"title": "no label"}]}')
    (tmp_path / "shape.json").write_text('{"results": 7}')
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    assert [problem.split()[0] for problem in read_folder(tmp_path).problems] == [
        "broken.json",
        "other.json",
        "shape.json",
        "binary.txt",
    ]


@respx.mock
def test_a_label_is_fetched_at_its_revision(tmp_path: Path, web: Web) -> None:
    respx.get(host="api.fda.gov").respond(json={"results": [label()]})
    base = facts(tmp_path / "facts", event("Rash", rate(percent=15)), event("Cough", rate(percent=99)))
    judged = Verifying(base, web).run()
    assert [item.verdict for item in judged] == [Verdict.FOUND, Verdict.FOUND, Verdict.NOT_FOUND]


@respx.mock
def test_a_newer_revision_is_reported_and_judges_nothing(tmp_path: Path, web: Web) -> None:
    respx.get(host="api.fda.gov").respond(json={"results": [label("20240506")]})
    revision, rash = Verifying(facts(tmp_path / "facts", event("Rash", rate(percent=99))), web).run()
    assert revision.verdict is Verdict.NEWER
    assert rash.verdict is Verdict.NOT_JUDGED
    assert "2024-05-06" in rash.reason


@respx.mock
def test_another_set_than_asked_for_judges_nothing(tmp_path: Path, web: Web) -> None:
    respx.get(host="api.fda.gov").respond(json={"results": [label() | {"set_id": SET_ID.replace("4", "5")}]})
    judged = Verifying(facts(tmp_path / "facts", event("Rash", rate(percent=15))), web).run()
    assert {item.verdict for item in judged} == {Verdict.NOT_JUDGED}
