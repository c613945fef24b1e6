"""A release as a knowledge graph: nodes and edges of the Biolink Model, as KGX exchanges them.

Two tables of tab-separated values in one archive. Edges say which therapy treats or prevents what (active indications
alone), what it acts on, which adverse events were counted in arms that received it, and in which class it is.
"""

import gzip
import io
import tarfile
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

Document = dict[str, Any]
OWN = "immunofacts"
"""Of names of files, and of the prefixes of what no vocabulary that is read has a CURIE for: `immunofacts.event`."""
SOURCE = "infores:immunofacts"
PREFIXES = {
    "unii": "UNII", "chembl": "CHEMBL.COMPOUND", "rxnorm": "RXCUI", "drugbank": "DRUGBANK", "mesh": "MESH",
    "cas": "CAS", "atc": "ATC", "drugcentral": "DrugCentral", "hgnc": "HGNC", "ensembl": "ENSEMBL",
    "wikidata": "WIKIDATA", "rxcui": "RXCUI", "mondo": "MONDO", "doid": "DOID", "ncit": "NCIT", "ncbigene": "NCBIGene",
}  # fmt: skip
"""Prefixes of the Biolink Model, where they are others than ours, or than those of older releases."""
PREFERRED = {
    "therapies": ("UNII", "CHEMBL.COMPOUND", "RXCUI", "DRUGBANK", "MESH", "NCIT"),
    "conditions": ("MONDO", "DOID", "NCIT", "MESH"),
    "targets": ("HGNC",),
    "events": ("HP", "NCIT", "MONDO", "MESH", "OAE"),
}
"""By list, the prefixes that the id of a node may have, the best first."""
LISTS = {"therapies": "therapy", "conditions": "condition", "targets": "target", "events": "event", "classes": "class"}
"""Lists whose records are nodes, and what one of them is called. A node of two lists is of the first."""
CATEGORIES = {"therapies": "Drug", "conditions": "Disease", "events": "PhenotypicFeature", "classes": "ChemicalEntity"}
TARGETS = {"protein": "Gene", "protein_complex": "MacromolecularComplex", "viral_protein": "Protein"}
"""Categories of targets by their kind; any other is a chemical entity."""
DIRECTIONS = dict.fromkeys(("inhibitor", "neutraliser", "trap"), "decreased") | {"agonist": "increased"}
"""What an action does to the activity of its target; other actions are interactions."""
TREATS = {"diagnosis": None, "prevention": "preventative_for_condition"}
TREATS |= {"post_exposure_prophylaxis": TREATS["prevention"]}
"""Predicates by the intent of an indication, other than that it treats; diagnosis has none."""
NODE = ("id", "category", "name", "synonym", "xref", "provided_by", "immunofacts_id", "release")
EDGE = (
    "id", "subject", "predicate", "object", "category", "qualified_predicate", "object_aspect_qualifier",
    "object_direction_qualifier", "primary_knowledge_source", "knowledge_level", "agent_type", "publications",
    "evidence_count", "immunofacts_sources", "monotherapy", "release",
)  # fmt: skip
"""Columns. Several values stand between bars; the last ones are of our own."""


class Triple(NamedTuple):
    """What makes an edge one: two facts that say the same are evidence of one edge."""

    subject: str
    predicate: str
    object: str
    category: str
    level: str
    qualifiers: tuple[str, ...] = ("", "", "")


class Evidence(NamedTuple):
    """A fact that says what an edge says."""

    source: str | None
    """Where it was read; our tree of classes has no source."""
    alone: bool = False
    """It was counted in an arm that received the therapy alone."""


def write(path: Path, documents: Mapping[str, Iterable[str]], version: str) -> None:
    """Write an archive (tar.gz) of the graph of a release, given the documents of its lists."""
    read = {name: [orjson.loads(text) for text in documents.get(name, ())] for name in {*LISTS, *_FACTS, "sources"}}
    ids = {name: _ids(name, read[name]) for name in LISTS}
    nodes = {row[0]: row for name in reversed(list(LISTS)) for row in _nodes(name, read[name], ids[name], version)}
    edges = _edges(read, ids, version)
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", 6, file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for name, columns, rows in (("nodes", NODE, nodes.values()), ("edges", EDGE, edges)):
            data = "".join("\t".join(row) + "\n" for row in (columns, *sorted(rows))).encode()
            member = tarfile.TarInfo(f"{OWN}_{name}.tsv")  # without a time: the same graph is the same text
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def _ids(name: str, records: list[Document]) -> dict[str, str]:
    """The id of the node of each record: the best CURIE that no other record of the list has, or one of our own."""
    preferred = PREFERRED.get(name, ())
    curies = {record["id"]: [biolink(curie) for curie in _curies(record)] for record in records}
    counted = Counter(curie for own in curies.values() for curie in set(own))
    found = {}
    for record_id, own in curies.items():
        usable = [curie for curie in own if counted[curie] == 1 and _prefix(curie) in preferred]
        best = min(usable, key=lambda curie: preferred.index(_prefix(curie)), default=None)
        found[record_id] = best or f"{OWN}.{LISTS[name]}:{record_id}"
    return found


def biolink(curie: str) -> str:
    """A CURIE with the prefix that the Biolink Model has."""
    prefix, _, local = curie.partition(":")
    return f"{PREFIXES.get(prefix, prefix)}:{local}"


def _prefix(curie: str) -> str:
    return curie.partition(":")[0]


