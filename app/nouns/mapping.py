"""Mappings of our terms to those of other vocabularies, as in SSSOM, the standard for ontology mappings."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from app.nouns.base import Curie, Schema, Text
from app.vocabulary import CurieMatch, MappingJustification, MappingPredicate


class TermSource(NamedTuple):
    """A vocabulary whose terms ours are mapped to."""

    name: str
    addresses: str
    """What its CURIEs stand for: the beginning of the addresses of its terms."""
    licence: str
    """Address of the licence, or of the terms of use."""


VOCABULARIES = {
    "NCIT": TermSource(
        "NCI Thesaurus", "http://purl.obolibrary.org/obo/NCIT_", "https://creativecommons.org/licenses/by/4.0/"
    ),
    "OAE": TermSource(
        "Ontology of Adverse Events",
        "http://purl.obolibrary.org/obo/OAE_",
        "https://creativecommons.org/licenses/by/3.0/",
    ),
    "HP": TermSource(
        "Human Phenotype Ontology", "http://purl.obolibrary.org/obo/HP_", "https://hpo.jax.org/app/license"
    ),
    "MONDO": TermSource(
        "Mondo Disease Ontology",
        "http://purl.obolibrary.org/obo/MONDO_",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    "mesh": TermSource(
        "Medical Subject Headings",
        "http://id.nlm.nih.gov/mesh/",
        "https://www.nlm.nih.gov/databases/download/terms_and_conditions.html",
    ),
}
"""Vocabularies by the prefix of their CURIEs, the one that is preferred for events first."""


class Mapping(Schema):
    """What a term is to one of another vocabulary."""

    predicate_id: MappingPredicate = Field(description="What the term of the other vocabulary is to ours.")
    object_id: Curie = Field(description="CURIE of the term of the other vocabulary.")
    object_label: Text = Field(description="Its label there, as it was read.")
    mapping_justification: MappingJustification = Field(description="How the mapping was found.")
    confidence: float | None = Field(default=None, ge=0, le=1, description="Confidence in the mapping, from 0 to 1.")
    object_source_version: Text | None = Field(default=None, description="Version of the vocabulary that was read.")
    comment: Text | None = Field(default=None, description="What else is to be known of the mapping.")


class TermMapping(Mapping):
    """A mapping, with the vocabulary that it leads to."""

    object_source: str = Field(description="Name of the other vocabulary.")
    object_licence: str = Field(description="Licence, or terms of use, of the other vocabulary.")


def shown(mapping: Mapping) -> TermMapping:
    """A mapping as the API answers it."""
    source = VOCABULARIES[_prefix(mapping)]
    return TermMapping(**mapping.model_dump(), object_source=source.name, object_licence=source.licence)


def exact(mappings: Sequence[Mapping]) -> list[str]:
    """The CURIEs that mean the same as a term, the preferred vocabulary first."""
    return _objects(mappings, MappingPredicate.EXACT)


def best(mappings: Sequence[Mapping]) -> tuple[str | None, CurieMatch | None]:
    """The CURIE of a term, or where none means the same that of a broader one; and which of these it is."""
    for predicate, match in ((MappingPredicate.EXACT, CurieMatch.EXACT), (MappingPredicate.BROAD, CurieMatch.BROADER)):
        if found := _objects(mappings, predicate):
            return found[0], match
    return None, None


def _objects(mappings: Sequence[Mapping], predicate: MappingPredicate) -> list[str]:
    order = list(VOCABULARIES)
    kept = [mapping for mapping in mappings if mapping.predicate_id is predicate]
    return [mapping.object_id for mapping in sorted(kept, key=lambda mapping: order.index(_prefix(mapping)))]


def _prefix(mapping: Mapping) -> str:
    return mapping.object_id.partition(":")[0]
