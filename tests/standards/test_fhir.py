"""FHIR R5: fhir.resources takes every Bundle, and it holds the facts of the therapy with their sources."""

import json
from collections import Counter
from typing import Any

import httpx
import pytest
from fhir.resources.bundle import Bundle

from app.api.formats import MEDIA_TYPES, Format
from app.nouns.registry import nouns
from app.standards.fhir import RATE
from seed.bundles import bundles
from tests.api.documented import documented
from tests.seed.base import published_documents
from tests.standards.said import ABOUT, forms, objects

MEDIA_TYPE = MEDIA_TYPES[Format.FHIR]
EVERY = 12
"""Of the therapies, each so many-th is looked at, and these:"""
CHOSEN = ("pembrolizumab", "axicabtagene-ciloleucel", "nivolumab-and-relatlimab", "adalimumab")


def resources(bundle: dict[str, Any], type_: str, **fields: Any) -> list[dict[str, Any]]:
    """The resources of a type in a bundle, with some values."""
    found = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == type_]
    return [each for each in found if all(each.get(key) == value for key, value in fields.items())]


def own_id(resource: dict[str, Any]) -> str:
    return str(resource["identifier"][0]["value"])


def validated(bundle: dict[str, Any]) -> None:
    """Hold a bundle to R5, each resource by the model of its type."""
    Bundle.model_validate_json(json.dumps(bundle))
    names = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(names) == len(set(names))
    referred = {each["reference"] for each in objects(bundle) if isinstance(each.get("reference"), str)}
    assert referred <= set(names)


def test_every_bundle_is_sound(client: httpx.Client, documents: dict[str, list[dict[str, Any]]]) -> None:
    ids = [each["id"] for each in documents["therapies"]]
    for therapy in {*ids[::EVERY], *CHOSEN}:
        answer = client.get(f"/therapies/{therapy}", params={"format": "fhir"})
        assert answer.headers["Content-Type"] == MEDIA_TYPE
        validated(answer.json())


def test_what_is_not_r5_would_be_refused(client: httpx.Client) -> None:
    bundle = client.get("/therapies/nivolumab-and-relatlimab", params={"format": "fhir"}).json()
    for type_, key in (("MedicinalProductDefinition", "name"), ("ClinicalUseDefinition", "type")):
        broken = json.loads(json.dumps(bundle))
        del resources(broken, type_)[0][key]
        with pytest.raises(ValueError, match=key):
            validated(broken)


@pytest.mark.parametrize("therapy_id", CHOSEN)
def test_every_fact_is_in_it_once(
    client: httpx.Client, documents: dict[str, list[dict[str, Any]]], therapy_id: str
) -> None:
    therapy = next(each for each in documents["therapies"] if each["id"] == therapy_id)
    bundle = client.get(f"/therapies/{therapy_id}", params={"format": "fhir"}).json()
    products = resources(bundle, "MedicinalProductDefinition")
    assert [own_id(each) for each in products] == [each["id"] for each in therapy["products"]]
    licences = [each for each in resources(bundle, "RegulatedAuthorization") if own_id(each).endswith(".licence")]
    assert [each["status"]["text"] for each in licences] == [each["status"] for each in therapy["products"]]
    uses = resources(bundle, "ClinicalUseDefinition", type="indication")
    assert [own_id(each) for each in uses] == [each["id"] for each in therapy["indications"]]
    warned = [*resources(bundle, "ClinicalUseDefinition", type="warning")]
    warned += resources(bundle, "ClinicalUseDefinition", type="contraindication")
    assert Counter(map(own_id, warned)) == Counter(each["id"] for each in therapy["warnings"])
    effects = resources(bundle, "ClinicalUseDefinition", type="undesirable-effect")
    assert len(effects) == client.get(f"/therapies/{therapy_id}/adverse-events?limit=1").json()["total"]
    facts = {each["id"]: each for each in documents["adverse-events"]}
    for effect in effects:
        fact = facts[own_id(effect)]
        frequency = effect["undesirableEffect"]["frequencyOfOccurrence"]
        rates = [each for each in frequency.get("extension", []) if each["url"] == RATE]
        assert len(rates) == len(fact["rates"])
        for rate, said in zip(fact["rates"], rates, strict=True):
            found = {part["url"]: value for part in said["extension"] for key, value in part.items() if key != "url"}
            keys = {"grades": "grades", "patients": "patients", "percent": "percent", "percent_below": "percentBelow"}
            assert found == {keys[key]: value for key, value in rate.items() if value is not None}
        assert effect["undesirableEffect"]["symptomConditionEffect"]["concept"]["text"] == fact["reported_term"]


