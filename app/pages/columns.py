"""What lists show of a record, and which filters stand beside them: data, by list.

A list that is not named here shows what its declaration says of it; so a noun that comes has pages at once.
"""

import datetime as dt
from enum import Enum
from typing import NamedTuple

from pydantic import BaseModel

from app.nouns.declaration import Noun
from app.nouns.paths import place, public_keys
from app.pages.words import heading


class Column(NamedTuple):
    """A column of a table: its head, where its value stands in a record, and how that is shown."""

    head: str
    path: str
    kind: str = "text"
    """One of the cells of `cells.py`."""
    of: str = ""
    """The list of the record, or records, referred to."""
    sort: str = ""
    """The order of the list by this column."""


THERAPY = Column("Therapy", "therapy", "ref", "therapies", "therapy")
CONDITION = Column("Condition", "condition", "ref", "conditions")
AGENCY = Column("Agency", "agency")
EVIDENCE = Column("Source", "evidence", "evidence")
MAX_VALUES = 5
"""Columns of values of a list that is not named."""
_KINDS = {bool: "flag", int: "text", float: "text", dt.date: "day", Enum: "words", str: "text"}
"""How values of a type are shown; the first that fits."""
_TERM = (Column("Name", "", "itself", "", "name"), Column("Also called", "synonyms", "texts"))

COLUMNS: dict[str, tuple[Column, ...]] = {
    "therapies": (
        Column("Therapy", "", "itself", "", "name"),
        Column("Class", "classes", "refs", "classes"),
        Column("Targets", "targets", "refs", "targets"),
        Column("First approved", "first_approval", "first", "", "first_approval"),
        Column("Standing", "status", "words"),
        Column("Conditions", "conditions", "count"),
        Column("Boxed warning", "boxed_warning", "flag"),
        Column("Facts", "counts", "facts"),
    ),
    "indications": (
        THERAPY,
        Column("Condition and use", "text", "indication"),
        Column("Agency", "agency", "agency"),
        Column("Line", "line", "words", "", "line"),
        Column("Biomarkers", "biomarkers", "biomarkers"),
        Column("Approved", "approved_on", "day", "", "approved_on"),
        Column("Pivotal trials", "pivotal_trials", "refs", "trials"),
        EVIDENCE,
    ),
    "approvals": (
        Column("When", "on", "day", "", "on"),
        AGENCY,
        Column("Action", "action", "words"),
        THERAPY,
        Column("Use or product", "", "use"),
        Column("Type", "approval_type", "words"),
        EVIDENCE,
    ),
    "mechanisms": (
        THERAPY,
        Column("Target", "target", "ref", "targets"),
        Column("Action", "action", "words"),
        Column("Effect on immunity", "effect", "words"),
        Column("Description", "description", "itself"),
        EVIDENCE,
    ),
    "warnings": (
        THERAPY,
        Column("Level", "level", "words"),
        Column("Event", "event", "ref", "events"),
        Column("Warning", "text", "itself"),
        EVIDENCE,
    ),
    "adverse-events": (
        Column("Event", "term", "ref", "events"),
        THERAPY,
        Column("Any grade", "any_grade", "rate", "", "any_percent"),
        Column("Grade 3 and up", "severe", "rate", "", "severe_percent"),
        Column("N", "patients_at_risk", "number", "", "patients_at_risk"),
        Column("Arm, and how it was counted", "cohort", "arm"),
        EVIDENCE,
    ),
    "outcomes": (
        Column("Endpoint", "endpoint", "ref", "endpoints"),
        THERAPY,
        Column("Figure", "", "figure"),
        Column("Measure", "", "measure"),
        Column("Trial", "trial", "ref", "trials"),
        Column("Arm, or arms", "", "arms"),
        EVIDENCE,
    ),
    "trials": (
        Column("Trial", "", "itself", "", "name"),
        Column("Therapies", "therapies", "refs", "therapies"),
        Column("Conditions", "conditions", "refs", "conditions"),
        Column("Phase", "phase", "words"),
        Column("Randomised", "randomised", "flag"),
        Column("Enrolled", "enrolled", "number", "", "enrolled"),
        Column("Outcomes", "outcomes", "number"),
        Column("Adverse events", "adverse_events", "number"),
    ),
    "cohorts": (
        Column("Arm", "label", "itself"),
        Column("Therapies", "therapies", "refs", "therapies", "therapy"),
        CONDITION,
        Column("Trial", "trial"),
        Column("N", "patients", "number", "", "patients"),
        Column("Adverse events", "adverse_events", "number"),
        EVIDENCE,
    ),
    "statements": (
        Column("About", "about", "subject"),
        Column("Topic", "topic", "words"),
        Column("Statement", "text", "itself"),
        EVIDENCE,
    ),
    "sources": (
        Column("Title", "title", "itself", "", "title"),
        Column("Kind", "kind", "words"),
        Column("Date", "date", "text", "", "date"),
        Column("Standing", "standing", "words"),
        Column("Facts", "facts", "number"),
    ),
    "targets": (*_TERM, Column("Kind", "kind", "words"), Column("Therapies", "therapies", "number")),
    "conditions": (*_TERM, Column("Area", "area", "words"), Column("Therapies", "therapies", "number")),
    "classes": (
        _TERM[0],
        Column("What it is", "definition"),
        Column("Parents", "parents", "refs", "classes"),
        Column("Therapies", "therapies", "number"),
    ),
    "endpoints": (
        *_TERM,
        Column("What it is", "definition"),
        Column("Kind", "kind", "words"),
        Column("Outcomes", "outcomes", "number"),
    ),
    "events": (
        *_TERM,
        Column("Organ system", "organ_system", "words"),
        Column("Immune-related", "immune_related", "flag"),
        Column("Adverse events", "adverse_events", "number"),
    ),
    "biomarkers": (*_TERM, Column("Indications", "indications", "number")),
}

