"""Comparisons take the words of the lists, answer CSV, and name what is absent from each cohort."""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.release.brute_force import BruteForce

PATHS = ("/adverse-events/compare", "/adverse-events/matrix")
ARM = "nivolumab.checkmate-067-nivolumab"
SAME = [
    ({"therapies": "ipilimumab", "events": "colitis"}, {"therapy": "Yervoy", "event": "colitis"}),
    ({"classes": "ctla-4-inhibitor", "condition": "melanoma"}, {"class": "ctla-4-inhibitor", "condition": "melanoma"}),
    ({"cohorts": ARM, "events": "rash,colitis"}, {"cohort": ARM, "event": "rash", "events": "colitis"}),
]


def shown(body: dict[str, Any]) -> set[tuple[str, str]]:
    """Pairs of event and cohort of an answer."""
    if "cells" in body:
        return {(body["events"][cell[0]]["id"], body["cohorts"][cell[1]]["id"]) for cell in body["cells"]}
    return {(item["event"]["id"], row["cohort"]) for item in body["items"] for row in item["rows"]}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("plural", "singular"), SAME, ids=["therapy", "class", "cohort"])
def test_the_words_of_the_lists_mean_what_their_plurals_mean(
    client: httpx.Client, path: str, plural: dict[str, str], singular: dict[str, str]
) -> None:
    old, new = client.get(path, params=plural).json(), client.get(path, params=singular).json()
    assert shown(old) == shown(new)
    assert shown(old)
    assert old["absent"] == new["absent"]
    assert new["query"].keys() >= singular.keys()


@pytest.mark.parametrize("path", PATHS)
def test_a_trial_is_a_subject_alone_and_narrows_others(client: httpx.Client, base: BruteForce, path: str) -> None:
    arms = {record["id"] for record in base.documents["cohorts"] if (record["trial"] or "").upper() == "CHECKMATE-067"}
    alone = client.get(path, params={"trial": "CheckMate-067", "event": "colitis,rash,diarrhea"}).json()
    cohorts = {cohort["id"] for cohort in alone["cohorts"]}
    assert ARM in cohorts
    assert cohorts <= arms
    one = client.get(path, params={"trial": "CheckMate-067", "therapy": "nivolumab", "comparators": "false"}).json()
    assert {cohort["id"] for cohort in one["cohorts"]} <= arms
    assert all("nivolumab" in {t["id"] for t in cohort["therapies"]} for cohort in one["cohorts"])


@pytest.mark.parametrize("path", PATHS)
def test_an_organ_system_narrows_the_events(client: httpx.Client, path: str) -> None:
    body = client.get(path, params={"cohort": ARM, "organ_system": "gastrointestinal"}).json()
    events = body["events"] if "cells" in body else [item["event"] for item in body["items"]]
    assert {event["organ_system"] for event in events} == {"gastrointestinal"}
    none = client.get(path, params={"cohort": ARM, "organ_system": "cardiac", "event": "colitis"}).json()
    assert not shown(none)


@pytest.mark.parametrize("path", PATHS)
def test_a_table_holds_what_is_shown(client: httpx.Client, path: str) -> None:
    for params in ({"therapy": "ipilimumab", "condition": "melanoma"}, {"cohort": ARM, "event": "rash"}):
        body = client.get(path, params=params).json()
        answer = client.get(path, params={**params, "format": "csv"})
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert body["release"] in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {(row["event.id"], row["cohort.id"]) for row in rows} == shown(body)
        facts = [cell[6] for cell in body.get("cells", ())]
        facts += [row["fact"] for item in body.get("items", ()) for row in item["rows"]]
        assert [row["fact"] for row in rows] == facts
        assert {row["release"] for row in rows} == {body["release"]}
        assert all(None not in row.values() and "None" not in row.values() for row in rows)
        assert client.get(path, params=params, headers={"Accept": "text/csv"}).text == answer.text
    assert client.get(path, params={**params, "format": "csv", "bom": "true"}).text == "\ufeff" + answer.text
    assert client.get(path, params={**params, "bom": "true"}).status_code == 422
    assert client.get(path, params={**params, "format": "jsonl"}).status_code == 422
    assert client.get(path, params=params, headers={"Accept": "application/x-ndjson"}).status_code == 406


@pytest.mark.parametrize("path", PATHS)
def test_what_is_absent_is_named_for_each_cohort(client: httpx.Client, path: str) -> None:
    events = ["colitis", "cytokine-release-syndrome", "rash"]
    body = client.get(path, params={"trial": "CheckMate-067", "event": ",".join(events)}).json()
    pairs = {(event, entry["cohort"]) for entry in body["absent_by_cohort"] for event in entry["events"]}
    assert not pairs & shown(body)
    for entry in body["absent_by_cohort"]:
        assert entry["label"]
        assert entry["status"].startswith(("not reported", "reported, but not"))
    arms = {entry["cohort"] for entry in body["absent_by_cohort"]}
    for arm in arms:
        seen = {event for event, cohort in pairs | shown(body) if cohort == arm}
        assert seen >= set(events)
    assert all(("cytokine-release-syndrome", arm) in pairs for arm in arms)


def test_nothing_to_compare_is_told_in_the_words_of_the_lists(client: httpx.Client) -> None:
    for path in PATHS:
        error = client.get(path, params={"event": "colitis"}).json()["errors"][0]
        assert (error["parameter"], error["allowed"]) == ("therapy", "one or more of: therapy, class, cohort, trial")
        assert client.get(path, params={"drug": "x"}).json()["errors"][0]["suggestions"][0] == "therapy"
