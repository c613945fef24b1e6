"""Indications: what an agency has approved a therapy for."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from app.nouns.base import (
    Evidence,
    Fact,
    FactRecord,
    Named,
    RecordTable,
    Schema,
    Slug,
    SourceRef,
    Text,
    release_foreign_key,
    unique_position,
)
from app.nouns.biomarker import Demand, DemandRecord, demand
from app.nouns.condition import ConditionRef
from app.nouns.dates import bounds, day_of, days_of
from app.nouns.declaration import Forms, Noun, Reference, RenderContext, Section
from app.nouns.fact_filters import FACT_FILTERS
from app.nouns.filters import AsOfFilter, FlagFilter, TermFilter
from app.nouns.history import STALE_AFTER, IndicationStanding, Step, in_order, standings, states
from app.nouns.partner import Partner, partner, partner_text
from app.nouns.paths import Document
from app.nouns.source import SourceDay, seen_on
from app.nouns.trial import trials_meant
from app.vocabulary import (
    AgeGroup,
    Agency,
    ApprovalAction,
    ApprovalType,
    Area,
    BiomarkerState,
    IndicationStatus,
    Intent,
    Line,
    Setting,
)


class IndicationBase(SQLModel):
    """What an agency has approved a therapy for."""

    agency: Agency = Field(sa_type=String, description="Agency that decided.")
    text: Text = Field(description="The indication in our own words.")
    settings: list[Setting] = Field(
        default=[], sa_type=JSON, description="Places in the course of the disease that it is limited to."
    )
    line: Line | None = Field(
        default=None, sa_type=String, description="Line of therapy that it is limited to; null: not limited to one."
    )
    intent: Intent = Field(default=Intent.TREATMENT, sa_type=String, description="What the treatment is meant to do.")
    stage: Text | None = Field(default=None, description="Stage as the source words it.")
    population: Text | None = Field(default=None, description="Whom it covers, beyond age.")
    age_groups: list[AgeGroup] = Field(default=[], sa_type=JSON, description="Age groups that it names.")
    age_min_years: float | None = Field(
        default=None, ge=0, le=120, description="Least age in years; null where none is stated."
    )
    age_max_years: float | None = Field(
        default=None, ge=0, le=120, description="Greatest age in years; null where none is stated."
    )
    monotherapy: bool | None = Field(default=None, description="Null where the source does not say.")
    partners: list[Text | Partner] = Field(
        default=[], sa_type=JSON, description="Combination partners; a text is one that is given."
    )
    brands: list[Text] = Field(default=[], sa_type=JSON, description="Products that the source grants it to.")
    trials: list[Text] = Field(default=[], sa_type=JSON, description="Pivotal trials named by a source.")


class Sighting(FactRecord):
    """A document in which the use was looked for, and seen to stand as its history says."""


class IndicationRecord(IndicationBase, FactRecord):
    """An indication in the fact files. Natural key: therapy, agency, condition, key.

    How it stands is not said here: it follows from the actions in `approvals` that name it.
    """

    condition: Slug
    biomarkers: list[DemandRecord] = Field(default=[], description="Biomarkers that it asks for.")
    key: Slug | None = Field(default=None, description="Only where the natural key alone is not unique.")
    seen: list[Sighting] = Field(default=[], description="Further documents that show it still so.")

    def natural_key(self) -> str:
        """The id within its therapy."""
        return ".".join(filter(None, [self.agency.lower(), self.condition, self.key]))


class IndicationToday(SQLModel):
    """How an indication stands today: all of it follows from its history."""

    approval_type: ApprovalType | None = Field(
        default=None, sa_type=String, description="Kind of approval; null where no source says."
    )
    status: IndicationStatus = Field(sa_type=String, description="Whether it is in force.")
    approved_on: dt.date | None = Field(
        default=None, description="Day of approval of this indication; null where it is not known to the day."
    )
    converted_on: dt.date | None = Field(default=None, description="Conversion to regular approval.")
    withdrawn_on: dt.date | None = Field(
        default=None, description="Day of withdrawal; null where there is none, or it is not known to the day."
    )
    status_checked_on: str | None = Field(
        default=None,
        max_length=10,
        description="Day, month or year of the newest document cited that shows it so; null: none of them is dated.",
    )
    stale: bool | None = Field(
        default=None,
        description="Active by a document alone that was over two years old when it was read; null: it has no date.",
    )


class IndicationTable(IndicationToday, IndicationBase, RecordTable, table=True):
    """The table of indications."""

    __tablename__ = "indication"
    __table_args__ = (
        unique_position(),
        release_foreign_key("therapy_id", "therapy"),
        release_foreign_key("condition_id", "condition"),
        release_foreign_key("source_id", "source"),
        Index("ix_indication_therapy", "release_id", "therapy_id"),
        Index("ix_indication_approved", "release_id", "approved_on"),
    )
    therapy_id: str
    condition_id: str
    biomarkers: list[Demand] = Field(default=[], sa_type=JSON, description="Biomarkers that it asks for.")
    partners: list[Text] = Field(default=[], sa_type=JSON, description="Combination partners in words.")  # type: ignore[assignment]  # words for parts
    combination: list[Partner] = Field(default=[], sa_type=JSON, description="The same as parts of a combination.")
    source_id: str
    locator: str


class HistoryAction(Schema):
    """An action on an indication; `/approvals` has the same as records of their own."""

    action: ApprovalAction = Field(description="What was done.")
    approval_type: ApprovalType | None = Field(description="Kind of approval; null where the source does not say.")
    on: str | None = Field(description="Day, month or year, as the source states it; null: it does not say when.")
    trial: str | None = Field(description="Pivotal trial that the source names; null where it names none.")
    note: str | None = Field(
        default=None, description="What a reader must know of it, such as what its kind was inferred from."
    )
    evidence: Evidence = Field(description="Where it was read.")


class Indication(IndicationToday, IndicationBase, Fact):
    """An indication, as the API answers it."""

    condition: ConditionRef = Field(description="Condition that it is for.")
    biomarkers: list[Demand] = Field(default=[], description="Biomarkers that it asks for.")
    partners: list[Text] = Field(default=[], description="Combination partners in words.")  # type: ignore[assignment]  # words for parts
    combination: list[Partner] = Field(default=[], description="The same as parts of a combination.")
    history: list[HistoryAction] = Field(default=[], description="What was decided when, oldest first, each cited.")
    standings: list[IndicationStanding] = Field(
        default=[], description="What is known to have held from when until when."
    )
    pivotal_trials: list[Named] = Field(
        default=[], description="Pivotal trials named here or in the history, of those that `/trials` has."
    )
    status_checked_in: SourceRef | None = Field(default=None, description="The document of `status_checked_on`.")


def _compute(record: IndicationRecord, fields: Mapping[str, Any], context: RenderContext) -> Mapping[str, Any]:
    """The history of an indication, and everything that follows from it."""
    key = record.natural_key()
    found = [item for item in context.records("approvals") if item.indication == key]
    actions = [(item, context.evidence(item)) for item in in_order(found)]
    steps = [Step(item.action, item.approval_type, item.on, seen_on(cited, context)) for item, cited in actions]
    state = states(steps)[-1]
    if state is None:
        raise ValueError(f"{key} of {fields['therapy'].id} has no history")
    return {
        "biomarkers": [demand(item, context) for item in record.biomarkers],
        "partners": list(map(partner_text, record.partners)),
        "combination": list(map(partner, record.partners)),
        "history": [
            HistoryAction(
                action=item.action,
                approval_type=item.approval_type,
                on=item.on,
                trial=item.trial,
                note=item.note,
                evidence=cited,
            )
            for item, cited in actions
        ],
        "standings": standings(steps),
        "status": state[0],
        "approval_type": state[1],
        **{field: _first_day(steps, action) for field, action in _DAYS.items()},
        **_checked(state[0], steps, [fields["evidence"], *map(context.evidence, record.seen)], actions, context),
    }


def _first_day(steps: Sequence[Step], action: ApprovalAction) -> dt.date | None:
    days = [step.on for step in steps if step.action is action and step.on and len(step.on) == len("2014-09-04")]
    return dt.date.fromisoformat(days[0]) if days else None


def _checked(
    status: IndicationStatus,
    steps: Sequence[Step],
    shown: Sequence[Evidence],
    actions: Sequence[tuple[Any, Evidence]],
    context: RenderContext,
) -> Mapping[str, Any]:
    """The newest document that shows an indication as it stands, and whether it was old when it was read."""
    last = steps[-1].action
    ended = status is not IndicationStatus.ACTIVE
    documents = [cited for item, cited in actions if not ended or item.action is last]
    documents += [] if ended and documents else shown
    dated = []
    for cited in documents:
        day = context.refer("sources", cited.source.id, SourceDay).partial
        dated += [(days_of(day)[1], day, cited)] if day else []
    if not dated:
        return {"status_checked_on": None, "status_checked_in": None, "stale": None if not ended else False}
    latest, day, cited = max(dated, key=lambda each: each[0])
    read = max(each.curated_on for each in documents)
    old = latest + STALE_AFTER < read
    return {"status_checked_on": day, "status_checked_in": cited.source, "stale": old and not ended}


_DAYS = {
    "approved_on": ApprovalAction.APPROVED,
    "converted_on": ApprovalAction.CONVERTED,
    "withdrawn_on": ApprovalAction.WITHDRAWN,
}
"""Days of an indication, and the first action that each is of."""


def _approved(indication: Document) -> list[str | None]:
    """When an indication was approved: a day, else the month or year of its first approval."""
    if indication["approved_on"]:
        return [indication["approved_on"]]
    history = indication.get("history", ())  # releases that were loaded before have none
    return [item["on"] for item in history if item["action"] == ApprovalAction.APPROVED and item["on"]][:1]


def _line(indication: Document) -> list[int]:
    """The place of its line among all lines."""
    return [number for number, line in enumerate(Line) if line == indication["line"]]


def _refers(record: IndicationRecord) -> Iterator[tuple[str, str]]:
    yield from (("biomarkers", marker.id) for marker in record.biomarkers)
    yield from (("sources", sighting.source) for sighting in record.seen)


def _finish(indications: list[Any], forms: Forms) -> None:
    """Name the trials that are meant by what sources call them."""
    meant = trials_meant(forms)
    for form in indications:
        names = dict.fromkeys([*form.trials, *(step.trial for step in form.history if step.trial)])
        found = {trial.id: trial for name in names for trial in meant(form.therapy.id, name)}
        form.pivotal_trials = sorted(found.values(), key=lambda trial: trial.id)


NOUN = Noun(
    name="indications",
    singular="indication",
    order=20,
    record=IndicationRecord,
    table=IndicationTable,
    public=Indication,
    section=Section("indications", order=2, coverage={"indications": lambda _: True}),
    references=(Reference("condition", "conditions"),),
    record_only=("seen",),
    refers=_refers,
    compute=_compute,
    finish=_finish,
    sort_key=lambda form: (form.agency, form.condition.name.casefold(), form.id),
    list_summary="Find indications",
    list_description="What an agency has approved a therapy for, one record a condition and use.",
    record_summary="Get one indication",
    record_description="One indication, by its stable id.",
    common=("therapy", "class", "condition", "agency", "line", "setting", "biomarker", "status"),
    filters=(
        *FACT_FILTERS,
        TermFilter(
            "condition",
            "Condition, with every condition below it: `lymphoma` finds follicular lymphoma.",
            "condition.id",
            example="melanoma",
            names="conditions",
        ),
        TermFilter("area", "Area of medicine.", "condition.area", example="oncology", vocabulary=Area),
        TermFilter("agency", "Agency that decided.", "agency", example="EMA", vocabulary=Agency),
        TermFilter("status", "Standing of the indication.", "status", example="active", vocabulary=IndicationStatus),
        TermFilter(
            "approval_type",
            "Kind of approval; unknown where the source does not say.",
            "approval_type",
            example="accelerated",
            vocabulary=ApprovalType,
        ),
        TermFilter(
            "setting",
            "Place in the course of the disease.",
            "settings",
            example="adjuvant",
            vocabulary=Setting,
            several=True,
        ),
        TermFilter("line", "Line of therapy.", "line", example="first", vocabulary=Line),
        TermFilter("intent", "What it is meant to do.", "intent", example="treatment", vocabulary=Intent),
        TermFilter(
            "biomarker",
            "Biomarker that the indication asks for.",
            "biomarkers.id|name",
            example="PD-L1",
            names="biomarkers",
            several=True,
        ),
        TermFilter(
            "biomarker_state",
            "What it asks a biomarker to be; together with `biomarker`, what it asks that same biomarker to be.",
            "biomarkers.state",
            example="positive",
            vocabulary=BiomarkerState,
            together="biomarker",
        ),
        TermFilter(
            "partner",
            "What it is combined with, also where it is one of several or optional.",
            "combination.any_of",
            example="carboplatin",
            several=True,
        ),
        TermFilter("age_group", "Age group named.", "age_groups", example="adult", vocabulary=AgeGroup, several=True),
        TermFilter("trial", "Pivotal trial named.", "trials", example="KEYNOTE-006"),
        TermFilter(
            "pivotal_trial",
            "Pivotal trial named, of those that are records.",
            "pivotal_trials.id",
            example="keynote-006",
            names="trials",
        ),
        FlagFilter("stale", "Active by a document alone that was over two years old when it was read.", "stale"),
        AsOfFilter(
            "as_of_date",
            "How it stood on this day: `status` and `approval_type` are then met by what held on it, and indications "
            "of which that is not known are left out. Without it, by what holds today.",
            "standings",
            {"status": "status", "approval_type": "approval_type"},
            example="2020-06-30",
        ),
        FlagFilter("monotherapy", "Given alone; unknown where the source does not say.", "monotherapy"),
        *bounds(
            ("approved_from", "approved_to"),
            (
                "Indication approved on this day or later, where its own date is known. "
                "A date known to the month or year counts where any of its days can.",
                "Indication approved on this day or earlier, where its own date is known. "
                "A date known to the month or year counts where any of its days can.",
            ),
            ("2020-01-01", "2024-12-31"),
            _approved,
        ),
    ),
    sorts={"approved_on": day_of(_approved), "line": _line, "therapy": None},
    text=lambda fact: (
        fact["therapy"]["name"],
        fact["condition"]["name"],
        fact["text"],
        *fact["brands"],
        *fact["partners"],
    ),
)
