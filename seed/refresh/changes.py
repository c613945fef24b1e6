"""What a comparison of the facts with a register finds: changes, each with a draft of its records, and what is open."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from app.nouns.dates import known_date
from app.nouns.source import SourceRecord
from app.vocabulary import Agency, Standing
from seed.draft.conditions import ConditionVocabulary
from seed.files import Facts, TherapyFile
from seed.verify.scope import citing


class Kind(StrEnum):
    """What changed."""

    REVISION = "new revision"
    INDICATION = "new indication"
    BOXED_WARNING = "changed boxed warning"
    WITHDRAWAL = "withdrawal"
    STATUS = "other status"
    PRODUCT = "new product"
    RESULTS = "new results"


@dataclass(frozen=True)
class Change:
    """One difference, for a curator to open and decide."""

    kind: Kind
    register: str
    record: str
    """Id of the source, the trial or the indication, or what the register calls the product."""
    says: str
    therapies: tuple[str, ...]
    draft: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Records as they could be, by the file of facts that they belong to."""


@dataclass(frozen=True)
class Open:
    """A record that could not be compared, and why."""

    register: str
    record: str
    reason: str


Found = Iterator[Change | Open]

_FURTHER = re.compile(
    r"\b(?:who|whose|after|following|prior|previous(?:ly)?|with(?:out)? a history of|except|not|other than)\b[^.;:•]*",
    re.IGNORECASE,
)
"""What a text says further of its patients: diseases and treatments that they had, not what is treated."""
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013"), "-")


@dataclass(frozen=True)
class Base:
    """The facts to compare, of some therapies or of all."""

    facts: Facts
    therapies: frozenset[str]

    @classmethod
    def of(cls, facts: Facts, wanted: Iterable[str]) -> "Base":
        """The facts of these therapies; of all where none is named."""
        return cls(facts, frozenset(wanted) or frozenset(file.therapy.id for file in facts.therapies))

    def sources(self) -> Iterator[tuple[SourceRecord, tuple[str, ...]]]:
        """The sources in force that facts of the therapies cite, with these therapies."""
        cited = citing(self.facts)
        for source in self.facts.records("sources"):
            used = tuple(name for name in cited.get(source.id, ()) if name in self.therapies)
            if used and source.standing is Standing.CURRENT:
                yield source, used

    def files(self) -> list[TherapyFile]:
        """The files of the therapies."""
        return [file for file in self.facts.therapies if file.therapy.id in self.therapies]

    @cached_property
    def conditions(self) -> ConditionVocabulary:
        """The names of conditions."""
        return ConditionVocabulary.of(self.facts.records("conditions"))

    def conditions_without(self, file: TherapyFile, agency: Agency, text: str) -> Iterator[str]:
        """Conditions that a text names, where no indication of the agency is for them, a wider or a narrower one."""
        text = re.sub(r"\bnon (?=small)", "non-", _FURTHER.sub(" ", text.translate(_HYPHENS)), flags=re.IGNORECASE)
        held = {fact.condition for fact in file.facts("indications") if fact.agency is agency}
        wider = {above for name in held for above in self.conditions.ancestors.get(name, ())}
        for condition in self.conditions.named_in(text):
            if condition not in held | wider and not self.conditions.ancestors.get(condition, set()) & held:
                yield condition


def last_known(source: SourceRecord) -> str | None:
    """The day of a source, else its month or year; None where it has none."""
    return known_date(source.date, source.year, source.month)


def superseding(old: SourceRecord, new: SourceRecord) -> dict[str, list[dict[str, Any]]]:
    """The draft of a newer revision: the new source, and the old one as it then stands."""
    then = old.model_copy(update={"standing": Standing.SUPERSEDED, "superseded_by": new.id})
    drafts: dict[str, list[dict[str, Any]]] = {}
    for record in (new, then):
        plain = record.model_dump(mode="json", exclude_defaults=True)
        drafts.setdefault(f"sources/{record.kind.value}.json", []).append(plain)
    return drafts
