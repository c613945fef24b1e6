"""Adverse events: what was counted for one event term in one cohort."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict
from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Fact,
    FactRecord,
    RecordTable,
    Schema,
    Slug,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.cohort import CohortRef, cohort_filters
from app.nouns.declaration import Forms, Noun, Reference, RenderContext, Section
from app.nouns.differences import mark_differences
from app.nouns.event import TermRef
from app.nouns.filters import FlagFilter, RangeFilter, TermFilter
from app.nouns.measures import Rate
from app.nouns.severity import AnyGrade, Severe, any_grade, severe
from app.vocabulary import Causality, EventKind, FrequencyBand, Grades, OrganSystem, Part


class Onset(Schema):
    """Time to onset, as printed."""

    model_config = ConfigDict(extra="forbid")

    unit: str = Field(description="hours, days, weeks, months or years.")
    median: float | None = Field(default=None, description="Median time to onset, in `unit`.")
    minimum: float | None = Field(default=None, description="Shortest time to onset, in `unit`.")
    maximum: float | None = Field(default=None, description="Longest time to onset, in `unit`.")


class Share(Schema):
    """n or percent of those with the event, as printed."""

    model_config = ConfigDict(extra="forbid")

    patients: int | None = Field(default=None, ge=0, description="n, as printed.")
    percent: int | float | None = Field(default=None, ge=0, le=100, description="Percent (0-100), as printed.")
    of: int | None = Field(default=None, ge=1, description="Denominator, where printed.")


def _no_whole(by: list[Part]) -> list[Part]:
    if Part.WHOLE in by:
        raise ValueError("`whole` is no part: leave `subset` out")
    return by


class Subset(Schema):
    """A part of an event: by what it is set apart, and which part it is."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[list[Part], AfterValidator(_no_whole)] = Field(min_length=1, description="What sets the part apart.")
    text: Text = Field(description="The part in our own words, such as `mild` or `ApoE ε4 homozygotes`.")


class AdverseEventBase(SQLModel):
    """What was counted for one event term in one cohort."""

    reported_term: Text = Field(description="The term as the source prints it.")
    kind: EventKind = Field(
        default=EventKind.CLINICAL,
        sa_type=String,
        description="How the event was found: clinically, or from laboratory values.",
    )
    causality: Causality = Field(
        default=Causality.ALL_CAUSE, sa_type=String, description="Causality that the source states for the rates."
    )
    serious: bool = Field(default=False, description="Counts serious adverse events only.")
    subset: Subset | None = Field(
        default=None, sa_type=JSON, description="The part of the event that is counted; null: the whole event."
    )
    denominator: int | None = Field(default=None, ge=1, description="Its own N, where it differs from the cohort's.")
    denominator_range: list[int] | None = Field(
        default=None, sa_type=JSON, min_length=2, max_length=2, description="Its own N, where only a range is printed."
    )
    rates: list[Rate] = Field(default=[], sa_type=JSON, description="As reported; nothing computed.")
    none_in: list[Grades] = Field(
        default=[],
        sa_type=JSON,
        description="Groups of grades in which the source counts no one: a dash in their column, words to that effect, "
        "or a scale that ends below them.",
    )
    frequency_band: FrequencyBand | None = Field(
        default=None, sa_type=String, description="Frequency band, where the source publishes no figure."
    )
    onset: Onset | None = Field(default=None, sa_type=JSON, description="Time to onset; null where it is not printed.")
    discontinued: Share | None = Field(default=None, sa_type=JSON, description="Treatment stopped for the event.")
    resolved: Share | None = Field(
        default=None, sa_type=JSON, description="Patients in whom the event resolved, of those with it."
    )
    note: Text | None = Field(default=None, description="What a footnote adds, in our own words.")


class AdverseEventRecord(AdverseEventBase, FactRecord):
    """An adverse event in the fact files. Natural key: cohort, event, and what sets it apart."""

    cohort: Slug = Field(description="Key of a cohort of the same file.")
    event: Slug
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def patients_at_risk(self, cohort_patients: int | None) -> int | None:
        """The N of its rates, as far as the source tells.

        Its own denominator, else the cohort's N. Laboratory rates are of those tested, who are fewer than the cohort:
        without a denominator of their own, the cohort's N is taken only where the source prints n beside it.
        """
        if self.denominator or self.denominator_range:
            return self.denominator
        counted = any(rate.patients is not None for rate in self.rates)
        return cohort_patients if counted or self.kind is not EventKind.LABORATORY else None

    def natural_key(self) -> str:
        """The id within its therapy."""
        parts = [self.cohort, self.event]
        if self.kind is EventKind.LABORATORY:
            parts.append("laboratory")
        if self.causality is not Causality.ALL_CAUSE:
            parts.append(self.causality)
        if self.serious:
            parts.append("serious")
        if self.key:
            parts.append(self.key)
        return ".".join(parts)


class AdverseEventTable(AdverseEventBase, RecordTable, table=True):
    """The table of adverse events. The percents are those of the answer: as printed, else computed from n and N."""

    __tablename__ = "adverse_event"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("cohort_id", "cohort"),
        release_foreign_key("event_id", "event"),
        release_foreign_key("source_id", "source"),
        Index("ix_adverse_event_cohort", "release_id", "cohort_id"),
        Index("ix_adverse_event_any", "release_id", "any_percent"),
        Index("ix_adverse_event_severe", "release_id", "severe_percent"),
    )
    therapy_id: str
    cohort_id: str
    event_id: str
    source_id: str
    locator: str
    patients_at_risk: int | None = None
    any_percent: float | None = None
    severe_percent: float | None = None


