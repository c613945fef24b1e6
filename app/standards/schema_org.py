"""Records as JSON-LD of schema.org: each kind of record as the type that fits it.

A key without a place in schema.org is left out; docs/standards.md says which. Nothing is put into other
words than those of the record, but for its marks of level and status, which stand before the text that they are of.
"""

from collections.abc import Callable, Iterable
from typing import Any

from app.standards.about import AGENCIES, About, Document, evidence_in, without_none
from app.standards.context import PATH, SCHEMA

RXNORM = ("rxnorm:", "rxcui:")
"""Prefixes of its identifiers, in this release and in those before."""
TRIALS = "https://clinicaltrials.gov/study/"
_SPECIALTIES = {
    "oncology": "Oncologic",
    "infectious": "Infectious",
    "cardiovascular": "Cardiovascular",
    "renal": "Renal",
    "respiratory": "Pulmonary",
    "musculoskeletal": "Musculoskeletal",
    "haematological": "Hematologic",
}
"""Areas of medicine that schema.org knows; it has no word for the others."""
_DESIGNS = {"open_label": "OpenTrial", "single_blind": "SingleBlindedTrial", "double_blind": "DoubleBlindedTrial"}
_TARGETS = {"protein": "Protein", "viral_protein": "Protein", "carbohydrate": "MolecularEntity"}
"""Types of kinds of target; any other is a BioChemEntity."""
_WORKS = {
    "trial_publication": "ScholarlyArticle",
    "review": "ScholarlyArticle",
    "web_page": "WebPage",
    "registry": "WebPage",
    "database": "Dataset",
    "assessment_report": "Report",
}
"""Types of kinds of source; a label, or a copy of one, is a CreativeWork."""
_AUTHORS: dict[str | None, Document] = {"people": {"@type": "Person"}, "organisations": {"@type": "Organization"}}
"""What authors are; older releases do not say."""
_NUMBERS = ("doi", "pmid", "nct_id", "set_id")
"""Keys of a source that identify it elsewhere."""
Form = Callable[[Document, About], Document]


def record(form: Form, document: Document, about: About) -> Document:
    """A record by itself, with the page that it is from: its release, its licence and the sources that it cites."""
    page = _page(about.permalink, about, _cited(document, about))
    return {"@context": about.at + PATH, **form(document, about), "mainEntityOfPage": page}


def listed(form: Form, documents: Iterable[Document], about: About) -> Document:
    """The records of a list, each in its shorter form."""
    items = [form(document, about) for document in documents]
    return {
        "@context": about.at + PATH,
        "@id": about.permalink,
        "@type": "ItemList",
        "numberOfItems": len(items),
        "mainEntityOfPage": _page(f"{about.permalink}#page", about),
        "itemListElement": items,
    }


def _page(address: str, about: About, cited: Iterable[Document] = ()) -> Document:
    """The page that a document is from."""
    page = {"@id": address, "@type": "WebPage", "license": about.licence, "isPartOf": _release(about)}
    return without_none({**page, "citation": list(cited)})


def drug(therapy: Document, about: About) -> Document:
    """A therapy as a Drug. Conditions with an active indication refer to it by `drug`."""
    identifiers = therapy.get("identifiers", [])
    found = {
        **_named("Drug", "therapies", therapy, about),
        "nonProprietaryName": therapy["name"],
        "proprietaryName": therapy["brand_names"],
        "alternateName": [*therapy.get("synonyms", ()), *therapy.get("codes", ())],
        "description": therapy.get("format"),
        "administrationRoute": therapy.get("routes"),
        "drugClass": [
            _named("DrugClass", "classes", each, about) for each in therapy.get("classes") or [therapy["class"]]
        ],
        "mechanismOfAction": [mechanism["description"] for mechanism in therapy.get("mechanisms", ())],
        "activeIngredient": [part["name"] for part in therapy.get("components", ())],
        "identifier": [_identifier(each["id"], each["registry"]) for each in identifiers],
        "sameAs": [each["url"] for each in identifiers if each["url"]],
        "rxcui": [each["id"].partition(":")[2] for each in identifiers if each["id"].startswith(RXNORM)],
        "legalStatus": list(_legal_statuses(therapy, about)),
        "warning": [_warning(warning) for warning in therapy.get("warnings", ())],
        "study": _studies(therapy, about),
        "@reverse": without_none(
            {"drug": [_named("MedicalCondition", "conditions", each, about) for each in therapy["conditions"]]}
        ),
    }
    return without_none(found)


