"""Rendering: from records to the forms that the API answers. Each form is built once, at load."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from app.models.adverse_event import AdverseEventForm, AdverseEventRecord, TermRef
from app.models.base import Evidence, FactRecord, Named, SourceRef, TherapyRef
from app.models.cohort import CohortForm, CohortRecord, CohortRef
from app.models.indication import ConditionRef, IndicationForm, IndicationRecord
from app.models.mechanism import MechanismForm, MechanismRecord
from app.models.source import SourceForm
from app.models.statement import StatementForm, SubjectRef
from app.models.terms import ClassForm, ConditionForm, EventForm, TargetForm
from app.models.therapy import Approval, Counts, CoverageForm, ProductForm, TherapyForm
from app.models.warning import WarningForm, WarningRecord
from app.vocabulary import Coverage, Grades, IndicationStatus, ProductStatus, TherapyStatus, WarningLevel
from seed.differences import mark_differences
from seed.files import Facts, TherapyFile
from seed.measures import measured, severe
from seed.registries import identifier
from seed.trees import Tree

SEVERE = (Grades.G3_UP, Grades.G3_5, Grades.G3_4, Grades.G3, Grades.G4_5, Grades.G4, Grades.G5)
"""Groups of grades from 3 up, widest first."""

_LICENSED = {ProductStatus.AUTHORISED, ProductStatus.DISCONTINUED}


class Rendering:
    """All forms of a fact base, by list, each in the order of its list."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._sources = {source.id: source for source in facts.sources}
        self._names = {
            kind: {term.id: term.name for term in getattr(facts, kind)} for kind in ("classes", "targets", "conditions")
        }
        self._areas = {condition.id: condition.area for condition in facts.conditions}
        self._events = {event.id: event for event in facts.events}
        self._therapies = {file.therapy.id: file.therapy for file in facts.therapies}
        self.trees = {
            kind: Tree({term.id: term.parents for term in getattr(facts, kind)})
            for kind in ("classes", "targets", "conditions", "events")
        }
        self.forms: dict[str, list[Any]] = defaultdict(list)
        self._cited: Counter[str] = Counter()
        self._cited_here: set[str] = set()
        for file in sorted(facts.therapies, key=lambda file: (file.therapy.name.casefold(), file.therapy.id)):
            self._therapy(file)
        self._given()
        mark_differences(self.forms["adverse-events"])
        self._statements()
        self._terms()
        self._source_forms()

    def _evidence(self, record: FactRecord, day: dt.date) -> Evidence:
        self._cited[record.source] += 1
        self._cited_here.add(record.source)
        return self._evidence_of(record.source, record.locator, record.curated_on or day)

    @cache  # noqa: B019  # a rendering lives as long as its load
    def _evidence_of(self, source_id: str, locator: str, day: dt.date) -> Evidence:
        source = self._sources[source_id]
        ref = SourceRef(id=source.id, title=source.title, url=source.url)
        return Evidence(source=ref, locator=locator, level=source.level, curated_on=day)

    @cache  # noqa: B019  # a rendering lives as long as its load
    def _therapy_ref(self, therapy_id: str) -> TherapyRef:
        therapy = self._therapies[therapy_id]
        return TherapyRef(id=therapy.id, name=therapy.name, **{"class": self._named("classes", therapy.class_)})

    @cache  # noqa: B019  # a rendering lives as long as its load
    def _named(self, kind: str, term_id: str) -> Named:
        return Named(id=term_id, name=self._names[kind][term_id])

    @cache  # noqa: B019  # a rendering lives as long as its load
    def _condition(self, condition_id: str) -> ConditionRef:
        return ConditionRef(
            id=condition_id, name=self._names["conditions"][condition_id], area=self._areas[condition_id]
        )

    def _therapy(self, file: TherapyFile) -> None:
        self._cited_here = set()
        therapy, day = file.therapy, file.curated_on
        ref = self._therapy_ref(therapy.id)
        mechanisms = [self._mechanism(record, ref, day) for record in _ordered(file.mechanisms)]
        indications = sorted(
            (self._indication(record, ref, day) for record in file.indications),
            key=lambda form: (form.agency, form.condition.name.casefold(), form.id),
        )
        warnings = sorted(
            (self._warning(record, ref, day) for record in file.warnings),
            key=lambda form: (list(WarningLevel).index(form.level), form.event.name.casefold(), form.id),
        )
        events_in = Counter(record.cohort for record in file.adverse_events)
        cohorts = [self._cohort(record, ref, day, events_in[record.key]) for record in _ordered(file.cohorts)]
        refs = {
            form.id: CohortRef(**{name: getattr(form, name) for name in CohortRef.model_fields}) for form in cohorts
        }
        adverse_events = [self._adverse_event(record, ref, day, refs) for record in _ordered(file.adverse_events)]
        products = [
            ProductForm(**_plain(record, "source", "locator", "curated_on"), evidence=self._evidence(record, day))
            for record in sorted(therapy.products, key=lambda record: (record.biosimilar, record.agency, record.brand))
        ]
        active = {form.condition.id for form in indications if form.status is IndicationStatus.ACTIVE}
        former = {form.condition.id for form in indications} - active
        evidence = self._evidence(therapy, day)
        coverage = _coverage(file)
        self.forms["mechanisms"] += mechanisms
        self.forms["indications"] += indications
        self.forms["warnings"] += warnings
        self.forms["cohorts"] += cohorts
        self.forms["adverse-events"] += adverse_events
        self.forms["therapies"].append(
            TherapyForm(
                id=therapy.id,
                name=therapy.name,
                **{"class": ref.class_},
                brand_names=list(dict.fromkeys(product.brand for product in products)),
                targets=list({form.target.id: form.target for form in mechanisms if form.target}.values()),
                conditions=sorted((self._condition(item) for item in active), key=lambda form: form.name.casefold()),
                former_conditions=sorted(
                    (self._condition(item) for item in former), key=lambda form: form.name.casefold()
                ),
                status=_status(file),
                first_approval=_first_approval(file),
                boxed_warning={Coverage.CURATED: True, Coverage.NONE_REPORTED: False}.get(coverage.boxed_warning),
                counts=Counts(
                    mechanisms=len(mechanisms),
                    indications=len(indications),
                    warnings=len(warnings),
                    cohorts=0,
                    adverse_events=0,
                    sources=len(self._cited_here),
                ),
                synonyms=therapy.synonyms,
                codes=therapy.codes,
                format=therapy.format,
                routes=therapy.routes,
                components=[Named(id=item, name=self._therapies[item].name) for item in therapy.components],
                identifiers=[identifier(curie) for curie in therapy.identifiers],
                products=products,
                mechanisms=mechanisms,
                indications=indications,
                warnings=warnings,
                cohorts=cohorts,
                coverage=coverage,
                evidence=evidence,
            )
        )

    def _given(self) -> None:
        """Count for each therapy the arms in which it was given, whichever label reports them."""
        arms = {
            "cohorts": self.forms["cohorts"],
            "adverse_events": [form.cohort for form in self.forms["adverse-events"]],
        }
        for kind, cohorts in arms.items():
            given = Counter(therapy.id for cohort in cohorts for therapy in cohort.therapies)
            for therapy in self.forms["therapies"]:
                setattr(therapy.counts, kind, given[therapy.id])
        for therapy in self.forms["therapies"]:
            if therapy.counts.adverse_events:
                therapy.coverage.adverse_events = Coverage.CURATED

    def _mechanism(self, record: MechanismRecord, ref: TherapyRef, day: dt.date) -> MechanismForm:
        return MechanismForm(
            **_plain(record, "source", "locator", "curated_on", "target", "key"),
            id=f"{ref.id}.{record.natural_key()}",
            therapy=ref,
            target=self._named("targets", record.target) if record.target else None,
            evidence=self._evidence(record, day),
        )

    def _indication(self, record: IndicationRecord, ref: TherapyRef, day: dt.date) -> IndicationForm:
        return IndicationForm(
            **_plain(record, "source", "locator", "curated_on", "condition", "key"),
            id=f"{ref.id}.{record.natural_key()}",
            therapy=ref,
            condition=self._condition(record.condition),
            evidence=self._evidence(record, day),
        )

    def _warning(self, record: WarningRecord, ref: TherapyRef, day: dt.date) -> WarningForm:
        return WarningForm(
            **_plain(record, "source", "locator", "curated_on", "event", "key"),
            id=f"{ref.id}.{record.natural_key()}",
            therapy=ref,
            event=Named(id=record.event, name=self._events[record.event].name),
            evidence=self._evidence(record, day),
        )

    def _cohort(self, record: CohortRecord, ref: TherapyRef, day: dt.date, events: int) -> CohortForm:
        return CohortForm(
            **_plain(record, "source", "locator", "curated_on", "key", "therapies", "condition"),
            id=f"{ref.id}.{record.natural_key()}",
            therapy=ref,
            therapies=[self._therapy_ref(item) for item in record.therapies],
            condition=self._named("conditions", record.condition) if record.condition else None,
            adverse_events=events,
            evidence=self._evidence(record, day),
        )

    def _adverse_event(
        self, record: AdverseEventRecord, ref: TherapyRef, day: dt.date, cohorts: Mapping[str, CohortRef]
    ) -> AdverseEventForm:
        cohort = cohorts[f"{ref.id}.{record.cohort}"]
        at_risk = record.patients_at_risk(cohort.patients)
        printed = {rate.grades: rate for rate in record.rates}
        widest = next((grades for grades in SEVERE if grades in printed), None)
        return AdverseEventForm(
            **_plain(record, "source", "locator", "curated_on", "event", "cohort", "key"),
            id=f"{ref.id}.{record.natural_key()}",
            therapy=ref,
            term=self._term(record.event),
            cohort=cohort,
            patients_at_risk=at_risk,
            any_grade=measured(printed[Grades.ANY], at_risk) if Grades.ANY in printed else None,
            severe=severe(printed[widest], at_risk) if widest else None,
            differs_from=[],
            evidence=self._evidence(record, day),
        )

    @cache  # noqa: B019  # a rendering lives as long as its load
    def _term(self, event_id: str) -> TermRef:
        event = self._events[event_id]
        return TermRef(
            id=event.id, name=event.name, organ_system=event.organ_system, immune_related=event.immune_related
        )

    def _statements(self) -> None:
        for record in sorted(self._facts.statements, key=lambda record: record.natural_key()):
            subjects = [self._subject(item) for item in (record.about, *record.also_about)]
            self.forms["statements"].append(
                StatementForm(
                    topic=record.topic,
                    text=record.text,
                    id=record.natural_key(),
                    therapy=next(
                        (Named(id=str(item.id), name=item.name) for item in subjects if item.kind == "therapy"), None
                    ),
                    about=subjects[0],
                    also_about=subjects[1:],
                    evidence=self._evidence(record, record.curated_on or dt.date.min),
                )
            )

    def _subject(self, subject: str) -> SubjectRef:
        kind, _, subject_id = subject.partition(":")
        if not subject_id:
            return SubjectRef(kind="field", id=None, name="Immunotherapy")
        names = {
            "class": self._names["classes"],
            "condition": self._names["conditions"],
            "target": self._names["targets"],
            "therapy": {therapy.id: therapy.name for therapy in self._therapies.values()},
        }
        known: dict[str, Literal["class", "condition", "target", "therapy"]] = {
            "class": "class", "condition": "condition", "target": "target", "therapy": "therapy",
        }  # fmt: skip
        return SubjectRef(kind=known[kind], id=subject_id, name=names[kind][subject_id])

    def _terms(self) -> None:
        therapies, adverse_events = self.forms["therapies"], self.forms["adverse-events"]
        counted = {
            "classes": Counter(up for form in therapies for up in self.trees["classes"].upwards(form.class_.id)),
            "targets": self._therapies_at("targets", therapies),
            "conditions": self._therapies_at("conditions", therapies),
            "events": Counter(up for form in adverse_events for up in self.trees["events"].upwards(form.term.id)),
        }
        forms = {"classes": ClassForm, "targets": TargetForm, "conditions": ConditionForm, "events": EventForm}
        for kind, form in forms.items():
            records = {record.id: record for record in getattr(self._facts, kind)}
            count = "adverse_events" if kind == "events" else "therapies"
            for record in sorted(records.values(), key=lambda record: (record.name.casefold(), record.id)):
                self.forms[kind].append(
                    form(
                        **_plain(record, "parents"),
                        parents=[Named(id=item, name=records[item].name) for item in record.parents],
                        children=[
                            Named(id=item, name=records[item].name)
                            for item in sorted(self.trees[kind].children.get(record.id, []))
                        ],
                        **{count: counted[kind][record.id]},
                    )
                )

    def _therapies_at(self, kind: str, therapies: Iterable[TherapyForm]) -> Counter[str]:
        return Counter(
            term
            for form in therapies
            for term in set().union(*(self.trees[kind].upwards(item.id) for item in getattr(form, kind)))
        )

    def _source_forms(self) -> None:
        for source in sorted(self._facts.sources, key=lambda source: (source.title.casefold(), source.id)):
            self.forms["sources"].append(SourceForm(**_plain(source), facts=self._cited[source.id]))


