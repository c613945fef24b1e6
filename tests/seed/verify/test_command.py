"""The command: what is verified of all, offline, and what it reports."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from seed.files import read
from seed.verify import command
from seed.verify.documents import Shelf
from seed.verify.scope import UnusableOptionError, citing, read_scope
from seed.verify.verdicts import Kind, Verdict
from seed.verify.verifying import Verifying
from seed.verify.web import Web
from tests.conftest import run
from tests.seed.base import sound, write
from tests.seed.verify.invented import DOI, NCT, PMID, event, facts, publication, rate


@respx.mock
def test_offline_nobody_is_asked(tmp_path: Path, web: Web, shelf: Shelf) -> None:
    web.offline = True
    base = facts(
        tmp_path / "facts", event("Rash", rate(percent=15)), sources=[publication(doi=DOI, pmid=PMID, nct_id=NCT)]
    )
    judged = {item.kind: item.verdict for item in Verifying(base, web, shelf).run()}
    assert judged.pop(Kind.RATE) is Verdict.FOUND
    assert set(judged) == set(Kind) - {Kind.RATE}
    assert set(judged.values()) == {Verdict.NOT_JUDGED}


def test_filters_name_kinds_and_therapies(tmp_path: Path) -> None:
    base = facts(tmp_path / "facts")
    assert read_scope([], base).includes(Kind.DOI, [])
    narrow = read_scope(["rate/examplumab"], base)
    assert narrow.includes(Kind.RATE, ["examplumab"])
    assert not narrow.includes(Kind.RATE, ["other"])
    assert not narrow.includes(Kind.DOI, ["examplumab"])
    assert read_scope(["examplumab"], base).includes(Kind.DOI, ["examplumab"])
    for unknown in ("nothing", "rate/nothing", "nothing/examplumab"):
        with pytest.raises(UnusableOptionError, match="revision"):
            read_scope([unknown], base)


@pytest.fixture
def options(tmp_path: Path, shelf: Shelf) -> dict[str, Any]:  # noqa: ARG001  # writes the labels
    return {"labels": [tmp_path / "labels"], "only": [], "report": None}


@pytest.fixture
def offline(web: Web) -> Web:
    web.offline = True
    return web


def test_a_report_holds_every_judgement(tmp_path: Path, offline: Web, options: dict[str, Any]) -> None:
    base = facts(tmp_path / "facts", event("Rash", rate(percent=15)), event("Cough", rate(percent=99)))
    assert not command.verify(base, offline, **options | {"report": tmp_path / "report.json"})
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counts"]["rate"] == {"found": 1, "not found": 1}
    wrong = [item for item in report["judgements"] if item["verdict"] == "not found"]
    assert [(item["reported_term"], item["rates"], item["locator"]) for item in wrong] == [
        ("Cough", "any: 99%", "6.1, Table 1")
    ]


@pytest.mark.parametrize(
    "change", [{"only": ["nothing"]}, {"labels": [Path("nowhere")]}, {"report": Path("no/r.json")}]
)
def test_options_that_cannot_be_followed_are_refused(
    change: dict[str, Any], tmp_path: Path, offline: Web, options: dict[str, Any]
) -> None:
    with pytest.raises(UnusableOptionError):
        command.verify(facts(tmp_path / "facts"), offline, **options | change)


@respx.mock
def test_without_network_it_is_said_and_nothing_is_wrong(
    tmp_path: Path, web: Web, options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    respx.route().mock(side_effect=httpx.ConnectError("no network"))
    base = facts(tmp_path / "facts", event("Rash", rate(percent=15)), sources=[publication(doi=DOI)])
    assert command.verify(base, web, **options)
    assert "The network cannot be reached" in capsys.readouterr().err


def test_the_command_says_by_its_code_whether_all_is_right(tmp_path: Path, shelf: Shelf) -> None:  # noqa: ARG001
    folder = tmp_path / "facts"
    common = ("seed", "verify", "--facts", str(folder), "--labels", str(tmp_path / "labels"), "--offline")
    facts(folder, event("Rash", rate(percent=15)))
    right = run(*common)
    assert right.returncode == 0, right.stderr
    assert "Offline" in right.stderr
    facts(folder, event("Rash", rate(percent=16)))
    wrong = run(*common)
    assert wrong.returncode == 1
    assert "not found: rate of examplumab.trial-1-examplumab.rash" in wrong.stdout
    assert run(*common, "--only", "nothing").returncode == 2


def test_a_source_that_only_shows_an_indication_to_stand_is_cited(tmp_path: Path) -> None:
    files = sound()
    files["therapies/examplumab.json"]["indications"][0]["seen"] = [{"source": "label.seen", "locator": "1"}]
    base, findings = read(write(files, tmp_path))
    assert not findings
    assert citing(base)["label.seen"] == ("examplumab",)
