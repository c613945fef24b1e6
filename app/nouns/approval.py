"""Approvals: actions of agencies on an indication, from which its history follows."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Fact,
    FactRecord,
    RecordTable,
    Schema,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.condition import ConditionRef
from app.nouns.dates import PartialDate, bounds, days_of
from app.nouns.declaration import Noun, Reference, RenderContext, Section, TermFilter
from app.nouns.fact_filters import FACT_FILTERS
from app.vocabulary import Agency, ApprovalAction, ApprovalType, Area, Line


class ApprovalBase(SQLModel):
    """What an agency did about an indication, and when."""

    action: ApprovalAction = Field(sa_type=String, description="What the agency, or the holder of the licence, did.")
    approval_type: ApprovalType | None = Field(
        default=None,
        sa_type=String,
        description="Kind of approval; null where the source does not say. `note` says where it was inferred.",
    )
    on: PartialDate | None = Field(
        default=None,
        max_length=10,
        description="Day, month or year of the action, as the source states it; null: the source does not say when.",
    )
    trial: Text | None = Field(default=None, description="Pivotal trial that the source names for this action.")
    note: Text | None = Field(default=None, description="What a reader must know of it, in our own words.")


class ApprovalRecord(ApprovalBase, FactRecord):
    """An action in the fact files. Natural key: indication, action, date."""

    indication: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*){1,2}$")] = Field(
        description="Natural key of an indication of the same file."
    )

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.indication, self.action, self.on]))


class ApprovalTable(ApprovalBase, RecordTable, table=True):
    """The table of approvals."""

    __tablename__ = "approval"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("indication_id", "indication"),
        release_foreign_key("source_id", "source"),
        Index("ix_approval_earliest", "release_id", "earliest"),
    )
    therapy_id: str
    indication_id: str
    source_id: str
    locator: str
    agency: Agency = Field(sa_type=String)
    earliest: dt.date | None = None
    latest: dt.date | None = None


class IndicationRef(Schema):
    """An indication referred to."""

    id: str = Field(description="Id, as in `/indications`.")
    condition: ConditionRef = Field(description="Condition of the indication.")
    line: Line | None = Field(description="Line of therapy; null where it is not limited to one.")
    text: str = Field(description="The indication in our own words.")


class Approval(ApprovalBase, Fact):
    """An action of an agency, as the API answers it."""

    agency: Agency = Field(description="Agency that acted.")
    indication: IndicationRef = Field(description="Indication that was acted on.")
    earliest: dt.date | None = Field(description="First day that `on` can mean; computed.")
    latest: dt.date | None = Field(description="Last day that `on` can mean; computed.")


def _compute(record: ApprovalRecord, _: Mapping[str, Any], __: RenderContext) -> Mapping[str, Any]:
    earliest, latest = days_of(record.on) if record.on else (None, None)
    agency = next(agency for agency in Agency if agency.lower() == record.indication.partition(".")[0])
    return {"agency": agency, "earliest": earliest, "latest": latest}


NOUN = Noun(
    name="approvals",
    singular="approval",
    order=25,
    record=ApprovalRecord,
    table=ApprovalTable,
    public=Approval,
    section=Section("approvals", order=6, coverage={"approvals": lambda _: True}, embedded=False),
    references=(Reference("indication", "indications", local=True),),
    compute=_compute,
    sort_key=lambda form: (form.earliest or dt.date.max, form.id),
    list_summary="Find approvals",
    list_description=(
        "Dated actions of agencies, one record each: approved, converted, expanded, narrowed, withdrawn, discontinued, "
        "refused. `facets=year` with `class` makes a timeline. A date that is known to the month or year only meets a "
        "bound where any of its days can."
    ),
    record_summary="Get one approval",
    record_description="One dated action of an agency, by its stable id.",
    filters=(
        *FACT_FILTERS,
        TermFilter(
            "condition",
            "Condition of the indication, with every condition below it.",
            "indication.condition.id",
            example="melanoma",
            names="conditions",
            of_therapies="condition",
        ),
        TermFilter(
            "area",
            "Area of medicine.",
            "indication.condition.area",
            example="oncology",
            vocabulary=Area,
            of_therapies="area",
        ),
        TermFilter(
            "indication",
            "Indication, by id.",
            "indication.id",
            example="pembrolizumab.fda.melanoma.advanced",
        ),
        TermFilter("agency", "Agency that decided.", "agency", example="EMA", vocabulary=Agency, of_therapies="agency"),
        TermFilter("action", "What it did.", "action", example="converted", vocabulary=ApprovalAction),
        TermFilter(
            "approval_type",
            "Kind of approval; unknown where the source does not say.",
            "approval_type",
            example="accelerated",
            vocabulary=ApprovalType,
        ),
        TermFilter("trial", "Pivotal trial named.", "trial", example="KEYNOTE-048"),
        TermFilter("year", "Year of the action.", lambda fact: [fact["on"] and fact["on"][:4]], example="2014"),
        *bounds(
            ("on_from", "on_to"),
            ("On this day or later.", "On this day or earlier."),
            ("2015-01-01", "2024-12-31"),
            lambda fact: [fact["on"]],
        ),
    ),
    sorts={"on": "earliest", "therapy": None},
    text=lambda fact: (
        fact["therapy"]["name"],
        fact["indication"]["condition"]["name"],
        fact["indication"]["text"],
        fact["trial"],
        fact["note"],
    ),
)