def test_every_resource_leads_to_its_sources_and_to_its_release(
    client: httpx.Client, documents: dict[str, list[dict[str, Any]]]
) -> None:
    bundle = client.get("/therapies/axicabtagene-ciloleucel", params={"format": "fhir"}).json()
    info = client.get("/service-info").json()
    assert bundle["identifier"]["value"] == info["release"]
    by_name = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    read: dict[str, set[tuple[str, str]]] = {}
    for provenance in resources(bundle, "Provenance"):
        [entity] = provenance["entity"]
        source = own_id(by_name[entity["what"]["reference"]])
        for target in provenance["target"]:
            read.setdefault(target["reference"], set()).add((source, entity["what"]["display"].partition(": ")[2]))
    unread = {by_name[name]["resourceType"] for name in by_name.keys() - read.keys()}
    assert unread == {"Group", "DocumentReference", "Provenance"}
    facts = {each["id"]: each for name in ("indications", "warnings", "adverse-events") for each in documents[name]}
    for name, places in read.items():
        if by_name[name]["resourceType"] == "ClinicalUseDefinition":
            evidence = facts[own_id(by_name[name])]["evidence"]
            [(source, said)] = places
            assert source == evidence["source"]["id"]
            assert said.endswith(evidence["locator"])
    of_types = {each["resourceType"]: each["meta"]["source"] for each in by_name.values() if "meta" in each}
    assert len(of_types) == 6
    for address in of_types.values():
        assert address.endswith(f"?release={info['release']}")
        assert client.get(address).status_code == 200
    assert client.get(bundle["link"][0]["url"]).json() == bundle


def test_it_is_an_answer_as_any_other(client: httpx.Client) -> None:
    accepted = client.get("/therapies/pembrolizumab", headers={"Accept": f"{MEDIA_TYPE}; fhirVersion=5.0"})
    assert accepted.headers["Content-Type"] == MEDIA_TYPE
    known = client.get("/therapies/pembrolizumab?format=fhir").headers["ETag"]
    again = client.get("/therapies/pembrolizumab?format=fhir", headers={"If-None-Match": known})
    assert again.status_code == 304
    assert client.get("/therapies?format=fhir").status_code == 422
    assert client.get("/therapies", headers={"Accept": MEDIA_TYPE}).status_code == 406
    assert client.get("/therapies/nothing-at-all?format=fhir").status_code == 404
    for noun in nouns():
        if noun.name != "therapies":
            first = client.get(f"/{noun.name}?limit=1&fields=id").json()["items"][0]["id"]
            assert client.get(f"/{noun.name}/{first}?format=fhir").status_code == 422, noun.name
    operation = documented(client)["paths"]["/exports/therapies/{id}"]["get"]
    assert MEDIA_TYPE in operation["responses"]["200"]["content"]


def test_therapies_of_the_oldest_release_are_sound_too() -> None:
    from app.standards.fhir import record

    documents = {name: list(map(json.loads, texts)) for name, texts in published_documents(bundles()[0]).items()}
    beside: dict[str, Any] = {name: {each["id"]: each for each in documents[name]} for name in ("conditions", "events")}
    for therapy in documents["therapies"][::EVERY]:
        own = [each for each in documents["adverse-events"] if each["therapy"]["id"] == therapy["id"]]
        form = forms(Format.FHIR)["therapies"]
        validated(record(form, therapy, ABOUT, {**beside, "adverse-events": own}))
