"""Registers of identifiers: what a CURIE names, and where it is shown."""

from pydantic import Field

from app.nouns.base import Schema


class Identifier(Schema):
    """An identifier; the register it names is its source."""

    id: str = Field(description="CURIE, such as `unii:DPT0O3T46P`.")
    registry: str = Field(description="Name of the register.")
    url: str | None = Field(description="Page that shows the record; null where the register has none.")


REGISTRIES: dict[str, tuple[str, str | None]] = {
    "atc": ("WHO ATC", "https://atcddd.fhi.no/atc_ddd_index/?code={}"),
    "cas": ("CAS Registry", None),
    "chebi": ("ChEBI", "https://www.ebi.ac.uk/chebi/searchId.do?chebiId=CHEBI:{}"),
    "chembl": ("ChEMBL", "https://www.ebi.ac.uk/chembl/explore/compound/{}"),
    "drugbank": ("DrugBank", "https://go.drugbank.com/drugs/{}"),
    "drugcentral": ("DrugCentral", "https://drugcentral.org/drugcard/{}"),
    "mesh": ("MeSH", "https://id.nlm.nih.gov/mesh/{}"),
    "ncit": ("NCI Thesaurus", "https://evsexplore.semantics.cancer.gov/evsexplore/concept/ncit/{}"),
    "rxcui": ("RxNorm", "https://mor.nlm.nih.gov/RxNav/search?searchBy=RXCUI&searchTerm={}"),
    "unii": ("FDA UNII", "https://precision.fda.gov/uniisearch/srs/unii/{}"),
    "wikidata": ("Wikidata", "https://www.wikidata.org/wiki/{}"),
}
"""Registers of identifiers: their names, and where a record of theirs is shown."""


def identifier(curie: str) -> Identifier:
    """The identifier of a CURIE, with its register and the page that shows it."""
    prefix, _, local = curie.partition(":")
    registry, url = REGISTRIES[prefix]
    return Identifier(id=curie, registry=registry, url=url.format(local) if url else None)
