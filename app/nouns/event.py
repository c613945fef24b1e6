"""Event terms: what adverse events and warnings are counted and named under, in a tree."""

from sqlalchemy import String
from sqlmodel import Field

from app.nouns.base import Named, Record, RecordTable, Slug, Text, unique_position
from app.nouns.declaration import FlagFilter, Noun, Reference, TermFilter
from app.nouns.term import Term, TermBase, below, by_name, link_and_count, term_names, term_text
from app.vocabulary import OrganSystem


class EventBase(TermBase):
    """An adverse-event term."""

    organ_system: OrganSystem = Field(sa_type=String, description="System organ class, named as in CTCAE.")
    immune_related: bool = Field(
        default=False, description="Listed as an immune-mediated reaction in section 5 of at least one cited label."
    )
    ctcae: Text | None = Field(default=None, description="Name in CTCAE v5, where it has one.")


class EventRecord(EventBase, Record):
    """An event term in the fact files."""

    id: Slug
    parents: list[Slug] = Field(default=[])


class EventTable(EventBase, RecordTable, table=True):
    """The table of event terms."""

    __tablename__ = "event"
    __table_args__ = (unique_position(),)


class Event(EventBase, Term):
    """An event term, as the API answers it."""

    adverse_events: int = Field(description="Adverse-event facts of this term and of those below it.")


class TermRef(Named):
    """An event term referred to."""

    organ_system: OrganSystem = Field(description="System organ class, named as in CTCAE.")
    immune_related: bool = Field(description="Listed as an immune-mediated reaction in at least one cited label.")


NOUN = Noun(
    name="events",
    singular="event",
    order=120,
    record=EventRecord,
    table=EventTable,
    public=Event,
    references=(Reference("parents", "events"),),
    compute=lambda *_: {"adverse_events": 0},
    finish=link_and_count(
        "events", "adverse_events", lambda forms: ([form.term.id] for form in forms["adverse-events"])
    ),
    sort_key=by_name,
    list_summary="Find event terms",
    list_description="The terms that adverse events are counted under, with the spellings of the labels.",
    record_summary="Get one event term",
    record_description="One event term; abbreviations and label spellings redirect to it.",
    question="enterocolitis",
    filters=(
        TermFilter(
            "organ_system",
            "System organ class, named as in CTCAE.",
            "organ_system",
            example="gastrointestinal",
            vocabulary=OrganSystem,
        ),
        FlagFilter("immune_related", "Immune-related terms.", "immune_related"),
        below("events", "colitis"),
    ),
    sorts={"name": None},
    text=term_text("ctcae"),
    names=term_names,
    resolved_order=5,
)
