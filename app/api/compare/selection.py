"""What a comparison is made of: the cohorts that a request leads to, the events, and the facts."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection

from app.api.compare import cautions
from app.api.compare.absence import MissingEvents, MissingInCohort, missing_by_cohort, missing_events
from app.api.compare.contrasts import CountedFact, obstacles_among
from app.api.compare.subjects import CLASS_WORDS, EVENT_WORDS, SUBJECTS, THERAPY_WORDS, resolved_subjects, values_of
from app.api.errors import too_much
from app.api.records import coverages_at, records_at
from app.nouns.adverse_event import NOUN as ADVERSE_EVENTS
from app.nouns.cohort import NOUN as COHORTS
from app.nouns.event import NOUN as EVENTS
from app.nouns.therapy import NOUN as THERAPIES
from app.release.opened import OpenRelease
from app.release.query import Params, matching
from app.release.store import positions_of
from app.vocabulary import Part

MAX_COHORTS = 200
COUNTED: Params = {"adverse_events_from": 1}
"""Cohorts in which adverse events were counted: those of which outcomes alone are curated say nothing here."""
_FACT_KEYS = (
    "id", "term", "reported_term", "kind", "causality", "serious", "subset", "denominator", "denominator_range",
    "patients_at_risk", "frequency_band", "note", "evidence", "agrees_with",
)  # fmt: skip
"""What a comparison says, or judges by, beside the rate: thousands of facts are held at once."""


@dataclass(frozen=True)
class Selection:
    """Cohorts, facts and absences that a request leads to."""

    query: Params
    """What was applied, after names were resolved."""
    cohorts: dict[str, dict[str, Any]]
    """By id, in the order of their list; all that match, with or without facts."""
    requested: set[str]
    """Ids of the cohorts that were requested; the others are comparator arms of their trials."""
    counted: list[CountedFact]
    obstacles: dict[tuple[str, str], str]
    """Pairs of cohorts of one trial that are not contrasted, and why."""
    absent: list[MissingEvents]
    absent_by_cohort: list[MissingInCohort]
    cautions: list[str]


def compare(
    connection: Connection, release: OpenRelease, params: Params, severity: str, limit: int, *, comparators: bool
) -> Selection:
    """Everything that a comparison or a matrix is made of. Raises `Problem` for what cannot be answered.

    `params` are those of `requested_subjects`, `severity` is any or severe, and `limit` is how many events are shown
    where none are requested. This computes up to some tenths of a second: call it in `Store.compute`.
    """
    query, sentences = resolved_subjects(release, {"subset": [Part.WHOLE]} | params)
    cohorts, requested, arms = _cohorts(connection, release, query, comparators=comparators)
    facts = _facts_of(release, cohorts, query)
    severe, usual = severity == "severe", not values_of(query, EVENT_WORDS)
    if usual:
        own = _by_own_term(release, facts)
        ranked = _most_reported(release, cohorts, own, severe=severe)
        by_event = {event: own[event] for event in ranked[:limit]}
        sentences.append(
            f"No events were asked for: shown are the {len(by_event)} that most of the cohorts report, of "
            f"{len(ranked)} that {'at least two report' if len(cohorts) > 1 else 'it reports'}."
        )
    else:
        index = release.lists[ADVERSE_EVENTS.name]
        by_event = {event: facts & index.term("event", [event]) for event in values_of(query, EVENT_WORDS)}
    found = _counted_facts(connection, release, BitMap.union(BitMap(), *by_event.values()), cohorts, severe=severe)
    by_event = {event: positions & BitMap(found) for event, positions in by_event.items()}
    counted = [found[position] for position in dict.fromkeys(chain.from_iterable(by_event.values()))]
    arms_shown = [(found[place].cohort, event) for event, positions in by_event.items() for place in positions]
    shown = {(therapy["id"], event) for cohort, event in arms_shown for therapy in cohort["therapies"]}
    therapies = _requested_therapies(connection, release, query)
    absent = missing_events(release, therapies, list(by_event), shown, usual=usual)
    shown_in = {(cohort["id"], event) for cohort, event in arms_shown}
    by_cohort = missing_by_cohort(release, cohorts, list(by_event), shown_in)
    obstacles = obstacles_among(arms)
    sentences += cautions.of_comparison(counted, obstacles)
    sentences += _left_out(release, cohorts, query, by_event)
    if nowhere := [event for event, positions in by_event.items() if not positions]:
        sentences.append(f"In none of these cohorts, under these filters, is reported: {cautions.join_words(nowhere)}.")
    query |= {"severity": severity, "comparators": comparators} | ({"limit": limit} if usual else {})
    return Selection(query, cohorts, requested, counted, obstacles, absent, by_cohort, sentences)


def _cohorts(
    connection: Connection, release: OpenRelease, query: Params, *, comparators: bool
) -> tuple[dict[str, dict[str, Any]], set[str], list[dict[str, Any]]]:
    """The cohorts that are compared, by id; the ids of those requested; and every arm of their trials.

    With `comparators` the comparator arms of the trials are compared too. An arm that is not still tells whether two
    others overlap.
    """
    requested = _requested_cohorts(connection, release, query)
    _check_number(requested, query)
    records = dict(records_at(connection, release, COHORTS, requested))
    trials = {
        (therapy, record.get("trial_id") or record["trial"])  # releases loaded before know names alone
        for record in records.values()
        if record["trial"]
        for therapy in _of(record)
    }
    reported = [matching(release, COHORTS, {"reported_for": [therapy], "trial": [trial]}) for therapy, trial in trials]
    arms = BitMap.union(BitMap(), *reported) & matching(release, COHORTS, COUNTED)
    added = arms & release.lists[COHORTS.name].term("comparator", ["true"]) if comparators else BitMap()
    _check_number(requested | added, query)
    records.update(records_at(connection, release, COHORTS, arms - requested))
    cohorts = {records[position]["id"]: records[position] for position in requested | added}
    ids = {records[position]["id"] for position in requested}
    return cohorts, ids, [records[position] for position in arms]


def _of(cohort: Mapping[str, Any]) -> list[str]:
    """The therapies whose sources report a cohort."""
    return [cohort["therapy"]["id"], *(report["reported_for"] for report in cohort.get("also_reported", ()))]


def _check_number(cohorts: BitMap, query: Params) -> None:
    if len(cohorts) > MAX_COHORTS:
        subject = next(name for name in (*SUBJECTS, "trial") if name in query)
        allowed = f"at most {MAX_COHORTS} cohorts: narrow it by therapy, trial, condition or monotherapy"
        raise too_much(subject, f"More than {MAX_COHORTS} cohorts match.", allowed)


def _requested_cohorts(connection: Connection, release: OpenRelease, query: Params) -> BitMap:
    subjects = []
    for name, by in SUBJECTS.items():
        if name in query:
            values = query[name]
            if by == "id":  # asked for by name: it is told what is not known of it
                values = positions_of(connection, release, COHORTS, values).values()
                subjects.append(matching(release, COHORTS, {by: values}))
            else:
                subjects.append(matching(release, COHORTS, {by: values} | COUNTED))
    narrowing: Params = {name: query[name] for name in ("condition", "monotherapy", "trial") if name in query}
    if subjects:
        return BitMap.union(*subjects) & matching(release, COHORTS, narrowing)
    return matching(release, COHORTS, narrowing | COUNTED)


def _requested_therapies(connection: Connection, release: OpenRelease, query: Params) -> list[dict[str, Any]]:
    """What is known of the therapies requested, by name or by class."""
    named = BitMap(positions_of(connection, release, THERAPIES, values_of(query, THERAPY_WORDS)).values())
    of_classes = matching(release, THERAPIES, {"class": values_of(query, CLASS_WORDS)})
    return coverages_at(connection, release, named | of_classes)


def _facts_of(release: OpenRelease, cohorts: Iterable[str], query: Params) -> BitMap:
    """The facts of some cohorts, under the filters on how events were counted."""
    counted = {name: query[name] for name in ("organ_system", "causality", "kind", "subset") if name in query}
    return matching(release, ADVERSE_EVENTS, {"cohort": list(cohorts)} | counted)


def _left_out(release: OpenRelease, cohorts: Iterable[str], query: Params, events: Collection[str]) -> Iterator[str]:
    """A sentence on the parts of events that are not shown, where only whole events are."""
    parts = [part for part in Part if part is not Part.WHOLE]
    if query["subset"] == [Part.WHOLE] and events:
        facts = _facts_of(release, cohorts, query | {"subset": parts})
        if left := len(facts & release.lists[ADVERSE_EVENTS.name].term("event", events)):
            yield f"Counts of parts of these events, {left} in number, are left out; `subset` shows them."


def _by_own_term(release: OpenRelease, facts: BitMap) -> dict[str, BitMap]:
    """Facts by the very term that they are counted under.

    A posting of `event` holds the facts of the terms below the term too. A term has fewer terms below it than any above
    it: taken in the order of how many, each fact is first found under its own.
    """
    postings, below = release.lists[ADVERSE_EVENTS.name].postings["event"], release.lists[EVENTS.name].postings["below"]
    own: dict[str, BitMap] = {}
    left = facts.copy()
    for event in sorted(postings, key=lambda event: len(below[event])):
        if found := left & postings[event]:
            own[event] = found
            left -= found
    return own


def _most_reported(
    release: OpenRelease, cohorts: Collection[str], own: Mapping[str, BitMap], *, severe: bool
) -> list[str]:
    """The events for which at least two cohorts (a single one by itself) report a percent; those of most come first."""
    index = release.lists[ADVERSE_EVENTS.name]
    known = index.columns["severe.percent" if severe else "any_grade.percent"].between(0, lower=True)
    postings = index.postings["cohort"]
    cohort_of = {position: cohort for cohort in cohorts for position in postings.get(cohort, ())}
    reporting = {event: len({cohort_of[fact] for fact in facts & known}) for event, facts in own.items()}
    least = min(2, len(cohorts))
    return sorted((event for event in own if reporting[event] >= least), key=lambda event: (-reporting[event], event))


def _counted_facts(
    connection: Connection,
    release: OpenRelease,
    positions: BitMap,
    cohorts: Mapping[str, dict[str, Any]],
    *,
    severe: bool,
) -> dict[int, CountedFact]:
    """The facts at some positions that state a rate of the severity, or a band, by position."""
    found = {}
    for position, record in records_at(connection, release, ADVERSE_EVENTS, positions):
        rate = record["severe" if severe else "any_grade"]
        if rate or (record["frequency_band"] and not severe):
            fact = {key: record.get(key) for key in _FACT_KEYS}
            found[position] = CountedFact(cohorts[record["cohort"]["id"]], fact, rate)
    return found