FACETS: dict[str, tuple[str, ...]] = {
    "therapies": ("class", "area", "condition", "target", "agency", "status", "line", "boxed_warning"),
    "indications": ("agency", "status", "area", "condition", "line", "biomarker", "class", "approval_type"),
    "approvals": ("action", "agency", "class", "area", "condition", "approval_type", "biosimilar", "year"),
    "mechanisms": ("action", "effect", "class", "target"),
    "warnings": ("level", "class", "event", "rems"),
    "adverse-events": ("event", "causality", "kind", "organ_system", "class", "immune_related", "serious"),
    "outcomes": ("endpoint", "measure", "comparison", "class", "condition", "line", "role", "biomarker"),
    "trials": ("class", "condition", "phase", "randomised", "line", "setting"),
    "cohorts": ("class", "condition", "comparator", "pooled", "monotherapy"),
    "statements": ("topic", "class", "condition"),
    "sources": ("kind", "standing", "level"),
}
"""Filters whose values are counted beside a list; of other lists, their first few."""
SORTS = {"approvals": "-on"}
"""Orders that show a list better than its own."""
USUAL_FACETS = 5
HIDDEN_FACETS = frozenset({"source", "own_source", "therapy", "cohort", "indication", "reported_for", "trial"})
"""Filters with a value for nearly each record: of no use beside a list."""


def columns_of(noun: Noun) -> tuple[Column, ...]:
    """The columns of a list: as named, or else its therapy, what it refers to, its first values, and its source.

    They are of the form in the list. A title is made of the whole record, so it heads rows only where they hold that.
    """
    if noun.name in COLUMNS:
        return COLUMNS[noun.name]
    shown = public_keys(noun.listed)
    named = {noun.public.model_fields[each.public_field].alias or each.public_field: each for each in noun.references}
    references = [
        Column(heading(key), key, "refs" if place(noun.listed, key).several else "ref", each.noun)
        for key, each in named.items()
        if key in shown
    ]
    taken = {"id", "name", *named}
    values = [
        Column(heading(key), key, kind) for key in shown if key not in taken and (kind := _kind(noun.listed, key))
    ]
    return (
        Column("Name", "", "title" if noun.title and not noun.summary else "itself"),
        *([THERAPY] if noun.section and THERAPY.path in shown else []),
        *references,
        *values[:MAX_VALUES],
        *([EVIDENCE] if EVIDENCE.path in shown else []),
    )


def _kind(form: type[BaseModel], key: str) -> str | None:
    """How a single value is shown; None where it is a list, or an object."""
    found = place(form, key)
    fitting = (kind for type_, kind in _KINDS.items() if any(issubclass(each, type_) for each in found.types))
    return None if found.several else next(fitting, None)
