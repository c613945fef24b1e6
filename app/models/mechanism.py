"""Mechanisms: what a therapy does at a target, and to immunity."""

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from app.models.base import FactForm, FactRecord, Named, Row, Slug, TargetId, Text, place, refers
from app.vocabulary import Action, Effect


class MechanismBase(SQLModel):
    """What a therapy does at a target."""

    action: Action = Field(sa_type=String)
    effect: Effect = Field(sa_type=String)
    description: Text


class MechanismRecord(MechanismBase, FactRecord):
    """A mechanism in the fact files. Natural key: therapy, target, action, key."""

    target: TargetId | None = Field(default=None, description="Null where the source names no single target.")
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.target or "untargeted", self.action, self.key]))


class Mechanism(MechanismBase, Row, table=True):
    """The table of mechanisms."""

    __tablename__ = "mechanism"
    __table_args__ = (
        place(),
        refers("therapy_id", "therapy"),
        refers("target_id", "target"),
        refers("source_id", "source"),
    )
    therapy_id: str
    target_id: str | None = None
    source_id: str
    locator: str


class MechanismForm(MechanismBase, FactForm):
    """A mechanism, as the API answers it."""

    target: Named | None = Field(description="Null where the source names no single target.")
