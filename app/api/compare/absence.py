"""What a comparison does not show, and why: nothing of it says that an event does not occur."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from app.nouns.adverse_event import NOUN as ADVERSE_EVENTS
from app.nouns.base import Named, Schema
from app.release.opened import OpenRelease
from app.vocabulary import Coverage

OUTSIDE = "reported, but not under these filters or for these grades"
NOT_REPORTED = "not reported in the sources read"


class MissingEvents(Schema):
    """Events that are not shown for a therapy requested, and why. None of it says that they do not occur."""

    therapy: Named = Field(description="Therapy requested, by name or class.")
    status: str = Field(
        description=f"`{Coverage.NOT_CURATED}`, `{Coverage.NONE_REPORTED}`, `{NOT_REPORTED}` or `{OUTSIDE}`."
    )
    events: list[Named] = Field(description="The events; empty: all of them.")


class MissingInCohort(Schema):
    """Events that are not shown for a cohort, and why. None of it says that they did not occur in it."""

    cohort: str = Field(description="Id of the cohort.")
    label: str = Field(description="The arm as a reader would name it.")
    status: str = Field(description=f"`{NOT_REPORTED}` or `{OUTSIDE}`.")
    events: list[str] = Field(description="Ids of the events.")


def missing_by_cohort(
    release: OpenRelease, cohorts: Mapping[str, Mapping[str, Any]], events: Sequence[str], shown: set[tuple[str, str]]
) -> list[MissingInCohort]:
    """For each cohort compared, the events that are not shown, and why; `shown` are pairs of cohort and event."""
    index = release.lists[ADVERSE_EVENTS.name]
    reported = {event: index.term("event", [event]) for event in events}
    found = []
    for cohort_id, cohort in cohorts.items():
        facts = index.term("cohort", [cohort_id])
        missing: dict[str, list[str]] = {NOT_REPORTED: [], OUTSIDE: []}
        for event in events:
            if (cohort_id, event) not in shown:
                missing[OUTSIDE if facts.intersect(reported[event]) else NOT_REPORTED].append(event)
        found += [
            MissingInCohort(cohort=cohort_id, label=cohort["label"], status=status, events=absent)
            for status, absent in missing.items()
            if absent
        ]
    return found


def missing_events(
    release: OpenRelease,
    therapies: Sequence[Mapping[str, Any]],
    events: Sequence[str],
    shown: set[tuple[str, str]],
    *,
    usual: bool,
) -> list[MissingEvents]:
    """For each therapy requested, by name or class, the events that are not shown, and why.

    `therapies` are whole records, `shown` the pairs of therapy and event that are; `usual` events were not requested,
    but chosen as those that most cohorts report.
    """
    index, names = release.lists[ADVERSE_EVENTS.name], release.names.titles["events"]
    reported = {event: index.term("event", [event]) for event in events}
    found: dict[tuple[str, str], MissingEvents] = {}
    for therapy in therapies:
        facts, coverage = index.term("therapy", [therapy["id"]]), therapy["coverage"]["adverse_events"]
        known = {event for event in events if facts.intersect(reported[event])}
        ref = Named(id=therapy["id"], name=therapy["name"])
        if not events or (usual and coverage == Coverage.NOT_CURATED and not known):
            status = OUTSIDE if coverage == Coverage.CURATED else coverage
            found[ref.id, status] = MissingEvents(therapy=ref, status=status, events=[])
            continue
        otherwise = NOT_REPORTED if coverage == Coverage.CURATED else coverage
        for event in events:
            if (ref.id, event) not in shown:
                status = OUTSIDE if event in known else otherwise
                missing = found.setdefault((ref.id, status), MissingEvents(therapy=ref, status=status, events=[]))
                missing.events.append(Named(id=event, name=names.get(event, event)))
    return list(found.values())
