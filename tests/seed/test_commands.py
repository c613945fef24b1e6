"""The curator's commands: diff, coverage and draft."""

import json
from pathlib import Path

import httpx
import pytest
import respx

from seed import coverage, openfda
from seed.files import read
from tests.conftest import ROOT, run
from tests.seed.base import sound, write

SET_ID = "12345678-1234-1234-1234-123456789abc"


def test_diff_says_what_came_went_and_changed(tmp_path: Path) -> None:
    old = write(sound(), tmp_path / "old")
    files = sound()
    therapy = files["therapies/examplumab.json"]
    therapy["warnings"] = []
    therapy["mechanisms"][0]["description"] = "Blocks PD-1."
    therapy["indications"].append(therapy["indications"][0] | {"condition": "skin-cancer"})
    therapy["approvals"].append(therapy["approvals"][0] | {"indication": "fda.skin-cancer"})
    done = run("seed", "diff", str(old), str(write(files, tmp_path / "new")))
    assert done.returncode == 0
    assert "+ indications examplumab.fda.skin-cancer" in done.stdout
    assert "- warnings examplumab.boxed.rash" in done.stdout
    assert '~ mechanisms examplumab.PDCD1.inhibitor (description: "Blocks." → "Blocks PD-1.")' in done.stdout
    assert "2 came, 1 went, 1 changed." in done.stdout
    assert "0 came, 0 went, 0 changed." in run("seed", "diff", str(old), str(old)).stdout


def test_the_coverage_page_is_that_of_the_facts() -> None:
    facts, unread = read()
    assert unread == []
    assert coverage.PAGE.read_text(encoding="utf-8") == coverage.page(facts), "Run `python -m seed coverage`."


def test_a_draft_of_a_file_is_records_and_what_could_not_be_read(tmp_path: Path) -> None:
    out = tmp_path / "draft.json"
    label = next((ROOT / "tests" / "data" / "draft").glob("*label*.json"))
    done = run("seed", "draft", str(label), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "cohorts and" in done.stderr
    drafted = json.loads(out.read_text(encoding="utf-8"))
    assert drafted["source"]["kind"] == "label"
    assert drafted["adverse_events"]


@pytest.mark.parametrize("name", ["missing.json", "broken.json"])
def test_a_draft_of_no_label_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.json").write_text("{")
    done = run("seed", "draft", str(tmp_path / name))
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr


@respx.mock
@pytest.mark.parametrize(
    ("name", "search"),
    [
        (SET_ID, f'set_id:"{SET_ID}"'),
        ("bla125514", 'openfda.application_number:"BLA125514"'),
        ("Keytruda", 'openfda.brand_name:"Keytruda"'),
    ],
)
def test_a_label_is_asked_for_by_set_id_bla_or_brand(name: str, search: str) -> None:
    route = respx.get(openfda.URL, params={"search": search}).respond(json={"results": [{"set_id": SET_ID}]})
    assert openfda.label(name) == {"set_id": SET_ID}
    assert route.called


@respx.mock
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, json={"error": {}}),
        httpx.Response(500),
        httpx.Response(200, html="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"results": [{"set_id": "a"}, {"set_id": "b"}]}),
        httpx.ConnectTimeout("late"),
        httpx.ConnectError("nobody there"),
    ],
    ids=["unknown", "fault", "a page", "other JSON", "two labels", "time-out", "no network"],
)
def test_every_way_in_which_a_label_cannot_be_had_is_said(answer: httpx.Response | httpx.TransportError) -> None:
    if isinstance(answer, httpx.Response):
        respx.get(openfda.URL).mock(return_value=answer)
    else:
        respx.get(openfda.URL).mock(side_effect=answer)
    with pytest.raises(openfda.LabelNotFoundError):
        openfda.label("Keytruda")
