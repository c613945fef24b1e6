"""What agencies did when, as one list; and how indications and therapies stood on a day."""

import datetime as dt
from typing import Any

import httpx
import pytest


def all_of(client: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """All records that a query finds."""
    found: list[dict[str, Any]] = []
    following: str | None = str(httpx.URL(path, params={"limit": 500, **params}))
    while following:
        body = client.get(following).json()
        assert "items" in body, body
        found += body["items"]
        following = body["next"]
    return found


def held_on(record: dict[str, Any], day: str) -> dict[str, Any] | None:
    """What held of a record on a day."""
    held = [item for item in record["standings"] if item["since"] <= day <= (item["until"] or "9999-12-31")]
    assert len(held) < 2, record["id"]
    return held[0] if held else None


@pytest.mark.parametrize("day", ["2016-06-30", "2021-03-01", "2024-12-31"])
def test_how_indications_stood_on_a_day_is_what_their_standings_say(client: httpx.Client, day: str) -> None:
    everything = all_of(client, "/indications", agency="FDA")
    for status, type_ in (("active", "accelerated"), ("active", "regular"), ("withdrawn", None)):
        params = {"agency": "FDA", "as_of_date": day, "status": status} | ({"approval_type": type_} if type_ else {})
        expected = {
            record["id"]
            for record in everything
            if (held := held_on(record, day)) and held["status"] == status and type_ in {None, held["approval_type"]}
        }
        assert {record["id"] for record in all_of(client, "/indications", **params)} == expected
    assert len(expected) > 0 or day < "2020"


def test_today_is_the_last_of_the_standings(client: httpx.Client) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for path in ("/indications", "/therapies"):
        now = {
            record["id"] for record in all_of(client, path, status="active" if path == "/indications" else "approved")
        }
        params = {"as_of_date": today, "status": "active" if path == "/indications" else "approved"}
        assert {record["id"] for record in all_of(client, path, **params)} == now
    for record in all_of(client, "/indications"):
        last = record["standings"][-1]
        assert (last["status"], last["approval_type"], last["until"]) == (
            record["status"],
            record["approval_type"],
            None,
        )


def test_therapies_on_a_day_have_an_indication_that_met_all_filters_on_it(client: httpx.Client) -> None:
    params = {"condition": "urothelial-carcinoma", "agency": "FDA", "as_of_date": "2020-06-30"}
    found = {record["id"] for record in all_of(client, "/therapies", **params, approval_type="accelerated")}
    owners = all_of(client, "/indications", **params, status="active", approval_type="accelerated")
    assert found == {record["therapy"]["id"] for record in owners}
    assert "durvalumab" in found, "withdrawn since, in force then"
    today = all_of(client, "/therapies", condition="urothelial-carcinoma", agency="FDA", approval_type="accelerated")
    assert "durvalumab" not in {record["id"] for record in today}


def test_a_facet_on_a_day_counts_what_held_on_it(client: httpx.Client) -> None:
    params = {"as_of_date": "2020-06-30", "agency": "FDA", "facets": "status,approval_type", "limit": 1}
    for value in client.get("/indications", params=params).json()["facets"]["approval_type"]:
        narrowed = {"as_of_date": "2020-06-30", "agency": "FDA", "approval_type": value["id"], "limit": 1}
        assert client.get("/indications", params=narrowed).json()["total"] == value["count"]


def test_nobody_knows_how_things_will_stand(client: httpx.Client) -> None:
    for path in ("/indications", "/therapies"):
        refused = client.get(path, params={"as_of_date": "2999-01-01"})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["parameter"] == "as_of_date"


def test_a_timeline_of_approvals_is_one_request(client: httpx.Client) -> None:
    params = {"class": "pd-1-inhibitor", "agency": "FDA", "action": "approved", "facets": "year", "limit": 1}
    years = {value["id"]: value["count"] for value in client.get("/approvals", params=params).json()["facets"]["year"]}
    dated = [item for item in all_of(client, "/approvals", **{**params, "facets": "year"}) if item["on"]]
    assert {year: sum(item["on"][:4] == year for item in dated) for year in years} == years
    assert min(years) == "2014"


def test_actions_are_those_of_the_histories_and_of_products_without_indications(client: httpx.Client) -> None:
    actions = all_of(client, "/approvals")
    on_uses = [item for item in actions if item["indication"]]
    histories = [(record["id"], item) for record in all_of(client, "/indications") for item in record["history"]]
    assert len(on_uses) == len(histories)
    on_products = [item for item in actions if not item["indication"]]
    assert all(item["product"] for item in on_products)
    biosimilars = all_of(client, "/approvals", biosimilar="true")
    assert {item["id"] for item in on_products if item["biosimilar"]} <= {item["id"] for item in biosimilars}
    assert any(item["product"] and item["product"]["brand"] == "Amjevita" for item in biosimilars)


def test_actions_are_found_by_the_target_of_the_therapy(client: httpx.Client) -> None:
    found = all_of(client, "/approvals", target="PD-1", action="converted")
    assert {"pembrolizumab"} <= {item["therapy"]["id"] for item in found}
    assert all("PDCD1" in {target["id"] for target in item["targets"]} for item in found)
