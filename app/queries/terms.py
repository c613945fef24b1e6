"""The lists of vocabularies: classes, targets, conditions and events."""

from collections.abc import Callable
from typing import Any

from app.models.terms import (
    ClassForm,
    Condition,
    ConditionForm,
    Event,
    EventForm,
    Target,
    TargetForm,
    TherapyClass,
)
from app.queries.filters import Flag, List, Tagged
from app.vocabulary import Area, OrganSystem, TargetKind


def _below(space: str, example: str) -> Tagged:
    return Tagged(
        "below",
        "Only this term and the terms below it in the tree.",
        lambda term: [term.id],
        example=example,
        names=space,
    )


def _text(*more: str) -> Callable[[Any], list[str | None]]:
    return lambda term: [term.name, term.id, *term.synonyms, *(getattr(term, name) for name in more)]


CLASSES = List(
    "classes",
    "class",
    TherapyClass,
    ClassForm,
    filters=(_below("classes", "immunosuppressive-biologic"),),
    sorts={"name": TherapyClass.position},
    text=_text("definition"),
)
TARGETS = List(
    "targets",
    "target",
    Target,
    TargetForm,
    filters=(
        Tagged("kind", "Kind of target.", lambda term: [term.kind], example="protein", vocabulary=TargetKind),
        _below("targets", "TNF"),
    ),
    sorts={"name": Target.position},
    text=_text(),
)
CONDITIONS = List(
    "conditions",
    "condition",
    Condition,
    ConditionForm,
    filters=(
        Tagged("area", "Area of medicine.", lambda term: [term.area], example="autoimmune", vocabulary=Area),
        _below("conditions", "lymphoma"),
    ),
    sorts={"name": Condition.position},
    text=_text(),
)
EVENTS = List(
    "events",
    "event",
    Event,
    EventForm,
    filters=(
        Tagged(
            "organ_system",
            "System organ class, named as in CTCAE.",
            lambda term: [term.organ_system],
            example="endocrine",
            vocabulary=OrganSystem,
        ),
        Flag("immune_related", "Immune-related terms.", lambda term: term.immune_related),
        _below("events", "colitis"),
    ),
    sorts={"name": Event.position},
    text=_text("ctcae"),
)
