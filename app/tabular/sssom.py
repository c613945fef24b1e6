"""Mappings as SSSOM: a table of tab-separated values below a head in YAML (https://w3id.org/sssom)."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.nouns.mapping import VOCABULARIES
from app.vocabulary import MappingPredicate

SUBJECT = "immunofacts.event"
"""Prefix of our events."""
CURIES = {
    SUBJECT: "urn:immunofacts:event:",
    **{prefix: source.addresses for prefix, source in VOCABULARIES.items()},
    "bioregistry": "https://bioregistry.io/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
READ = (
    "predicate_id", "object_id", "object_label", "mapping_justification", "confidence", "object_source_version",
    "comment",
)  # fmt: skip
"""Columns that say something of their own; the others follow from them and from our terms."""
COLUMNS = ("subject_id", "subject_label", *READ[:-1], "object_source", "other", "comment")
_RANK = {predicate.value: rank for rank, predicate in enumerate(MappingPredicate)}


def text(terms: Iterable[Mapping[str, Any]], about: Mapping[str, str]) -> str:
    """The mappings of terms, as one text; `about` is more of the head. Terms have id, name and mappings."""
    head = {
        "mapping_set_id": "urn:immunofacts:mappings:events",
        "mapping_set_title": "ImmunoFacts: adverse events in other vocabularies",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "comment": "Labels of NCIT terms are those that CTCAE 5.0 gives them; NCIt itself adds CTCAE to some.",
        **about,
    }
    lines = ["#curie_map:", *(f"#  {prefix}: {_quoted(address)}" for prefix, address in CURIES.items())]
    lines += [f"#{key}: {_quoted(value)}" for key, value in head.items()]
    rows = [_row(term, mapping) for term in terms for mapping in term["mappings"]]
    rows.sort(key=lambda row: (row["subject_id"], _RANK[row["predicate_id"]], row["object_id"]))
    lines += ["\t".join(COLUMNS), *("\t".join(row.get(column) or "" for column in COLUMNS) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(term: Mapping[str, Any], mapping: Mapping[str, Any]) -> dict[str, str]:
    source = VOCABULARIES[mapping["object_id"].partition(":")[0]]
    own = {key: str(mapping[key]) for key in READ if mapping.get(key) is not None}
    return {
        "subject_id": f"{SUBJECT}:{term['id']}",
        "subject_label": term["name"],
        **own,
        "object_source": f"bioregistry:{mapping['object_id'].partition(':')[0].lower()}",
        "other": f"object_source_name: {source.name}|object_source_license: {source.licence}",
    }


def _quoted(value: str) -> str:
    """A value in YAML, where a colon before a space, or at the end, would begin another."""
    return f'"{value}"' if ": " in f"{value} " else value
