"""Adverse events: what was counted for one event term in one cohort."""

from pydantic import ConfigDict
from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from app.models.base import FactForm, FactRecord, Named, Part, Row, Slug, Text, place, refers
from app.models.cohort import CohortRef
from app.vocabulary import Causality, EventKind, FrequencyBand, Grades, OrganSystem


class Rate(Part):
    """What the source prints for one group of grades."""

    model_config = ConfigDict(extra="forbid")

    grades: Grades
    patients: int | None = Field(default=None, ge=0, description="n, as printed.")
    percent: int | float | None = Field(default=None, ge=0, le=100, description="Percent, as printed.")
    percent_below: int | float | None = Field(default=None, gt=0, le=100, description="x, where `<x` is printed.")


class Onset(Part):
    """Time to onset, as printed."""

    model_config = ConfigDict(extra="forbid")

    unit: str = Field(description="hours, days, weeks, months or years.")
    median: float | None = None
    minimum: float | None = None
    maximum: float | None = None


class Share(Part):
    """n or percent of those with the event, as printed."""

    model_config = ConfigDict(extra="forbid")

    patients: int | None = Field(default=None, ge=0)
    percent: int | float | None = Field(default=None, ge=0, le=100)
    of: int | None = Field(default=None, ge=1, description="Denominator, where printed.")


class AdverseEventBase(SQLModel):
    """What was counted for one event term in one cohort."""

    reported_term: Text = Field(description="The term as the source prints it.")
    kind: EventKind = Field(default=EventKind.CLINICAL, sa_type=String)
    causality: Causality = Field(default=Causality.ALL_CAUSE, sa_type=String)
    serious: bool = Field(default=False, description="Counts serious adverse events only.")
    denominator: int | None = Field(default=None, ge=1, description="Its own N, where it differs from the cohort's.")
    denominator_range: list[int] | None = Field(
        default=None, sa_type=JSON, min_length=2, max_length=2, description="Its own N, where only a range is printed."
    )
    rates: list[Rate] = Field(default=[], sa_type=JSON, description="As reported; nothing computed.")
    frequency_band: FrequencyBand | None = Field(default=None, sa_type=String)
    onset: Onset | None = Field(default=None, sa_type=JSON)
    discontinued: Share | None = Field(default=None, sa_type=JSON, description="Treatment stopped for the event.")
    resolved: Share | None = Field(default=None, sa_type=JSON)
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


class AdverseEvent(AdverseEventBase, Row, table=True):
    """The table of adverse events. The percents are those of the answer: as printed, else computed from n and N."""

    __tablename__ = "adverse_event"
    __table_args__ = (
        place(),
        refers("therapy_id", "therapy"),
        refers("cohort_id", "cohort"),
        refers("event_id", "event"),
        refers("source_id", "source"),
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


class TermRef(Named):
    """An event term referred to."""

    organ_system: OrganSystem
    immune_related: bool


class Measured(Part):
    """A rate as the API answers it: what is printed, completed by what can be computed, which is marked."""

    patients: int | None = Field(description="n; derived only where exactly one n fits the printed percent.")
    percent: int | float | None = Field(description="Percent (0-100); from n and N where none is printed.")
    percent_below: int | float | None = Field(default=None, description="x, where the source prints `<x`.")
    ci95: list[float] | None = Field(description="Wilson 95 % interval in percent, computed.")
    computed: list[str] = Field(description="Which of these keys were computed; the others are as printed.")


class Severe(Measured):
    """The widest group of grades from 3 up that the source states."""

    grades: Grades


class AdverseEventForm(AdverseEventBase, FactForm):
    """An adverse event, as the API answers it."""

    term: TermRef
    cohort: CohortRef
    patients_at_risk: int | None = Field(
        description="The N of its rates: its own denominator, else the cohort's. Null where it is not known, as for "
        "most laboratory rates, which are of those tested."
    )
    any_grade: Measured | None
    severe: Severe | None
    differs_from: list[str] = Field(
        default=[], description="Facts in which another source prints other figures for the same event in the same arm."
    )
