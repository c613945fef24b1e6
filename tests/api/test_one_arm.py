"""An arm that two sources report: one cohort, found under both ids, with both sources, once in a comparison."""

from collections import Counter
from typing import Any

import httpx
import pytest

Documents = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def merged(documents: Documents) -> list[dict[str, Any]]:
    """The cohorts that more than one source reports."""
    found = [cohort for cohort in documents["cohorts"] if cohort["also_reported"]]
    assert len(found) >= 20
    return found


def test_no_two_cohorts_are_one_arm(documents: Documents) -> None:
    arms = Counter(
        (
            cohort["nct_id"], cohort["trial"], cohort["label"], cohort["patients"],
            tuple(sorted(therapy["id"] for therapy in cohort["therapies"])), tuple(sorted(cohort["other_agents"])),
            cohort["population"], cohort["schedule"],
        )
        for cohort in documents["cohorts"]
        if cohort["nct_id"] and cohort["patients"]
    )  # fmt: skip
    assert max(arms.values()) == 1


def test_every_former_id_leads_to_the_cohort(client: httpx.Client, merged: list[dict[str, Any]]) -> None:
    for cohort in merged:
        for report in cohort["also_reported"]:
            answer = client.get(f"/cohorts/{report['id']}", follow_redirects=True)
            assert (answer.status_code, answer.json()["id"]) == (200, cohort["id"])
            by_both = [
                client.get("/adverse-events", params={"cohort": name, "limit": 500}).json()
                for name in (cohort["id"], report["id"])
            ]
            assert by_both[0]["items"] == by_both[1]["items"]
            assert by_both[0]["total"] == cohort["adverse_events"]
            outcomes = client.get("/outcomes", params={"cohort": report["id"], "limit": 500}).json()["items"]
            sources = {item["evidence"]["source"]["id"] for item in (*by_both[0]["items"], *outcomes)}
            assert sources >= {cohort["evidence"]["source"]["id"], report["evidence"]["source"]["id"]}


def test_both_sources_and_both_therapies_find_the_cohort(client: httpx.Client, merged: list[dict[str, Any]]) -> None:
    for cohort in merged:
        for report in cohort["also_reported"]:
            for name, value in (
                ("source", report["evidence"]["source"]["id"]),
                ("source", cohort["evidence"]["source"]["id"]),
                ("reported_for", report["reported_for"]),
                ("reported_for", cohort["therapy"]["id"]),
            ):
                found = client.get("/cohorts", params={name: value, "id": cohort["id"]}).json()["items"]
                assert [item["id"] for item in found] == [cohort["id"]]
            embedded = client.get(f"/therapies/{report['reported_for']}").json()["cohorts"]
            assert cohort["id"] in {item["id"] for item in embedded}


def test_a_comparison_lists_the_arm_once_with_both_sources(
    client: httpx.Client, documents: Documents, merged: list[dict[str, Any]]
) -> None:
    facts = {fact["id"]: fact for fact in documents["adverse-events"]}
    agreeing = 0
    for cohort in merged:
        if not cohort["adverse_events"]:
            continue  # outcomes alone were counted in it
        names = [cohort["id"], *(report["id"] for report in cohort["also_reported"])]
        answer = client.get(
            "/adverse-events/compare", params={"cohorts": ",".join(names), "comparators": False, "limit": 50}
        ).json()
        assert [item["id"] for item in answer["cohorts"]] == [cohort["id"]]
        for item in answer["items"]:
            shown = [row["fact"] for row in item["rows"]]
            agreed = [other["fact"] for row in item["rows"] for other in row["agreeing"]]
            assert len({*shown, *agreed}) == len(shown) + len(agreed)
            for row in item["rows"]:
                for other in row["agreeing"]:
                    assert other["fact"] in facts[row["fact"]]["agrees_with"]
                    assert other["evidence"]["source"] != row["evidence"]["source"]
                    agreeing += 1
            assert not set(agreed) & {name for fact in shown for name in facts[fact]["differs_from"]}
    assert agreeing > 300


def test_checkmate_067_is_one_trial_under_both_its_labels(client: httpx.Client) -> None:
    answer = client.get(
        "/adverse-events/compare",
        params={"therapies": "nivolumab,ipilimumab", "condition": "melanoma", "events": "rash"},
    ).json()
    arms = [cohort for cohort in answer["cohorts"] if cohort["trial"] == "CHECKMATE-067"]
    assert len(arms) == 3
    item = next(item for item in answer["items"] if item["event"]["id"] == "rash")
    rows = [row for row in item["rows"] if row["cohort"] == "nivolumab.checkmate-067-nivolumab-ipilimumab"]
    assert len(rows) == 1
    sources = {row["evidence"]["source"]["id"] for row in rows}
    sources |= {other["evidence"]["source"]["id"] for row in rows for other in row["agreeing"]}
    assert {source.split(".")[1] for source in sources} == {"opdivo", "yervoy"}
    pairs = Counter(
        (contrast["arm"]["cohort"], contrast["reference"]["cohort"])
        for contrast in item["contrasts"]
        if contrast["trial"] == "CHECKMATE-067"
    )
    assert len(pairs) == 3
    assert set(pairs.values()) == {1}


def test_agreement_and_difference_are_mutual_and_of_different_sources(documents: Documents) -> None:
    facts = {fact["id"]: fact for fact in documents["adverse-events"]}
    for fact in facts.values():
        for key in ("differs_from", "agrees_with"):
            for other in fact[key]:
                assert fact["id"] in facts[other][key]
                assert facts[other]["evidence"]["source"]["id"] != fact["evidence"]["source"]["id"]
        assert not set(fact["differs_from"]) & set(fact["agrees_with"])


def test_a_trial_is_found_by_each_of_its_names(client: httpx.Client) -> None:
    for path in ("/cohorts", "/adverse-events"):
        totals = {
            name: client.get(path, params={"trial": name, "limit": 1}).json()["total"]
            for name in ("EV-302", "KEYNOTE-A39")
        }
        assert totals["EV-302"] == totals["KEYNOTE-A39"] > 0