class AdverseEvent(AdverseEventBase, Fact):
    """An adverse event, as the API answers it."""

    term: TermRef = Field(description="Event term that it is counted under.")
    cohort: CohortRef = Field(description="Cohort in which it was counted.")
    patients_at_risk: int | None = Field(
        description="The N of its rates: its own denominator, else the cohort's. Null where it is not known, as for "
        "most laboratory rates, which are of those tested."
    )
    any_grade: AnyGrade | None = Field(description="All grades; null where the source counts but some of them.")
    severe: Severe | None = Field(
        description="The whole of grade 3 and up, as printed or summed; null where the source prints but a part of it."
    )
    differs_from: list[str] = Field(
        default=[], description="Facts in which another source prints other figures for the same event in the same arm."
    )
    agrees_with: list[str] = Field(
        default=[], description="Facts in which another source prints the same figures for the same event and arm."
    )


def _compute(record: AdverseEventRecord, fields: Mapping[str, Any], _: RenderContext) -> Mapping[str, Any]:
    at_risk = record.patients_at_risk(fields["cohort"].patients)
    return {
        "patients_at_risk": at_risk,
        "any_grade": any_grade(record.rates, record.kind, at_risk),
        "severe": severe(record.rates, record.none_in, at_risk),
        "differs_from": [],
        "agrees_with": [],
    }


def _finish(adverse_events: list[Any], _: Forms) -> None:
    mark_differences(adverse_events)


NOUN = Noun(
    name="adverse-events",
    singular="adverse event",
    order=50,
    record=AdverseEventRecord,
    table=AdverseEventTable,
    public=AdverseEvent,
    section=Section("adverse_events", order=5, coverage={"adverse_events": lambda _: True}, embedded=False),
    references=(Reference("event", "events", key="term"), Reference("cohort", "cohorts", local=True)),
    compute=_compute,
    finish=_finish,
    columns=lambda form: {
        "any_percent": form.any_grade.percent if form.any_grade else None,
        "severe_percent": form.severe.percent if form.severe else None,
    },
    list_summary="Find adverse events",
    list_description=(
        "What was counted for one event term in one cohort: n and percent as printed, any grade and severe, with the N "
        "they refer to. Compare only arms of one trial; cohorts of different trials differ in more than the drug."
    ),
    record_summary="Get one adverse event",
    record_description="One adverse-event fact, by its stable id.",
    common=("therapy", "class", "event", "cohort", "condition", "trial", "severe_percent_from", "causality"),
    filters=(
        *cohort_filters("cohort."),
        TermFilter(
            "event",
            "Event term, by id, name or a spelling of the labels, with every term below it.",
            "term.id",
            example="colitis",
            names="events",
        ),
        TermFilter(
            "organ_system",
            "System organ class, named as in CTCAE.",
            "term.organ_system",
            example="gastrointestinal",
            vocabulary=OrganSystem,
        ),
        TermFilter(
            "cohort",
            "Cohort, by id.",
            "cohort.id",
            example="pembrolizumab.keynote-006-pembrolizumab",
            names="cohorts",
        ),
        TermFilter(
            "subset",
            "Whole events (`whole`), or parts of them, by what sets these apart.",
            lambda fact: (fact.get("subset") or {"by": [Part.WHOLE]})["by"],  # older releases know no parts
            example="whole",
            vocabulary=Part,
        ),
        TermFilter("kind", "How the event was found.", "kind", example="clinical", vocabulary=EventKind),
        TermFilter(
            "causality",
            "Causality that the source states.",
            "causality",
            example="immune_mediated",
            vocabulary=Causality,
        ),
        TermFilter(
            "frequency_band",
            "Frequency band, where only a band is published.",
            "frequency_band",
            example="common",
            vocabulary=FrequencyBand,
        ),
        FlagFilter("immune_related", "The term is an immune-related one.", "term.immune_related"),
        FlagFilter(
            "differs",
            "Another source prints other figures for the same event in the same arm; `differs_from` names its facts.",
            lambda fact: [bool(fact["differs_from"])],
        ),
        FlagFilter("serious", "Counts serious events only.", "serious"),
        RangeFilter(
            "any_percent_from", "Any grade in at least this percent.", "any_grade.percent", float, "10",
            minimum=0, maximum=100,
        ),
        RangeFilter(
            "any_percent_to", "Any grade in at most this percent.", "any_grade.percent", float, "50",
            lower=False, minimum=0, maximum=100,
        ),
        RangeFilter(
            "severe_percent_from", "All of grade 3 and up in at least this percent.", "severe.percent", float, "5",
            minimum=0, maximum=100,
        ),
        RangeFilter(
            "severe_percent_to", "All of grade 3 and up in at most this percent.", "severe.percent", float, "20",
            lower=False, minimum=0, maximum=100,
        ),
    ),
    sorts={
        "any_percent": "any_grade.percent",
        "severe_percent": "severe.percent",
        "patients_at_risk": "patients_at_risk",
        "therapy": None,
    },
    text=lambda fact: (
        fact["therapy"]["name"],
        fact["term"]["name"],
        fact["reported_term"],
        fact["cohort"]["label"],
        fact["cohort"]["trial"],
    ),
)  # fmt: skip
