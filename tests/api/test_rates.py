"""The long table of rates: what adverse events print, a row for each group of grades."""

import httpx
import pytest

from tests.api.test_lists import walk

QUERY = "/adverse-events/rates?therapy=ipilimumab&event=colitis"


def test_each_rate_of_each_adverse_event_is_a_row(client: httpx.Client) -> None:
    events = walk(client, "/adverse-events?therapy=ipilimumab&limit=500")
    rows = walk(client, "/adverse-events/rates?therapy=ipilimumab&limit=500")
    printed = [(event["id"], rate["grades"]) for event in events for rate in event["rates"]]
    assert [(row["adverse_event"], row["grades"]) for row in rows] == printed
    assert len({row["id"] for row in rows}) == len(rows) > len(events)
    for event in events:
        own = {row["grades"]: row for row in rows if row["adverse_event"] == event["id"]}
        for rate in event["rates"]:
            row = own[rate["grades"]]
            for key in ("patients", "percent", "percent_below"):
                assert row[key] == rate[key] or key in row["computed"]
            assert row["cohort"] == event["cohort"]
            assert row["evidence"] == event["evidence"]
        if event["any_grade"]:
            shown = event["any_grade"]
            assert {key: own[shown["grades"]][key] for key in shown} == shown


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
def test_pages_are_cut_anywhere(client: httpx.Client, limit: int) -> None:
    whole = [row["id"] for row in client.get(f"{QUERY}&sort=-any_percent&limit=500").json()["items"]]
    page = client.get(f"{QUERY}&sort=-any_percent&limit={limit}").json()
    assert page["total"] == len(whole)
    found = [row["id"] for row in page["items"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        assert 0 < len(page["items"]) <= limit
        found += [row["id"] for row in page["items"]]
    assert found == whole


def test_every_format_has_the_same_rows(client: httpx.Client) -> None:
    rows = client.get(f"{QUERY}&limit=500").json()["items"]
    lines = client.get(f"{QUERY}&format=jsonl").text.splitlines()
    assert len(lines) == len(client.get(f"{QUERY}&format=csv").text.splitlines()) - 1 == len(rows) > 0
    cited = {entry["id"] for entry in client.get(f"{QUERY}&format=csl-json").json()[:-1]}
    assert cited == {row["evidence"]["source"]["id"] for row in rows}
    assert client.get(f"/exports{QUERY}&format=jsonl").text.splitlines() == lines
    plain = {"Accept-Encoding": "identity"}
    whole = client.get(f"{QUERY}&format=csv", headers=plain)
    part = client.get(f"{QUERY}&format=csv", headers=plain | {"Range": "bytes=1500-2499"})
    assert part.content == whole.content[1500:2500]


def test_intervals_are_two_numbers_of_csv(client: httpx.Client) -> None:
    header, first = client.get(f"{QUERY}&format=csv&grades=").status_code, client.get(f"{QUERY}&format=csv").text
    assert header == 422
    assert {"ci95_low", "ci95_high", "percent", "patients", "grades"} <= set(first.split("\r\n")[0].split(","))


@pytest.mark.parametrize(
    ("query", "culprit"),
    [("facets=event", "facets"), ("fields=id", "fields"), ("cursor=0", "cursor"), ("cursor=99999999", "cursor"),
     ("sort=event", "sort"), ("event=nothing", "event"), ("format=csv&limit=2", "limit")],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(client: httpx.Client, query: str, culprit: str) -> None:
    answer = client.get(f"/adverse-events/rates?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == culprit


def test_an_older_release_has_its_rates_too(client: httpx.Client) -> None:
    for release in client.get("/releases").json()["items"]:
        body = client.get(f"/adverse-events/rates?release={release['version']}&limit=1").json()
        assert body["total"] > release["counts"]["adverse-events"]
