"""Checks of names and references: ids, names, trees, and everything that is referred to."""

from collections.abc import Iterable, Iterator
from typing import Any

from app.queries.names import fold
from app.vocabulary import TargetKind
from seed.files import LISTS, Facts, TherapyFile

Found = Iterator[tuple[str, str, str]]
"""What a check yields: file, record, and what is wrong."""


def _vocabularies(facts: Facts) -> Iterator[tuple[str, list[Any]]]:
    for kind in ("classes", "targets", "conditions", "events"):
        yield kind, getattr(facts, kind)


def file_of(kind: str, record: Any) -> str:
    """The file in which a record of a list stands."""
    return f"sources/{record.kind}.json" if kind == "sources" else f"{kind}.json"


def duplicate_ids(facts: Facts) -> Found:
    """Ids and natural keys are unique."""
    for kind in LISTS:
        seen = set()
        for record in getattr(facts, kind):
            record_id = record.natural_key() if kind == "statements" else record.id
            if record_id in seen:
                yield file_of(kind, record), record_id, "The id is there twice."
            seen.add(record_id)
    therapies = set()
    for file in facts.therapies:
        if file.therapy.id in therapies or file.file != f"therapies/{file.therapy.id}.json":
            yield file.file, file.therapy.id, "The id is there twice, or is not the name of the file."
        therapies.add(file.therapy.id)
        keys = set()
        for kind, key, _ in file.facts:
            if (kind, key) in keys:
                yield file.file, f"{kind} {key}", "Two facts have this natural key."
            keys.add((kind, key))


def duplicate_names(facts: Facts) -> Found:
    """A name leads to one record."""
    for kind, terms in _vocabularies(facts):
        yield from _shared(
            (f"{kind}.json", term.id, name) for term in terms for name in (term.id, term.name, *term.synonyms)
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
    known = {kind: {record.id for record in getattr(facts, kind)} for kind in LISTS if kind != "statements"}
    known["therapies"] = {file.therapy.id for file in facts.therapies}
    for kind, terms in _vocabularies(facts):
        for term in terms:
            for parent in term.parents:
                if parent not in known[kind]:
                    yield f"{kind}.json", term.id, f"There is no {parent!r} among the {kind}."
    for source in facts.sources:
        if source.superseded_by and source.superseded_by not in known["sources"]:
            yield file_of("sources", source), source.id, f"There is no source {source.superseded_by!r}."
    plural = {"class": "classes", "condition": "conditions", "target": "targets", "therapy": "therapies"}
    for statement in facts.statements:
        wanted = [("sources", statement.source)]
        for subject in (statement.about, *statement.also_about):
            kind, _, subject_id = subject.partition(":")
            wanted += [(plural[kind], subject_id)] if subject_id else []
        for kind, value in wanted:
            if value not in known[kind]:
                yield "statements.json", statement.natural_key(), f"There is no {value!r} among the {kind}."
    for file in facts.therapies:
        for name, kind, value in references_of(file):
            if value not in known[kind]:
                yield file.file, name, f"There is no {value!r} among the {kind}."
        cohorts = {cohort.key for cohort in file.cohorts}
        for event in file.adverse_events:
            if event.cohort not in cohorts:
                yield file.file, f"adverse_events {event.natural_key()}", f"There is no cohort {event.cohort!r} here."


def references_of(file: TherapyFile) -> Iterator[tuple[str, str, str]]:
    """Everything that a therapy file refers to: the record that does, the list, and the id."""
    therapy = file.therapy
    yield "therapy", "classes", therapy.class_
    yield "therapy", "sources", therapy.source
    yield from (("therapy", "therapies", component) for component in therapy.components)
    yield from ((f"product {product.brand}", "sources", product.source) for product in therapy.products)
    yield from ((f"none_reported {entry.kind}", "sources", entry.source) for entry in therapy.none_reported)
    for kind, key, record in file.facts:
        name, there = f"{kind} {key}", record.__dict__  # kinds differ, and a model takes long to say what it lacks
        yield name, "sources", record.source
        for field, vocabulary in (("target", "targets"), ("condition", "conditions"), ("event", "events")):
            if there.get(field):
                yield name, vocabulary, there[field]
        yield from ((name, "therapies", given) for given in there.get("therapies", ()))
        yield from ((name, "targets", marker.target) for marker in there.get("biomarkers", ()) if marker.target)


def cycles(facts: Facts) -> Found:
    """Trees have no cycles."""
    for kind, terms in _vocabularies(facts):
        parents = {term.id: term.parents for term in terms}
        for term in terms:
            above, waiting = set(), list(term.parents)
            while waiting:
                current = waiting.pop()
                if current not in above:
                    above.add(current)
                    waiting.extend(parents.get(current, []))
            if term.id in above:
                yield f"{kind}.json", term.id, "The term is above itself."


def areas_of_conditions(facts: Facts) -> Found:
    """A condition shares the area of at least one parent."""
    area = {condition.id: condition.area for condition in facts.conditions}
    for condition in facts.conditions:
        if condition.parents and condition.area not in {area.get(parent) for parent in condition.parents}:
            yield "conditions.json", condition.id, f"No parent is in the area {condition.area.value!r}."


def targets_of_genes(facts: Facts) -> Found:
    """A protein target is an HGNC symbol with its HGNC id; anything else says by its kind that it is not."""
    for target in facts.targets:
        if target.kind is TargetKind.PROTEIN and not any(xref.startswith("hgnc:") for xref in target.xrefs):
            yield "targets.json", target.id, "A protein without an HGNC id."
