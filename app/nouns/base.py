"""What all nouns share: types of ids and texts, records of the fact files, tables, and parts of answers."""

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.vocabulary import Level

SQLModel.model_config["defer_build"] = True  # a server validates few of the models: each is built at its first use

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
TargetId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$", max_length=60)]
SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=120)]
FactId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$", max_length=300)
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Curie = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._]*:[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=80)
]
NctId = Annotated[str, StringConstraints(pattern=r"^NCT\d{8}$")]
Doi = Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$", max_length=200)]
Pmid = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,8}$")]
SetId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=500)]


def _not_future(day: dt.date) -> dt.date:
    if day > dt.datetime.now(dt.UTC).date():
        raise ValueError(f"{day.isoformat()} is in the future")
    return day


Day = Annotated[dt.date, AfterValidator(_not_future)]
"""A day that a source states, or on which it was read."""


class Schema(BaseModel):
    """A part of a record or of an answer that has no table."""

    model_config = ConfigDict(defer_build=True)


class Record(SQLModel):
    """A record of the fact files. Unknown fields are refused."""

    model_config = {"extra": "forbid"}
    __init__ = BaseModel.__init__  # SQLModel's prepares a table row, which a record is not


class FactRecord(Record):
    """A fact of the fact files: where it was read."""

    source: SourceId = Field(description="Id of the source.")
    locator: Text = Field(description="Section, table, page or row that finds the fact in a minute.")
    curated_on: Day | None = Field(default=None, description="Day of reading; by default the file's.")


class Named(Schema):
    """A record referred to, by id and name."""

    id: str = Field(description="Id, as in the list of its kind.")
    name: str = Field(description="Name for people to read.")


class SourceRef(Schema):
    """The source of a fact."""

    id: str = Field(description="Id of the source, as in `/sources`.")
    title: str = Field(description="Title of the source.")
    url: str | None = Field(default=None, description="Address of the source; null where it has none.")


class Evidence(Schema):
    """Where a fact was read."""

    source: SourceRef = Field(description="The source that was read.")
    locator: str = Field(description="Section, table, page or row in the source.")
    level: Level = Field(description="Level of evidence of the source.")
    curated_on: dt.date = Field(description="Day on which the fact was read in the source.")


class TherapyRef(Named):
    """A therapy referred to."""

    model_config = ConfigDict(populate_by_name=True)

    class_: Named = Field(alias="class", description="Class of the therapy; its first, where it has several.")
    classes: list[Named] = Field(default=[], description="All its classes.")


class Fact(SQLModel):
    """What every fact of a therapy answers."""

    __init__ = BaseModel.__init__  # SQLModel's prepares a table row, which an answer is not

    id: str = Field(description="Stable id, the same from release to release.")
    therapy: TherapyRef = Field(description="Therapy whose label or source states the fact.")
    evidence: Evidence = Field(description="Where the fact was read.")


class RecordTable(SQLModel):
    """The columns of every table of records: a record belongs to one release, at one position of its list."""

    release_id: int = Field(primary_key=True, foreign_key="release.id", ondelete="CASCADE")
    id: str = Field(primary_key=True, max_length=300)
    position: int = Field(description="Position in the default order of the list, from 0.")


def slugged(text: str) -> str:
    """Reduce a name to a slug: `PD-L1 TPS >= 50 %` gives `pd-l1-tps-50`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def release_foreign_key(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key to a record of the same release."""
    return ForeignKeyConstraint(["release_id", column], [f"{table}.release_id", f"{table}.id"])


def unique_position() -> UniqueConstraint:
    """One record a position: the default order of a list is total."""
    return UniqueConstraint("release_id", "position")


def table_of(model: type[SQLModel]) -> Table:
    """The table of a table model, for statements that name columns."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not declare what SQLAlchemy adds
    return table
