"""Biomarkers: what is measured in patients or tumours, and what an indication asks of it."""

from pydantic import ConfigDict
from sqlmodel import Field

from app.nouns.base import (
    Named,
    Record,
    RecordTable,
    Schema,
    Slug,
    TargetId,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.declaration import Noun, Reference, RenderContext
from app.nouns.term import Term, TermBase, below, by_name, link_and_count, term_names, term_text
from app.vocabulary import BiomarkerState


class BiomarkerRecord(TermBase, Record):
    """A biomarker in the fact files."""

    id: Slug
    parents: list[Slug] = Field(default=[])
    target: TargetId | None = Field(default=None, description="Target that it is of.")


class BiomarkerTable(TermBase, RecordTable, table=True):
    """The table of biomarkers."""

    __tablename__ = "biomarker"
    __table_args__ = (unique_position(), release_foreign_key("target_id", "target"))
    target_id: str | None = None


class Biomarker(Term, TermBase):
    """A biomarker, as the API answers it."""

    target: Named | None = Field(description="Target that it is of; null where it is of none.")
    indications: int = Field(description="Indications, active or not, that name it or one below it.")


class _Demand(Schema):
    """What an indication asks of a biomarker."""

    model_config = ConfigDict(extra="forbid")

    state: BiomarkerState = Field(description="What the biomarker must be.")
    cutoff: Text | None = Field(default=None, description="Cut-off, such as `TPS ≥1%`.")
    alteration: Text | None = Field(
        default=None,
        description="Alterations or alleles that count, as the source words them, such as `exon 20 insertion`.",
    )
    alternative: bool = Field(default=False, description="One of those of the indication that say so is enough.")


class _BiomarkerId(Schema):
    id: Slug = Field(description="Id of the biomarker, as in `/biomarkers`.")


class DemandRecord(_Demand, _BiomarkerId):  # keys of the last base come first
    """What an indication asks of a biomarker, in the fact files."""


class _BiomarkerName(_BiomarkerId):
    name: Text = Field(description="Such as PD-L1, MSI-H/dMMR, HER2.")


class Demand(_Demand, _BiomarkerName):
    """What an indication asks of a biomarker."""

    id: Slug | None = Field(  # type: ignore[assignment]  # wider than in the fact files, for releases loaded before
        default=None, description="Id of the biomarker, as in `/biomarkers`; null in releases that know no biomarkers."
    )
    state: BiomarkerState | str = Field(  # type: ignore[assignment]  # wider, as above
        description="What the biomarker must be; releases that know no biomarkers have it in the source's words."
    )
    target: TargetId | None = Field(
        default=None, description="Target that the biomarker is of, as in `/targets`; null where it is none."
    )


class _Called(Schema):
    name: str
    target: Named | None


def demand(record: DemandRecord, context: RenderContext) -> Demand:
    """The public form of what an indication asks of a biomarker."""
    marker = context.refer("biomarkers", record.id, _Called)
    return Demand(name=marker.name, target=marker.target.id if marker.target else None, **record.model_dump())


NOUN = Noun(
    name="biomarkers",
    singular="biomarker",
    order=105,
    record=BiomarkerRecord,
    table=BiomarkerTable,
    public=Biomarker,
    references=(Reference("parents", "biomarkers"), Reference("target", "targets")),
    compute=lambda *_: {"indications": 0},
    finish=link_and_count(
        "biomarkers",
        "indications",
        lambda forms: ({item.id for item in form.biomarkers if item.id} for form in forms["indications"]),
    ),
    sort_key=by_name,
    list_summary="Find biomarkers",
    list_description="What indications ask to be measured in patients or their tumours: `PD-L1`, `MSI-H/dMMR`, `AQP4`.",
    record_summary="Get one biomarker",
    record_description="One biomarker, by its id, such as `her2`.",
    filters=(below("biomarkers", "her2"),),
    sorts={"name": None},
    text=term_text(),
    names=term_names,
    question="HER2",
    searched=False,
)