def _ordered(records: Iterable[Any]) -> list[Any]:
    return sorted(records, key=lambda record: record.natural_key())


def _plain(record: Any, *without: str) -> dict[str, Any]:
    """The fields of a record that its form takes over as they are."""
    taken = dict(record.__dict__)
    for name in without:
        taken.pop(name, None)
    return taken


def _status(file: TherapyFile) -> TherapyStatus | None:
    standings = {product.status for product in file.therapy.products}
    if standings & _LICENSED:
        return TherapyStatus.APPROVED
    if ProductStatus.EMERGENCY_USE in standings:
        return TherapyStatus.EMERGENCY_USE
    if standings - {ProductStatus.REFUSED}:
        return TherapyStatus.WITHDRAWN
    return TherapyStatus.REFUSED if standings else file.therapy.stated_status


def _first_approval(file: TherapyFile) -> Approval | None:
    dated = [
        (product.approved_on, product.agency)
        for product in file.therapy.products
        if product.approved_on and product.status is not ProductStatus.REFUSED
    ]
    return Approval(date=min(dated)[0], agency=min(dated)[1]) if dated else None


def _coverage(file: TherapyFile) -> CoverageForm:
    none_reported = {entry.kind for entry in file.therapy.none_reported}
    found = {
        "mechanisms": bool(file.mechanisms),
        "indications": bool(file.indications),
        "boxed_warning": any(record.level is WarningLevel.BOXED for record in file.warnings),
        "warnings": any(record.level is not WarningLevel.BOXED for record in file.warnings),
        "adverse_events": bool(file.adverse_events),
    }
    return CoverageForm(
        **{
            kind: Coverage.CURATED
            if there
            else (Coverage.NONE_REPORTED if kind in none_reported else Coverage.NOT_CURATED)
            for kind, there in found.items()
        }
    )
