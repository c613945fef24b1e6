"""Outcomes: what a source states for one endpoint, in one arm or between two arms of a trial."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Float, Index, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Fact,
    FactRecord,
    RecordTable,
    Slug,
    Text,
    release_foreign_key,
    slugged,
    unique_position,
)
from app.nouns.biomarker import Demand, DemandRecord, demand
from app.nouns.cohort import CohortRef, cohort_filters
from app.nouns.dates import PartialDate
from app.nouns.declaration import Noun, Reference, RenderContext, Section
from app.nouns.endpoint import EndpointRef
from app.nouns.figures import FollowUp, Interval, Range, SaidTime, Spread
from app.nouns.filters import FlagFilter, RangeFilter, TermFilter
from app.nouns.measures import Measured, measured_share
from app.nouns.paths import Document
from app.nouns.trial import TrialRef
from app.vocabulary import (
    Analysed,
    Analysis,
    Assessor,
    BiomarkerState,
    EndpointRole,
    Line,
    Measure,
    Setting,
    ValueStatus,
)


class OutcomeBase(SQLModel):
    """What a source states for one endpoint, in one arm or between two arms."""

    reported_endpoint: Text = Field(description="The endpoint as the source names it.")
    measure: Measure = Field(sa_type=String, description="What the figure is.")
    time: SaidTime | None = Field(
        default=None, sa_type=JSON, description="When, or until when, it was measured; null where that is not stated."
    )
    patients: int | None = Field(default=None, ge=0, description="n, as printed, where patients are counted.")
    denominator: int | None = Field(default=None, ge=1, description="N that the figure is of, as printed.")
    percent: int | float | None = Field(
        default=None,
        sa_type=Float,
        ge=0,
        le=100,
        description="Percent (0-100) as printed, where patients are counted or estimated.",
    )
    percent_below: int | float | None = Field(
        default=None, sa_type=Float, gt=0, le=100, description="x, where `<x` is printed."
    )
    percent_above: int | float | None = Field(
        default=None, sa_type=Float, ge=0, lt=100, description="x, where `>x` is printed."
    )
    adjusted: bool = Field(
        default=False, description="The figure comes from a model or imputation, and is no plain n of N."
    )
    value: int | float | None = Field(
        default=None, sa_type=Float, description="The figure as printed, where it is no percent of N."
    )
    value_status: ValueStatus | None = Field(
        default=None, sa_type=String, description="The word printed instead of a figure."
    )
    unit: Text | None = Field(default=None, description="Unit of the value: months, percentage points, points.")
    interval: Interval | None = Field(default=None, sa_type=JSON, description="Confidence interval as printed.")
    range: Range | None = Field(default=None, sa_type=JSON, description="Least and greatest value; no interval.")
    spread: Spread | None = Field(default=None, sa_type=JSON, description="Standard deviation, error or quartiles.")
    p_value: Text | None = Field(default=None, max_length=60, description="P-value as printed, such as `<0.0001`.")
    p_sides: int | None = Field(default=None, ge=1, le=2, description="Sides of the test, where stated.")
    stratified: bool | None = Field(default=None, description="Stratified by factors; null where it is not stated.")
    margin: int | float | None = Field(
        default=None, sa_type=Float, description="Non-inferiority margin, in the unit of the value."
    )
    criteria: Text | None = Field(default=None, description="Criteria, such as RECIST 1.1, IMWG, Lugano.")
    assessor: Assessor | None = Field(default=None, sa_type=String, description="Who judged it; null: not stated.")
    population: Text | None = Field(
        default=None, description="Patients of the figure, where they are not all of the arm: `PD-L1 TPS >= 50%`."
    )
    analysed: Analysed | None = Field(default=None, sa_type=String, description="Which patients; null: not stated.")
    analysis: Analysis | None = Field(default=None, sa_type=String, description="Which analysis; null: not stated.")
    cutoff: PartialDate | None = Field(default=None, max_length=10, description="Data cut-off, as far as known.")
    follow_up: FollowUp | None = Field(default=None, sa_type=JSON, description="Follow-up, where it is stated.")
    role: EndpointRole | None = Field(
        default=None, sa_type=String, description="Place of the endpoint in the trial; null: not stated."
    )
    note: Text | None = Field(default=None, description="What a footnote adds, in our own words.")


class OutcomeRecord(OutcomeBase, FactRecord):
    """An outcome in the fact files. Natural key: cohort, other arm, endpoint, measure, time, and what sets it apart."""

    cohort: Slug = Field(description="Key of a cohort of the same file.")
    against: Slug | None = Field(default=None, description="Key of the other arm, for what is between two arms.")
    endpoint: Slug
    biomarkers: list[DemandRecord] = Field(default=[], description="Biomarkers by which its patients are a subgroup.")
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        time = ""
        if self.time:
            time = slugged(f"{self.time.value or ''} {self.time.unit or ''} {self.time.text or ''}")
        other = self.against and f"vs-{self.against}"
        parts = [self.cohort, other, self.endpoint, slugged(self.measure), time, self.key]
        return ".".join(filter(None, parts))


class OutcomeTable(OutcomeBase, RecordTable, table=True):
    """The table of outcomes. `share` is the percent of the answer: as printed, else computed from n and N."""

    __tablename__ = "outcome"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("cohort_id", "cohort"),
        release_foreign_key("against_id", "cohort"),
        release_foreign_key("endpoint_id", "endpoint"),
        release_foreign_key("source_id", "source"),
        Index("ix_outcome_cohort", "release_id", "cohort_id"),
    )
    therapy_id: str
    cohort_id: str
    against_id: str | None = None
    endpoint_id: str
    biomarkers: list[Demand] = Field(default=[], sa_type=JSON, description="Biomarkers of the subgroup.")
    share_percent: float | None = None
    source_id: str
    locator: str


class Outcome(OutcomeBase, Fact):
    """An outcome, as the API answers it."""

    endpoint: EndpointRef = Field(description="Endpoint that it is counted under.")
    trial: TrialRef | None = Field(description="Trial of the arm; null where the arm is of none, as for pools.")
    cohort: CohortRef = Field(description="Arm in which it was counted; between two arms, the first.")
    against: CohortRef | None = Field(default=None, description="The other arm, for what is between two arms.")
    biomarkers: list[Demand] = Field(default=[], description="Biomarkers by which its patients are a subgroup.")
    share: Measured | None = Field(
        description="Share of patients, where they are counted: as printed, completed by what can be computed. Null "
        "for what is estimated, and for medians, ratios and the like, of which nothing is computed."
    )


def _compute(record: OutcomeRecord, fields: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    cohort = fields["cohort"]
    counted = record.measure.counts_patients and not record.adjusted
    return {
        "trial": context.refer("trials", cohort.trial_id, TrialRef) if cohort.trial_id else None,
        "biomarkers": [demand(marker, context) for marker in record.biomarkers],
        "share": measured_share(record.patients, record.percent, record.percent_below, record.denominator)
        if counted
        else None,
    }


def _values_of(*measures: Measure) -> Any:
    """The values of some measures, for bounds and sorts."""
    return lambda fact: [fact["value"]] if fact["measure"] in measures else []


_HAZARD_RATIO = _values_of(Measure.HAZARD_RATIO)


def _percent(fact: Document) -> list[Any]:
    """The percent of an outcome, of patients counted or estimated."""
    share = fact["share"]
    return [share["percent"] if share else fact["percent"]]


NOUN = Noun(
    name="outcomes",
    singular="outcome",
    order=52,
    record=OutcomeRecord,
    table=OutcomeTable,
    public=Outcome,
    section=Section("outcomes", order=8, coverage={"outcomes": lambda _: True}, embedded=False),
    references=(
        Reference("endpoint", "endpoints"),
        Reference("cohort", "cohorts", local=True),
        Reference("against", "cohorts", local=True),
    ),
    refers=lambda record: (("biomarkers", marker.id) for marker in record.biomarkers),
    compute=_compute,
    columns=lambda form: {"share_percent": form.share.percent if form.share else None},
    title=lambda fact: f"{fact['cohort']['label']}: {fact['endpoint']['name']}",
    list_summary="Find outcomes",
    list_description=(
        "How well a therapy works: what a source states for one endpoint, in one arm (n of N, percent, median, rate at "
        "a time) or between two arms of one trial (hazard ratio, difference, vaccine efficacy), as printed. Compare "
        "only arms of one trial."
    ),
    record_summary="Get one outcome",
    record_description="One outcome, by its stable id.",
    common=("therapy", "class", "condition", "endpoint", "trial", "measure", "line", "biomarker"),
    filters=(
        *cohort_filters("cohort."),
        TermFilter(
            "endpoint",
            "Endpoint, by id, name or abbreviation, with every endpoint below it.",
            "endpoint.id",
            example="overall-survival",
            names="endpoints",
        ),
        TermFilter("measure", "What the figure is.", "measure", example="hazard_ratio", vocabulary=Measure),
        TermFilter(
            "comparison",
            "Whether it is of one arm (`arm`) or between two (`between_arms`).",
            lambda fact: ["between_arms" if fact["against"] else "arm"],
            example="between_arms",
        ),
        TermFilter(
            "cohort", "Arm, by id.", "cohort.id", example="pembrolizumab.keynote-006-pembrolizumab", names="cohorts"
        ),
        TermFilter(
            "against",
            "The other arm, by id; for what is between two arms.",
            "against.id",
            example="pembrolizumab.keynote-006-ipilimumab",
            names="cohorts",
        ),
        TermFilter(
            "against_therapy",
            "Therapy given in the other arm.",
            "against.therapies.id",
            example="ipilimumab",
            names="therapies",
        ),
        TermFilter(
            "against_agent", "Other treatment given in the other arm.", "against.other_agents", example="placebo"
        ),
        FlagFilter(
            "subgroup",
            "Of a part of the arm's patients, which `population` names.",
            lambda fact: [bool(fact["population"] or fact["biomarkers"])],
        ),
        TermFilter("line", "Line of therapy of the trial's patients.", "trial.lines", example="first", vocabulary=Line),
        TermFilter(
            "setting",
            "Place in the course of the disease, of the trial's patients.",
            "trial.settings",
            example="metastatic",
            vocabulary=Setting,
        ),
        TermFilter(
            "biomarker",
            "Biomarker by which the patients are a subgroup, with those below it.",
            "biomarkers.id",
            example="pd-l1",
            names="biomarkers",
        ),
        TermFilter(
            "biomarker_state",
            "State of that biomarker.",
            "biomarkers.state",
            example="high",
            vocabulary=BiomarkerState,
            together="biomarker",
        ),
        TermFilter("analysed", "Which patients.", "analysed", example="intention_to_treat", vocabulary=Analysed),
        TermFilter("analysis", "Which analysis.", "analysis", example="final", vocabulary=Analysis),
        TermFilter("role", "Place of the endpoint in the trial.", "role", example="primary", vocabulary=EndpointRole),
        TermFilter("assessor", "Who judged it.", "assessor", example="independent", vocabulary=Assessor),
        TermFilter(
            "value_status", "A word instead of a figure.", "value_status", example="not_reached", vocabulary=ValueStatus
        ),
        FlagFilter("randomised", "Arms were assigned at random.", "trial.randomised"),
        RangeFilter(
            "percent_from", "At least this percent of patients.", _percent, float, "50", minimum=0, maximum=100
        ),
        RangeFilter(
            "percent_to",
            "At most this percent of patients.",
            _percent,
            float,
            "90",
            lower=False,
            minimum=0,
            maximum=100,
        ),
        RangeFilter("hazard_ratio_from", "A hazard ratio of at least this.", _HAZARD_RATIO, float, "0.5", minimum=0),
        RangeFilter(
            "hazard_ratio_to", "A hazard ratio of at most this.", _HAZARD_RATIO, float, "0.8", lower=False, minimum=0
        ),
    ),
    sorts={"percent": _percent, "hazard_ratio": _HAZARD_RATIO, "therapy": None},
    text=lambda fact: (
        fact["therapy"]["name"],
        fact["endpoint"]["name"],
        fact["reported_endpoint"],
        fact["cohort"]["label"],
        fact["cohort"]["trial"],
        fact["population"],
    ),
)
