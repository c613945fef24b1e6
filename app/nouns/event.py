"""Event terms: what adverse events and warnings are counted and named under, in a tree."""

from sqlalchemy import JSON, String
from sqlmodel import Field

from app.nouns.base import Curie, Named, Record, RecordTable, Slug, Text, unique_position
from app.nouns.declaration import Noun, Reference
from app.nouns.filters import FlagFilter, TermFilter
from app.nouns.mapping import Mapping, TermMapping, best, exact, shown
from app.nouns.term import Term, TermBase, below, by_name, link_and_count, term_names, term_text
from app.vocabulary import CurieMatch, OrganSystem


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
    mappings: list[Mapping] = Field(
        default=[], exclude=True, description="To other vocabularies; they stand in a file of their own, as SSSOM."
    )

    @property
    def curie(self) -> str | None:
        """CURIE of the event, or of a broader one."""
        return best(self.mappings)[0]

    @property
    def curie_match(self) -> CurieMatch | None:
        """What the CURIE is to the event."""
        return best(self.mappings)[1]


class EventTable(EventBase, RecordTable, table=True):
    """The table of event terms."""

    __tablename__ = "event"
    __table_args__ = (unique_position(),)
    xrefs: list[str] = Field(default=[], sa_type=JSON)


class Event(EventBase, Term):
    """An event term, as the API answers it."""

    xrefs: list[Curie] = Field(default=[], description="CURIEs that mean the same: NCIT (CTCAE), OAE, HP, MONDO, mesh.")
    mappings: list[TermMapping] = Field(default=[], description="Mappings to other vocabularies, as SSSOM has them.")
    adverse_events: int = Field(description="Adverse-event facts of this term and of those below it.")


class TermRef(Named):
    """An event term referred to."""

    organ_system: OrganSystem = Field(description="System organ class, named as in CTCAE.")
    immune_related: bool = Field(description="Listed as an immune-mediated reaction in at least one cited label.")
    curie: str | None = Field(default=None, description="CURIE of the event; null where no vocabulary read has it.")
    curie_match: CurieMatch | None = Field(default=None, description="What the CURIE is to the event.")


NOUN = Noun(
    name="events",
    singular="event",
    order=120,
    record=EventRecord,
    table=EventTable,
    public=Event,
    references=(Reference("parents", "events"),),
    compute=lambda record, *_: {
        "adverse_events": 0,
        "xrefs": exact(record.mappings),
        "mappings": [shown(mapping) for mapping in record.mappings],
    },
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
