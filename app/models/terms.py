"""The vocabularies that facts point to: classes, targets, conditions and event terms."""

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from app.models.base import Curie, Named, Record, Row, Slug, TargetId, Text, place
from app.vocabulary import Area, OrganSystem, TargetKind


class TermBase(SQLModel):
    """What every term has."""

    name: Text
    synonyms: list[Text] = Field(default=[], sa_type=JSON, description="Other names, spellings and abbreviations.")


class ClassBase(TermBase):
    """A node of the class tree."""

    definition: Text


class ClassRecord(ClassBase, Record):
    """A class in the fact files."""

    id: Slug
    parents: list[Slug] = []


class TargetBase(TermBase):
    """A gene product or antigen."""

    kind: TargetKind = Field(sa_type=String)
    xrefs: list[Curie] = Field(default=[], sa_type=JSON, description="CURIEs: hgnc, ncbigene, ensembl, uniprot.")


class TargetRecord(TargetBase, Record):
    """A target in the fact files; the id is the HGNC symbol where it has one."""

    id: TargetId
    parents: list[TargetId] = []


class ConditionBase(TermBase):
    """A disease, an infection to be prevented, or another condition treated."""

    area: Area = Field(sa_type=String)
    xrefs: list[Curie] = Field(default=[], sa_type=JSON, description="CURIEs: mondo, doid, ncit, mesh, oncotree.")


class ConditionRecord(ConditionBase, Record):
    """A condition in the fact files."""

    id: Slug
    parents: list[Slug] = []


class EventBase(TermBase):
    """An adverse-event term."""

    organ_system: OrganSystem = Field(sa_type=String)
    immune_related: bool = Field(
        default=False, description="Listed as an immune-mediated reaction in section 5 of at least one cited label."
    )
    ctcae: Text | None = Field(default=None, description="Name in CTCAE v5, where it has one.")


class EventRecord(EventBase, Record):
    """An event term in the fact files."""

    id: Slug
    parents: list[Slug] = []


class TherapyClass(ClassBase, Row, table=True):
    """The table of classes."""

    __tablename__ = "class"
    __table_args__ = (place(),)


class Target(TargetBase, Row, table=True):
    """The table of targets."""

    __tablename__ = "target"
    __table_args__ = (place(),)


class Condition(ConditionBase, Row, table=True):
    """The table of conditions."""

    __tablename__ = "condition"
    __table_args__ = (place(),)


class Event(EventBase, Row, table=True):
    """The table of event terms."""

    __tablename__ = "event"
    __table_args__ = (place(),)


class TermForm(SQLModel):
    """What every term answers beside its own fields: its place in the tree."""

    id: str
    parents: list[Named] = []
    children: list[Named] = []


class ClassForm(ClassBase, TermForm):
    """A class, as the API answers it."""

    therapies: int = Field(description="Therapies of this class and of the classes below it.")


class TargetForm(TargetBase, TermForm):
    """A target, as the API answers it."""

    therapies: int = Field(description="Therapies with a mechanism at this target, or at those below it.")


class ConditionForm(ConditionBase, TermForm):
    """A condition, as the API answers it."""

    therapies: int = Field(description="Therapies with an active indication for it, or for those below it.")


class EventForm(EventBase, TermForm):
    """An event term, as the API answers it."""

    adverse_events: int = Field(description="Adverse-event facts of this term and of those below it.")
