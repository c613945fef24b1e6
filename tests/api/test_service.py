"""The service itself: what it says of itself, and the probes."""

import re
from pathlib import Path

import httpx

from app.nouns.identifiers import REGISTRIES


def test_service_info_names_release_licence_and_that_it_is_no_advice(client: httpx.Client) -> None:
    info = client.get("/service-info").json()
    assert info["release"] == client.get("/therapies?limit=1").json()["release"]
    assert "CC0" in info["licence"]
    assert "not medical advice" in info["disclaimer"]
    assert info["counts"]["therapies"] == client.get("/therapies?limit=1").json()["total"]


def test_live_and_ready(client: httpx.Client) -> None:
    assert client.get("/live").json() == {"status": "live"}
    assert client.get("/ready").json() == {"status": "ready"}


def test_garbage_is_looked_for_in_service_as_it_is_not_at_the_start(client: httpx.Client) -> None:
    """It is turned off while a server starts: it must be on again, or memory grows."""

    def collections() -> float:
        metrics = client.get("/metrics").text
        [value] = re.findall(r'^python_gc_collections_total{generation="0"} (\S+)$', metrics, re.MULTILINE)
        return float(value)

    before = collections()
    for offset in range(60):
        client.get(f"/therapies?limit=50&fields=id,name,class&sort=-name&offset={offset}")
        client.get(f"/adverse-events/matrix?classes=pd-1-inhibitor&limit={5 + offset % 25}")
    assert collections() > before


def test_a_release_is_listed(client: httpx.Client) -> None:
    page = client.get("/releases").json()
    current = [item for item in page["items"] if item["current"]]
    assert len(current) == 1
    assert client.get(f"/releases/{current[0]['version']}").json() == current[0]
    assert client.get("/releases/1999.01.01").status_code == 404


def test_service_info_names_the_licence_of_every_register(client: httpx.Client) -> None:
    licences = client.get("/service-info").json()["licences"]
    stated = Path("LICENSE").read_text(encoding="utf-8")
    assert licences["ChEMBL"] == "CC BY-SA 3.0"
    assert {register.name for register in REGISTRIES.values()} <= licences.keys()
    for name in licences:
        assert name in stated.replace("UNII codes", "FDA UNII").replace("NCI Thesaurus (NCIt)", "NCI Thesaurus"), name


def test_an_identifier_names_the_licence_of_its_register(client: httpx.Client) -> None:
    found = client.get("/therapies/pembrolizumab").json()["identifiers"]
    assert {item["id"].partition(":")[0]: item["licence"] for item in found}["chembl"] == "CC BY-SA 3.0"
