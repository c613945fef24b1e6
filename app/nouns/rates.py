"""Rates of adverse events as a long table: a row for each group of grades that a source prints for an event."""

from typing import Any

from pydantic import Field

from app.nouns.adverse_event import Subset
from app.nouns.base import Evidence, Schema, TherapyRef
from app.nouns.cohort import CohortRef
from app.nouns.event import TermRef
from app.nouns.measures import Measured, Rate, measured
from app.vocabulary import Causality, EventKind, Grades


class _RateOf(Schema):
    """What a rate is of."""

    id: str = Field(description="Id of the adverse event and the group of grades: `…fatigue:3-4`.")
    adverse_event: str = Field(description="Id of the adverse event, as in `/adverse-events`.")
    therapy: TherapyRef = Field(description="Therapy whose label or source states the fact.")
    term: TermRef = Field(description="Event term that it is counted under.")
    cohort: CohortRef = Field(description="Cohort in which it was counted.")
    reported_term: str = Field(description="The term as the source prints it.")
    kind: EventKind = Field(description="How the event was found: clinically, or from laboratory values.")
    causality: Causality = Field(description="Causality that the source states for the rates.")
    serious: bool = Field(description="Counts serious adverse events only.")
    subset: Subset | None = Field(description="The part of the event that is counted; null: the whole event.")
    patients_at_risk: int | None = Field(description="The N of the rate; null where it is not known.")
    grades: Grades = Field(description="Group of grades that is counted.")


class RateRow(Measured, _RateOf):
    """What a source prints for one group of grades of an adverse event, completed by what can be computed from it."""

    evidence: Evidence = Field(description="Where the fact was read.")


_KEYS = list(RateRow.model_fields)
_OF_THE_EVENT = [key for key in _KEYS if key not in {*Measured.model_fields, "id", "adverse_event", "grades"}]


def rates_of(adverse_event: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an adverse event, as the API answers them; none where only a frequency band is published."""
    shared = {"adverse_event": adverse_event["id"]} | {key: adverse_event.get(key) for key in _OF_THE_EVENT}
    return [_row(shared, rate) for rate in adverse_event["rates"]]


def _row(shared: dict[str, Any], rate: dict[str, Any]) -> dict[str, Any]:
    found = measured(Rate.model_construct(**rate), shared["patients_at_risk"])
    row = shared | {"id": f"{shared['adverse_event']}:{rate['grades']}", "grades": rate["grades"]} | dict(found)
    return {key: row[key] for key in _KEYS}
