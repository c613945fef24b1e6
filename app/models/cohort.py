"""Cohorts: one arm, or one pooled group, in which safety was counted."""

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.base import FactForm, FactRecord, Named, NctId, Part, Row, Slug, Text, TherapyRef, place, refers


class CohortBase(SQLModel):
    """One arm, or one pooled group, in which safety was counted."""

    label: Text = Field(description="The arm as a reader would name it.")
    trial: Text | None = Field(default=None, description="Acronym or name of the trial; null for pools.")
    nct_id: NctId | None = None
    other_agents: list[Text] = Field(default=[], sa_type=JSON, description="Other treatments given in the arm.")
    monotherapy: bool | None = Field(default=None, description="The therapy was given alone; null: not stated.")
    comparator: bool = Field(default=False, description="The arm was a control without the therapy.")
    population: Text | None = None
    schedule: Text | None = Field(default=None, description="Dose or schedule, where arms differ by it.")
    patients: int | None = Field(default=None, ge=1, description="N: patients in whom safety was counted.")
    pooled: bool = Field(default=False, description="Pooled from several trials or arms.")
    pooled_from: list[Text] = Field(default=[], sa_type=JSON)


class CohortRecord(CohortBase, FactRecord):
    """A cohort in the fact files. Natural key: therapy (whose source reports it), key."""

    key: Slug = Field(description="Trial and arm, such as `keynote-006-pembrolizumab`.")
    therapies: list[Slug] = Field(default=[], description="Therapies of the fact base given in this arm.")
    condition: Slug | None = None

    def natural_key(self) -> str:
        """The id within its therapy."""
        return self.key


class Cohort(CohortBase, Row, table=True):
    """The table of cohorts."""

    __tablename__ = "cohort"
    __table_args__ = (
        place(),
        refers("therapy_id", "therapy"),
        refers("condition_id", "condition"),
        refers("source_id", "source"),
    )
    therapy_id: str
    condition_id: str | None = None
    source_id: str
    locator: str


class CohortRef(Part):
    """A cohort referred to."""

    id: str
    label: str
    trial: str | None = None
    patients: int | None = None
    comparator: bool
    pooled: bool
    monotherapy: bool | None = None
    therapies: list[TherapyRef]
    other_agents: list[str] = Field(default=[])
    condition: Named | None = None


class CohortForm(CohortBase, FactForm):
    """A cohort, as the API answers it."""

    therapies: list[TherapyRef] = Field(description="Therapies of the fact base given in this arm.")
    condition: Named | None = None
    adverse_events: int = Field(description="Adverse-event facts counted in it.")
