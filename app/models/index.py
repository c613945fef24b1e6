"""The tables that find records: tags for filters and facets, names for resolving, text for searching."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Tag(SQLModel, table=True):
    """The records that carry a value of a filter, trees already followed upwards. All lists share this one index."""

    __tablename__ = "tag"
    __table_args__ = {"sqlite_with_rowid": False}
    release_id: int = Field(primary_key=True, foreign_key="release.id", ondelete="CASCADE")
    list: str = Field(primary_key=True, max_length=40)
    filter: str = Field(primary_key=True, max_length=40)
    value: str = Field(primary_key=True, max_length=300)
    records: bytes = Field(description="The positions of the records, as a set: see `app/queries/sets.py`.")


class Name(SQLModel, table=True):
    """One name of one record, folded for comparison."""

    __tablename__ = "name"
    __table_args__ = {"sqlite_with_rowid": False}
    release_id: int = Field(primary_key=True, foreign_key="release.id", ondelete="CASCADE")
    list: str = Field(primary_key=True, max_length=40)
    folded: str = Field(primary_key=True, max_length=400)
    id: str = Field(primary_key=True, max_length=300)
    how: str = Field(primary_key=True, max_length=20, description="id, name, brand, synonym, code or identifier.")
    name: str = Field(description="The name as written.")


class SearchText(SQLModel, table=True):
    """The searchable text of one record, folded to plain tokens so that every engine sees the same words."""

    __tablename__ = "search_text"
    __table_args__ = (Index("ix_search_text_place", "release_id", "list", "position"),)
    rowid: int | None = Field(default=None, primary_key=True)
    release_id: int = Field(foreign_key="release.id", ondelete="CASCADE")
    list: str = Field(max_length=40)
    position: int
    text: str
