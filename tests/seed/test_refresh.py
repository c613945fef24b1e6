"""Refreshing: recorded answers of the registers against a small fact base, and hosts that are not reached.

The answers are records of openFDA, the EMA's table, the Purple Book and ClinicalTrials.gov, cut to what is read.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from app.vocabulary import Agency
from seed.files import Facts, read
from seed.refresh import command, ema, labels
from seed.refresh.changes import Base, Change, Kind
from seed.refresh.command import DRAFTS, REPORT, Result
from seed.verify.documents import Shelf
from seed.verify.web import Web
from tests.conftest import run
from tests.seed.base import EVIDENCE, sound, write

DATA = Path("tests/data/refresh")
NOW = 1_700_000_000.0  # 14 November 2023


def recorded(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


LABEL = recorded("openfda.json")["results"][0]
THERAPY, SOURCE = "therapies/examplumab.json", "label.examplara.2023-01-02"
EPAR = {
    "id": "epar.blenrep1",
    "kind": "assessment_report",
    "title": "Blenrep: EPAR and medicine record",
    "date": "2024-03-04",
    "url": "https://www.ema.europa.eu/en/medicines/human/EPAR/blenrep1",
    "level": "regulatory_label",
}
PRODUCTS = [
    {"brand": "Blenrep", "agency": "FDA", "application": "BLA761158", "status": "authorised", **EVIDENCE},
    {
        **EVIDENCE,
        "brand": "Blenrep",
        "agency": "EMA",
        "application": "EMEA/H/C/004935",
        "status": "authorised",
        "source": EPAR["id"],
    },
]


def facts(folder: Path, **label: Any) -> Facts:
    """The small fact base: its label that of a recorded answer, its products those of recorded registers."""
    files = sound()
    files["sources/label.json"][0] |= {"set_id": LABEL["set_id"], "date": "2022-12-31", "accessed_on": "2023-01-02"}
    files["sources/label.json"][0] |= label
    files["sources/assessment_report.json"] = [EPAR]
    files["conditions.json"] += [
        {"id": "breast-cancer", "name": "Breast cancer", "area": "oncology"},
        {"id": "multiple-myeloma", "name": "Multiple myeloma", "area": "oncology"},
    ]
    content = files[THERAPY]
    content["therapy"] |= {"name": "belantamab mafodotin", "products": PRODUCTS}
    content["cohorts"][0]["nct_id"] = "NCT02552212"
    content["curated_on"] = "2020-01-01"
    base, unread = read(write(files, folder))
    assert not unread
    return base


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web(tmp_path / "cache", clock=lambda: NOW, sleep=lambda _: None, chance=lambda: 0.5) as web:
        yield web


@pytest.fixture
def registers() -> Iterator[respx.MockRouter]:
    """All registers, with their recorded answers; the Purple Book has no download yet of this month."""
    with respx.mock(assert_all_called=False) as router:
        router.get(host="api.fda.gov").respond(json=recorded("openfda.json"))
        router.get(host="dailymed.nlm.nih.gov").respond(json=recorded("dailymed.json"))
        router.get(host="www.ema.europa.eu").respond(json=recorded("ema.json"))
        book = "/files/2023/purplebook-search-{}-data-download.csv"
        router.get(host="purplebooksearch.fda.gov", path=book.format("november")).respond(text="<!DOCTYPE html>")
        router.get(host="purplebooksearch.fda.gov", path=book.format("october")).respond(
            text=(DATA / "purple-book.csv").read_text(encoding="utf-8")
        )
        router.get(host="clinicaltrials.gov").respond(json=recorded("trial.json"))
        yield router


def refreshed(base: Facts, web: Web, tmp_path: Path, *therapies: str) -> Result:
    return command.refresh(base, web, therapies, None, tmp_path / "out")


def of(result: Result, register: str, kind: Kind) -> list[Change]:
    return [change for change in result.changes if (change.register, change.kind) == (register, kind)]


@pytest.mark.usefixtures("registers")
def test_a_newer_label_is_a_change_with_a_draft(tmp_path: Path, web: Web) -> None:
    result = refreshed(facts(tmp_path / "facts"), web, tmp_path)
    (revision,) = of(result, "openFDA", Kind.REVISION)
    assert (revision.record, revision.therapies) == (SOURCE, ("examplumab",))
    new, old = revision.draft["sources/label.json"]
    assert (new["id"], new["set_id"], new["date"]) == ("label.trodelvy.2023-02-09", LABEL["set_id"], "2023-02-09")
    assert (old["id"], old["standing"], old["superseded_by"]) == (SOURCE, "superseded", new["id"])
    (boxed,) = of(result, "openFDA", Kind.BOXED_WARNING)
    assert "02/2023" in boxed.says
    indications = {change.record: change for change in of(result, "openFDA", Kind.INDICATION)}
    assert "Indications and Usage ( 1.1 ) 02/2023" in indications[SOURCE].says
    (drafted,) = indications["examplumab: breast-cancer"].draft[THERAPY]
    assert (drafted["source"], drafted["agency"]) == ("label.trodelvy.2023-02-09", "FDA")


@pytest.mark.usefixtures("registers")
def test_the_revision_that_the_facts_have_is_no_change(tmp_path: Path, web: Web) -> None:
    base = facts(tmp_path / "facts", date="2023-02-09")
    assert not list(labels.compare(Base.of(base, ()), web, Shelf()))


def test_a_label_that_is_served_no_more_is_a_withdrawal(tmp_path: Path, web: Web, registers: respx.MockRouter) -> None:
    for host in ("api.fda.gov", "dailymed.nlm.nih.gov"):
        registers.get(host=host).respond(404, json={"error": {"code": "NOT_FOUND"}})
    result = refreshed(facts(tmp_path / "facts"), web, tmp_path)
    gone = {change.register for change in result.changes if change.kind is Kind.WITHDRAWAL and change.record == SOURCE}
    assert gone == {"openFDA", "DailyMed"}


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (
            {"recent_major_changes": ["Indications and Usage, Urothelial ( 1.2 ) Removed 11/2024"]},
            Kind.WITHDRAWAL,
            "Removed",
        ),
        ({"boxed_warning": []}, Kind.BOXED_WARNING, "no boxed warning any more"),
    ],
)
def test_what_a_newer_label_took_back(
    change: dict[str, Any], kind: Kind, says: str, tmp_path: Path, web: Web, registers: respx.MockRouter
) -> None:
    answer = copy.deepcopy(recorded("openfda.json"))
    answer["results"][0] |= {"effective_time": "20241105", "recent_major_changes": []} | change
    registers.get(host="api.fda.gov").respond(json=answer)
    found = of(refreshed(facts(tmp_path / "facts"), web, tmp_path), "openFDA", kind)
    assert [says in item.says for item in found] == [True]


@pytest.mark.usefixtures("registers")
def test_a_version_published_after_the_label_was_read(tmp_path: Path, web: Web) -> None:
    (revision,) = of(refreshed(facts(tmp_path / "facts"), web, tmp_path), "DailyMed", Kind.REVISION)
    assert "version 16 on 2025-03-13" in revision.says
    later = refreshed(facts(tmp_path / "later", accessed_on="2025-04-01"), web, tmp_path)
    assert not of(later, "DailyMed", Kind.REVISION)


@pytest.mark.usefixtures("registers")
def test_the_table_of_the_ema_says_what_ended_what_is_new_and_what_is_newer(tmp_path: Path, web: Web) -> None:
    result = refreshed(facts(tmp_path / "facts"), web, tmp_path)
    (ended,) = of(result, ema.NAME, Kind.WITHDRAWAL)
    (draft,) = ended.draft[THERAPY]
    assert (draft["application"], draft["status"], draft["status_on"]) == ("EMEA/H/C/004935", "withdrawn", "2024-02-23")
    (new,) = of(result, ema.NAME, Kind.PRODUCT)
    assert new.draft[THERAPY][0]["approved_on"] == "2025-07-23"
    (page,) = of(result, ema.NAME, Kind.REVISION)
    sources = page.draft["sources/assessment_report.json"]
    assert [source["id"] for source in sources] == ["epar.blenrep1.2025-02-19", "epar.blenrep1"]


def test_an_indication_of_the_table_that_the_facts_lack(tmp_path: Path, web: Web, registers: respx.MockRouter) -> None:
    answer = recorded("ema.json")
    for row in answer["data"]:
        row["medicine_status"] = "Authorised"
    registers.get(host="www.ema.europa.eu").respond(json=answer)
    (found,) = of(refreshed(facts(tmp_path / "facts"), web, tmp_path), ema.NAME, Kind.INDICATION)
    assert found.record == "examplumab: multiple-myeloma"
    assert found.draft[THERAPY][0]["locator"] == "row EMEA/H/C/004935"


@pytest.mark.usefixtures("registers")
def test_the_newest_download_of_the_purple_book(tmp_path: Path, web: Web) -> None:
    result = refreshed(facts(tmp_path / "facts"), web, tmp_path)
    (ended,) = of(result, "Purple Book", Kind.WITHDRAWAL)
    assert (ended.record, ended.draft[THERAPY][0]["status"]) == ("Blenrep", "withdrawn")
    assert not of(result, "Purple Book", Kind.PRODUCT)  # those of other therapies are none of this base


@pytest.mark.usefixtures("registers")
def test_results_that_a_trial_posted_since(tmp_path: Path, web: Web) -> None:
    (results,) = of(refreshed(facts(tmp_path / "facts"), web, tmp_path), "ClinicalTrials.gov", Kind.RESULTS)
    assert (results.record, "2020-08-17" in results.says) == ("NCT02552212", True)


@pytest.mark.usefixtures("registers")
def test_report_and_drafts_are_written(tmp_path: Path, web: Web) -> None:
    result = refreshed(facts(tmp_path / "facts"), web, tmp_path, "examplumab")
    report = json.loads((tmp_path / "out" / REPORT).read_text())
    assert report["compared_on"] == "2023-11-14"
    assert sum(report["counts"].values()) == len(report["changes"]) == len(result.changes)
    assert report["not_compared"] == []
    assert json.loads((tmp_path / "out" / DRAFTS).read_text()).keys() == {
        "sources/assessment_report.json",
        "sources/label.json",
        THERAPY,
    }


def test_hosts_that_are_not_reached_are_said_in_a_sentence(
    tmp_path: Path, web: Web, registers: respx.MockRouter
) -> None:
    registers.clear()
    registers.route().mock(side_effect=httpx.ConnectError("no route"))
    result = refreshed(facts(tmp_path / "facts"), web, tmp_path)
    assert not result.changes
    assert not result.reached
    assert {item.register for item in result.unknown} == {
        "openFDA",
        "DailyMed",
        "EMA table",
        "Purple Book",
        "ClinicalTrials.gov",
    }
    assert all("cannot be reached" in item.reason for item in result.unknown)
    assert "The network cannot be reached: only cached answers were compared." in result.notes


@pytest.mark.parametrize("body", [{"data": {}}, {"results": 7}, [], "text"])
def test_answers_of_another_shape_are_no_change(
    body: Any, tmp_path: Path, web: Web, registers: respx.MockRouter
) -> None:
    registers.clear()
    registers.route().respond(json=body)
    result = refreshed(facts(tmp_path / "facts"), web, tmp_path)
    assert not result.changes
    assert len(result.unknown) == 5


def test_the_command_needs_no_network_to_say_so(tmp_path: Path) -> None:
    facts(tmp_path / "facts")
    arguments = ["--facts", str(tmp_path / "facts"), "--cache", str(tmp_path), "--out", str(tmp_path / "out")]
    done = run("seed", "refresh", "--offline", *arguments)
    assert "0 change(s) to look at, 5 record(s) not compared." in done.stdout
    done = run("seed", "refresh", "--therapy", "nothing", *arguments)
    assert (done.returncode, "'nothing' is the id of no therapy." in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Treatment of multiple myeloma.", ["multiple-myeloma"]),
        ("Patients who have received a treatment for multiple myeloma; and breast cancer.", ["breast-cancer"]),
        ("Non\u2011breast cancer, except multiple myeloma.", []),
        ("Melanoma, a skin cancer.", []),
    ],
)
def test_conditions_that_a_text_treats(text: str, named: list[str], tmp_path: Path) -> None:
    base = Base.of(facts(tmp_path), ())
    assert list(base.conditions_without(base.files()[0], Agency.FDA, text)) == named
