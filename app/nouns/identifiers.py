"""Registers of identifiers: what a CURIE names, where it is shown, and under which licence."""

from typing import NamedTuple

from pydantic import Field

from app.nouns.base import Schema
from app.nouns.identifier_forms import former


class Identifier(Schema):
    """An identifier; the register it names is its source."""

    id: str = Field(description="CURIE, with the prefix that the Bioregistry prefers: `unii:DPT0O3T46P`.")
    former_id: str | None = Field(
        default=None,
        description="Use `id`. The CURIE as releases up to 2026.11.28.3 wrote it; answered until 2027-11-30.",
        json_schema_extra={"deprecated": True},
    )
    registry: str = Field(description="Name of the register.")
    url: str | None = Field(description="Page that shows the record; null where the register has none.")
    licence: str | None = Field(default=None, description="Licence of the register; null where none was read.")


class Register(NamedTuple):
    """A register of identifiers."""

    name: str
    url: str | None
    """Where a record is shown; `{}` is its number."""
    licence: str | None
    """As its own terms, or a page that cites them, state it; None where none was read. `LICENSE` says more."""


REGISTRIES = {
    "atc": Register("WHO ATC", "https://atcddd.fhi.no/atc_ddd_index/?code={}", "WHOCC terms: non-commercial"),
    "cas": Register("CAS Registry", None, "CAS terms"),
    "CHEBI": Register("ChEBI", "https://www.ebi.ac.uk/chebi/searchId.do?chebiId=CHEBI:{}", "CC BY 3.0"),
    "chembl": Register("ChEMBL", "https://www.ebi.ac.uk/chembl/explore/compound/{}", "CC BY-SA 3.0"),
    "drugbank": Register("DrugBank", "https://go.drugbank.com/drugs/{}", "CC BY-NC 4.0"),
    "drugcentral": Register("DrugCentral", "https://drugcentral.org/drugcard/{}", None),
    "mesh": Register("MeSH", "https://id.nlm.nih.gov/mesh/{}", "NLM terms: free, source named"),
    "NCIT": Register(
        "NCI Thesaurus", "https://evsexplore.semantics.cancer.gov/evsexplore/concept/ncit/{}", "CC BY 4.0"
    ),
    "rxnorm": Register(
        "RxNorm", "https://mor.nlm.nih.gov/RxNav/search?searchBy=RXCUI&searchTerm={}", "public domain (NLM)"
    ),
    "unii": Register("FDA UNII", "https://precision.fda.gov/uniisearch/srs/unii/{}", "CC0 1.0 (openFDA)"),
    "VO": Register("Vaccine Ontology", "http://purl.obolibrary.org/obo/VO_{}", "CC BY 4.0"),
    "wikidata": Register("Wikidata", "https://www.wikidata.org/wiki/{}", None),
}
"""Registers of identifiers, by the prefix of their CURIEs."""


def identifier(curie: str) -> Identifier:
    """The identifier of a CURIE, with its register, the page that shows it, and the licence."""
    prefix, _, local = curie.partition(":")
    register = REGISTRIES[prefix]
    url = register.url.format(local) if register.url else None
    before = former(curie)
    return Identifier(
        id=curie,
        former_id=before if before != curie else None,
        registry=register.name,
        url=url,
        licence=register.licence,
    )
