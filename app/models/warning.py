"""Warnings: what a label warns of."""

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from app.models.base import FactForm, FactRecord, Named, Row, Slug, Text, place, refers
from app.vocabulary import WarningLevel


class WarningBase(SQLModel):
    """What a label warns of."""

    level: WarningLevel = Field(sa_type=String)
    text: Text = Field(description="The warning in our own words.")
    rems: bool | None = Field(default=None, description="Under a REMS programme, as the label states; null: not read.")


class WarningRecord(WarningBase, FactRecord):
    """A warning in the fact files. Natural key: therapy, level, event, key."""

    event: Slug
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.level, self.event, self.key]))


class LabelWarning(WarningBase, Row, table=True):
    """The table of warnings."""

    __tablename__ = "warning"
    __table_args__ = (
        place(),
        refers("therapy_id", "therapy"),
        refers("event_id", "event"),
        refers("source_id", "source"),
    )
    therapy_id: str
    event_id: str
    source_id: str
    locator: str


class WarningForm(WarningBase, FactForm):
    """A warning, as the API answers it."""

    event: Named
