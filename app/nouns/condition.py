"""Conditions: diseases, infections to be prevented, and other conditions treated, in a tree."""

from sqlalchemy import JSON, String
from sqlmodel import Field

from app.nouns.base import Curie, Named, Record, RecordTable, Slug, unique_position
from app.nouns.declaration import Noun, Reference, Sublist
from app.nouns.filters import TermFilter
from app.nouns.term import (
    FormerXrefs,
    Term,
    TermBase,
    below,
    by_name,
    former_xrefs,
    link_and_count,
    term_names,
    term_text,
)
from app.vocabulary import Area


class ConditionBase(TermBase):
    """A disease, an infection to be prevented, or another condition treated."""

    area: Area = Field(sa_type=String, description="Area of medicine.")
    xrefs: list[Curie] = Field(default=[], sa_type=JSON, description="CURIEs: MONDO, DOID, NCIT, mesh.")


class ConditionRecord(ConditionBase, Record):
    """A condition in the fact files."""

    id: Slug
    parents: list[Slug] = Field(default=[])


class ConditionTable(ConditionBase, RecordTable, table=True):
    """The table of conditions."""

    __tablename__ = "condition"
    __table_args__ = (unique_position(),)


class Condition(ConditionBase, Term, FormerXrefs):
    """A condition, as the API answers it."""

    therapies: int = Field(description="Therapies with an active indication for it, or for those below it.")


class ConditionRef(Named):
    """A condition referred to."""

    area: Area = Field(description="Area of medicine.")


NOUN = Noun(
    name="conditions",
    singular="condition",
    order=100,
    record=ConditionRecord,
    table=ConditionTable,
    public=Condition,
    references=(Reference("parents", "conditions"),),
    compute=lambda record, *_: {"therapies": 0, **former_xrefs(record)},
    finish=link_and_count(
        "conditions", "therapies", lambda forms: ([item.id for item in form.conditions] for form in forms["therapies"])
    ),
    sort_key=by_name,
    standards=("jsonld",),
    list_summary="Find conditions",
    list_description="Diseases, in a tree, with the therapies that have an active indication.",
    record_summary="Get one condition",
    record_description="One condition with its parents and children.",
    sublists=(
        Sublist(
            "indications",
            "condition",
            ("therapy", "class", "agency", "status", "setting", "line", "biomarker", "biomarker_state"),
            sort=("line", "therapy"),
            groups=("line", "biomarker"),
        ),
        Sublist(
            "therapies", "condition", ("class", "target", "agency", "status", "line", "biomarker", "biomarker_state")
        ),
    ),
    filters=(
        TermFilter("area", "Area of medicine.", "area", example="oncology", vocabulary=Area),
        below("conditions", "lymphoma"),
    ),
    sorts={"name": None},
    text=term_text(),
    names=term_names,
    resolved_order=3,
)