def _curies(record: Document) -> list[str]:
    return [item["id"] for item in record.get("identifiers", ())] + list(record.get("xrefs", ()))


def _nodes(name: str, records: list[Document], ids: Mapping[str, str], version: str) -> Iterator[tuple[str, ...]]:
    for record in records:
        category = CATEGORIES.get(name) or TARGETS.get(record["kind"], "ChemicalEntity")
        others = [curie for curie in map(biolink, _curies(record)) if curie != ids[record["id"]]]
        synonyms = [*record.get("synonyms", ()), *record.get("brand_names", ())]
        yield (
            ids[record["id"]], f"biolink:{category}", record["name"], _joined(synonyms), _joined(others), SOURCE,
            f"{name}/{record['id']}", version,
        )  # fmt: skip


def _edges(
    read: Mapping[str, list[Document]], ids: Mapping[str, Mapping[str, str]], version: str
) -> Iterator[tuple[str, ...]]:
    publications = {source["id"]: _publication(source) for source in read["sources"]}
    found: dict[Triple, list[Evidence]] = {}
    for name, triples in _FACTS.items():
        for record in read[name]:
            for triple, evidence in triples(record, ids):
                found.setdefault(triple, []).append(evidence)
    for triple, facts in found.items():
        sources = list(dict.fromkeys(fact.source for fact in facts if fact.source))
        cited = list(dict.fromkeys(publications[source] for source in sources if publications[source]))
        alone = str(any(fact.alone for fact in facts)).lower() if triple.level == "observation" else ""
        yield (
            str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join((triple.subject, triple.predicate, triple.object,
                                                         *triple.qualifiers)))),
            triple.subject, f"biolink:{triple.predicate}", triple.object, f"biolink:{triple.category}",
            *triple.qualifiers, SOURCE, triple.level, "manual_agent", _joined(cited), str(len(facts)),
            _joined(sources), alone, version,
        )  # fmt: skip


def _publication(source: Document) -> str:
    """CURIE or address of a source; empty where it has neither."""
    pmid, doi = source.get("pmid"), source.get("doi")
    return f"PMID:{pmid}" if pmid else f"doi:{doi}" if doi else source.get("url") or ""


_Found = Iterator[tuple[Triple, Evidence]]
_Ids = Mapping[str, Mapping[str, str]]


def _indication(record: Document, ids: _Ids) -> _Found:
    predicate = TREATS.get(record.get("intent") or "", "treats")
    if predicate and record["status"] == "active":
        category = "ChemicalOrDrugOrTreatmentToDiseaseOrPhenotypicFeatureAssociation"
        condition = ids["conditions"][record["condition"]["id"]]
        yield Triple(_therapy(record, ids), predicate, condition, category, "knowledge_assertion"), _evidence(record)


def _mechanism(record: Document, ids: _Ids) -> _Found:
    if record["target"] is None:
        return
    target, direction = ids["targets"][record["target"]["id"]], DIRECTIONS.get(record["action"])
    predicate, category, qualifiers = "interacts_with", "Association", ("", "", "")
    if target.startswith("HGNC:"):  # only of genes does the model say what is affected, and how
        category = "ChemicalGeneInteractionAssociation"
        if direction:
            predicate, category = "affects", "ChemicalAffectsGeneAssociation"
            qualifiers = ("biolink:causes", "activity", direction)
    yield (
        Triple(_therapy(record, ids), predicate, target, category, "knowledge_assertion", qualifiers),
        _evidence(record),
    )


def _adverse_event(record: Document, ids: _Ids) -> _Found:
    """What was counted at least once in an arm that received the therapy."""
    if record["cohort"]["comparator"] or not any(map(_occurred, record["rates"])):
        return
    category, event = "ChemicalOrDrugOrTreatmentAdverseEventAssociation", ids["events"][record["term"]["id"]]
    triple = Triple(_therapy(record, ids), "has_adverse_event", event, category, "observation")
    yield triple, _evidence(record, alone=record["cohort"]["monotherapy"] is True)


def _occurred(rate: Document) -> bool:
    """Whether a rate is of at least one patient; a rate that says only what it is below may be of none."""
    return bool(rate.get("patients") or rate.get("percent"))


def _class(record: Document, ids: _Ids) -> _Found:
    own = ids["therapies"][record["id"]]
    for each in record.get("classes") or [record["class"]]:
        above = ids["classes"][each["id"]]
        yield Triple(own, "subclass_of", above, "Association", "knowledge_assertion"), _evidence(record)


def _parent(record: Document, ids: _Ids) -> _Found:
    own = ids["classes"][record["id"]]
    for each in record["parents"]:
        yield (
            Triple(own, "subclass_of", ids["classes"][each["id"]], "Association", "knowledge_assertion"),
            Evidence(None),
        )


_FACTS = {
    "indications": _indication,
    "mechanisms": _mechanism,
    "adverse-events": _adverse_event,
    "therapies": _class,
    "classes": _parent,
}
"""By list, what its records say as edges."""


def _therapy(record: Document, ids: _Ids) -> str:
    return ids["therapies"][record["therapy"]["id"]]


def _evidence(record: Document, *, alone: bool = False) -> Evidence:
    return Evidence(record["evidence"]["source"]["id"], alone)


def _joined(values: Iterable[str]) -> str:
    """Several values in one cell: without what parts cells, lines and values."""
    return "|".join(" ".join(value.replace("|", "/").split()) for value in values)
