"""Releases: one load of the whole base, and which of them is current."""

import datetime as dt

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.base import Part


class ReleaseBase(SQLModel):
    """What a release says of itself."""

    version: str = Field(
        unique=True, max_length=40, description="Date of the load, with a number where one day has several."
    )
    released_on: dt.date
    digest: str = Field(max_length=64, description="SHA-256 over all documents of the release.")
    counts: dict[str, int] = Field(sa_type=JSON, description="Records per list.")


class Release(ReleaseBase, table=True):
    """The table of releases."""

    __tablename__ = "release"
    id: int | None = Field(default=None, primary_key=True)
    inputs: str = Field(
        max_length=64, description="SHA-256 over the fact files and the code that renders them; empty for a bundle."
    )
    removed_at: dt.datetime | None = Field(
        default=None, description="When its records were removed. Its version is never given again."
    )


class Activation(SQLModel, table=True):
    """When which release was made current; the newest row names the current one."""

    __tablename__ = "activation"
    id: int | None = Field(default=None, primary_key=True)
    release_id: int = Field(foreign_key="release.id", ondelete="CASCADE")
    activated_at: dt.datetime


class ReleaseRef(Part):
    """A release referred to."""

    version: str
    released_on: dt.date
    digest: str


class ReleaseForm(ReleaseBase):
    """A release, as the API answers it."""

    current: bool
    activated_at: dt.datetime = Field(description="When it was last made current (UTC).")
