"""Names as users write them: typed halfway, misspelled, brands of several regions, combinations."""

import time

import httpx
import pytest


def ids(client: httpx.Client, typed: str, **more: str) -> list[tuple[str, str]]:
    items = client.get("/suggest", params={"q": typed, **more}).json()["items"]
    return [(item["type"], item["id"]) for item in items]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("keyt", ("therapy", "pembrolizumab")),
        ("Keytrda", ("therapy", "pembrolizumab")),
        ("pembrolizumba", ("therapy", "pembrolizumab")),
        ("melnoma", ("condition", "melanoma")),
        ("melan", ("condition", "melanoma")),
        ("PD-1", ("target", "PDCD1")),
        ("car-t", ("class", "car-t")),
        ("colit", ("event", "colitis")),
        ("nivolumab", ("therapy", "nivolumab")),
    ],
)
def test_the_best_suggestion_is_first(client: httpx.Client, typed: str, first: tuple[str, str]) -> None:
    assert ids(client, typed)[0] == first


def test_suggestions_are_narrowed_by_type_and_limit(client: httpx.Client) -> None:
    assert {kind for kind, _ in ids(client, "lymph", type="condition")} == {"condition"}
    assert len(ids(client, "a", limit="3")) == 3
    assert ids(client, "zzzzqqqq") == []


def test_a_suggestion_takes_little_time(client: httpx.Client) -> None:
    ids(client, "warm")
    begun = time.perf_counter()
    for typed in ("p", "pe", "pem", "pemb", "pembx", "qembro"):
        ids(client, typed)
    assert (time.perf_counter() - begun) / 6 < 0.5


@pytest.mark.parametrize(
    ("name", "how", "found"),
    [
        ("pembrolizumab", "id", "pembrolizumab"),
        ("KEYTRUDA", "brand", "pembrolizumab"),
        ("keytruda ", "brand", "pembrolizumab"),
        ("PDCD1", "id", "PDCD1"),
        ("unii:DPT0O3T46P", "identifier", "pembrolizumab"),
        ("BLA125514", "identifier", "pembrolizumab"),
        ("mondo:0005105", "identifier", "melanoma"),
    ],
)
def test_a_name_is_resolved_and_says_how(client: httpx.Client, name: str, how: str, found: str) -> None:
    item = client.get("/resolve", params={"name": name}).json()["items"][0]
    assert item["status"] == "matched", item
    assert (item["match"]["how"], item["match"]["id"]) == (how, found)


def test_nothing_is_picked_among_equals_or_near_names(client: httpx.Client) -> None:
    item = client.get("/resolve", params={"name": "pembrolizumap"}).json()["items"][0]
    assert item["status"] == "fuzzy"
    assert item["match"] is None
    assert item["alternatives"][0]["id"] == "pembrolizumab"
    unknown = client.get("/resolve", params={"name": "aspirin tablets of yore"}).json()["items"][0]
    assert (unknown["status"], unknown["alternatives"]) == ("unknown", [])


def test_a_combination_is_resolved_part_by_part(client: httpx.Client) -> None:
    for name in ("Opdivo + Yervoy", "nivolumab/ipilimumab", "nivolumab and ipilimumab"):
        item = client.get("/resolve", params={"name": name, "type": "therapy"}).json()["items"][0]
        assert item["status"] == "combination"
        assert [part["match"]["id"] for part in item["parts"]] == ["nivolumab", "ipilimumab"]


def test_a_thousand_names_are_resolved_and_ten_thousand_refused(client: httpx.Client) -> None:
    answer = client.post("/resolve", json={"names": ["Keytruda", "nothing"] * 500})
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 1000
    refused = client.post("/resolve", json={"names": ["Keytruda"] * 10_000})
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert client.post("/resolve", content=b"x" * 2_000_000).status_code == 413
    for body in (b"{", b"[]", b'{"names": "Keytruda"}', b'{"names": ["a"], "x": 1}', b"\xff"):
        answer = client.post("/resolve", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.headers["Content-Type"] == "application/problem+json"
