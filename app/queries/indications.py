"""The list of indications."""

import datetime as dt

from app.models.indication import Indication, IndicationForm
from app.queries.facts import COMMON
from app.queries.filters import Bound, Flag, List, Tagged
from app.vocabulary import AgeGroup, Agency, ApprovalType, Area, IndicationStatus, Intent, Line, Setting

INDICATIONS = List(
    name="indications",
    noun="indication",
    table=Indication,
    form=IndicationForm,
    filters=(
        *COMMON,
        Tagged(
            "condition",
            "Condition, with every condition below it: `lymphoma` finds follicular lymphoma.",
            lambda fact: [fact.condition.id],
            example="melanoma",
            names="conditions",
        ),
        Tagged("area", "Area of medicine.", lambda fact: [fact.condition.area], example="oncology", vocabulary=Area),
        Tagged("agency", "Agency that decided.", lambda fact: [fact.agency], example="EMA", vocabulary=Agency),
        Tagged(
            "status",
            "Standing of the indication.",
            lambda fact: [fact.status],
            example="active",
            vocabulary=IndicationStatus,
        ),
        Tagged(
            "approval_type",
            "Kind of approval; unknown where the source does not say.",
            lambda fact: [fact.approval_type],
            example="accelerated",
            vocabulary=ApprovalType,
        ),
        Tagged(
            "setting",
            "Place in the course of the disease.",
            lambda fact: fact.settings,
            example="adjuvant",
            vocabulary=Setting,
        ),
        Tagged("line", "Line of therapy.", lambda fact: [fact.line], example="first", vocabulary=Line),
        Tagged("intent", "What it is meant to do.", lambda fact: [fact.intent], example="treatment", vocabulary=Intent),
        Tagged(
            "biomarker",
            "Biomarker that the indication asks for.",
            lambda fact: [biomarker.name for biomarker in fact.biomarkers],
            example="PD-L1",
        ),
        Tagged("age_group", "Age group named.", lambda fact: fact.age_groups, example="adult", vocabulary=AgeGroup),
        Tagged("trial", "Pivotal trial named.", lambda fact: fact.trials, example="KEYNOTE-006"),
        Flag("monotherapy", "Given alone; unknown where the source does not say.", lambda fact: fact.monotherapy),
        Bound(
            "approved_from",
            "Indication approved on this day or later, where its own date is known.",
            Indication.approved_on,
            dt.date,
            "2020-01-01",
        ),
        Bound(
            "approved_to",
            "Indication approved on this day or earlier, where its own date is known.",
            Indication.approved_on,
            dt.date,
            "2024-12-31",
            lower=False,
        ),
    ),
    sorts={"approved_on": Indication.approved_on, "therapy": Indication.position},
    text=lambda fact: (fact.therapy.name, fact.condition.name, fact.text, *fact.brands, *fact.partners),
)
