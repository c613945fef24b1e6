"""Lists of what belongs to one record, each in one request; first approvals by agency."""

from collections import Counter
from typing import Any

import httpx
import pytest

from app.api.cited import CITING_LISTS
from app.nouns.declaration import Noun, Sublist
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.vocabulary import Agency
from tests.release.brute_force import BruteForce

SUBLISTS = [(noun, sublist) for noun in nouns() for sublist in noun.sublists]


@pytest.mark.parametrize(
    ("owner", "sublist"), SUBLISTS, ids=lambda part: part.name if isinstance(part, Noun) else part.noun
)
def test_a_sublist_is_the_list_under_its_filter(
    client: httpx.Client, base: BruteForce, owner: Noun, sublist: Sublist
) -> None:
    noun = noun_of(sublist.noun)
    for record in base.documents[owner.name][:40:4]:
        whole = base.find(noun, {sublist.filter: [record["id"]]})
        body = client.get(f"/{owner.name}/{record['id']}/{noun.name}", params={"limit": 500}).json()
        assert body["total"] == len(whole)
        in_order = base.sort(noun, whole, sublist.sort)
        assert [item["id"] for item in body["items"]] == [item["id"] for item in in_order][:500]
        for name in sublist.filters:
            assert client.get(f"/{owner.name}/{record['id']}/{noun.name}?{name}=%20").status_code == 422
    other = next(name for name in noun.by_name if name not in {sublist.filter, *sublist.filters})
    assert client.get(f"/{owner.name}/{record['id']}/{noun.name}", params={other: "x"}).status_code == 422


def test_a_name_is_redirected_to_its_id(client: httpx.Client) -> None:
    for path, right in {
        "/targets/PD-1/therapies?limit=2": "/targets/PDCD1/therapies?limit=2",
        "/conditions/NSCLC/indications": "/conditions/non-small-cell-lung-cancer/indications",
        "/classes/CAR-T%20cells/therapies": None,
    }.items():
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == (307 if right else answer.status_code)
        assert right is None or answer.headers["Location"] == right
    assert client.get("/targets/no-such-target/therapies").status_code == 404


@pytest.mark.parametrize("condition", ["melanoma", "non-small-cell-lung-cancer", "psoriasis"])
def test_indications_of_a_condition_are_grouped_by_line_and_biomarker(
    client: httpx.Client, base: BruteForce, condition: str
) -> None:
    noun = noun_of("indications")
    body = client.get(f"/conditions/{condition}/indications?limit=500").json()
    expected: Counter[tuple[str, str]] = Counter()
    for record in base.find(noun, {"condition": [condition]}):
        for line in base.values(noun.by_name["line"], record):
            expected.update((line, marker) for marker in base.values(noun.by_name["biomarker"], record))
    found = {(group["values"]["line"], group["values"]["biomarker"]): group for group in body["groups"]}
    assert {key: group["count"] for key, group in found.items()} == expected
    for group in body["groups"][:8]:
        assert client.get(group["url"]).json()["total"] == group["count"], group
    narrowed = client.get(f"/conditions/{condition}/indications?limit=1&agency=EMA").json()
    assert sum(group["count"] for group in narrowed["groups"]) < sum(expected.values())
    assert all("agency=EMA" in group["url"] for group in narrowed["groups"])


def citing(base: BruteForce, source_id: str) -> list[str]:
    """The records that cite a source, by themselves or by a product."""
    return [
        record["id"]
        for noun, _ in CITING_LISTS.values()
        for record in base.documents[noun.name]
        if any(part["evidence"]["source"]["id"] == source_id for part in (record, *record.get("products", ())))
    ]


def test_the_facts_of_a_source_are_all_that_cite_it(client: httpx.Client, base: BruteForce) -> None:
    busiest = sorted(base.documents["sources"], key=lambda source: -source["facts"])[:400:80]
    for source in (*busiest, *base.documents["sources"][:3]):
        items: list[dict[str, Any]] = []
        following = f"/sources/{source['id']}/facts?limit=500"
        while following:
            body = client.get(following).json()
            items += body["items"]
            following = body["next"]
        assert [item["id"] for item in items] == citing(base, source["id"])
        assert body["total"] == len(items) == sum(body["totals"].values())
        for item in items[:: max(1, len(items) // 5)]:
            record = client.get(item["url"]).json()
            assert record["id"] == item["id"] == item["record"]["id"]
            assert item["locators"]
    few = client.get(f"/sources/{busiest[0]['id']}/facts?type=warning,cohort&limit=1").json()
    assert few["totals"].keys() == {"warning", "cohort"}
    for cursor in ("0", "-1", "x", str(few["total"])):
        assert client.get(f"/sources/{busiest[0]['id']}/facts?type=warning&cursor={cursor}").status_code == 422


def test_first_approvals_are_those_of_each_agency(client: httpx.Client, base: BruteForce) -> None:
    therapies = {record["id"]: record for record in base.documents["therapies"]}
    for agency in Agency:
        key = f"first_approval.{agency}"
        firsts = {
            name: next((item["on"] for item in record["first_approvals"] if item["agency"] == agency), None)
            for name, record in therapies.items()
        }
        items = client.get("/therapies", params={"sort": f"-{key}", "limit": 500}).json()["items"]
        for item in items:
            assert item["first_approval"] is None or item["first_approval"][agency] == firsts[item["id"]]
        dated = [firsts[item["id"]] for item in items]
        known = [date for date in dated if date]
        assert [date[:4] for date in known] == sorted((date[:4] for date in known), reverse=True)
        assert dated == [*known, *[None] * (len(dated) - len(known))]
        for date in {known[0], known[0][:4], known[0][:7]} if known else ():
            body = client.get("/therapies", params={key: date, "limit": 500}).json()
            assert {item["id"] for item in body["items"]} == {
                name for name, first in firsts.items() if first and first.startswith(date)
            }
        assert client.get("/therapies", params={key: "unknown"}).json()["total"] == len(dated) - len(known)


def test_fields_never_hide_the_id(client: httpx.Client) -> None:
    for noun in nouns():
        items = client.get(f"/{noun.name}?limit=1").json()["items"]
        key = next(key for key in items[0] if key != "id")
        shaped = client.get(f"/{noun.name}?limit=1&fields={key}").json()["items"]
        assert shaped == [{"id": items[0]["id"], key: items[0][key]}]
        record = client.get(f"/{noun.name}/{items[0]['id']}?fields={key}").json()
        assert set(record) == {"id", key}
