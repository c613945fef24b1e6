"""The JSON-LD context by which `format=jsonld` is read: every key and every type, each an IRI of schema.org."""

from typing import Any

SCHEMA = "https://schema.org/"
PATH = "/context.jsonld"

TYPES = (
    "AdministrativeArea", "BioChemEntity", "CreativeWork", "Dataset", "Drug", "DrugClass", "DrugLegalStatus",
    "ItemList", "MedicalCode", "MedicalCondition", "MedicalTrial", "MolecularEntity", "Organization", "Person",
    "PropertyValue", "Protein", "Report", "ScholarlyArticle", "WebPage",
)  # fmt: skip
TEXTS = (
    "administrationRoute", "alternateName", "codeValue", "codingSystem", "creativeWorkStatus", "description",
    "mechanismOfAction", "name", "nonProprietaryName", "numberOfItems", "propertyID", "proprietaryName", "rxcui",
    "value", "version", "warning",
)  # fmt: skip
NODES = (
    "activeIngredient", "applicableLocation", "author", "citation", "code", "creator", "drug", "drugClass",
    "healthCondition", "identifier", "isPartOf", "legalStatus", "mainEntityOfPage", "study", "studySubject",
    "subjectOf",
)  # fmt: skip
ADDRESSES = ("license", "relevantSpecialty", "sameAs", "trialDesign", "url")
"""Keys whose values are IRIs."""
DATES = ("datePublished",)


def context() -> dict[str, Any]:
    """The context document. It has no vocabulary for what is not listed: an unknown key would be seen to be lost."""
    terms: dict[str, Any] = {"@version": 1.1}
    terms |= {term: SCHEMA + term for term in sorted((*TYPES, *TEXTS, *NODES))}
    terms |= {term: {"@id": SCHEMA + term, "@type": "@id"} for term in ADDRESSES}
    terms |= {term: {"@id": SCHEMA + term, "@type": f"{SCHEMA}Date"} for term in DATES}
    terms["itemListElement"] = {"@id": f"{SCHEMA}itemListElement", "@container": "@list"}
    return {"@context": terms}
