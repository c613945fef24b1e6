"""A therapy as a Bundle of FHIR R5: its products, what agencies authorised, and what it is used for and does.

Each fact is a resource of its own, which Provenance leads to its source and the place in it. What has no element of
FHIR is said in words (`text`) or in an extension, or left out: docs/standards.md says which.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from app.standards.about import AGENCIES, About, Document, without_none

SYSTEMS = {
    "atc": "http://www.whocc.no/atc",
    "mondo": "http://purl.obolibrary.org/obo/mondo.owl",
    "ncit": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "rxcui": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "unii": "http://fdasis.nlm.nih.gov",
}
"""By prefix, the code systems that HL7 names; any other has its address at the Bioregistry."""
COUNTRIES = "urn:iso:std:iso:3166"
RATE = "urn:immunofacts:fhir:rate"
"""The extension with a rate as a source prints it: grades, patients, percent, percentBelow."""
XHTML = "http://www.w3.org/1999/xhtml"
Related = Mapping[str, Any]
"""Records that a therapy does not hold itself: its `adverse-events`, and by id `conditions` and `events`."""


class _Bundle:
    """The resources of a bundle, and where each was read."""

    def __init__(self, about: About) -> None:
        self.about = about
        self.entries: list[Document] = []
        self.read: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        """By source, place in it and day of reading, the resources that were read there."""
        self.sources: dict[str, Document] = {}

    def add(
        self, type_: str, list_name: str, record_id: str, fields: Document, evidence: Iterable[Document]
    ) -> Document:
        """Add a resource of a record, or of a product of a therapy; return the reference to it."""
        about = self.about
        page = record_id.partition(".")[0] if list_name == "therapies" else record_id
        address = f"{about.link(list_name, page)}?release={about.version}"
        name = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{type_} {record_id} {address}')}"
        identifier = {"system": f"{about.at}/{list_name}", "value": record_id}
        fields = {"identifier": [identifier], **fields}
        resource = {"resourceType": type_, "meta": {"source": address}, **without_none(fields)}
        self.entries.append({"fullUrl": name, "resource": resource})
        for each in evidence:
            self.sources[each["source"]["id"]] = each["source"]
            place = each["source"]["id"], each["locator"], each["curated_on"]
            if name not in self.read[place]:
                self.read[place].append(name)
        return {"reference": name}

    def add_sources(self) -> None:
        """Add the sources, and which resource was read where in them."""
        documents = {}
        for source in self.sources.values():
            attachment = without_none({"title": source["title"], "url": source["url"]})
            fields = {"status": "current", "description": source["title"], "content": [{"attachment": attachment}]}
            documents[source["id"]] = self.add("DocumentReference", "sources", source["id"], fields, ())
        for (source_id, locator, day), names in self.read.items():
            what = documents[source_id] | {"display": f"{self.sources[source_id]['title']}: {locator}"}
            resource = {
                "resourceType": "Provenance",
                "target": [{"reference": name} for name in names],
                "occurredDateTime": day,
                "agent": [{"type": {"text": "curator"}, "who": {"display": self.about.authors}}],
                "entity": [{"role": "source", "what": what}],
            }
            name = uuid5(NAMESPACE_URL, f"{source_id} {locator} {day} {names[0]}")
            self.entries.append({"fullUrl": f"urn:uuid:{name}", "resource": resource})


def record(form: Any, document: Document, about: About, related: Related) -> Document:
    """A record as a Bundle, of its release."""
    bundle = _Bundle(about)
    form(document, bundle, related)
    bundle.add_sources()
    return {
        "resourceType": "Bundle",
        "identifier": {"system": f"{about.at}/releases", "value": about.version},
        "type": "collection",
        "link": [{"relation": "self", "url": about.permalink}, {"relation": "license", "url": about.licence}],
        "entry": bundle.entries,
    }


def therapy(document: Document, bundle: _Bundle, related: Related) -> None:
    """A therapy: the medicine, its products, its authorisations, and its uses, warnings and undesirable effects."""
    code = {"coding": _codings(each["id"] for each in document["identifiers"]), "text": document["name"]}
    parts = [{"item": {"concept": {"text": part["name"]}}} for part in document.get("components", ())]
    medicine = bundle.add(
        "Medication", "therapies", document["id"], {"code": without_none(code), "ingredient": parts},
        [document["evidence"]],
    )  # fmt: skip
    products = [(product, _product(product, document, code, bundle)) for product in document["products"]]
    for indication in document["indications"]:
        of = [
            reference
            for product, reference in products
            if product["agency"] == indication["agency"]
            and (not indication["brands"] or {product["brand"], product["proper_name"]} & {*indication["brands"]})
        ]
        _indication(indication, of, medicine, bundle, related)
    for warning in document["warnings"]:
        _warning(warning, medicine, bundle, related)
    groups: dict[str, Document] = {}
    for event in related["adverse-events"]:
        cohort = event["cohort"]
        if cohort["id"] not in groups:
            groups[cohort["id"]] = _group(cohort, bundle)
        _undesirable_effect(event, groups[cohort["id"]], medicine, bundle, related)


def _product(product: Document, therapy: Document, code: Document, bundle: _Bundle) -> Document:
    """A product, and its licence."""
    product_id = product.get("id") or ".".join(
        filter(None, (therapy["id"], product["agency"].lower(), product["brand"]))
    )
    names = [("Brand name", product["brand"]), ("Proper name", product["proper_name"])]
    application = _application(product)
    own = {"system": f"{bundle.about.at}/therapies", "value": product_id}
    fields = {
        "identifier": [own, *application],
        "description": therapy["format"],
        "route": [{"text": route} for route in product.get("routes", ())],
        "classification": [{"text": class_["name"]} for class_ in therapy.get("classes") or [therapy["class"]]],
        "ingredient": [without_none(code)],
        "name": [{"productName": name, "type": {"text": type_}} for type_, name in names if name]
        or [{"productName": therapy["name"]}],
    }
    reference = bundle.add("MedicinalProductDefinition", "therapies", product_id, fields, [product["evidence"]])
    licence = {
        "identifier": [{**own, "value": f"{product_id}.licence"}, *application],
        "subject": [reference],
        "region": [_region(product["agency"])],
        "status": {"text": product["status"]},
        "statusDate": product.get("status_on"),
        "validityPeriod": {"start": product["approved_on"]} if product["approved_on"] else None,
        "holder": {"display": product["holder"]} if product["holder"] else None,
        "regulator": {"display": AGENCIES[product["agency"]][0]},
    }
    bundle.add("RegulatedAuthorization", "therapies", f"{product_id}.licence", licence, [product["evidence"]])
    return reference


def _indication(
    indication: Document, products: list[Document], medicine: Document, bundle: _Bundle, related: Related
) -> None:
    """An indication, and how its agency authorised it."""
    partners = [{"concept": {"text": partner}} for partner in indication["partners"]]
    condition = related["conditions"][indication["condition"]["id"]]
    use = {
        "diseaseSymptomProcedure": _concept("conditions", condition, condition["xrefs"], condition["name"], bundle),
        "diseaseStatus": {"concept": {"text": ", ".join(indication["settings"])}} if indication["settings"] else None,
        "intendedEffect": {"concept": {"text": indication["intent"]}},
        "otherTherapy": [{"relationshipType": {"text": "given with"}, "treatment": partner} for partner in partners],
    }
    fields = {
        "text": _narrative(indication["text"]),
        "type": "indication",
        "subject": products or [medicine],
        "status": {"text": indication["status"]},
        "indication": without_none(use),
    }
    reference = bundle.add("ClinicalUseDefinition", "indications", indication["id"], fields, [indication["evidence"]])
    history = indication.get("history", [])
    steps = [without_none({"type": {"text": step["action"]}, "dateDateTime": step["on"]}) for step in history]
    authorization = {
        "subject": products,
        "region": [_region(indication["agency"])],
        "status": {"text": indication["status"]},
        "statusDate": indication["withdrawn_on"] if indication["status"] == "withdrawn" else None,
        "indication": [{"reference": reference}],
        "intendedUse": {"text": indication["intent"]},
        "basis": [{"text": indication["approval_type"]}] if indication["approval_type"] else None,
        "regulator": {"display": AGENCIES[indication["agency"]][0]},
        "case": {"type": {"text": "history"}, "application": steps} if steps else None,
    }
    evidence = [step["evidence"] for step in history] or [indication["evidence"]]
    bundle.add("RegulatedAuthorization", "indications", indication["id"], authorization, evidence)


def _warning(warning: Document, medicine: Document, bundle: _Bundle, related: Related) -> None:
    """A warning, or a contraindication."""
    fields: Document = {
        "category": [{"text": warning["level"]}, *([{"text": "REMS"}] if warning["rems"] else ())],
        "subject": [medicine],
    }
    if warning["level"] == "contraindication":
        fields |= {
            "type": "contraindication",
            "contraindication": {"diseaseSymptomProcedure": {"concept": {"text": warning["text"]}}},
        }
    else:
        event = related["events"][warning["event"]["id"]]
        code = _concept("events", event, _curies(event), event["name"], bundle)["concept"]
        fields |= {"type": "warning", "warning": {"description": warning["text"], "code": code}}
    bundle.add("ClinicalUseDefinition", "warnings", warning["id"], fields, [warning["evidence"]])


def _group(cohort: Document, bundle: _Bundle) -> Document:
    """A cohort as the population in which an effect was counted."""
    fields = {"type": "person", "membership": "definitional", "name": cohort["label"], "quantity": cohort["patients"]}
    return bundle.add("Group", "cohorts", cohort["id"], fields, ())


def _undesirable_effect(fact: Document, group: Document, medicine: Document, bundle: _Bundle, related: Related) -> None:
    """An adverse event in a cohort, with its frequency as the source prints it."""
    event = related["events"][fact["term"]["id"]]
    marks = [fact["kind"], fact["causality"], *(["serious"] if fact["serious"] else ())]
    marks += [fact["subset"]["text"]] if fact.get("subset") else []
    words = [_rate_in_words(rate) for rate in fact["rates"]]
    band = fact["frequency_band"]
    frequency = {"extension": list(map(_rate, fact["rates"])), "text": "; ".join([*([band] if band else ()), *words])}
    effect = {
        "symptomConditionEffect": _concept("events", event, _curies(event), fact["reported_term"], bundle),
        "classification": {"text": event["organ_system"]} if event["organ_system"] else None,
        "frequencyOfOccurrence": without_none(frequency),
    }
    fields = {
        "type": "undesirable-effect",
        "category": [{"text": mark} for mark in marks],
        "subject": [medicine],
        "population": [group],
        "undesirableEffect": without_none(effect),
    }
    bundle.add("ClinicalUseDefinition", "adverse-events", fact["id"], fields, [fact["evidence"]])


def _rate(rate: Document) -> Document:
    """A rate in the extension for it."""
    parts = [
        ("grades", "valueString", rate["grades"]),
        ("patients", "valueInteger", rate["patients"]),
        ("percent", "valueDecimal", rate["percent"]),
        ("percentBelow", "valueDecimal", rate["percent_below"]),
    ]
    return {"url": RATE, "extension": [{"url": url, key: value} for url, key, value in parts if value is not None]}


def _rate_in_words(rate: Document) -> str:
    grades = "any grade" if rate["grades"] == "any" else f"grade {rate['grades']}"
    percent = None if rate["percent"] is None else f"{rate['percent']:g} %"
    below = None if rate["percent_below"] is None else f"under {rate['percent_below']:g} %"
    patients = None if rate["patients"] is None else f"{rate['patients']} patients"
    return f"{grades}: {', '.join(filter(None, (percent, below, patients)))}"


def _concept(list_name: str, term: Document, curies: Iterable[str], text: str, bundle: _Bundle) -> Document:
    """A term of ours as a concept, with its codes elsewhere; `text` is how the source says it."""
    own = {"system": f"{bundle.about.at}/{list_name}", "code": term["id"], "display": term["name"]}
    return {"concept": {"coding": [own, *_codings(curies)], "text": text}}


def _curies(event: Document) -> list[str]:
    """The CURIEs that mean the event exactly; older releases have none."""
    mappings = event.get("mappings", ())
    return [each["object_id"] for each in mappings if each["predicate_id"] == "skos:exactMatch"]


def _codings(curies: Iterable[str]) -> list[Document]:
    return [_coding(*curie.split(":", 1)) for curie in curies]


def _coding(prefix: str, number: str) -> Document:
    known = prefix.lower()
    code = f"MONDO:{number}" if known == "mondo" else number
    return {"system": SYSTEMS.get(known, f"https://bioregistry.io/{known}"), "code": code}


def _application(product: Document) -> list[Document]:
    if not product["application"]:
        return []
    return [{"value": product["application"], "assigner": {"display": AGENCIES[product["agency"]][0]}}]


def _region(agency: str) -> Document:
    _, place, code = AGENCIES[agency]
    return {**({"coding": [{"system": COUNTRIES, "code": code}]} if code else {}), "text": place}


def _narrative(text: str) -> Document:
    return {"status": "additional", "div": f'<div xmlns="{XHTML}">{escape(text)}</div>'}


FORMS = {"therapies": therapy}
"""What says the records of a list."""
