"""Statements: what the reviews say of the field, a class, a condition or a therapy."""

from typing import Annotated, Literal

from pydantic import StringConstraints
from sqlalchemy import String
from sqlmodel import Field, SQLModel

from app.models.base import Evidence, FactRecord, Named, Part, Row, Slug, Text, place, refers
from app.vocabulary import StatementTopic

Subject = Annotated[str, StringConstraints(pattern=r"^(field|(class|condition|therapy|target):[A-Za-z0-9_-]+)$")]


class StatementBase(SQLModel):
    """A cited statement of the field, in our own words."""

    topic: StatementTopic = Field(sa_type=String)
    text: Text


class StatementRecord(StatementBase, FactRecord):
    """A statement in the fact files. Natural key: source, key."""

    about: Subject = Field(description="`field`, or `class:`, `condition:`, `therapy:` or `target:` and an id.")
    also_about: list[Subject] = Field(default=[], description="Further subjects.")
    key: Slug

    def natural_key(self) -> str:
        """The id."""
        return f"{self.source}.{self.key}"


class Statement(StatementBase, Row, table=True):
    """The table of statements."""

    __tablename__ = "statement"
    __table_args__ = (place(), refers("source_id", "source"))
    source_id: str
    locator: str


class SubjectRef(Part):
    """What a statement is about."""

    kind: Literal["field", "class", "condition", "therapy", "target"]
    id: str | None
    name: str


class StatementForm(StatementBase):
    """A statement, as the API answers it."""

    id: str
    therapy: Named | None = Field(description="The therapy that it is about; null where it is about something else.")
    about: SubjectRef
    also_about: list[SubjectRef] = []
    evidence: Evidence
