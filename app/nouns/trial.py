"""Trials: the studies in which safety and efficacy were counted."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Evidence,
    FactRecord,
    Named,
    NctId,
    RecordTable,
    Schema,
    Slug,
    SourceRef,
    Text,
    TherapyRef,
    release_foreign_key,
    unique_position,
)
from app.nouns.biomarker import Demand, DemandRecord, demand
from app.nouns.condition import ConditionRef
from app.nouns.declaration import Forms, Noun, Reference, RenderContext, Sublist
from app.nouns.differences import NUMBERED
from app.nouns.fact_filters import LEVEL, SOURCE
from app.nouns.filters import FlagFilter, TermFilter
from app.nouns.folding import fold
from app.nouns.paths import Document, at
from app.vocabulary import Blinding, Line, Phase, Setting


class TrialBase(SQLModel):
    """A study, as a source describes it."""

    name: Text = Field(description="Acronym or name, as sources print it.")
    synonyms: list[Text] = Field(default=[], sa_type=JSON, description="Other names.")
    nct_ids: list[NctId] = Field(
        default=[], sa_type=JSON, description="ClinicalTrials.gov numbers; empty where the source gives none."
    )
    phase: Phase | None = Field(default=None, sa_type=String, description="Phase; null where the source does not say.")
    design: Text | None = Field(default=None, description="Design in our own words.")
    randomised: bool | None = Field(
        default=None, description="Patients were assigned to arms at random; null where no source says."
    )
    blinding: Blinding | None = Field(default=None, sa_type=String, description="Who did not know the treatment.")
    enrolled: int | None = Field(default=None, ge=1, description="Patients randomised or enrolled, as the source says.")
    lines: list[Line] = Field(default=[], sa_type=JSON, description="Lines of therapy of its patients, where stated.")
    settings: list[Setting] = Field(default=[], sa_type=JSON, description="Places in the course of the disease.")
    population: Text | None = Field(default=None, description="Who was enrolled, in our own words.")


class TrialRecord(TrialBase, FactRecord):
    """A trial in the fact files."""

    id: Slug
    conditions: list[Slug] = Field(default=[])
    biomarkers: list[DemandRecord] = Field(default=[], description="Biomarkers that it asked of all its patients.")


class TrialTable(TrialBase, RecordTable, table=True):
    """The table of trials."""

    __tablename__ = "trial"
    __table_args__ = (unique_position(), release_foreign_key("source_id", "source"))
    biomarkers: list[Demand] = Field(default=[], sa_type=JSON, description="Biomarkers that it asked of all patients.")
    source_id: str
    locator: str


class TrialRef(Named):
    """A trial referred to."""

    nct_ids: list[str] = Field(default=[], description="ClinicalTrials.gov numbers.")
    phase: Phase | None = Field(description="Phase; null where the source does not say.")
    randomised: bool | None = Field(description="Patients were assigned to arms at random; null where no source says.")
    lines: list[Line] = Field(default=[], description="Lines of therapy of its patients, where stated.")
    settings: list[Setting] = Field(default=[], description="Places in the course of the disease.")


class TrialArm(Schema):
    """An arm, or a pooled group, of a trial."""

    id: str = Field(description="Id, as in `/cohorts`.")
    label: str = Field(description="The arm as a reader would name it.")
    comparator: bool = Field(description="The arm was a control without the therapy.")
    therapies: list[TherapyRef] = Field(description="Therapies of the fact base given in this arm.")
    patients: int | None = Field(description="N: patients in whom safety was counted; null where it is not stated.")
    adverse_events: int = Field(description="Adverse-event facts counted in it.")
    outcomes: int = Field(description="Outcomes counted in it, or between it and another.")


class Trial(TrialBase):
    """A trial, as the API answers it."""

    id: str = Field(description="Stable id, the same from release to release.")
    conditions: list[ConditionRef] = Field(description="Conditions of its patients.")
    biomarkers: list[Demand] = Field(description="Biomarkers that it asked of all its patients.")
    therapies: list[TherapyRef] = Field(default=[], description="Therapies of the fact base given in its arms.")
    arms: list[TrialArm] = Field(default=[], description="Its arms, as the sources report them.")
    adverse_events: int = Field(description="Adverse-event facts of its arms.")
    outcomes: int = Field(description="Outcomes of its arms.")
    sources: list[SourceRef] = Field(default=[], description="Sources in which its arms were read.")
    evidence: Evidence = Field(description="Where its description was read.")


def _compute(record: TrialRecord, _: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    biomarkers = [demand(marker, context) for marker in record.biomarkers]
    return {"biomarkers": biomarkers, "adverse_events": 0, "outcomes": 0}


def _finish(trials: list[Any], forms: Forms) -> None:
    """Give each trial its arms, and what is counted in them."""
    events = Counter(form.cohort.id for form in forms["adverse-events"])
    outcomes = Counter(form.cohort.id for form in forms["outcomes"])
    arms: dict[str, list[Any]] = defaultdict(list)
    for cohort in forms["cohorts"]:
        if cohort.trial_id:
            arms[cohort.trial_id].append(cohort)
    for trial in trials:
        found = sorted(arms[trial.id], key=lambda cohort: cohort.id)
        trial.arms = [
            TrialArm(
                **{name: getattr(cohort, name) for name in ("id", "label", "comparator", "therapies", "patients")},
                adverse_events=events[cohort.id],
                outcomes=outcomes[cohort.id],
            )
            for cohort in found
        ]
        trial.therapies = list({ref.id: ref for arm in trial.arms for ref in arm.therapies}.values())
        trial.adverse_events = sum(arm.adverse_events for arm in trial.arms)
        trial.outcomes = sum(arm.outcomes for arm in trial.arms)
        read = [cohort.evidence.source for cohort in found] + [
            report.evidence.source for cohort in found for report in cohort.also_reported
        ]
        trial.sources = sorted({source.id: source for source in read}.values(), key=lambda source: source.id)


def trials_meant(forms: Forms) -> Callable[[str, str], list[Named]]:
    """A function of a therapy and what a source calls its trials (`GOG-0213; OCEANS`): the trials that are meant.

    A name such as `Study 1` means a trial with an arm of the therapy; any other name one trial of all.
    """
    given: dict[str, set[str]] = defaultdict(set)
    for cohort in forms["cohorts"]:
        if cohort.trial_id:
            given[cohort.trial_id] |= {cohort.therapy.id, *(therapy.id for therapy in cohort.therapies)}
    named: dict[str, list[Any]] = defaultdict(list)
    for trial in forms["trials"]:
        for name in {fold(name) for name in (trial.name, *trial.synonyms)}:
            named[name].append(trial)

    def meant(therapy: str, name: str) -> list[Named]:
        found: dict[str, Named] = {}
        for part in (name, *re.split(r"\s*[;/]\s*", name)):
            candidates = named.get(fold(part), [])
            own = [trial for trial in candidates if therapy in given[trial.id]]
            chosen = own if own or NUMBERED.search(part) else candidates
            if len(chosen) == 1:
                found[chosen[0].id] = Named(id=chosen[0].id, name=chosen[0].name)
        return list(found.values())

    return meant


def _names(trial: Document) -> Iterator[tuple[str, str | None]]:
    yield "id", trial["id"]
    yield "name", trial["name"]
    yield from (("synonym", synonym) for synonym in trial["synonyms"])
    yield from (("identifier", f"clinicaltrials:{number}") for number in trial["nct_ids"])
    yield from (("identifier", number) for number in trial["nct_ids"])


NOUN = Noun(
    name="trials",
    singular="trial",
    order=65,
    record=TrialRecord,
    table=TrialTable,
    public=Trial,
    references=(Reference("conditions", "conditions"),),
    refers=lambda record: (("biomarkers", marker.id) for marker in record.biomarkers),
    compute=_compute,
    finish=_finish,
    sort_key=lambda form: (form.name.casefold(), form.id),
    standards=("jsonld",),
    list_summary="Find trials",
    list_description="Studies in which safety or efficacy was counted, with their arms.",
    record_summary="Get one trial",
    record_description="One trial by its id; its names and NCT numbers redirect to it.",
    question="KEYNOTE",
    common=("therapy", "class", "condition", "nct_id", "phase", "line"),
    filters=(
        TermFilter(
            "therapy",
            "Therapy given in an arm.",
            "therapies.id",
            example="pembrolizumab",
            names="therapies",
            several=True,
        ),
        TermFilter(
            "class",
            "Any class of a therapy given in an arm, with every class below it.",
            at("therapies.class.id", "therapies.classes.id"),
            example="pd-1-inhibitor",
            names="classes",
            several=True,
        ),
        TermFilter(
            "condition",
            "Condition of its patients, with every condition below it.",
            "conditions.id",
            example="melanoma",
            names="conditions",
        ),
        TermFilter("nct_id", "ClinicalTrials.gov number.", "nct_ids", example="NCT01866319"),
        TermFilter("phase", "Phase.", "phase", example="3", vocabulary=Phase),
        FlagFilter("randomised", "Patients were assigned to arms at random.", "randomised"),
        TermFilter(
            "blinding", "Who did not know the treatment.", "blinding", example="open_label", vocabulary=Blinding
        ),
        TermFilter("line", "Line of therapy of its patients.", "lines", example="first", vocabulary=Line),
        TermFilter(
            "setting", "Place in the course of the disease.", "settings", example="metastatic", vocabulary=Setting
        ),
        TermFilter(
            "biomarker",
            "Biomarker asked of all its patients, with those below it.",
            "biomarkers.id",
            example="pd-l1",
            names="biomarkers",
        ),
        SOURCE,
        LEVEL,
    ),
    sublists=(
        Sublist("indications", "pivotal_trial", ("therapy", "agency", "status")),
        Sublist("outcomes", "trial", ("therapy", "endpoint", "measure")),
        Sublist("cohorts", "trial", ("therapy",)),
        Sublist("adverse-events", "trial", ("therapy", "event", "causality")),
    ),
    sorts={"name": None, "enrolled": "enrolled"},
    text=lambda fact: (
        fact["name"],
        fact["id"],
        *fact["synonyms"],
        *fact["nct_ids"],
        fact["design"],
        fact["population"],
        *(therapy["name"] for therapy in fact["therapies"]),
        *(condition["name"] for condition in fact["conditions"]),
    ),
    names=_names,
    resolved_order=7,
)
