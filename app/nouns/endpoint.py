"""Endpoints: what outcomes are counted and named under, in a tree."""

from sqlalchemy import JSON, String
from sqlmodel import Field

from app.nouns.base import Curie, Named, Record, RecordTable, Slug, Text, unique_position
from app.nouns.declaration import Noun, Reference, Sublist
from app.nouns.filters import TermFilter
from app.nouns.term import Term, TermBase, below, by_name, link_and_count, term_names, term_text
from app.vocabulary import Better, EndpointKind


class EndpointBase(TermBase):
    """What trials measure to learn how well a therapy works."""

    definition: Text = Field(description="What it is, in a sentence; trials define it with differences.")
    kind: EndpointKind = Field(sa_type=String, description="What kind of thing it measures.")
    better: Better | None = Field(
        default=None, sa_type=String, description="Which way is better for patients; null where neither is as such."
    )
    xrefs: list[Curie] = Field(default=[], sa_type=JSON, description="CURIEs: NCIT.")


class EndpointRecord(EndpointBase, Record):
    """An endpoint in the fact files."""

    id: Slug
    parents: list[Slug] = Field(default=[])


class EndpointTable(EndpointBase, RecordTable, table=True):
    """The table of endpoints."""

    __tablename__ = "endpoint"
    __table_args__ = (unique_position(),)


class Endpoint(EndpointBase, Term):
    """An endpoint, as the API answers it."""

    outcomes: int = Field(description="Outcomes of this endpoint and of those below it.")


class EndpointRef(Named):
    """An endpoint referred to."""

    kind: EndpointKind = Field(description="What kind of thing it measures.")
    better: Better | None = Field(description="Which way is better for patients; null where neither is as such.")


NOUN = Noun(
    name="endpoints",
    singular="endpoint",
    order=125,
    record=EndpointRecord,
    table=EndpointTable,
    public=Endpoint,
    references=(Reference("parents", "endpoints"),),
    compute=lambda *_: {"outcomes": 0},
    finish=link_and_count("endpoints", "outcomes", lambda forms: ([form.endpoint.id] for form in forms["outcomes"])),
    sort_key=by_name,
    list_summary="Find endpoints",
    list_description="What outcomes are counted under: survival, responses, scores, cases prevented; each defined.",
    record_summary="Get one endpoint",
    record_description="One endpoint; abbreviations such as `ORR` redirect to it.",
    question="survival",
    filters=(
        TermFilter("kind", "What kind of thing it measures.", "kind", example="time_to_event", vocabulary=EndpointKind),
        below("endpoints", "overall-survival"),
    ),
    sublists=(Sublist("outcomes", "endpoint", ("therapy", "class", "condition", "trial", "measure")),),
    sorts={"name": None},
    text=term_text("definition"),
    names=term_names,
    resolved_order=6,
)
