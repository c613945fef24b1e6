"""DCAT: the catalogue keeps to the shapes of the European profile, and its distributions are there."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyshacl import validate
from rdflib import Graph
from rdflib.namespace import DCAT, DCTERMS, RDF, RDFS, SH

from app.api.downloads import DOWNLOADS

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's parser of JSON-LD uses it
SHAPES = Path(__file__).parent / "dcat-ap-3.0.0.shapes.ttl"


@pytest.fixture(scope="module")
def catalogue(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/catalog.jsonld", timeout=120).json()
    return found


def graph(document: dict[str, Any]) -> Graph:
    return Graph().parse(data=json.dumps(document), format="json-ld")


def complaints(document: dict[str, Any]) -> str:
    """What the shapes say against a catalogue."""
    shapes = Graph().parse(SHAPES)
    shapes.remove((None, SH["class"], RDFS.Resource))  # whatever has an address is one, without saying so
    sound, _, said = validate(graph(document), shacl_graph=shapes)
    return "" if sound else str(said)


def test_it_keeps_to_the_european_profile(catalogue: dict[str, Any]) -> None:
    assert complaints(catalogue) == ""


@pytest.mark.parametrize("key", ["dct:title", "dct:publisher", "dct:description"])
def test_what_the_profile_asks_for_would_be_missed(catalogue: dict[str, Any], key: str) -> None:
    without = {name: value for name, value in catalogue.items() if name != key}
    assert f"Less than 1 values on <{catalogue['@id']}>->{key}" in complaints(without)


def test_every_word_is_one_of_the_vocabularies(catalogue: dict[str, Any]) -> None:
    known = {str(term) for space in (DCAT, DCTERMS) for term in space.__annotations__}
    found = graph(catalogue)
    words = {str(word) for word in (*found.predicates(), *found.objects(None, RDF.type))}
    assert all(word.removeprefix(str(space)) in known for space in (DCAT, DCTERMS) for word in words if word in space)
    assert sum(word.startswith(str(DCAT)) for word in words) > 15


def test_it_lists_every_release_in_its_order(client: httpx.Client, catalogue: dict[str, Any]) -> None:
    releases = client.get("/releases").json()["items"]
    series, *datasets = catalogue["dcat:dataset"]
    assert series["@type"][0] == "dcat:DatasetSeries"
    assert [dataset["dcat:version"] for dataset in datasets] == [release["version"] for release in releases]
    for dataset, release in zip(datasets, releases, strict=True):
        assert dataset["dct:identifier"] == f"sha256:{release['digest']}"
        assert client.get(dataset["@id"]).json() == release
        assert len(dataset["dcat:distribution"]) == len(DOWNLOADS)


def test_distributions_are_the_downloads_of_a_release(client: httpx.Client, catalogue: dict[str, Any]) -> None:
    newest = next(each for each in catalogue["dcat:dataset"] if each.get("dcat:version"))
    for distribution in newest["dcat:distribution"]:
        answer = client.head(distribution["dcat:downloadURL"]["@id"], timeout=120)
        assert answer.status_code == 200
        media_type = answer.headers["Content-Type"].partition(";")[0]
        assert distribution["dcat:mediaType"]["@id"].endswith(f"/{media_type}")


def test_it_is_asked_for_again(client: httpx.Client) -> None:
    answer = client.get("/catalog.jsonld")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert client.get("/catalog.jsonld", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
