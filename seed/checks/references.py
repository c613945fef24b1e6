"""Checks of names and references: ids, names, trees, and everything that is referred to."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from app.nouns.base import FactRecord
from app.nouns.declaration import Noun
from app.nouns.declaration_errors import DeclarationError
from app.nouns.folding import fold
from app.nouns.registry import noun, nouns
from app.nouns.tree import Tree
from app.vocabulary import TargetKind
from seed.files import THERAPIES, Facts, TherapyFile, key_of, list_nouns, sections

Found = Iterator[tuple[str, str, str]]
"""What a check yields: file, record, and what is wrong."""
Referred = Iterator[tuple[str, str]]
"""The list and the id of records referred to."""


def file_of(kind: str, record: Any) -> str:
    """The file in which a record of a list stands."""
    return f"sources/{record.kind}.json" if kind == "sources" else f"{kind}.json"


def _trees(facts: Facts) -> Iterator[tuple[str, list[Any]]]:
    yield from ((name, facts.records(name)) for name, of in list_nouns().items() if of.is_tree)


def duplicate_ids(facts: Facts) -> Found:
    """Ids and natural keys are unique."""
    for name in list_nouns():
        seen = set()
        for record in facts.records(name):
            if key_of(record) in seen:
                yield file_of(name, record), key_of(record), "The id is there twice."
            seen.add(key_of(record))
    therapies = set()
    for file in facts.therapies:
        if file.therapy.id in therapies or file.file != f"{THERAPIES}/{file.therapy.id}.json":
            yield file.file, file.therapy.id, "The id is there twice, or is not the name of the file."
        therapies.add(file.therapy.id)
        sections: dict[str, list[str]] = {}
        for section, key, _ in file.all_facts:
            sections.setdefault(key, []).append(section)
        for key, found in sections.items():
            if len(found) > 1:
                where = "" if len(set(found)) == 1 else f", in {' and '.join(sorted(set(found)))}"
                yield file.file, f"{found[0]} {key}", f"Two facts have this natural key{where}."


def duplicate_names(facts: Facts) -> Found:
    """A name leads to one record."""
    for name, terms in _trees(facts):
        yield from _shared(
            (file_of(name, term), term.id, each) for term in terms for each in (term.id, term.name, *term.synonyms)
        )
    yield from _shared(
        (file.file, file.therapy.id, name)
        for file in facts.therapies
        for name in (file.therapy.id, file.therapy.name, *file.therapy.synonyms, *file.therapy.codes)
    )


def _shared(names: Iterable[tuple[str, str, str]]) -> Found:
    owners: dict[str, str] = {}
    for file, record_id, name in names:
        owner = owners.setdefault(fold(name), record_id)
        if owner != record_id:
            yield file, record_id, f"The name {name!r} is also a name of {owner}."


def unknown_references(facts: Facts) -> Found:
    """Everything that is referred to exists."""
    known = {name: {key_of(record) for record in facts.records(name)} for name in list_nouns()}
    known[THERAPIES] = {file.therapy.id for file in facts.therapies}
    for key, of in sections().items():
        known[of.name] = {f"{file.therapy.id}.{own}" for file in facts.therapies for own, _ in file.keyed.get(key, ())}
    for name, of in list_nouns().items():
        for record in facts.records(name):
            for kind, record_id in referred(of, record):
                if record_id not in known[kind]:
                    yield file_of(name, record), key_of(record), f"There is no {record_id!r} among the {kind}."
    for file in facts.therapies:
        for place, kind, record_id in references_of(file):
            if record_id not in known[kind]:
                yield file.file, place, f"There is no {record_id!r} among the {kind}."
        here = {key: {own for own, _ in file.keyed.get(key, ())} for key in sections()}
        for section, key, fact in file.all_facts:
            for field, other in _local(sections()[section]):
                value = getattr(fact, field)
                if value is not None and value not in here[other]:
                    yield file.file, f"{section} {key}", f"There is no {field} {value!r} here."


def references_of(file: TherapyFile) -> Iterator[tuple[str, str, str]]:
    """Everything that a therapy file refers to: the record that does, the list, and the id."""
    yield from (("therapy", *pair) for pair in referred(noun(THERAPIES), file.therapy))
    yield from ((f"product {part.called}", "sources", part.source) for part in file.therapy.products)
    yield from ((f"none_reported {part.kind}", "sources", part.source) for part in file.therapy.none_reported)
    for section, key, fact in file.all_facts:
        yield from ((f"{section} {key}", *pair) for pair in referred(sections()[section], fact))


def referred(of: Noun, record: Any) -> Referred:
    """What a record refers to: its source, what its noun declares, and what stands deeper in it."""
    if isinstance(record, FactRecord):
        yield "sources", record.source
    for field, other in _declared(of):
        value = getattr(record, field)
        if isinstance(value, list):
            yield from ((other, item) for item in value)
        elif value is not None:
            yield other, value
    for name, record_id in of.refers(record):
        if name not in _names():
            raise DeclarationError(f"`refers` of {of.name} names {name!r}, which is no list.")
        yield name, record_id


@cache
def _names() -> set[str]:
    return {each.name for each in nouns()}


@cache
def _declared(of: Noun) -> list[tuple[str, str]]:
    return [(reference.field, reference.noun) for reference in of.references if not reference.local]


@cache
def _local(of: Noun) -> list[tuple[str, str]]:
    """Fields that name facts of the same file, and the section of each."""
    by_list = {each.name: key for key, each in sections().items()}
    return [(reference.field, by_list[reference.noun]) for reference in of.references if reference.local]


def cycles(facts: Facts) -> Found:
    """Trees have no cycles."""
    for kind, terms in _trees(facts):
        tree = Tree({term.id: term.parents for term in terms})
        for term in terms:
            if any(term.id in tree.upwards(parent) for parent in term.parents):
                yield file_of(kind, term), term.id, "The term is above itself."


def areas_of_conditions(facts: Facts) -> Found:
    """A condition shares the area of at least one parent."""
    conditions = facts.records("conditions")
    area = {condition.id: condition.area for condition in conditions}
    for condition in conditions:
        if condition.parents and condition.area not in {area.get(parent) for parent in condition.parents}:
            yield "conditions.json", condition.id, f"No parent is in the area {condition.area.value!r}."


def targets_of_genes(facts: Facts) -> Found:
    """A protein target is an HGNC symbol with its HGNC id; anything else says by its kind that it is not."""
    for target in facts.records("targets"):
        if target.kind is TargetKind.PROTEIN and not any(xref.startswith("hgnc:") for xref in target.xrefs):
            yield "targets.json", target.id, "A protein without an HGNC id."
