"""Tables of releases: which there are, which was current when, their documents, and the stored index of each list."""

import datetime as dt

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.nouns.base import Schema


class ReleaseBase(SQLModel):
    """What a release says of itself."""

    version: str = Field(
        unique=True, max_length=40, description="Date of the load, with a number where one day has several."
    )
    released_on: dt.date = Field(description="Day on which it was loaded (UTC).")
    digest: str = Field(max_length=64, description="SHA-256 over all documents of the release.")
    counts: dict[str, int] = Field(sa_type=JSON, description="Records per list.")


class ReleaseTable(ReleaseBase, table=True):
    """The table of releases."""

    __tablename__ = "release"
    id: int | None = Field(default=None, primary_key=True)
    inputs: str = Field(
        max_length=64, description="SHA-256 over the fact files and the code that renders them; empty for a bundle."
    )
    removed_at: dt.datetime | None = Field(
        default=None, description="When its records were removed. Its version is never given again."
    )


class ActivationTable(SQLModel, table=True):
    """When which release was made current; the newest row names the current one."""

    __tablename__ = "activation"
    id: int | None = Field(default=None, primary_key=True)
    release_id: int = Field(foreign_key="release.id", ondelete="CASCADE")
    activated_at: dt.datetime


class DocumentTable(SQLModel, table=True):
    """Finished documents: one row a record of any list, read by position, or by id."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("release_id", "list", "id"),)
    release_id: int = Field(primary_key=True, foreign_key="release.id", ondelete="CASCADE")
    list: str = Field(primary_key=True, max_length=40)
    position: int = Field(primary_key=True, description="Position in the default order of the list, from 0.")
    id: str = Field(max_length=300)
    summary: str | None = Field(default=None, description="The record in a list, where it is shorter than alone.")
    document: str = Field(description="The finished JSON answer.")


class IndexTable(SQLModel, table=True):
    """The index of one list, as `app/release/stored_index.py` writes it; derived anew where the declarations differ."""

    __tablename__ = "list_index"
    release_id: int = Field(primary_key=True, foreign_key="release.id", ondelete="CASCADE")
    list: str = Field(primary_key=True, max_length=40)
    fingerprint: str = Field(max_length=64, description="Of the declarations and the code that the index follows from.")
    content: bytes


class ReleaseRef(Schema):
    """A release referred to."""

    version: str = Field(description="Version, such as `2026.11.21`.")
    released_on: dt.date = Field(description="Day on which it was loaded (UTC).")
    digest: str = Field(description="SHA-256 over all documents of the release.")


class Release(ReleaseBase):
    """A release, as the API answers it."""

    current: bool = Field(description="It is the one that is read where none is named.")
    activated_at: dt.datetime = Field(description="When it was last made current (UTC).")
