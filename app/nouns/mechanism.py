"""Mechanisms: what a therapy does at a target, and to immunity."""

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Fact,
    FactRecord,
    Named,
    RecordTable,
    Slug,
    TargetId,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.declaration import Noun, Reference, Section
from app.nouns.fact_filters import FACT_FILTERS
from app.nouns.filters import TermFilter
from app.vocabulary import Action, Effect


class MechanismBase(SQLModel):
    """What a therapy does at a target."""

    action: Action = Field(sa_type=String, description="What it does at the target.")
    effect: Effect = Field(sa_type=String, description="What that does to immunity.")
    description: Text = Field(description="The mechanism in our own words.")


class MechanismRecord(MechanismBase, FactRecord):
    """A mechanism in the fact files. Natural key: therapy, target, action, key."""

    target: TargetId | None = Field(default=None, description="Null where the source names no single target.")
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.target or "untargeted", self.action, self.key]))


class MechanismTable(MechanismBase, RecordTable, table=True):
    """The table of mechanisms."""

    __tablename__ = "mechanism"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("target_id", "target"),
        release_foreign_key("source_id", "source"),
    )
    therapy_id: str
    target_id: str | None = None
    source_id: str
    locator: str


class Mechanism(MechanismBase, Fact):
    """A mechanism, as the API answers it."""

    target: Named | None = Field(description="Null where the source names no single target.")


NOUN = Noun(
    name="mechanisms",
    singular="mechanism",
    order=30,
    record=MechanismRecord,
    table=MechanismTable,
    public=Mechanism,
    section=Section("mechanisms", order=1, coverage={"mechanisms": lambda _: True}),
    references=(Reference("target", "targets"),),
    list_summary="Find mechanisms",
    list_description="What a therapy does at a target, and what that does to immunity.",
    record_summary="Get one mechanism",
    record_description="One mechanism, by its stable id.",
    filters=(
        *FACT_FILTERS,
        TermFilter("target", "Target, by symbol or common name.", "target.id", example="PD-L1", names="targets"),
        TermFilter("action", "Action at the target.", "action", example="inhibitor", vocabulary=Action),
        TermFilter("effect", "Effect on immunity.", "effect", example="stimulates", vocabulary=Effect),
    ),
    sorts={"therapy": None},
    text=lambda fact: (
        fact["therapy"]["name"],
        *([fact["target"]["name"], fact["target"]["id"]] if fact["target"] else []),
        fact["description"],
    ),
)
