"""Cohorts: one arm, or one pooled group, in which safety or efficacy was counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Evidence,
    Fact,
    FactId,
    FactRecord,
    Named,
    NctId,
    RecordTable,
    Schema,
    Slug,
    Text,
    TherapyRef,
    release_foreign_key,
    unique_position,
)
from app.nouns.declaration import Forms, Noun, Reference, RenderContext, Section
from app.nouns.fact_filters import LEVEL, SOURCE
from app.nouns.filters import FlagFilter, RangeFilter, TermFilter
from app.nouns.paths import at


class CohortBase(SQLModel):
    """One arm, or one pooled group, in which safety or efficacy was counted."""

    label: Text = Field(description="The arm as a reader would name it.")
    trial: Text | None = Field(default=None, description="Acronym or name of the trial; null for pools.")
    trial_id: Slug | None = Field(default=None, description="Id of the trial, as in `/trials`; null for pools.")
    trial_aliases: list[Text] = Field(default=[], sa_type=JSON, description="Other names of the trial.")
    nct_id: NctId | None = Field(
        default=None, description="ClinicalTrials.gov number of the trial; null where the source gives none."
    )
    other_agents: list[Text] = Field(default=[], sa_type=JSON, description="Other treatments given in the arm.")
    monotherapy: bool | None = Field(default=None, description="The therapy was given alone; null: not stated.")
    comparator: bool = Field(default=False, description="The arm was a control without the therapy.")
    population: Text | None = Field(
        default=None, description="Patients of the arm, as the source describes them; null where it does not."
    )
    schedule: Text | None = Field(default=None, description="Dose or schedule, where arms differ by it.")
    patients: int | None = Field(default=None, ge=1, description="N: patients in whom safety was counted.")
    pooled: bool = Field(default=False, description="Pooled from several trials or arms.")
    pooled_from: list[Text] = Field(default=[], sa_type=JSON, description="Trials or arms that were pooled.")


class CohortRecord(CohortBase, FactRecord):
    """A cohort in the fact files. Natural key: therapy (whose source reports it), key."""

    key: Slug = Field(description="Trial and arm, such as `keynote-006-pembrolizumab`.")
    therapies: list[Slug] = Field(default=[], description="Therapies of the fact base given in this arm.")
    condition: Slug | None = None
    same_as: FactId | None = Field(
        default=None, description="Id of the cohort that is this very arm, read in another source; its facts are there."
    )

    def natural_key(self) -> str:
        """The id within its therapy."""
        return self.key


class CohortTable(CohortBase, RecordTable, table=True):
    """The table of cohorts."""

    __tablename__ = "cohort"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("condition_id", "condition"),
        release_foreign_key("source_id", "source"),
        release_foreign_key("trial_id", "trial"),
    )
    therapy_id: str
    condition_id: str | None = None
    source_id: str
    locator: str


class CohortRef(Schema):
    """A cohort referred to."""

    id: str = Field(description="Id, as in `/cohorts`.")
    label: str = Field(description="The arm as a reader would name it.")
    trial: str | None = Field(default=None, description="Acronym or name of the trial; null for pools.")
    trial_id: str | None = Field(default=None, description="Id of the trial, as in `/trials`; null for pools.")
    trial_aliases: list[str] = Field(default=[], description="Other names of the trial.")
    patients: int | None = Field(
        default=None, description="N: patients in whom safety was counted; null where it is not stated."
    )
    comparator: bool = Field(description="The arm was a control without the therapy.")
    pooled: bool = Field(description="Pooled from several trials or arms.")
    monotherapy: bool | None = Field(default=None, description="The therapy was given alone; null: not stated.")
    therapies: list[TherapyRef] = Field(description="Therapies of the fact base given in this arm.")
    other_agents: list[str] = Field(default=[], description="Other treatments given in the arm.")
    condition: Named | None = Field(
        default=None, description="Condition of the patients; null for several, or none stated."
    )


class CohortReport(Schema):
    """Another source that reports the same arm."""

    id: str = Field(description="Id under which the arm is found too; it leads to this cohort.")
    reported_for: str = Field(description="Id of the therapy whose source it is.")
    label: str = Field(description="The arm as that source names it.")
    trial: str | None = Field(description="Name of the trial there.")
    evidence: Evidence = Field(description="Where it was read.")


class Cohort(CohortBase, Fact):
    """A cohort, as the API answers it."""

    randomised: bool | None = Field(
        default=None, description="Its trial assigned patients at random; null where no source says, and for pools."
    )
    therapies: list[TherapyRef] = Field(description="Therapies of the fact base given in this arm.")
    condition: Named | None = Field(
        default=None, description="Condition of the patients; null for several, or none stated."
    )
    adverse_events: int = Field(description="Adverse-event facts counted in it, in all sources.")
    outcomes: int = Field(default=0, description="Outcomes counted in it, or between it and another arm.")
    also_reported: list[CohortReport] = Field(default=[], description="Other sources that report the same arm.")


class _Assigned(Schema):
    randomised: bool | None


def _compute(record: CohortRecord, fields: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    reports = [
        CohortReport(id=report_id, reported_for=therapy, label=report.label, trial=report.trial, evidence=evidence)
        for report_id, therapy, report, evidence in context.same_as("cohorts", fields["id"])
    ]
    randomised = context.refer("trials", record.trial_id, _Assigned).randomised if record.trial_id else None
    return {"randomised": randomised, "adverse_events": 0, "outcomes": 0, "also_reported": reports}


def _finish(cohorts: list[Any], forms: Forms) -> None:
    """Count the facts of each cohort, and list it with every therapy whose source reports it."""
    counted = Counter(form.cohort.id for form in forms["adverse-events"])
    outcomes = Counter(form.cohort.id for form in forms["outcomes"])
    therapies = {form.id: form for form in forms["therapies"]}
    for cohort in cohorts:
        cohort.adverse_events, cohort.outcomes = counted[cohort.id], outcomes[cohort.id]
        for therapy in {report.reported_for for report in cohort.also_reported} - {cohort.therapy.id}:
            therapies[therapy].cohorts = sorted([*therapies[therapy].cohorts, cohort], key=lambda form: form.id)


def cohort_filters(path: str = "") -> tuple[TermFilter | FlagFilter, ...]:
    """Filters on a cohort, for its own list and for facts that hold it at a path such as `cohort.`."""
    return (
        TermFilter(
            "therapy",
            "Therapy given in the cohort. Comparator arms are found by `reported_for` or `trial`.",
            f"{path}therapies.id",
            example="nivolumab",
            names="therapies",
            several=True,
            of_therapies="therapy",
        ),
        TermFilter(
            "class",
            "Any class of a therapy given in the cohort, with every class below it.",
            at(f"{path}therapies.class.id", f"{path}therapies.classes.id"),
            example="pd-1-inhibitor",
            names="classes",
            several=True,
            of_therapies="class",
        ),
        TermFilter(
            "reported_for",
            "Therapy whose source reports the cohort; comparator arms are included.",
            at("therapy.id", "also_reported.reported_for"),
            example="pembrolizumab",
            names="therapies",
            of_therapies="therapy",
        ),
        TermFilter(
            "condition",
            "Condition of the cohort, with every condition below it.",
            f"{path}condition.id",
            example="melanoma",
            names="conditions",
            of_therapies="condition",
        ),
        TermFilter(
            "trial",
            "Trial, by id, a name or an NCT number.",
            f"{path}trial_id|trial",
            example="KEYNOTE-006",
            names="trials",
        ),
        FlagFilter("monotherapy", "The therapy was given alone.", f"{path}monotherapy"),
        FlagFilter("comparator", "Control arm without the therapy.", f"{path}comparator"),
        FlagFilter("pooled", "Pooled from several trials or arms.", f"{path}pooled"),
        replace(SOURCE, values=at("evidence.source.id", "also_reported.evidence.source.id")),
        LEVEL,
    )


NOUN = Noun(
    name="cohorts",
    singular="cohort",
    order=60,
    record=CohortRecord,
    table=CohortTable,
    public=Cohort,
    section=Section("cohorts", order=4, absence="adverse_events"),
    references=(Reference("therapies", "therapies"), Reference("condition", "conditions")),
    refers=lambda record: [("trials", record.trial_id)] if record.trial_id else [],
    compute=_compute,
    finish=_finish,
    list_summary="Find cohorts",
    list_description="Arms and pooled groups in which safety or efficacy was counted, with their N.",
    record_summary="Get one cohort",
    record_description="One cohort, by its stable id.",
    common=("therapy", "class", "condition", "trial", "monotherapy", "patients_from"),
    filters=(
        *cohort_filters(),
        FlagFilter("randomised", "Its trial assigned patients at random.", "randomised"),
        RangeFilter("patients_from", "At least this many patients.", "patients", int, "100", minimum=1),
        RangeFilter(
            "adverse_events_from", "At least so many adverse-event facts.", "adverse_events", int, "1", minimum=0
        ),
        RangeFilter("outcomes_from", "At least so many outcomes.", "outcomes", int, "1", minimum=0),
        RangeFilter("patients_to", "At most this many patients.", "patients", int, "1000", lower=False, minimum=1),
    ),
    sorts={"patients": "patients", "therapy": None},
    text=lambda fact: (fact["therapy"]["name"], fact["label"], fact["trial"], fact["nct_id"], fact["population"]),
    names=lambda fact: [("id", each["id"]) for each in (fact, *fact.get("also_reported", ()))],
    searched=False,
)