def drug_class(class_: Document, about: About) -> Document:
    """A class of therapies as a DrugClass."""
    return _term("DrugClass", "classes", class_, about) | without_none({"description": class_["definition"]})


def medical_condition(condition: Document, about: About) -> Document:
    """A condition as a MedicalCondition, with its codes."""
    codes = [
        {"@type": "MedicalCode", "codingSystem": prefix, "codeValue": number}
        for prefix, _, number in (curie.partition(":") for curie in condition["xrefs"])
    ]
    specialty = _SPECIALTIES.get(condition["area"])
    more = {"code": codes, "relevantSpecialty": specialty and SCHEMA + specialty}
    return _term("MedicalCondition", "conditions", condition, about) | without_none(more)


def bio_chem_entity(target: Document, about: About) -> Document:
    """A target as a Protein, a MolecularEntity, or another BioChemEntity."""
    found = _term(_TARGETS.get(target["kind"], "BioChemEntity"), "targets", target, about)
    return found | without_none({"identifier": [_identifier(curie) for curie in target["xrefs"]]})


def medical_trial(trial: Document, about: About) -> Document:
    """A trial as a MedicalTrial of its conditions, whose subjects are the therapies given in its arms."""
    designs = ["RandomizedTrial"] if trial["randomised"] else []
    designs += [_DESIGNS[trial["blinding"]]] if trial["blinding"] in _DESIGNS else []
    found = {
        **_named("MedicalTrial", "trials", trial, about),
        "alternateName": trial["synonyms"],
        "description": [text for text in (trial["design"], trial["population"]) if text],
        "identifier": [_identifier(f"clinicaltrials:{number}", "ClinicalTrials.gov") for number in trial["nct_ids"]],
        "sameAs": [TRIALS + number for number in trial["nct_ids"]],
        "trialDesign": [SCHEMA + design for design in designs],
        "healthCondition": [_named("MedicalCondition", "conditions", each, about) for each in trial["conditions"]],
        "studySubject": [_named("Drug", "therapies", each, about) for each in trial["therapies"]],
        "subjectOf": _cited(trial, about, trial["sources"]),
    }
    return without_none(found)


def creative_work(source: Document, about: About) -> Document:
    """A source as a CreativeWork of its kind, at its revision."""
    container = source["container"]
    day = source["date"] or "-".join(str(part).zfill(2) for part in (source["year"], source.get("month")) if part)
    found = {
        "@id": about.link("sources", source["id"]),
        "@type": _WORKS.get(source["kind"], "CreativeWork"),
        "name": source["title"],
        "author": [{**_AUTHORS.get(source.get("author_kind"), {}), "name": name} for name in source["authors"]],
        "isPartOf": {"@type": "CreativeWork", "name": container} if container else None,
        "datePublished": day,
        "version": source["revision"],
        "identifier": [_identifier(f"{key}:{source[key]}") for key in _NUMBERS if source[key]],
        "sameAs": f"https://doi.org/{source['doi']}" if source["doi"] else None,
        "url": source["url"],
        "license": source["licence"] if str(source["licence"]).startswith("http") else None,
        "creativeWorkStatus": source["standing"],
    }
    return without_none(found)


