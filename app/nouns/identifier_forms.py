"""Forms of identifiers: CURIEs with any known prefix, and addresses, as the CURIE that the fact base writes.

Prefixes are those that the Bioregistry prefers, which a test holds them to; other prefixes and addresses are its too
(CC0), read on 2026-11-28, for the registers that the base uses.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from curies import Converter


class _Register(NamedTuple):
    """How the identifiers of a register are written."""

    prefix: str
    """As the Bioregistry prefers it; any other case of it is understood."""
    synonyms: str = ""
    """Other prefixes, in lower case."""
    addresses: str = ""
    """Beginnings of addresses, without `https://` and `www.`."""
    alone: str | None = None
    """Pattern of an identifier that tells its register without a prefix."""
    former: str | None = None
    """What releases up to 2026.11.28.3 wrote for the prefix."""


_REGISTERS = (
    _Register("atc", "atc_code", "whocc.no/atc_ddd_index/?code= purl.bioontology.org/ontology/ATC/"),
    _Register("cas", "casid cas_rn cas_id", "commonchemistry.cas.org/detail?cas_rn="),
    _Register("CHEBI", "chebiid", "purl.obolibrary.org/obo/CHEBI_ ebi.ac.uk/chebi/searchId.do?chebiId="),
    _Register(
        "chembl",
        "chembl.compound chembl_id",
        "ebi.ac.uk/chembl/explore/compound/ ebi.ac.uk/chembl/compound/inspect/ ebi.ac.uk/chembl/compound_report_card/ "
        "rdf.ebi.ac.uk/resource/chembl/molecule/",
        r"CHEMBL\d+",
    ),
    _Register("clinicaltrials", "clinicaltrial", "clinicaltrials.gov/study/ clinicaltrials.gov/ct2/show/", r"NCT\d{8}"),
    _Register(
        "DOID",
        "do",
        "purl.obolibrary.org/obo/DOID_ disease-ontology.org/term/ disease-ontology.org/?id=",
        former="doid",
    ),
    _Register("doi", "", "doi.org/ dx.doi.org/", r"10\.\d{4,9}/\S+"),
    _Register("drugbank", "drugbank_id", "go.drugbank.com/drugs/ drugbank.ca/drugs/", r"DB\d{5}"),
    _Register("drugcentral", "drug_central", "drugcentral.org/drugcard/"),
    _Register("ensembl", "", "ensembl.org/id/ rdf.ebi.ac.uk/resource/ensembl/", r"ENSG\d{11}"),
    _Register(
        "hgnc",
        "",
        "genenames.org/data/gene-symbol-report/#!/hgnc_id/ genenames.org/cgi-bin/gene_symbol_report?hgnc_id= "
        "genenames.org/data/hgnc_data.php?hgnc_id=",
    ),
    _Register(
        "mesh",
        "msh mesh_descriptor_ui mesh_supplemental_record_ui",
        "id.nlm.nih.gov/mesh/ meshb.nlm.nih.gov/record/ui?ui= ncbi.nlm.nih.gov/mesh/?term= "
        "purl.bioontology.org/ontology/MESH/ purl.obolibrary.org/obo/MESH_",
    ),
    _Register("HP", "hpo", "purl.obolibrary.org/obo/HP_ hpo.jax.org/browse/term/HP:"),
    _Register("MONDO", "", "purl.obolibrary.org/obo/MONDO_", former="mondo"),
    _Register("NCBIGene", "egid entrez entrezgene geneid ncbi_geneid", "ncbi.nlm.nih.gov/gene/", former="ncbigene"),
    _Register(
        "NCIT",
        "nci ncithesaurus nci_thesaurus ncit_thesaurus",
        "purl.obolibrary.org/obo/NCIT_ evsexplore.semantics.cancer.gov/evsexplore/concept/ncit/ "
        "ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#",
        former="ncit",
    ),
    _Register("OAE", "", "purl.obolibrary.org/obo/OAE_"),
    _Register(
        "pubmed", "pmid medline", "pubmed.ncbi.nlm.nih.gov/ ncbi.nlm.nih.gov/pubmed/ europepmc.org/abstract/MED/"
    ),
    _Register(
        "rxnorm",
        "rxcui",
        "mor.nlm.nih.gov/RxNav/search?searchBy=RXCUI&searchTerm= purl.bioontology.org/ontology/RXNORM/",
        former="rxcui",
    ),
    _Register(
        "dailymed",
        "set_id setid",
        "dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid= dailymed.nlm.nih.gov/dailymed/lookup.cfm?setid=",
    ),
    _Register("unii", "", "precision.fda.gov/uniisearch/srs/unii/ fdasis.nlm.nih.gov/srs/unii/", "[A-Z0-9]{10}"),
    _Register("uniprot", "swissprot uniprotkb up", "purl.uniprot.org/uniprot/ uniprot.org/uniprot/"),
    _Register("VO", "", "purl.obolibrary.org/obo/VO_"),
    _Register("wikidata", "wd wd_entity", "wikidata.org/entity/ wikidata.org/wiki/"),
)
_FORMER = {register.prefix: register.former for register in _REGISTERS if register.former}
_RESOLVERS = ("identifiers.org/", "bioregistry.io/", "n2t.net/")
_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_OBO = re.compile(r"^([A-Za-z]+)_(C?\d+)$")


@cache
def _converter() -> "Converter":
    from curies import Converter, Record  # 2 MB that only identifiers in other forms need

    return Converter(
        Record(
            prefix=register.prefix,
            prefix_synonyms=[name for name in _names(register) if name != register.prefix],
            uri_prefix=f"{_RESOLVERS[0]}{register.prefix}:",
            uri_prefix_synonyms=[
                *register.addresses.split(),
                *(
                    f"{resolver}{prefix}{mark}"
                    for resolver in _RESOLVERS
                    for name in _names(register)
                    for prefix in sorted({name, name.upper()})
                    for mark in ":/"
                    if (resolver, prefix, mark) != (_RESOLVERS[0], register.prefix, ":")
                ),
            ],
        )
        for register in _REGISTERS
    )


def _names(register: _Register) -> list[str]:
    """What the prefix of a register may be: the preferred one first, then others, in lower case."""
    return list(dict.fromkeys((register.prefix, register.prefix.lower(), *register.synonyms.split())))


@cache
def prefixes(prefix: str) -> list[str]:
    """A prefix, and what else it may be: releases wrote other ones, and filters have names of their own."""
    return next(_names(register) for register in _REGISTERS if register.prefix == prefix)


def former(curie: str) -> str:
    """A CURIE as releases up to 2026.11.28.3 wrote it."""
    prefix, _, local = curie.partition(":")
    return f"{_FORMER.get(prefix, prefix)}:{local}"


def parsed(text: str) -> tuple[str, str] | None:
    """Prefix and identifier that a CURIE or an address means; None where it is neither.

    A prefix may be written in any case, by another of its names, twice (`HGNC:HGNC:8760`), or before an underscore.
    """
    text = text.strip().strip("<>").rstrip("/")
    if obo := _OBO.match(text):
        text = f"{obo[1]}:{obo[2]}"
    if ":" not in text:
        alone = (register for register in _REGISTERS if register.alone and re.fullmatch(register.alone, text.upper()))
        return next(((register.prefix, text) for register in alone), None)
    address = _SCHEME.sub("", text)
    if address != text and (found := _converter().parse_uri(address)):
        prefix, local = found.prefix, found.identifier
    else:
        prefix, _, local = text.partition(":")
        prefix = prefix.strip().lower()
    known = _converter().standardize_prefix(prefix)
    if known is None:
        return None
    again, _, rest = local.strip().partition(":")
    return (known, rest) if rest and _converter().standardize_prefix(again.lower()) == known else (known, local.strip())
