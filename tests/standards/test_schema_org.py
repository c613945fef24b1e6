"""JSON-LD of schema.org: nothing is lost or invented when it is expanded, by the context that is served."""

import json
from typing import Any

import httpx
import pytest
from pyld import jsonld
from rdflib.namespace import SDO

from app.api.formats import MEDIA_TYPES, Format
from app.nouns.registry import nouns
from app.standards.about import AGENCIES
from app.standards.context import SCHEMA, context
from app.vocabulary import Agency
from seed.bundles import bundles
from tests.api.documented import documented
from tests.seed.base import published_documents
from tests.standards.said import ABOUT, forms, objects

MEDIA_TYPE = MEDIA_TYPES[Format.JSON_LD]
FORMS = forms(Format.JSON_LD)
EVERY = 40
"""Of a list, each so many-th record is looked at: the library takes long."""


def expanded(client: httpx.Client, document: Any) -> Any:
    """A document expanded by what the service answers, and by nothing else."""

    def load(address: str, _: Any) -> dict[str, Any]:
        assert address == f"{client.base_url}/context.jsonld".replace("//context", "/context")
        answer = client.get(address)
        assert answer.headers["Content-Type"] == MEDIA_TYPE
        return {"contentType": MEDIA_TYPE, "contextUrl": None, "documentUrl": address, "document": answer.json()}

    return jsonld.expand(document, {"documentLoader": load})


