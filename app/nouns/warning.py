"""Warnings: what a label warns of."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from app.nouns.base import Fact, FactRecord, Named, RecordTable, Slug, Text, release_foreign_key, unique_position
from app.nouns.declaration import Noun, Reference, Section
from app.nouns.fact_filters import CLASS, SOURCE, THERAPY
from app.nouns.filters import FlagFilter, TermFilter
from app.vocabulary import WarningLevel


class WarningBase(SQLModel):
    """What a label warns of."""

    level: WarningLevel = Field(sa_type=String, description="Level at which the label warns.")
    text: Text = Field(description="The warning in our own words.")
    rems: bool | None = Field(default=None, description="Under a REMS programme, as the label states; null: not read.")


class WarningRecord(WarningBase, FactRecord):
    """A warning in the fact files. Natural key: therapy, level, event, key."""

    event: Slug
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.level, self.event, self.key]))


class WarningTable(WarningBase, RecordTable, table=True):
    """The table of warnings."""

    __tablename__ = "warning"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("event_id", "event"),
        release_foreign_key("source_id", "source"),
    )
    therapy_id: str
    event_id: str
    source_id: str
    locator: str


class LabelWarning(WarningBase, Fact):
    """A warning, as the API answers it."""

    event: Named = Field(description="Event that is warned of.")


_LEVELS = list(WarningLevel)


def _kinds(filters: Mapping[str, Any]) -> list[str]:
    """The kinds of coverage that levels belong to."""
    levels = filters.get("level", _LEVELS)
    return list(dict.fromkeys("boxed_warning" if level == WarningLevel.BOXED else "warnings" for level in levels))


NOUN = Noun(
    name="warnings",
    singular="warning",
    order=40,
    record=WarningRecord,
    table=WarningTable,
    public=LabelWarning,
    section=Section(
        "warnings",
        order=3,
        coverage={
            "boxed_warning": lambda fact: fact.level is WarningLevel.BOXED,
            "warnings": lambda fact: fact.level is not WarningLevel.BOXED,
        },
        kinds_asked=_kinds,
    ),
    references=(Reference("event", "events"),),
    sort_key=lambda form: (_LEVELS.index(form.level), form.event.name.casefold(), form.id),
    list_summary="Find warnings",
    list_description="Boxed warnings, warnings and contraindications of labels.",
    record_summary="Get one warning",
    record_description="One warning, by its stable id.",
    filters=(
        THERAPY,
        CLASS,
        SOURCE,
        TermFilter(
            "event",
            "Event warned of, by id or name.",
            "event.id",
            example="cytokine-release-syndrome",
            names="events",
        ),
        TermFilter("level", "Level of the warning.", "level", example="boxed", vocabulary=WarningLevel),
        FlagFilter("rems", "Under a REMS programme; unknown where it was not read.", "rems"),
    ),
    sorts={"therapy": None},
    text=lambda fact: (fact["therapy"]["name"], fact["event"]["name"], fact["text"]),
)
