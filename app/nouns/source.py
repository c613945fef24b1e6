"""Sources: one citable document, at one revision."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Day,
    Doi,
    Evidence,
    NctId,
    Pmid,
    Record,
    RecordTable,
    Schema,
    SetId,
    SourceId,
    Text,
    Url,
    unique_position,
)
from app.nouns.dates import bounds, day_of, days_of, known_date
from app.nouns.declaration import Forms, Noun, RenderContext
from app.nouns.filters import TermFilter
from app.nouns.paths import Document
from app.vocabulary import AuthorKind, Level, SourceKind, Standing


class SourceBase(SQLModel):
    """What a source says of itself, as far as it was read."""

    kind: SourceKind = Field(sa_type=String, description="Kind of source.")
    title: Text = Field(description="Title as printed.")
    authors: list[str] = Field(default=[], sa_type=JSON, description="Authors as listed, or the organisation.")
    author_kind: AuthorKind | None = Field(
        default=None, sa_type=String, description="Whether the authors are people or organisations; null without any."
    )
    container: Text | None = Field(default=None, description="Journal, publisher or site.")
    citation: Text | None = Field(default=None, description="Volume, issue and pages as listed.")
    date: Day | None = Field(default=None, description="Date of publication or of the revision.")
    year: int | None = Field(default=None, ge=1900, le=2100, description="Year, where no full date was read.")
    month: int | None = Field(default=None, ge=1, le=12, description="Month of `year`, where no full date was read.")
    revision: Text | None = Field(default=None, description="Revision as the source names it.")
    doi: Doi | None = Field(default=None, description="Digital object identifier; null where it has none.")
    pmid: Pmid | None = Field(default=None, description="PubMed id; null where it has none.")
    nct_id: NctId | None = Field(
        default=None, description="ClinicalTrials.gov number; null where it is no trial record."
    )
    set_id: SetId | None = Field(default=None, description="Structured Product Labeling set id.")
    url: Url | None = Field(default=None, description="Address; null where it has none.")
    licence: Text | None = Field(default=None, description="Licence of the source as stated.")
    accessed_on: Day | None = Field(default=None, description="Day on which it was read.")
    standing: Standing = Field(
        default=Standing.CURRENT, sa_type=String, description="Whether a newer revision is known, or it was retracted."
    )
    level: Level = Field(sa_type=String, description="Level of evidence.")


WRITTEN_BY_PEOPLE = {SourceKind.TRIAL_PUBLICATION, SourceKind.REVIEW}
"""Kinds of source whose authors are people, unless a record says otherwise; those of all others are organisations."""


class SourceRecord(SourceBase, Record):
    """A source in the fact files."""

    id: SourceId
    superseded_by: SourceId | None = None

    def who_wrote(self) -> AuthorKind | None:
        """Who the authors are: as the record says, else as is usual for sources of its kind."""
        usual = AuthorKind.PEOPLE if self.kind in WRITTEN_BY_PEOPLE else AuthorKind.ORGANISATIONS
        return self.author_kind or (usual if self.authors else None)


class SourceTable(SourceBase, RecordTable, table=True):
    """The table of sources."""

    __tablename__ = "source"
    __table_args__ = (unique_position(),)
    superseded_by: str | None = None


class Source(SourceBase):
    """A source, as the API answers it."""

    id: str = Field(description="Id, as facts cite it.")
    superseded_by: str | None = Field(default=None, description="Id of the newer revision; null where none is known.")
    facts: int = Field(description="Facts of this release that cite it.")


class SourceDay(Schema):
    """When a source was made, and read."""

    date: dt.date | None
    year: int | None
    month: int | None
    accessed_on: dt.date | None

    @property
    def partial(self) -> str | None:
        """The date of the source, as far as it is known."""
        return known_date(self.date, self.year, self.month)


def seen_on(cited: Evidence, context: RenderContext) -> dt.date:
    """The day by which a document had seen what it says: its own, else that on which it was read."""
    source = context.refer("sources", cited.source.id, SourceDay)
    read: dt.date = source.accessed_on or cited.curated_on
    return min(read, days_of(source.partial)[1]) if source.partial else read


def _count_facts(sources: list[Any], forms: Forms) -> None:
    facts = chain.from_iterable(listed for listed in forms.values() if listed and hasattr(listed[0], "evidence"))
    products = (product for therapy in forms["therapies"] for product in therapy.products)
    cited = Counter(fact.evidence.source.id for fact in chain(facts, products))
    for source in sources:
        source.facts = cited[source.id]


def _dated(source: Document) -> list[str | None]:
    """The date of a source as far as it is known: a day, a month or a year."""
    month = source.get("month")  # releases that were loaded before know none
    return [known_date(source["date"], source["year"], month)]


def _names(source: Document) -> Iterator[tuple[str, str | None]]:
    yield "id", source["id"]
    yield "name", source["title"]
    yield from (("identifier", f"{key}:{source[key]}") for key in ("doi", "pmid", "set_id") if source[key])


NOUN = Noun(
    name="sources",
    singular="source",
    order=80,
    record=SourceRecord,
    table=SourceTable,
    public=Source,
    refers=lambda record: [("sources", record.superseded_by)] if record.superseded_by else [],
    compute=lambda record, *_: {"facts": 0, "author_kind": record.who_wrote()},
    finish=_count_facts,
    sort_key=lambda form: (form.title.casefold(), form.id),
    standards=("jsonld",),
    list_summary="Find sources",
    list_description="The documents that the facts were read in, each at one revision.",
    record_summary="Get one source",
    record_description="One source, by its id.",
    filters=(
        TermFilter("kind", "Kind of source.", "kind", example="label", vocabulary=SourceKind),
        TermFilter("standing", "Standing of the revision.", "standing", example="current", vocabulary=Standing),
        TermFilter("level", "Level of evidence of the source.", "level", example="regulatory_label", vocabulary=Level),
        TermFilter("pmid", "PubMed id.", "pmid", example="37459141"),
        TermFilter("doi", "Digital object identifier.", "doi", example="10.35248/1745-7580.25.21.293"),
        TermFilter("set_id", "Set id of the label.", "set_id", example="9333c79b-d487-4538-a9f0-71b91a02b287"),
        *bounds(
            ("date_from", "date_to"),
            (
                "Dated this day or later. A date known to the month or year counts where any of its days can.",
                "Dated this day or earlier. A date known to the month or year counts where any of its days can.",
            ),
            ("2023-01-01", "2024-12-31"),
            _dated,
        ),
    ),
    sorts={"date": day_of(_dated), "title": None},
    text=lambda source: (source["title"], *source["authors"], source["container"]),
    names=_names,
    searched=False,
)
