"""Indications: what an agency has approved a therapy for."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict
from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Day,
    Evidence,
    Fact,
    FactRecord,
    RecordTable,
    Schema,
    Slug,
    TargetId,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.condition import ConditionRef
from app.nouns.dates import bounds, day_of
from app.nouns.declaration import Document, FlagFilter, Noun, Reference, RenderContext, Section, TermFilter
from app.nouns.fact_filters import FACT_FILTERS
from app.vocabulary import AgeGroup, Agency, ApprovalAction, ApprovalType, Area, IndicationStatus, Intent, Line, Setting


class Biomarker(Schema):
    """A biomarker that an indication asks for."""

    model_config = ConfigDict(extra="forbid")

    name: Text = Field(description="Such as PD-L1, MSI-H, HER2, BCR-ABL1.")
    state: Text = Field(description="Such as positive, negative, high, mutated, absent.")
    cutoff: Text | None = Field(default=None, description="Cut-off as the source words it, such as `TPS >= 1%`.")
    target: TargetId | None = Field(
        default=None, description="Target that the biomarker is of, as in `/targets`; null where it is none."
    )


class IndicationBase(SQLModel):
    """What an agency has approved a therapy for."""

    agency: Agency = Field(sa_type=String, description="Agency that decided.")
    text: Text = Field(description="The indication in our own words.")
    settings: list[Setting] = Field(
        default=[], sa_type=JSON, description="Places in the course of the disease that it is limited to."
    )
    line: Line | None = Field(
        default=None, sa_type=String, description="Line of therapy that it is limited to; null: not limited to one."
    )
    intent: Intent = Field(default=Intent.TREATMENT, sa_type=String, description="What the treatment is meant to do.")
    stage: Text | None = Field(default=None, description="Stage as the source words it.")
    biomarkers: list[Biomarker] = Field(default=[], sa_type=JSON, description="Biomarkers that it asks for.")
    population: Text | None = Field(default=None, description="Whom it covers, beyond age.")
    age_groups: list[AgeGroup] = Field(default=[], sa_type=JSON, description="Age groups that it names.")
    age_min_years: float | None = Field(
        default=None, ge=0, le=120, description="Least age in years; null where none is stated."
    )
    age_max_years: float | None = Field(
        default=None, ge=0, le=120, description="Greatest age in years; null where none is stated."
    )
    monotherapy: bool | None = Field(default=None, description="Null where the source does not say.")
    partners: list[Text] = Field(default=[], sa_type=JSON, description="Combination partners.")
    brands: list[Text] = Field(default=[], sa_type=JSON, description="Products that the source grants it to.")
    approval_type: ApprovalType | None = Field(
        default=None, sa_type=String, description="Kind of approval; null where the source does not say."
    )
    status: IndicationStatus = Field(
        sa_type=String, description="Whether it is in force at the revision of its source."
    )
    approved_on: Day | None = Field(
        default=None, description="Day of approval of this indication; null where it is not known to the day."
    )
    converted_on: Day | None = Field(default=None, description="Conversion to regular approval.")
    withdrawn_on: Day | None = Field(
        default=None, description="Day of withdrawal; null where there is none, or it is not known to the day."
    )
    trials: list[Text] = Field(default=[], sa_type=JSON, description="Pivotal trials named by a source.")


class IndicationRecord(IndicationBase, FactRecord):
    """An indication in the fact files. Natural key: therapy, agency, condition, key."""

    condition: Slug
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.agency.lower(), self.condition, self.key]))


class IndicationTable(IndicationBase, RecordTable, table=True):
    """The table of indications."""

    __tablename__ = "indication"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("condition_id", "condition"),
        release_foreign_key("source_id", "source"),
        Index("ix_indication_therapy", "release_id", "therapy_id"),
        Index("ix_indication_approved", "release_id", "approved_on"),
    )
    therapy_id: str
    condition_id: str
    source_id: str
    locator: str


class HistoryAction(Schema):
    """A dated action on an indication; `/approvals` has the same as records of their own."""

    action: ApprovalAction = Field(description="What was done.")
    approval_type: ApprovalType | None = Field(description="Kind of approval; null where the source does not say.")
    on: str = Field(description="Day, month or year, as the source states it.")
    trial: str | None = Field(description="Pivotal trial that the source names; null where it names none.")
    evidence: Evidence = Field(description="Where it was read.")


class Indication(IndicationBase, Fact):
    """An indication, as the API answers it."""

    condition: ConditionRef = Field(description="Condition that it is for.")
    history: list[HistoryAction] = Field(default=[], description="What was decided when, oldest first, each cited.")


def _compute(record: IndicationRecord, _: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    """The history of an indication, and the days that follow from it where they are not stated."""
    actions = [item for item in context.records("approvals") if item.indication == record.natural_key()]
    actions.sort(key=lambda item: (item.on, _ACTIONS.index(item.action)))
    found: dict[str, Any] = {
        "history": [
            HistoryAction(
                action=item.action,
                approval_type=item.approval_type,
                on=item.on,
                trial=item.trial,
                evidence=context.evidence(item),
            )
            for item in actions
        ]
    }
    for field, action in _DAYS.items():
        if getattr(record, field) is None:
            days = [item.on for item in actions if item.action is action and len(item.on) == len("2014-09-04")]
            found[field] = dt.date.fromisoformat(days[0]) if days else None
    return found


_ACTIONS = list(ApprovalAction)
_DAYS = {
    "approved_on": ApprovalAction.APPROVED,
    "converted_on": ApprovalAction.CONVERTED,
    "withdrawn_on": ApprovalAction.WITHDRAWN,
}
"""Days of an indication, and the first action that each is of."""


def _approved(indication: Document) -> list[str | None]:
    """When an indication was approved: a day, else the month or year of its first approval."""
    if indication["approved_on"]:
        return [indication["approved_on"]]
    history = indication.get("history", ())  # releases that were loaded before have none
    return [item["on"] for item in history if item["action"] == ApprovalAction.APPROVED][:1]


NOUN = Noun(
    name="indications",
    singular="indication",
    order=20,
    record=IndicationRecord,
    table=IndicationTable,
    public=Indication,
    section=Section("indications", order=2, coverage={"indications": lambda _: True}),
    references=(Reference("condition", "conditions"),),
    compute=_compute,
    sort_key=lambda form: (form.agency, form.condition.name.casefold(), form.id),
    list_summary="Find indications",
    list_description="What an agency has approved a therapy for, one record a condition and use.",
    record_summary="Get one indication",
    record_description="One indication, by its stable id.",
    filters=(
        *FACT_FILTERS,
        TermFilter(
            "condition",
            "Condition, with every condition below it: `lymphoma` finds follicular lymphoma.",
            "condition.id",
            example="melanoma",
            names="conditions",
        ),
        TermFilter("area", "Area of medicine.", "condition.area", example="oncology", vocabulary=Area),
        TermFilter("agency", "Agency that decided.", "agency", example="EMA", vocabulary=Agency),
        TermFilter("status", "Standing of the indication.", "status", example="active", vocabulary=IndicationStatus),
        TermFilter(
            "approval_type",
            "Kind of approval; unknown where the source does not say.",
            "approval_type",
            example="accelerated",
            vocabulary=ApprovalType,
        ),
        TermFilter(
            "setting", "Place in the course of the disease.", "settings", example="adjuvant", vocabulary=Setting
        ),
        TermFilter("line", "Line of therapy.", "line", example="first", vocabulary=Line),
        TermFilter("intent", "What it is meant to do.", "intent", example="treatment", vocabulary=Intent),
        TermFilter("biomarker", "Biomarker that the indication asks for.", "biomarkers.name", example="PD-L1"),
        TermFilter("age_group", "Age group named.", "age_groups", example="adult", vocabulary=AgeGroup),
        TermFilter("trial", "Pivotal trial named.", "trials", example="KEYNOTE-006"),
        FlagFilter("monotherapy", "Given alone; unknown where the source does not say.", "monotherapy"),
        *bounds(
            ("approved_from", "approved_to"),
            (
                "Indication approved on this day or later, where its own date is known. "
                "A date known to the month or year counts where any of its days can.",
                "Indication approved on this day or earlier, where its own date is known. "
                "A date known to the month or year counts where any of its days can.",
            ),
            ("2020-01-01", "2024-12-31"),
            _approved,
        ),
    ),
    sorts={"approved_on": day_of(_approved), "therapy": None},
    text=lambda fact: (
        fact["therapy"]["name"],
        fact["condition"]["name"],
        fact["text"],
        *fact["brands"],
        *fact["partners"],
    ),
)
