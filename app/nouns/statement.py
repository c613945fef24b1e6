"""Statements: what the reviews say of the field, a class, a condition or a therapy."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import StringConstraints
from sqlalchemy import String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Evidence,
    FactRecord,
    Named,
    RecordTable,
    Schema,
    Slug,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.declaration import Noun, RenderContext
from app.nouns.fact_filters import LEVEL, SOURCE
from app.nouns.filters import TermFilter
from app.nouns.paths import Document
from app.vocabulary import StatementTopic

Subject = Annotated[str, StringConstraints(pattern=r"^(field|(class|condition|therapy|target):[A-Za-z0-9_-]+)$")]


class StatementBase(SQLModel):
    """A cited statement of the field, in our own words."""

    topic: StatementTopic = Field(sa_type=String, description="What it says something of.")
    text: Text = Field(description="The statement in our own words.")


class StatementRecord(StatementBase, FactRecord):
    """A statement in the fact files. Natural key: source, key."""

    about: Subject = Field(description="`field`, or `class:`, `condition:`, `therapy:` or `target:` and an id.")
    also_about: list[Subject] = Field(default=[], description="Further subjects.")
    key: Slug

    def natural_key(self) -> str:
        """The id."""
        return f"{self.source}.{self.key}"


class StatementTable(StatementBase, RecordTable, table=True):
    """The table of statements."""

    __tablename__ = "statement"
    __table_args__ = (unique_position(), release_foreign_key("source_id", "source"))
    source_id: str
    locator: str


class SubjectRef(Schema):
    """What a statement is about."""

    kind: Literal["field", "class", "condition", "therapy", "target"] = Field(
        description="Kind of subject; `field` is immunotherapy as a whole."
    )
    id: str | None = Field(description="Id in the list of its kind; null for the field.")
    name: str = Field(description="Name for people to read.")


class Statement(StatementBase):
    """A statement, as the API answers it."""

    id: str = Field(description="Stable id, the same from release to release.")
    therapy: Named | None = Field(description="The therapy that it is about; null where it is about something else.")
    about: SubjectRef = Field(description="What it is about first of all.")
    also_about: list[SubjectRef] = Field(default=[], description="What else it is about.")
    evidence: Evidence = Field(description="Where it was read.")


_LISTS = {"class": "classes", "condition": "conditions", "target": "targets", "therapy": "therapies"}
"""Kinds of subject, and the list of each."""


def _compute(record: StatementRecord, _: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    first, *more = [_subject(subject, context) for subject in (record.about, *record.also_about)]
    therapies = (Named(id=str(one.id), name=one.name) for one in (first, *more) if one.kind == "therapy")
    return {"about": first, "also_about": more, "therapy": next(therapies, None)}


def _subject(subject: str, context: RenderContext) -> SubjectRef:
    kind, _, subject_id = subject.partition(":")
    if not subject_id:
        return SubjectRef(kind="field", id=None, name="Immunotherapy")
    name = context.refer(_LISTS[kind], subject_id, Named).name
    return SubjectRef.model_validate({"kind": kind, "id": subject_id, "name": name})


def _subject_ids(statement: Document, kind: str) -> Iterator[str | None]:
    return (item["id"] for item in (statement["about"], *statement["also_about"]) if item["kind"] == kind)


def _refers(record: StatementRecord) -> Iterator[tuple[str, str]]:
    for subject in (record.about, *record.also_about):
        kind, _, subject_id = subject.partition(":")
        if subject_id:
            yield _LISTS[kind], subject_id


NOUN = Noun(
    name="statements",
    singular="statement",
    order=70,
    record=StatementRecord,
    table=StatementTable,
    public=Statement,
    refers=_refers,
    compute=_compute,
    title=lambda fact: ": ".join(part["name"] for part in (fact["therapy"], fact["about"]) if part),
    list_summary="Find statements",
    list_description="What reviews say of the field, a class, a condition or a therapy.",
    record_summary="Get one statement",
    record_description="One statement, by its stable id.",
    question="resistance",
    filters=(
        TermFilter("topic", "Topic.", "topic", example="limitation", vocabulary=StatementTopic),
        TermFilter(
            "about",
            "Kind of subject: `field`, `class`, `condition`, `therapy` or `target`.",
            lambda fact: [subject["kind"] for subject in (fact["about"], *fact["also_about"])],
            example="field",
        ),
        TermFilter(
            "class",
            "Class that it is about, with every class below it.",
            lambda fact: _subject_ids(fact, "class"),
            example="car-t",
            names="classes",
        ),
        TermFilter(
            "condition",
            "Condition that it is about, with every condition below it.",
            lambda fact: _subject_ids(fact, "condition"),
            example="melanoma",
            names="conditions",
        ),
        TermFilter(
            "therapy",
            "Therapy that it is about.",
            lambda fact: _subject_ids(fact, "therapy"),
            example="pembrolizumab",
            names="therapies",
        ),
        SOURCE,
        LEVEL,
    ),
    sorts={"source": None},
    text=lambda fact: (fact["text"], fact["about"]["name"], *(subject["name"] for subject in fact["also_about"])),
)
