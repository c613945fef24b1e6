"""Outcomes, trials and their comparisons, over the whole fact base and over real HTTP."""

import csv
import io
from collections import Counter
from typing import Any

import httpx
import pytest

from app.vocabulary import Measure

Record = dict[str, Any]
COMPARING = {measure for measure in Measure if measure.compares}
NSCLC: Record = {
    "therapy": "pembrolizumab",
    "condition": "non-small-cell-lung-cancer",
    "line": "first",
    "endpoint": "ORR,PFS,OS",
}


def get(client: httpx.Client, path: str, status: int = 200, **params: Any) -> Record:
    answer = client.get(path, params=params)
    assert answer.status_code == status, answer.text
    body: Record = answer.json()
    return body


def test_first_line_lung_cancer_is_answered_by_one_request(client: httpx.Client) -> None:
    """Label of Keytruda, effective 2023-12: tables of KEYNOTE-024 and KEYNOTE-189, read by eye."""
    body = get(client, "/outcomes/compare", **NSCLC)
    found = {
        (record["trial"]["name"], item["endpoint"]["id"], record["measure"], record["cohort"]["comparator"]): record
        for item in body["items"]
        for trial in item["trials"]
        for record in (*trial["arms"], *trial["between_arms"])
        if not record["population"] and record["evidence"]["source"]["id"] == "label.keytruda.2023-12-15"
    }
    assert found["KEYNOTE-024", "objective-response", "proportion", False]["percent"] == 45
    assert found["KEYNOTE-024", "objective-response", "proportion", True]["percent"] == 28
    ratio = found["KEYNOTE-024", "progression-free-survival", "hazard_ratio", False]
    assert (ratio["value"], ratio["interval"]["low"], ratio["interval"]["high"]) == (0.5, 0.37, 0.68)
    assert ratio["against"]["comparator"]
    survival = [
        (record["value"], record["p_value"])
        for item in body["items"]
        for trial in item["trials"]
        for record in trial["between_arms"]
        if trial["trial"]["id"] == "keynote-189" and item["endpoint"]["id"] == "overall-survival"
    ]
    assert (0.49, "<0.0001") in survival
    assert {"KEYNOTE-042", "KEYNOTE-407"} <= {name for name, *_ in found}
    assert all("first" in record["trial"]["lines"] for record in found.values())


def test_between_trials_nothing_is_computed(client: httpx.Client) -> None:
    body = get(client, "/outcomes/compare", **NSCLC)
    assert "nothing is computed between them" in body["cautions"][0]
    for item in body["items"]:
        ids = [trial["trial"]["id"] for trial in item["trials"]]
        assert len(ids) == len(set(ids))
        for trial in item["trials"]:
            for record in (*trial["arms"], *trial["between_arms"]):
                assert record == get(client, f"/outcomes/{record['id']}")
                assert (record["against"] is not None) == (record["measure"] in COMPARING)
        if len(item["trials"]) > 1:
            assert any(caution.startswith("The trials differ in condition") for caution in item["cautions"])


def test_other_arms_are_added_unless_they_are_not_wanted(client: httpx.Client) -> None:
    query: Record = {"therapy": "pembrolizumab", "trial": "KEYNOTE-006", "endpoint": "overall-survival"}
    with_them, without = (
        get(client, "/outcomes/compare", **query),
        get(client, "/outcomes/compare", **query, comparators="false"),
    )

    def arms(body: Record) -> set[str]:
        return {
            record["cohort"]["id"] for item in body["items"] for trial in item["trials"] for record in trial["arms"]
        }

    assert arms(without) < arms(with_them)
    assert arms(with_them) - arms(without) == {"pembrolizumab.keynote-006-ipilimumab"}


def test_a_therapy_without_outcomes_is_said_to_be_so(client: httpx.Client) -> None:
    missing = get(client, "/therapies", not_curated="outcomes", limit=1)["items"][0]["id"]
    body = get(client, "/outcomes/compare", therapy=missing)
    assert body["items"] == []
    assert body["absent"] == [
        {"therapy": {"id": missing, "name": body["absent"][0]["therapy"]["name"]}} | {"coverage": "not curated"}
    ]
    assert "absent" in body["cautions"][0]


def test_only_counted_shares_get_an_interval_that_is_computed(client: httpx.Client) -> None:
    seen = Counter[bool]()
    for measure in Measure:
        for record in get(client, "/outcomes", measure=measure, limit=200)["items"]:
            counted = measure.counts_patients and not record["adjusted"]
            assert (record["share"] is not None) == counted, record["id"]
            seen[counted] += 1
            if record["share"] and record["share"]["ci95"]:
                assert "ci95" in record["share"]["computed"]
    assert seen[True] > 300
    assert seen[False] > 300


def test_bounds_find_what_is_within_them(client: httpx.Client) -> None:
    ratios = get(client, "/outcomes", hazard_ratio_to=0.4, limit=500)
    assert ratios["total"] > 10
    assert all(item["measure"] == "hazard_ratio" and item["value"] <= 0.4 for item in ratios["items"])
    shares = get(client, "/outcomes", percent_from=90, sort="-percent", limit=100)
    figures = [(item["share"] or item)["percent"] for item in shares["items"]]
    assert figures == sorted(figures, reverse=True)
    assert min(figures) >= 90


@pytest.mark.parametrize("name", ["keynote-006", "KEYNOTE-006", "Keynote 006", "NCT01866319"])
def test_a_trial_is_found_by_each_of_its_names(client: httpx.Client, name: str) -> None:
    for path in ("/outcomes", "/adverse-events", "/cohorts", "/outcomes/compare"):
        assert get(client, path, trial=name)["query"]["trial"] == ["keynote-006"]
    record = get(client, "/trials/keynote-006")
    assert client.get(f"/trials/{name}", follow_redirects=True).json() == record
    assert record["randomised"] is True
    assert {arm["id"] for arm in record["arms"]} >= {"pembrolizumab.keynote-006-ipilimumab"}
    assert record["outcomes"] == get(client, "/trials/keynote-006/outcomes")["total"]
    assert record["adverse_events"] == get(client, "/trials/keynote-006/adverse-events")["total"]


