"""Indications: what an agency has approved a therapy for."""

from pydantic import ConfigDict
from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from app.models.base import Day, FactForm, FactRecord, Named, Part, Row, Slug, TargetId, Text, place, refers
from app.vocabulary import AgeGroup, Agency, ApprovalType, Area, IndicationStatus, Intent, Line, Setting


class Biomarker(Part):
    """A biomarker that an indication asks for."""

    model_config = ConfigDict(extra="forbid")

    name: Text = Field(description="Such as PD-L1, MSI-H, HER2, BCR-ABL1.")
    state: Text = Field(description="Such as positive, negative, high, mutated, absent.")
    cutoff: Text | None = Field(default=None, description="Cut-off as the source words it, such as `TPS >= 1%`.")
    target: TargetId | None = None


class IndicationBase(SQLModel):
    """What an agency has approved a therapy for."""

    agency: Agency = Field(sa_type=String)
    text: Text = Field(description="The indication in our own words.")
    settings: list[Setting] = Field(default=[], sa_type=JSON)
    line: Line | None = Field(default=None, sa_type=String)
    intent: Intent = Field(default=Intent.TREATMENT, sa_type=String)
    stage: Text | None = Field(default=None, description="Stage as the source words it.")
    biomarkers: list[Biomarker] = Field(default=[], sa_type=JSON)
    population: Text | None = Field(default=None, description="Whom it covers, beyond age.")
    age_groups: list[AgeGroup] = Field(default=[], sa_type=JSON)
    age_min_years: float | None = Field(default=None, ge=0, le=120)
    age_max_years: float | None = Field(default=None, ge=0, le=120)
    monotherapy: bool | None = Field(default=None, description="Null where the source does not say.")
    partners: list[Text] = Field(default=[], sa_type=JSON, description="Combination partners.")
    brands: list[Text] = Field(default=[], sa_type=JSON, description="Products that the source grants it to.")
    approval_type: ApprovalType | None = Field(default=None, sa_type=String)
    status: IndicationStatus = Field(sa_type=String)
    approved_on: Day | None = None
    converted_on: Day | None = Field(default=None, description="Conversion to regular approval.")
    withdrawn_on: Day | None = None
    trials: list[Text] = Field(default=[], sa_type=JSON, description="Pivotal trials named by a source.")


class IndicationRecord(IndicationBase, FactRecord):
    """An indication in the fact files. Natural key: therapy, agency, condition, key."""

    condition: Slug
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.agency.lower(), self.condition, self.key]))


class ConditionRef(Named):
    """A condition referred to."""

    area: Area


class Indication(IndicationBase, Row, table=True):
    """The table of indications."""

    __tablename__ = "indication"
    __table_args__ = (
        place(),
        refers("therapy_id", "therapy"),
        refers("condition_id", "condition"),
        refers("source_id", "source"),
        Index("ix_indication_therapy", "release_id", "therapy_id"),
        Index("ix_indication_approved", "release_id", "approved_on"),
    )
    therapy_id: str
    condition_id: str
    source_id: str
    locator: str


class IndicationForm(IndicationBase, FactForm):
    """An indication, as the API answers it."""

    condition: ConditionRef
