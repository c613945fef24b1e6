"""Targets: gene products and antigens that therapies act on."""

from sqlalchemy import JSON, String
from sqlmodel import Field

from app.nouns.base import Curie, Record, RecordTable, TargetId, unique_position
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
from app.vocabulary import TargetKind


class TargetBase(TermBase):
    """A gene product or antigen."""

    kind: TargetKind = Field(sa_type=String, description="Kind of target.")
    xrefs: list[Curie] = Field(default=[], sa_type=JSON, description="CURIEs: hgnc, NCBIGene, ensembl.")


class TargetRecord(TargetBase, Record):
    """A target in the fact files; the id is the HGNC symbol where it has one."""

    id: TargetId
    parents: list[TargetId] = Field(default=[])


class TargetTable(TargetBase, RecordTable, table=True):
    """The table of targets."""

    __tablename__ = "target"
    __table_args__ = (unique_position(),)


class Target(TargetBase, Term, FormerXrefs):
    """A target, as the API answers it."""

    therapies: int = Field(description="Therapies with a mechanism at this target, or at those below it.")


NOUN = Noun(
    name="targets",
    singular="target",
    order=90,
    record=TargetRecord,
    table=TargetTable,
    public=Target,
    references=(Reference("parents", "targets"),),
    compute=lambda record, *_: {"therapies": 0, **former_xrefs(record)},
    finish=link_and_count(
        "targets", "therapies", lambda forms: ([item.id for item in form.targets] for form in forms["therapies"])
    ),
    sort_key=by_name,
    standards=("jsonld",),
    list_summary="Find targets",
    list_description="Gene products and antigens that therapies act on.",
    record_summary="Get one target",
    record_description="One target; `PD-1` redirects to `PDCD1`.",
    sublists=(Sublist("therapies", "target", ("class", "condition", "agency", "status")),),
    filters=(
        TermFilter("kind", "Kind of target.", "kind", example="protein", vocabulary=TargetKind),
        below("targets", "TNF"),
    ),
    sorts={"name": None},
    text=term_text(),
    names=term_names,
    resolved_order=2,
)
