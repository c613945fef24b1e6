"""Benefit and risk of a therapy: for each trial, its primary outcomes beside its most frequent severe events."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field
from pyroaring import BitMap
from sqlalchemy import Connection

from app.api.formats.csv_format import table_of
from app.api.records import records_at
from app.nouns.adverse_event import NOUN as ADVERSE_EVENTS
from app.nouns.base import Evidence, Schema
from app.nouns.cohort import NOUN as COHORTS
from app.nouns.cohort import CohortRef
from app.nouns.event import TermRef
from app.nouns.outcome import NOUN as OUTCOMES
from app.nouns.outcome import Outcome
from app.nouns.severity import Severe
from app.nouns.trial import NOUN as TRIALS
from app.nouns.trial import TrialRef
from app.release.opened import OpenRelease
from app.release.query import Params, matching
from app.vocabulary import Causality, EndpointRole, EventKind, Part

EVENTS = 10
"""Severe events that are shown for each trial."""
Record = dict[str, Any]


class SevereRate(Schema):
    """What a source states of severe cases of an event in one arm."""

    cohort: str = Field(description="Id of one of `arms`.")
    severe: Severe = Field(description="The whole of grade 3 and up, as printed or summed.")
    patients_at_risk: int | None = Field(description="The N of the rate; null where it is not known.")
    causality: Causality = Field(description="Causality that the source states.")
    fact: str = Field(description="Id of the adverse-event fact.")
    evidence: Evidence = Field(description="Where it was read.")


class SevereEvent(Schema):
    """An event in the arms of a trial."""

    event: TermRef = Field(description="Event term.")
    rows: list[SevereRate] = Field(description="What each arm reports.")


class TrialBalance(Schema):
    """One trial: what it was primarily to show, beside what harmed most often."""

    trial: TrialRef = Field(description="Trial.")
    arms: list[CohortRef] = Field(description="Its arms.")
    outcomes: list[Outcome] = Field(
        description="Its primary outcomes; where none is curated as primary, all, and `cautions` says so."
    )
    severe_events: list[SevereEvent] = Field(
        description=f"The {EVENTS} events of which an arm with the therapy reports most severe cases, as reported."
    )
    cautions: list[str] = Field(description="What to mind, in plain sentences.")


class BenefitRiskPage(Schema):
    """Benefit and risk of a therapy, trial by trial. Nothing is weighed or summed up."""

    items: list[TrialBalance] = Field(description="Trials with outcomes or severe events.")
    cautions: list[str] = Field(description="What holds for all of it, in plain sentences.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very answer for good: the same query, pinned to its release.")


def page(
    connection: Connection, release: OpenRelease, therapy_id: str, filters: Params, query: Mapping[str, Any], link: str
) -> Record:
    """The answer, of the form `BenefitRiskPage`; `filters` are those of `/trials`."""
    trials = records_at(connection, release, TRIALS, matching(release, TRIALS, {"therapy": [therapy_id]} | filters))
    items = [_balance(connection, release, therapy_id, trial) for _, trial in trials]
    return {
        "items": [item for item in items if item["outcomes"] or item["severe_events"]],
        "cautions": [
            "Benefit and harm are stated as the sources print them; nothing is weighed, and no score is made of them.",
            "Arms are those of one trial; outcomes are mostly of all randomised, adverse events of all treated.",
        ],
        "query": query,
        "release": release.version,
        "permalink": link,
    }


def _balance(connection: Connection, release: OpenRelease, therapy_id: str, trial: Record) -> Record:
    of_trial: Params = {"trial": [trial["id"]]}
    cohorts = [cohort for _, cohort in records_at(connection, release, COHORTS, matching(release, COHORTS, of_trial))]
    outcomes = [
        record for _, record in records_at(connection, release, OUTCOMES, matching(release, OUTCOMES, of_trial))
    ]
    primary = [record for record in outcomes if record["role"] == EndpointRole.PRIMARY]
    treated = {cohort["id"] for cohort in cohorts if any(each["id"] == therapy_id for each in cohort["therapies"])}
    counted: Params = {"kind": [EventKind.CLINICAL], "subset": [Part.WHOLE], "serious": False}
    facts = matching(release, ADVERSE_EVENTS, of_trial | counted)
    cautions = []
    if outcomes and not primary:
        cautions.append("None of its outcomes is curated as primary; all are shown.")
    if not outcomes:
        cautions.append("Its outcomes are not curated.")
    if not facts:
        cautions.append("Its adverse events are not curated.")
    return {
        "trial": {name: trial[name] for name in TrialRef.model_fields},
        "arms": [{name: cohort[name] for name in CohortRef.model_fields} for cohort in cohorts],
        "outcomes": primary or outcomes,
        "severe_events": _severe_events(connection, release, facts, treated),
        "cautions": cautions,
    }


def _severe_events(connection: Connection, release: OpenRelease, facts: BitMap, treated: set[str]) -> list[Record]:
    events: dict[str, list[Record]] = defaultdict(list)
    for _, fact in records_at(connection, release, ADVERSE_EVENTS, facts):
        if fact["severe"] and fact["severe"]["percent"] is not None:
            events[fact["term"]["id"]].append(fact)

    def most(rows: Sequence[Record]) -> float:
        return max((row["severe"]["percent"] for row in rows if row["cohort"]["id"] in treated), default=-1)

    ranked = sorted((rows for rows in events.values() if most(rows) > 0), key=lambda rows: (-most(rows), rows[0]["id"]))
    return [
        {
            "event": rows[0]["term"],
            "rows": [
                {
                    "cohort": row["cohort"]["id"],
                    "fact": row["id"],
                    **{name: row[name] for name in ("severe", "patients_at_risk", "causality", "evidence")},
                }
                for row in rows
            ],
        }
        for rows in ranked[:EVENTS]
    ]


class BenefitRiskRow(Schema):
    """A row of the table: an outcome, or a severe event in an arm."""

    trial: TrialRef = Field(description="Trial.")
    outcome: Outcome | None = Field(description="Outcome.")
    event: TermRef | None = Field(description="Event term.")
    rate: SevereRate | None = Field(description="What an arm reports of it.")


def table(page: Record, release: str) -> str:
    """Outcomes, then severe events, of each trial as CSV."""
    rows = (
        row
        for item in page["items"]
        for row in (
            *({"trial": item["trial"], "outcome": outcome} for outcome in item["outcomes"]),
            *(
                {"trial": item["trial"], "event": event["event"], "rate": rate}
                for event in item["severe_events"]
                for rate in event["rows"]
            ),
        )
    )
    return table_of(BenefitRiskRow, rows, release)
