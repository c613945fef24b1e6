"""Checks of the words that a source prints against what the fact is filed as: serious, fatal, pooled, grades."""

import re
from collections.abc import Iterator
from typing import Any

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.cohort import CohortRecord
from app.nouns.folding import fold
from app.vocabulary import Grades
from seed.checks.references import Found
from seed.files import Facts

_SERIOUS = re.compile(r"(?<!non-)(?<!non )\bserious\b|\bSAEs?\b", re.IGNORECASE)
_FATAL = {"fatal-adverse-event", "death"}
_DEATH = re.compile(
    r"\b(?:fatal|deaths?|died|mortality|lethal|(?:that )?(?:led|leading|resulting|resulted) (?:to|in)|due to)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:trials|studies|pool|pooled)\b", re.IGNORECASE)
_LOW = re.compile(r"\bgrades? 1 ?(?:-|–|to) ?4\b", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:mild|moderate|severe|non-?serious|nonfatal|fatal|asymptomatic|symptomatic|radiographic|nyha|unsolicited|"
    r"(?:homo|hetero)zyg\w+|(?:non-?)?carriers?|hospitali[sz]ed|excluding|requiring)\b"
    r"|(?:≥|≤|>=|<=|<|>|\babove|\bbelow) ?\d|\bULN\b"
    r"|\bon the (?:first )?day\b|\bwithin \d+ (?:hours|days)\b|\b(?:during|after) (?:an |the )?(?:infusion|\w+ dose)\b",
    re.IGNORECASE,
)
"""Words that set a part of an event apart: severity, limit, symptoms, subgroup, outcome, time."""
_NO_PART = re.compile(
    r"(?:≥|>=) ?1 (?=treatment|serious|ae)|(?:≥|>) ?(?:100(?:\.0)? ?°F|38(?:\.0)? ?°C)"
    r"|above (?:the )?ULN|with asymptomatic",
    re.IGNORECASE,
)
"""At least one event; the limit that is the event's own; what is counted too."""


def _adverse_events(facts: Facts) -> Iterator[tuple[str, str, AdverseEventRecord]]:
    return facts.placed("adverse_events")


def serious_as_such(facts: Facts) -> Found:
    """A count of serious events is marked as one."""
    for file, name, record in _adverse_events(facts):
        if not record.serious and _SERIOUS.search(record.reported_term):
            yield file, name, f"Printed is {record.reported_term!r}, but it is not marked as serious."


def fatal_events_of_any_kind(facts: Facts) -> Found:
    """Deaths from one kind of event are filed under that event, with grade 5, and not as deaths of any cause."""
    named = _named(facts.records("events"))
    for file, name, record in _adverse_events(facts):
        rest = fold(_DEATH.sub(" ", record.reported_term))
        if record.event in _FATAL and (event := named.get(rest)):
            yield file, name, f"Printed is {record.reported_term!r}: deaths from {event}, not any."


def _named(events: list[Any]) -> dict[str, str]:
    """Events of a kind of their own, by folded name."""
    general = {"adverse-event", "any-adverse-event", "serious-adverse-event", *_FATAL}
    return {
        fold(name): event.id for event in events if event.id not in general for name in (event.name, *event.synonyms)
    }


def pooled_as_such(facts: Facts) -> Found:
    """A cohort of several trials is marked as pooled."""
    for file, name, cohort in facts.placed("cohorts"):
        if not cohort.pooled and (words := _says_several(cohort)):
            yield file, name, f"{words!r}, but it is not marked as pooled."


def _says_several(cohort: CohortRecord) -> str | None:
    if cohort.pooled_from:
        return f"pooled from {', '.join(cohort.pooled_from)}"
    texts = (cohort.label, cohort.trial, cohort.population, cohort.key.replace("-", " "))
    return next((text for text in texts if text and _SEVERAL.search(text)), None)


def parts_as_such(facts: Facts) -> Found:
    """A count of all grades whose printed term names a part of the event says which, in `subset`.

    Words that a name of the event has set nothing apart.
    """
    events = {event.id: event for event in facts.records("events")}
    synonyms = {event.id: set(map(fold, event.synonyms)) for event in events.values()}
    for file, name, record in _adverse_events(facts):
        counted = record.frequency_band or any(rate.grades in (Grades.ANY, Grades.G1_4) for rate in record.rates)
        if record.subset or not counted or record.event not in events:
            continue
        key = (record.key or "").replace("-", " ")
        own = f"{events[record.event].name} ({record.event.replace('-', ' ')})".casefold()
        found = _PART.search(_NO_PART.sub(" ", f"{record.reported_term} ({key})"))
        if found and found[0].casefold() not in own and fold(record.reported_term) not in synonyms[record.event]:
            yield file, name, f"{found[0]!r} in {record.reported_term!r} sets a part apart."


def low_grades_as_such(facts: Facts) -> Found:
    """Grades 1 to 4 are not filed as all grades: they leave the deaths out."""
    for file, name, record in _adverse_events(facts):
        words = next((text for text in (record.reported_term, record.note) if text and _LOW.search(text)), None)
        if words and any(rate.grades is Grades.ANY for rate in record.rates):
            yield file, name, f"Printed is {words!r}, filed are all grades."