def _term(type_: str, list_name: str, term: Document, about: About) -> Document:
    """What all terms say: name and synonyms."""
    return without_none({**_named(type_, list_name, term, about), "alternateName": term["synonyms"]})


def _named(type_: str, list_name: str, other: Document, about: About) -> Document:
    return {"@id": about.link(list_name, other["id"]), "@type": type_, "name": other["name"]}


def _identifier(curie: str, register: str | None = None) -> Document:
    prefix, _, number = curie.partition(":")
    return {"@type": "PropertyValue", "propertyID": prefix, "value": number, **({"name": register} if register else {})}


def _release(about: About) -> Document:
    return {
        "@id": about.release,
        "@type": "Dataset",
        "name": about.title,
        "creator": {"@type": "Organization", "name": about.authors},
        "version": about.version,
        "datePublished": about.released_on,
        "license": about.licence,
        "identifier": {"@type": "PropertyValue", "propertyID": "SHA-256", "value": about.digest},
    }


def _cited(document: Document, about: About, more: Iterable[Document] = ()) -> list[Document]:
    """The sources that a document cites, each once."""
    sources = {source["id"]: source for source in (*(each["source"] for each in evidence_in(document)), *more)}
    return [_work(source, about) for source in sources.values()]


def _work(source: Document, about: About) -> Document:
    named = _named("CreativeWork", "sources", {"id": source["id"], "name": source["title"]}, about)
    return without_none({**named, "url": source["url"]})


def _legal_statuses(therapy: Document, about: About) -> Iterable[Document]:
    """How the therapy stands with agencies: each licence, and each indication; in a list, the first approvals."""
    for product in therapy.get("products", ()):
        name = product["brand"] or product["proper_name"]
        since = f" since {product['approved_on']}" if product["approved_on"] else ""
        yield _legal_status(
            product.get("id"), product, product["status"], f"{name}: {product['status']}{since}", about
        ) | ({"identifier": product["application"]} if product["application"] else {})
    for indication in therapy.get("indications", ()):
        status = ", ".join(filter(None, (indication["approval_type"], indication["status"])))
        yield _legal_status(indication["id"], indication, status, indication["text"], about)
    if "products" not in therapy and therapy["first_approval"]:
        for agency, day in therapy["first_approval"].items():
            if agency in AGENCIES and day:
                yield {"@type": "DrugLegalStatus", "name": f"first approved {day}", **_place(agency)}


def _legal_status(fact_id: str | None, fact: Document, status: str, text: str, about: About) -> Document:
    return {
        **({"@id": f"{about.link('therapies', fact_id.partition('.')[0])}#{fact_id}"} if fact_id else {}),
        "@type": "DrugLegalStatus",
        "name": status,
        "description": text,
        **_place(fact["agency"]),
        "subjectOf": _work(fact["evidence"]["source"], about),
    }


def _place(agency: str) -> dict[str, Any]:
    _, place, _ = AGENCIES[agency]
    return {"applicableLocation": {"@type": "AdministrativeArea", "name": place}}


def _warning(warning: Document) -> str:
    level = {"boxed": "Boxed warning", "warning": "Warning", "contraindication": "Contraindication"}[warning["level"]]
    return f"{level}: {warning['event']['name']}. {warning['text']}"


def _studies(therapy: Document, about: About) -> list[Document]:
    """The trials in whose arms the therapy was given."""
    given = {
        cohort["trial_id"]: cohort["trial"]
        for cohort in therapy.get("cohorts", ())
        if cohort.get("trial_id") and therapy["id"] in (each["id"] for each in cohort["therapies"])
    }
    return [_named("MedicalTrial", "trials", {"id": key, "name": name}, about) for key, name in given.items()]


FORMS: dict[str, Form] = {
    "therapies": drug,
    "classes": drug_class,
    "conditions": medical_condition,
    "targets": bio_chem_entity,
    "trials": medical_trial,
    "sources": creative_work,
}
"""What says the records of a list."""