def test_pivotal_trials_of_indications_are_records(client: httpx.Client) -> None:
    found = get(client, "/indications", pivotal_trial="KEYNOTE-048", limit=100)
    assert found["total"]
    for item in found["items"]:
        assert "keynote-048" in {trial["id"] for trial in item["pivotal_trials"]}
    assert get(client, "/trials/keynote-048/indications")["total"] == found["total"]


def test_the_matrix_shows_one_measure(client: httpx.Client) -> None:
    body = get(client, "/outcomes/matrix", therapy="ustekinumab", condition="plaque-psoriasis")
    assert body["query"]["measure"] == ["proportion"]
    assert {endpoint["id"] for endpoint in body["endpoints"]} >= {"pasi-75"}
    for row, column, figure, patients, denominator, computed, outcome in body["cells"]:
        record = get(client, f"/outcomes/{outcome}")
        assert record["endpoint"] == body["endpoints"][row]
        assert record["cohort"] == body["cohorts"][column]
        assert figure == (record["share"] or record)["percent"]
        assert denominator == record["denominator"]
        assert ("patients" in computed) == (patients is not None and record["patients"] is None)
    refused = get(client, "/outcomes/matrix", 422, therapy="ustekinumab", measure="median,proportion")
    assert refused["errors"][0]["parameter"] == "measure"


def test_benefit_stands_beside_risk(client: httpx.Client) -> None:
    body = get(client, "/therapies/pembrolizumab/benefit-risk", condition="melanoma")
    trials = {item["trial"]["id"]: item for item in body["items"]}
    item = trials["keynote-006"]
    assert {outcome["role"] for outcome in item["outcomes"]} == {"primary"}
    arms = {arm["id"]: arm for arm in item["arms"]}
    assert 0 < len(item["severe_events"]) <= 10
    tops = []
    for event in item["severe_events"]:
        for row in event["rows"]:
            fact = get(client, f"/adverse-events/{row['fact']}")
            assert (row["severe"], row["patients_at_risk"]) == (fact["severe"], fact["patients_at_risk"])
        own = (
            row for row in event["rows"] if any(t["id"] == "pembrolizumab" for t in arms[row["cohort"]]["therapies"])
        )
        tops.append(max(row["severe"]["percent"] for row in own))
    assert tops == sorted(tops, reverse=True)
    assert client.get("/therapies/Keytruda/benefit-risk", follow_redirects=True).status_code == 200
    moved = client.get("/exports/therapies/Keytruda/benefit-risk")
    assert moved.headers["location"] == "/exports/therapies/pembrolizumab/benefit-risk"
    get(client, "/therapies/no-such-therapy/benefit-risk", 404)


def test_tables_hold_every_figure(client: httpx.Client) -> None:
    body = get(client, "/outcomes/compare", **NSCLC)
    count = sum(len(t["arms"]) + len(t["between_arms"]) for item in body["items"] for t in item["trials"])
    table = list(csv.DictReader(io.StringIO(client.get("/outcomes/compare", params={**NSCLC, "format": "csv"}).text)))
    assert len(table) == count
    assert {row["release"] for row in table} == {body["release"]}
    risk = client.get("/therapies/pembrolizumab/benefit-risk", params={"condition": "melanoma", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(risk.text)))
    assert all(bool(row["outcome.id"]) != bool(row["rate.fact"]) for row in rows)


def test_therapies_include_their_outcomes(client: httpx.Client) -> None:
    (therapy,) = get(client, "/therapies", id="ustekinumab", include="outcomes")["items"]
    listed = get(client, "/therapies/ustekinumab/outcomes", limit=500)
    assert therapy["outcomes"] == listed["items"]
    assert therapy["counts"]["outcomes"] >= listed["total"] > 50
    answer = client.get("/therapies", params={"include": "adverse_events", "limit": 500})
    assert answer.status_code == 422
    refused = answer.json()
    assert refused["errors"][0]["parameter"] == "include"


@pytest.mark.parametrize(
    ("path", "params", "parameter"),
    [
        ("/outcomes/compare", {}, "therapy"),
        ("/outcomes/compare", {"class": "immune-checkpoint-inhibitor"}, "endpoint"),
        ("/outcomes/compare", {"therapy": "pembrolizumab", "endpoint": "overal survivl"}, "endpoint"),
        ("/outcomes/compare", {"therapy": "pembrolizumab", "format": "bibtex"}, "format"),
        ("/outcomes/matrix", {"trial": "no such trial"}, "trial"),
        ("/outcomes", {"measure": "hazard"}, "measure"),
        ("/outcomes", {"percent_from": "101"}, "percent_from"),
        ("/therapies/pembrolizumab/benefit-risk", {"endpoint": "OS"}, "endpoint"),
    ],
)
def test_bad_questions_are_told_what_is_wrong(
    client: httpx.Client, path: str, params: dict[str, str], parameter: str
) -> None:
    body = get(client, path, 422, **params)
    assert body["errors"][0]["parameter"] == parameter


def test_a_name_of_several_trials_is_said_to_be_one(client: httpx.Client) -> None:
    answer = client.get("/trials/Study%201")
    assert answer.status_code == 404
    [error] = answer.json()["errors"]
    assert error["detail"] == "'Study 1' can mean several trials; write the id."
    assert len(error["suggestions"]) > 1
