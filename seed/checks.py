"""The checks: what must be true of the fact base before it may be loaded. Each is a row: code, sentence, function.

All findings are collected. One that is right as it is has an entry with its reason in `exceptions.json`; an entry that
no finding needs any more is a finding itself.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.models.adverse_event import AdverseEventRecord, Rate
from app.models.cohort import CohortRecord
from app.queries.names import fold
from app.statistics import counts_that_fit
from app.vocabulary import Grades, IndicationStatus, ProductStatus, SourceKind, Standing, TargetKind, WarningLevel
from seed.files import FACT_KINDS, LISTS, Facts, Finding, TherapyFile
from seed.render import REGISTRIES

EXCEPTIONS = "exceptions.json"

Found = Iterator[tuple[str, str, str]]
"""What a check yields: file, record, and what is wrong."""


@dataclass(frozen=True)
class Check:
    """One thing that must be true."""

    code: str
    sentence: str
    mend: str
    function: Callable[[Facts], Found]


def findings_of(facts: Facts, folder: Path) -> list[Finding]:
    """Run every check, and weigh the findings against the exceptions of the folder."""
    found = [
        Finding(check.code, file, record, message, check.mend)
        for check in CHECKS
        for file, record, message in check.function(facts)
    ]
    path = folder / EXCEPTIONS
    exceptions = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    excused = {(entry["code"], entry["file"], entry["record"]) for entry in exceptions if entry.get("reason")}
    needed = {(finding.code, finding.file, finding.record) for finding in found}
    stale = [
        Finding("stale-exception", EXCEPTIONS, " ".join(entry), "No finding needs it any more.", "remove the entry.")
        for entry in sorted(excused - needed)
    ]
    return [finding for finding in found if (finding.code, finding.file, finding.record) not in excused] + stale


def _vocabularies(facts: Facts) -> Iterator[tuple[str, list[Any]]]:
    for kind in ("classes", "targets", "conditions", "events"):
        yield kind, getattr(facts, kind)


def _file_of(kind: str, record: Any) -> str:
    return f"sources/{record.kind}.json" if kind == "sources" else f"{kind}.json"


def _facts_of(file: TherapyFile) -> Iterator[tuple[str, str, Any]]:
    for kind in FACT_KINDS:
        for record in getattr(file, kind):
            yield kind, record.natural_key(), record


def duplicate_ids(facts: Facts) -> Found:
    """Ids and natural keys are unique."""
    for kind in LISTS:
        seen = set()
        for record in getattr(facts, kind):
            record_id = record.natural_key() if kind == "statements" else record.id
            if record_id in seen:
                yield _file_of(kind, record), record_id, "The id is there twice."
            seen.add(record_id)
    therapies = set()
    for file in facts.therapies:
        if file.therapy.id in therapies or file.file != f"therapies/{file.therapy.id}.json":
            yield file.file, file.therapy.id, "The id is there twice, or is not the name of the file."
        therapies.add(file.therapy.id)
        keys = set()
        for kind, key, _ in _facts_of(file):
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
            yield _file_of("sources", source), source.id, f"There is no source {source.superseded_by!r}."
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
        for name, kind, value in _references(file):
            if value not in known[kind]:
                yield file.file, name, f"There is no {value!r} among the {kind}."
        cohorts = {cohort.key for cohort in file.cohorts}
        for event in file.adverse_events:
            if event.cohort not in cohorts:
                yield file.file, f"adverse_events {event.natural_key()}", f"There is no cohort {event.cohort!r} here."


def _references(file: TherapyFile) -> Iterator[tuple[str, str, str]]:
    therapy = file.therapy
    yield "therapy", "classes", therapy.class_
    yield "therapy", "sources", therapy.source
    yield from (("therapy", "therapies", component) for component in therapy.components)
    yield from ((f"product {product.brand}", "sources", product.source) for product in therapy.products)
    yield from ((f"none_reported {entry.kind}", "sources", entry.source) for entry in therapy.none_reported)
    for kind, key, record in _facts_of(file):
        name = f"{kind} {key}"
        yield name, "sources", record.source
        for field, vocabulary in (("target", "targets"), ("condition", "conditions"), ("event", "events")):
            if getattr(record, field, None):
                yield name, vocabulary, getattr(record, field)
        yield from ((name, "therapies", given) for given in getattr(record, "therapies", []))
        yield from ((name, "targets", marker.target) for marker in getattr(record, "biomarkers", []) if marker.target)


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


def sources_in_full(facts: Facts) -> Found:
    """A source can be found again: a label by its revision, a publication by PMID, DOI or URL, a page by its URL."""
    for source in facts.sources:
        missing = {
            SourceKind.LABEL: not source.revision,
            SourceKind.TRIAL_PUBLICATION: not (source.pmid or source.doi or source.url),
            SourceKind.REGISTRY: not source.nct_id,
            SourceKind.DATABASE: not source.revision,
            SourceKind.WEB_PAGE: not source.url,
            SourceKind.ASSESSMENT_REPORT: not (source.url or source.revision),
        }
        if missing.get(source.kind):
            yield _file_of("sources", source), source.id, f"Nothing finds this {source.kind.value} again."
        if (source.standing is Standing.SUPERSEDED) != (source.superseded_by is not None):
            yield _file_of("sources", source), source.id, "`standing` and `superseded_by` do not agree."


def unused_sources(facts: Facts) -> Found:
    """Every source is cited."""
    cited = {statement.source for statement in facts.statements}
    for file in facts.therapies:
        cited.update(value for _, kind, value in _references(file) if kind == "sources")
    cited |= {source.superseded_by for source in facts.sources if source.superseded_by and source.id in cited}
    for source in facts.sources:
        if source.id not in cited:
            yield _file_of("sources", source), source.id, "No fact cites it."


def shared_brands(facts: Facts) -> Found:
    """No two therapies share a brand with one agency."""
    owners: dict[tuple[str, str], str] = {}
    for file in facts.therapies:
        for product in file.therapy.products:
            owner = owners.setdefault((product.agency, fold(product.brand)), file.therapy.id)
            if owner != file.therapy.id:
                yield file.file, f"product {product.brand}", f"{product.agency} licensed this brand as {owner} too."


def dates_in_order(facts: Facts) -> Found:
    """Approvals do not precede the first licence, and nothing is withdrawn before it was approved."""
    for file in facts.therapies:
        first: dict[str, Any] = {}
        for product in file.therapy.products:
            if product.approved_on:
                first[product.agency] = min(first.get(product.agency, product.approved_on), product.approved_on)
            if product.approved_on and product.status_on and product.status_on < product.approved_on:
                yield file.file, f"product {product.brand}", "Its status is older than its approval."
        undated = {product.agency for product in file.therapy.products if not product.approved_on}
        for record in file.indications:
            name = f"indications {record.natural_key()}"
            dates = [day for day in (record.approved_on, record.converted_on, record.withdrawn_on) if day]
            if any(later < earlier for earlier, later in pairwise(dates)):
                yield file.file, name, "Its dates are not in the order approved, converted, withdrawn."
            begun = first.get(record.agency)
            if record.approved_on and begun and record.agency not in undated and record.approved_on < begun:
                yield file.file, name, f"Approved on {record.approved_on}, before the first licence on {begun}."


def indications_of_products(facts: Facts) -> Found:
    """An indication belongs to a product of its agency, and is in force only while one is."""
    ended = {ProductStatus.WITHDRAWN, ProductStatus.REVOKED, ProductStatus.REFUSED, ProductStatus.EMERGENCY_USE_ENDED}
    for file in facts.therapies:
        standings = defaultdict(set)
        for product in file.therapy.products:
            standings[product.agency].add(product.status)
        for record in file.indications:
            name = f"indications {record.natural_key()}"
            if record.agency not in standings:
                yield file.file, name, f"No product of {record.agency} is there."
            elif record.status is IndicationStatus.ACTIVE and standings[record.agency] <= ended:
                yield file.file, name, "In force, but every product of the agency has ended."
            if record.status is IndicationStatus.ACTIVE and record.withdrawn_on:
                yield file.file, name, "In force, but with a date of withdrawal."


def therapies_with_standing(facts: Facts) -> Found:
    """Every therapy has a product or says its standing."""
    for file in facts.therapies:
        if not file.therapy.products and not file.therapy.stated_status:
            yield file.file, "therapy", "Neither a product nor a stated status."


def known_registries(facts: Facts) -> Found:
    """An identifier names a register that is known."""
    for file in facts.therapies:
        for curie in file.therapy.identifiers:
            if curie.partition(":")[0] not in REGISTRIES:
                yield file.file, "therapy", f"{curie!r} is of no register that seed/render.py names."


def contradictions(facts: Facts) -> Found:
    """What is reported as none is not there, and a cohort does not contradict itself."""
    for file in facts.therapies:
        boxed = any(record.level is WarningLevel.BOXED for record in file.warnings)
        there = {kind for kind in FACT_KINDS if kind != "warnings" and getattr(file, kind)}
        there |= {"boxed_warning"} if boxed else set()
        there |= {"warnings"} if any(record.level is not WarningLevel.BOXED for record in file.warnings) else set()
        for entry in file.therapy.none_reported:
            if entry.kind in there:
                yield file.file, f"none_reported {entry.kind}", "Reported as none, but there are facts of this kind."
        for cohort in file.cohorts:
            name = f"cohorts {cohort.key}"
            if cohort.comparator and file.therapy.id in cohort.therapies:
                yield file.file, name, "A comparator in which the therapy itself is given."
            if cohort.monotherapy and (cohort.other_agents or len(cohort.therapies) > 1):
                yield file.file, name, "Monotherapy, but other treatments are named."
            if not cohort.comparator and not cohort.therapies:
                yield file.file, name, "No therapy is given, but it is no comparator."


def _rates(facts: Facts) -> Iterator[tuple[str, str, AdverseEventRecord, Rate, int | None]]:
    for file in facts.therapies:
        sizes = {cohort.key: cohort.patients for cohort in file.cohorts}
        for record in file.adverse_events:
            at_risk = record.patients_at_risk(sizes.get(record.cohort))
            for rate in record.rates:
                yield file.file, f"adverse_events {record.natural_key()}", record, rate, at_risk


def rates_there(facts: Facts) -> Found:
    """An adverse event has a rate or a frequency band, and each group of grades once."""
    for file in facts.therapies:
        for record in file.adverse_events:
            name = f"adverse_events {record.natural_key()}"
            groups = [rate.grades for rate in record.rates]
            if not groups and not record.frequency_band:
                yield file.file, name, "Neither a rate nor a frequency band."
            if len(set(groups)) < len(groups):
                yield file.file, name, "A group of grades is there twice."
            for rate in record.rates:
                if rate.patients is None and rate.percent is None and rate.percent_below is None:
                    yield file.file, name, f"The rate of grades {rate.grades.value} says nothing."


def counts_within(facts: Facts) -> Found:
    """N is at most N."""
    for file, name, _, rate, at_risk in _rates(facts):
        if at_risk and rate.patients is not None and rate.patients > at_risk:
            yield file, name, f"{rate.patients} of {at_risk} patients."


def percents_agree(facts: Facts) -> Found:
    """n/N agrees with the percent printed, within its rounding."""
    for file, name, _, rate, at_risk in _rates(facts):
        if not at_risk or rate.patients is None or rate.patients > at_risk:
            continue
        share = f"{rate.patients}/{at_risk} is {100 * rate.patients / at_risk:.3f} %"
        if rate.percent is not None and rate.patients not in counts_that_fit(rate.percent, at_risk):
            yield file, name, f"{share}, printed is {rate.percent} % (grades {rate.grades.value})."
        if rate.percent_below is not None and 100 * rate.patients / at_risk >= rate.percent_below:
            yield file, name, f"{share}, printed is <{rate.percent_below} % (grades {rate.grades.value})."


def severe_within_any(facts: Facts) -> Found:
    """No group of grades counts more than all grades do."""
    for file in facts.therapies:
        for record in file.adverse_events:
            printed = {rate.grades: rate for rate in record.rates}
            whole = printed.get(Grades.ANY)
            for part in record.rates:
                if whole is None or part is whole:
                    continue
                for field in ("patients", "percent"):
                    less, more = getattr(part, field), getattr(whole, field)
                    if less is not None and more is not None and less > more:
                        name = f"adverse_events {record.natural_key()}"
                        yield (
                            file.file,
                            name,
                            f"{field}: {less} of grades {part.grades.value}, but {more} of all grades.",
                        )


_NUMBERED = re.compile(r"(study|trial|part|cohort)\b.{0,4}$", re.IGNORECASE)
"""Names such as `Study 1`, which every label gives to another trial."""


def arms_agree(facts: Facts) -> Found:
    """The same arm has the same N wherever it is reported from the same population."""
    sizes: dict[tuple[str, str], tuple[str, CohortRecord]] = {}
    for file in facts.therapies:
        for cohort in file.cohorts:
            if not cohort.trial or not cohort.patients or _NUMBERED.match(cohort.trial):
                continue
            place = (fold(cohort.trial), cohort.key)
            other, known = sizes.setdefault(place, (file.file, cohort))
            if known.patients != cohort.patients and known.population == cohort.population:
                message = f"N is {cohort.patients} here and {known.patients} in {other}."
                yield file.file, f"cohorts {cohort.key}", message


CHECKS = (
    Check("duplicate-id", "Ids and natural keys are unique.", "rename one, or add a `key`.", duplicate_ids),
    Check("duplicate-name", "A name leads to one record.", "keep it where it belongs.", duplicate_names),
    Check("unknown-reference", "What is referred to exists.", "correct the id, or add the record.", unknown_references),
    Check("cycle", "Trees have no cycles.", "remove one of the parents.", cycles),
    Check("area", "A condition is in the area of a parent.", "correct the area or the parents.", areas_of_conditions),
    Check("gene", "A protein target is an HGNC symbol.", "add its `hgnc:` id, or correct the kind.", targets_of_genes),
    Check("source-in-full", "A source can be found again.", "read the missing part in the source.", sources_in_full),
    Check("unused-source", "Every source is cited.", "remove the source.", unused_sources),
    Check("shared-brand", "A brand is one therapy's.", "find which therapy the register means.", shared_brands),
    Check("date-order", "Dates are in order.", "read the dates in the sources again.", dates_in_order),
    Check("indication-product", "An indication has its product.", "correct agency or status.", indications_of_products),
    Check("standing", "A therapy has a standing.", "add a product or `stated_status`.", therapies_with_standing),
    Check("registry", "An identifier's register is known.", "correct the prefix, or add it there.", known_registries),
    Check("contradiction", "A file does not contradict itself.", "correct what is wrong of the two.", contradictions),
    Check("no-rate", "An adverse event has its rates.", "read the row in the source again.", rates_there),
    Check("n-over-N", "n is at most N.", "read the row and its N in the source again.", counts_within),
    Check("percent", "n/N agrees with the percent.", "read the row and its N again; else excuse it.", percents_agree),
    Check("severe-over-any", "Severe is at most any grade.", "read the row in the source again.", severe_within_any),
    Check("arm-size", "An arm has one N.", "read both; say `population` where they differ.", arms_agree),
)


def described() -> list[tuple[str, str]]:
    """Code and sentence of every check, for the documentation."""
    return [(check.code, check.sentence) for check in CHECKS]
