"""Sources: one citable document, at one revision."""

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from app.models.base import Day, Doi, NctId, Pmid, Record, Row, SetId, SourceId, Text, Url, place
from app.vocabulary import Level, SourceKind, Standing


class SourceBase(SQLModel):
    """What a source says of itself, as far as it was read."""

    kind: SourceKind = Field(sa_type=String)
    title: Text
    authors: list[str] = Field(default=[], sa_type=JSON, description="Authors as listed, or the organisation.")
    container: Text | None = Field(default=None, description="Journal, publisher or site.")
    citation: Text | None = Field(default=None, description="Volume, issue and pages as listed.")
    date: Day | None = Field(default=None, description="Date of publication or of the revision.")
    year: int | None = Field(default=None, ge=1900, le=2100, description="Year, where no full date was read.")
    revision: Text | None = Field(default=None, description="Revision as the source names it.")
    doi: Doi | None = None
    pmid: Pmid | None = None
    nct_id: NctId | None = None
    set_id: SetId | None = Field(default=None, description="Structured Product Labeling set id.")
    url: Url | None = None
    licence: Text | None = Field(default=None, description="Licence of the source as stated.")
    accessed_on: Day | None = Field(default=None, description="Day on which it was read.")
    standing: Standing = Field(default=Standing.CURRENT, sa_type=String)
    level: Level = Field(sa_type=String, description="Level of evidence.")


class SourceRecord(SourceBase, Record):
    """A source in the fact files."""

    id: SourceId
    superseded_by: SourceId | None = None


class Source(SourceBase, Row, table=True):
    """The table of sources."""

    __tablename__ = "source"
    __table_args__ = (place(),)
    superseded_by: str | None = None


class SourceForm(SourceBase):
    """A source, as the API answers it."""

    id: str
    superseded_by: str | None = None
    facts: int = Field(description="Facts of this release that cite it.")
