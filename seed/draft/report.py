"""What a draft holds: finished records, and lists of what a person must read, restate or decide."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.base import Record
from app.nouns.cohort import CohortRecord
from app.nouns.source import SourceRecord


@dataclass(frozen=True)
class Unread:
    """Something in a table or sentence that could not be read with certainty, and was left out."""

    where: str
    row: str
    cell: str
    reason: str


@dataclass(frozen=True)
class Skipped:
    """A table that counts no adverse reactions in a form that is read, and why."""

    where: str
    caption: str
    reason: str


@dataclass(frozen=True)
class CohortHint:
    """What a person needs to complete a cohort: its condition and population stand in the captions."""

    cohort: str
    caption: str
    review: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    """Conditions of the vocabulary that the sentence which introduces the trial names: candidates, no more."""


@dataclass
class Draft:
    """The draft of one label."""

    source: SourceRecord
    therapy_hints: dict[str, Any] = field(default_factory=dict)
    indications_raw: list[dict[str, str]] = field(default_factory=list)
    boxed_raw: str | None = None
    cohorts: list[CohortRecord] = field(default_factory=list)
    adverse_events: list[AdverseEventRecord] = field(default_factory=list)
    cohort_hints: list[CohortHint] = field(default_factory=list)
    footnotes_raw: list[dict[str, str]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    new_terms: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Proposed event id and printed term of events that the vocabulary lacks, with their count."""
    tables_read: int = 0

    def as_json(self) -> dict[str, Any]:
        """The draft as JSON; its records are in the form of the fact files."""
        return {
            "source": content(self.source),
            "therapy_hints": self.therapy_hints,
            "indications_raw": self.indications_raw,
            "boxed_raw": self.boxed_raw,
            "cohorts": [content(record) for record in self.cohorts],
            "adverse_events": [content(record) for record in self.adverse_events],
            "cohort_hints": [asdict(hint) for hint in self.cohort_hints],
            "footnotes_raw": self.footnotes_raw,
            "unread": [asdict(item) for item in self.unread],
            "skipped": [asdict(item) for item in self.skipped],
            "new_terms": [
                {"event": event, "term": term, "count": count}
                for (event, term), count in sorted(self.new_terms.items(), key=lambda item: (-item[1], item[0]))
            ],
        }


def content(record: Record) -> dict[str, Any]:
    """A record without its defaults."""
    return record.model_dump(mode="json", by_alias=True, exclude_defaults=True)