def plain(value: Any) -> Any:
    """A document without the difference between one value and a list of one, in any order of keys."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if key != "@context"}
    if isinstance(value, list):
        return plain(value[0]) if len(value) == 1 else [plain(each) for each in value]
    return value


def documents_of(client: httpx.Client, name: str) -> list[dict[str, Any]]:
    """Some records of a list as a list, and a few by themselves."""
    listed = client.get(f"/{name}", params={"limit": 500, "fields": "id"}).json()
    ids = [item["id"] for item in listed["items"]]
    chosen = sorted({*ids[::EVERY], *(["pembrolizumab"] if name == "therapies" else ())})
    answers = [client.get(f"/{name}", params={"format": "jsonld", "id": ",".join(chosen)})]
    answers += [client.get(f"/{name}/{each}", params={"format": "jsonld"}) for each in chosen[:8]]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


@pytest.mark.parametrize("name", FORMS)
def test_nothing_is_lost_and_every_word_is_one_of_schema_org(client: httpx.Client, name: str) -> None:
    known = {SCHEMA + term for term in SDO.__annotations__}
    for document in documents_of(client, name):
        found = expanded(client, document)
        back = jsonld.compact(found, context())
        assert plain(back) == plain(document)
        keys = {key for each in objects(found) for key in each if not key.startswith("@")}
        types = {type_ for each in objects(found) if isinstance(each.get("@type"), list) for type_ in each["@type"]}
        enumerated = {each["@id"] for each in objects(found) if str(each.get("@id", "")).startswith(SCHEMA)}
        assert keys | types | enumerated <= known
        assert len(keys) > 8


def test_no_record_of_now_or_of_the_oldest_release_has_a_key_or_a_type_that_the_context_lacks(
    texts: dict[str, list[str]],
) -> None:
    terms = context()["@context"].keys() | {"@id", "@type", "@reverse"}
    seen: set[str] = set()
    for documents in (texts, published_documents(bundles()[0])):
        for name, form in FORMS.items():
            for text in documents.get(name, ()):
                for each in objects(form(json.loads(text), ABOUT)):
                    seen |= each.keys() | ({each["@type"]} if "@type" in each else set())
                    assert None not in each.values()
    assert seen <= terms
    of_pages = {"ItemList", "itemListElement", "numberOfItems", "citation", "creator", "mainEntityOfPage", "license"}
    assert terms - seen == {"@version", *of_pages}


def test_a_therapy_is_a_drug_with_all_that_schema_org_has_a_place_for(
    client: httpx.Client, documents: dict[str, list[dict[str, Any]]]
) -> None:
    therapy = next(each for each in documents["therapies"] if each["id"] == "axicabtagene-ciloleucel")
    drug = client.get(f"/therapies/{therapy['id']}", params={"format": "jsonld"}).json()
    at = str(client.base_url).rstrip("/")
    assert (drug["@id"], drug["@type"]) == (f"{at}/therapies/{therapy['id']}", "Drug")
    assert [each["name"] for each in drug["drugClass"]] == [each["name"] for each in therapy["classes"]]
    assert drug["mechanismOfAction"] == [each["description"] for each in therapy["mechanisms"]]
    identifiers = [f"{each['propertyID']}:{each['value']}" for each in drug["identifier"]]
    assert identifiers == [each["id"] for each in therapy["identifiers"]]
    facts = [*therapy["products"], *therapy["indications"]]
    for status, fact in zip(drug["legalStatus"], facts, strict=True):
        assert status["@type"] == "DrugLegalStatus"
        assert status["@id"].endswith(f"#{fact['id']}")
        assert status["name"].endswith(fact["status"])
        assert status["applicableLocation"]["name"] == AGENCIES[fact["agency"]][1]
        assert status["subjectOf"]["@id"] == f"{at}/sources/{fact['evidence']['source']['id']}"
    assert sum(text.startswith("Boxed warning: ") for text in drug["warning"]) == sum(
        each["level"] == "boxed" for each in therapy["warnings"]
    )
    assert [each["@id"] for each in drug["@reverse"]["drug"]] == [
        f"{at}/conditions/{each['id']}" for each in therapy["conditions"]
    ]
    page = drug["mainEntityOfPage"]
    assert client.get(page["@id"]).json() == drug
    info = client.get("/service-info").json()
    assert (page["isPartOf"]["version"], page["isPartOf"]["identifier"]["value"]) == (info["release"], info["digest"])
    cited = client.get(f"/therapies/{therapy['id']}", params={"format": "csl-json"}).json()[:-1]
    assert {each["@id"].rpartition("/")[2] for each in page["citation"]} == {each["id"] for each in cited}


def test_a_list_has_every_record_in_its_order(client: httpx.Client) -> None:
    query = {"class": "pd-1-inhibitor", "sort": "-first_approval"}
    found = client.get("/therapies", params={**query, "format": "jsonld"}).json()
    listed = client.get("/therapies", params={**query, "limit": 500}).json()
    assert (found["@type"], found["numberOfItems"]) == ("ItemList", listed["total"])
    assert [each["name"] for each in found["itemListElement"]] == [each["name"] for each in listed["items"]]
    of_condition = client.get("/conditions/melanoma/therapies", params={"format": "jsonld"})
    assert of_condition.json()["numberOfItems"] == client.get("/conditions/melanoma/therapies").json()["total"]


def test_it_is_an_answer_as_any_other(client: httpx.Client) -> None:
    answer = client.get("/therapies/pembrolizumab", params={"format": "jsonld"})
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert f'rel="{"permalink"}"' in answer.headers["Link"]
    accepted = client.get("/therapies/pembrolizumab", headers={"Accept": f"{MEDIA_TYPE}, application/json;q=0.5"})
    assert accepted.headers["Content-Type"] == MEDIA_TYPE
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(answer.url.path, params={"format": "jsonld"}, headers=known).status_code == 304
    release = answer.headers["X-Release"]
    pinned = client.get("/therapies/pembrolizumab", params={"format": "jsonld", "release": release})
    assert "immutable" in pinned.headers["Cache-Control"]
    assert client.head("/therapies", params={"format": "jsonld"}).headers["Content-Type"] == MEDIA_TYPE
    named = client.get("/exports/therapies/keytruda", follow_redirects=True)
    assert str(named.url.path) == "/exports/therapies/pembrolizumab"
    assert named.json()["@id"] == answer.json()["@id"]
    for path, parameter in (("/therapies", "limit"), ("/therapies/pembrolizumab", "fields")):
        value = "3" if parameter == "limit" else "id"
        refused = client.get(path, params={"format": "jsonld", parameter: value})
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, parameter)
    assert client.get("/therapies/nothing-at-all", params={"format": "jsonld"}).status_code == 404


def test_the_address_of_the_service_is_that_which_was_asked(client: httpx.Client) -> None:
    there = client.get("/targets/PDCD1", params={"format": "jsonld"}, headers={"Host": "localhost"}).json()
    assert there["@context"] == "http://localhost/context.jsonld"
    here = client.get("/targets/PDCD1", params={"format": "jsonld"}).json()
    assert here["@context"] != there["@context"]


def test_what_has_no_type_there_says_so(client: httpx.Client) -> None:
    without = [noun.name for noun in nouns() if noun.name not in FORMS]
    assert without
    for name in without:
        assert client.get(f"/{name}", params={"format": "jsonld"}).status_code == 422
        assert client.get(f"/{name}", headers={"Accept": MEDIA_TYPE}).status_code == 406
    refused = client.get("/therapies/pembrolizumab", params={"format": "csv"}).json()["errors"][0]
    assert "jsonld" in refused["allowed"]


def test_the_context_is_kept_and_known_again(client: httpx.Client) -> None:
    answer = client.get("/context.jsonld")
    assert answer.json() == context()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/context.jsonld", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/context.jsonld", params={"x": "1"}).status_code == 422


def test_records_and_lists_are_documented_as_exports(client: httpx.Client) -> None:
    document = documented(client)
    for name in FORMS:
        for path in (f"/exports/{name}", f"/exports/{name}/{{id}}"):
            operation = document["paths"][path]["get"]
            assert MEDIA_TYPE in operation["responses"]["200"]["content"]
            [formats] = [each["schema"] for each in operation["parameters"] if each["name"] == "format"]
            assert "jsonld" in formats["enum"]


def test_every_agency_has_a_place() -> None:
    assert AGENCIES.keys() == {str(agency.value) for agency in Agency}
