"""Adverse events side by side: the cohorts asked for, what was counted in them, and what is not known."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, and_, func, or_, select

from app.models.adverse_event import AdverseEvent, Measured, TermRef
from app.models.base import Evidence, Named, table_of
from app.models.cohort import Cohort, CohortRef
from app.queries import cautions
from app.queries.absence import Absence, absences
from app.queries.adverse_events import ADVERSE_EVENTS
from app.queries.cohorts import COHORTS
from app.queries.contrasts import Contrast, Counted, contrasts, obstacles_among, trial_of
from app.queries.filters import List, Tagged
from app.queries.listing import BadParameterError, resolved
from app.queries.matching import any_of, tagged
from app.queries.sets import positions
from app.reader import Reader
from app.vocabulary import Causality, EventKind, FrequencyBand, Grades

MAX_COHORTS = 200
MAX_EVENTS = 50
DEFAULT_EVENTS = 10

_condition, _monotherapy = COHORTS.filter("condition"), COHORTS.filter("monotherapy")
_causality, _kind = ADVERSE_EVENTS.filter("causality"), ADVERSE_EVENTS.filter("kind")


def _named(name: str, description: str, example: str, space: str) -> Tagged:
    return Tagged(name, description, lambda _: (), example, names=space)


ASKED = List(
    name="cohorts",
    noun="comparison",
    table=Cohort,
    form=COHORTS.form,
    filters=(
        _named("therapies", "Therapies, by any name; each cohort in which one was given.", "nivolumab,ipilimumab",
               "therapies"),
        _named("classes", "Classes of therapies, with every class below them.", "ctla-4-inhibitor", "classes"),
        _named("class", "The same as `classes`.", "pd-1-inhibitor", "classes"),
        _named("cohorts", "Cohorts, by id.", "nivolumab.checkmate-067-nivolumab", "cohorts"),
        _named("events", "Event terms, by any name, each with every term below it.", "colitis,pneumonitis", "events"),
        _condition,
        _monotherapy,
        _causality,
        _kind,
    ),
)  # fmt: skip
"""What a comparison takes; `therapies`, `classes` and `cohorts` are combined with OR, the rest narrows."""

SUBJECTS = {"therapies": "therapy", "classes": "class", "class": "class", "cohorts": "id"}
"""Parameters that say what to compare, and the filter of cohorts that each stands for."""

_cohort, _fact = table_of(Cohort).c, table_of(AdverseEvent).c


class ComparedCohort(CohortRef):
    """A cohort of a comparison."""

    nct_id: str | None
    population: str | None
    schedule: str | None
    pooled_from: list[str]
    reported_for: Named = Field(description="Therapy whose source reports the cohort.")
    asked: bool = Field(description="False: brought along as a comparator arm of the trial of a cohort asked for.")


class Row(Measured):
    """What a source states for one event in one cohort."""

    cohort: str = Field(description="Id of one of `cohorts`.")
    fact: str = Field(description="Id of the adverse-event fact.")
    reported_term: str
    patients_at_risk: int | None
    grades: Grades
    frequency_band: FrequencyBand | None
    note: str | None
    evidence: Evidence


class Comparison(BaseModel):
    """One event, counted in one way, in all cohorts that report it so."""

    event: TermRef
    kind: EventKind
    causality: Causality
    serious: bool = Field(description="Counts serious events only.")
    rows: list[Row]
    contrasts: list[Contrast] = Field(description="Only between arms of one trial, counted by one source.")
    cautions: list[str]


class ComparisonPage(BaseModel):
    """Adverse events side by side."""

    items: list[Comparison]
    cohorts: list[ComparedCohort] = Field(description="Every cohort with a row, in the order of `/cohorts`.")
    absent: list[Absence]
    cautions: list[str] = Field(description="What holds for the whole comparison, in plain sentences.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str
    permalink: str = Field(description="This very answer for good: the same query, pinned to its release.")


@dataclass(frozen=True)
class Selection:
    """Cohorts, facts and absences that a question leads to."""

    query: dict[str, Any]
    cohorts: dict[str, dict[str, Any]]
    """By id, in the order of their list; all that match, with or without facts."""
    asked: set[str]
    counted: list[Counted]
    obstacles: dict[tuple[str, str], str]
    """Pairs of cohorts of one trial that are not contrasted, and why."""
    absent: list[Absence]
    cautions: list[str]


def compare(reader: Reader, asked: Mapping[str, Any], severity: str, limit: int, *, comparators: bool) -> Selection:
    """Everything that a comparison or a matrix is made of. Raises `BadParameterError` for what cannot be answered."""
    query, said = _resolved(reader, asked)
    cohorts, matched, arms = _cohorts(reader, query, comparators=comparators)
    severe = severity == "severe"
    events = query.get("events")
    usual = events is None
    if events is None:
        events, several = _usual_events(reader, query, list(cohorts), limit, severe=severe)
        said.append(
            f"No events were asked for: shown are the {len(events)} that most of the cohorts report, of {several} that "
            f"{'at least two report' if len(cohorts) > 1 else 'it reports'}."
        )
    found: list[tuple[int, Counted]] = []
    seen: set[tuple[str, str]] = set()
    reported: set[str] = set()
    for event_id, document in _facts(reader, query, list(cohorts), events):
        fact = orjson.loads(document)
        if usual and fact["term"]["id"] != event_id:
            continue
        rate = fact["severe" if severe else "any_grade"]
        if rate or (fact["frequency_band"] and not severe):
            reported.add(event_id)
            seen |= {(therapy["id"], event_id) for therapy in fact["cohort"]["therapies"]}
            found.append((events.index(event_id), Counted(cohorts[fact["cohort"]["id"]], fact, rate)))
    found.sort(key=lambda pair: pair[0])
    counted = list({item.fact["id"]: item for _, item in found}.values())
    absent = absences(reader, query, events, seen, usual=usual)
    obstacles = obstacles_among(arms)
    said += cautions.of_all(counted, obstacles)
    if nowhere := [event_id for event_id in events if event_id not in reported]:
        said.append(f"In none of these cohorts, under these filters, is reported: {cautions.listed(nowhere)}.")
    query |= {"severity": severity, "comparators": comparators} | ({"limit": limit} if usual else {})
    return Selection(query, cohorts, matched, counted, obstacles, absent, said)


def page(selection: Selection, release: str, permalink: str) -> ComparisonPage:
    """The answer of a comparison."""
    groups: dict[tuple[Any, ...], list[Counted]] = defaultdict(list)
    for item in selection.counted:
        fact = item.fact
        groups[fact["term"]["id"], fact["kind"], fact["causality"], fact["serious"]].append(item)
    shown = {item.cohort["id"] for item in selection.counted}
    cohorts = [
        ComparedCohort(**(cohort | {"reported_for": cohort["therapy"], "asked": cohort["id"] in selection.asked}))
        for cohort in selection.cohorts.values()
        if cohort["id"] in shown
    ]
    return ComparisonPage(
        items=[_comparison(group, selection.obstacles) for group in groups.values()],
        cohorts=cohorts,
        absent=selection.absent,
        cautions=selection.cautions,
        query=selection.query,
        release=release,
        permalink=permalink,
    )


def _comparison(group: Sequence[Counted], obstacles: dict[tuple[str, str], str]) -> Comparison:
    first = group[0].fact
    return Comparison(
        event=first["term"],
        kind=first["kind"],
        causality=first["causality"],
        serious=first["serious"],
        rows=[_row(item) for item in group],
        contrasts=list(contrasts(group, obstacles)),
        cautions=list(cautions.of_one(group)),
    )


def _row(item: Counted) -> Row:
    fact = item.fact
    empty: dict[str, Any] = {"patients": None, "percent": None, "ci95": None, "computed": []}
    return Row(
        **({"grades": Grades.ANY} | (item.rate or empty)),
        cohort=item.cohort["id"],
        fact=fact["id"],
        reported_term=fact["reported_term"],
        patients_at_risk=fact["patients_at_risk"],
        frequency_band=fact["frequency_band"],
        note=fact["note"],
        evidence=fact["evidence"],
    )


def _resolved(reader: Reader, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What was asked for after names were resolved, and what is to be said of names that mean the same."""
    if not any(asked.get(name) for name in SUBJECTS):
        allowed = "one or more of: therapies, classes, cohorts"
        raise BadParameterError("therapies", "Nothing to compare was asked for.", allowed=allowed)
    query: dict[str, Any] = {}
    said: list[str] = []
    subjects: list[str] = []
    for name, value in asked.items():
        found = resolved(reader, ASKED, {name: value})[name]
        query[name] = found
        if name in SUBJECTS or name == "events":
            subjects += found if name in SUBJECTS else []
            if len(value) > len(found):
                ids = {word: resolved(reader, ASKED, {name: [word]})[name][0] for word in dict.fromkeys(value)}
                said += _same(ids, value)
    if len(subjects) == 1 and sum(len(asked.get(name) or ()) for name in SUBJECTS) > 1:
        said.append(
            f"Everything asked for is {subjects[0]}: a comparison with itself, shown once. What differs is the trial."
        )
    return query, said


def _same(ids: Mapping[str, str], words: Sequence[str]) -> Iterator[str]:
    """One sentence for each record that was asked for more than once."""
    for record_id, times in Counter(ids[word] for word in words).items():
        if times > 1:
            called = [word for word, found in ids.items() if found == record_id]
            how = (
                f"is {called[0]!r} given {times} times"
                if len(called) == 1
                else f"is meant by {cautions.listed(called)}"
            )
            yield f"{record_id} {how}; it is shown once."


def _cohorts(
    reader: Reader, query: Mapping[str, Any], *, comparators: bool
) -> tuple[dict[str, dict[str, Any]], set[str], list[dict[str, Any]]]:
    """The cohorts asked for, if wanted with the comparator arms of their trials, and the ids of those asked for.

    The last of the answer is every arm of these trials: what is not shown still tells whether two arms overlap.
    """
    cohort = table_of(Cohort).c
    of_release = cohort.release_id == reader.release_id
    found = select(cohort.position, cohort.document).where(of_release, _matches(reader, cohort, query))
    rows = reader.connection.execute(found.order_by(cohort.position).limit(MAX_COHORTS + 1)).all()
    asked = {row.position: orjson.loads(row.document) for row in rows}
    trials = {trial for record in asked.values() if (trial := trial_of(record))}
    arms = select(cohort.position, cohort.document).where(
        of_release,
        cohort.therapy_id.in_({therapy for therapy, _ in trials}),
        cohort.trial.in_({trial for _, trial in trials}),
    )
    around = {row.position: orjson.loads(row.document) for row in reader.connection.execute(arms)}
    around = {position: arm for position, arm in around.items() if trial_of(arm) in trials}
    shown = asked | {position: arm for position, arm in around.items() if comparators and arm["comparator"]}
    if len(shown) > MAX_COHORTS:
        culprit = next(name for name in SUBJECTS if name in query)
        message = f"More than {MAX_COHORTS} cohorts match."
        narrow = f"at most {MAX_COHORTS} cohorts: narrow it by therapies, cohorts, condition or monotherapy"
        raise BadParameterError(culprit, message, allowed=narrow)
    cohorts = {shown[position]["id"]: shown[position] for position in sorted(shown)}
    return cohorts, {record["id"] for record in asked.values()}, list(around.values())


def _matches(reader: Reader, cohort: Any, query: Mapping[str, Any]) -> ColumnElement[bool]:
    subjects: list[ColumnElement[bool]] = []
    for name, by in SUBJECTS.items():
        if name in query:
            ids = query[name]
            subjects.append(cohort.id.in_(ids) if by == "id" else cohort.position.in_(_positions(reader, by, ids)))
    narrowed = [or_(*subjects)]
    if "condition" in query:
        narrowed.append(cohort.position.in_(_positions(reader, "condition", query["condition"])))
    if "monotherapy" in query:
        narrowed.append(cohort.monotherapy == query["monotherapy"])
    return and_(*narrowed)


def _positions(reader: Reader, name: str, values: Iterable[str]) -> list[int]:
    """Positions of the cohorts that carry one of the values of a filter."""
    return list(positions(any_of(reader, COHORTS, name, values)))


def _counted_there(reader: Reader, query: Mapping[str, Any], cohorts: list[str]) -> list[ColumnElement[bool]]:
    """The WHERE of facts: the cohorts, and how the events were counted."""
    where: list[ColumnElement[bool]] = [_fact.release_id == reader.release_id, _fact.cohort_id.in_(cohorts)]
    where += [
        column.in_(query[name])
        for name, column in (("causality", _fact.causality), ("kind", _fact.kind))
        if name in query
    ]
    return where


def _usual_events(
    reader: Reader, query: Mapping[str, Any], cohorts: list[str], limit: int, *, severe: bool
) -> tuple[list[str], int]:
    """The events that most of the cohorts report, at least two of them; and how many there are in all."""
    percent = _fact.severe_percent if severe else _fact.any_percent
    spread = func.count(func.distinct(_fact.cohort_id))
    found = (
        select(_fact.event_id, spread)
        .where(*_counted_there(reader, query, cohorts), percent.is_not(None))
        .group_by(_fact.event_id)
        .having(spread >= min(2, len(cohorts)))
    )
    # Sorted here, since databases do not agree on the order of texts.
    events = [row[0] for row in sorted(reader.connection.execute(found), key=lambda row: (-row[1], row[0]))]
    return events[:limit], len(events)


def _facts(
    reader: Reader, query: Mapping[str, Any], cohorts: list[str], events: list[str]
) -> Iterator[tuple[str, str]]:
    """The facts, by the one SELECT: each with every event asked for that it is, or is below of."""
    found = select(_fact.position, _fact.document).where(*_counted_there(reader, query, cohorts))
    reported = {event: tagged(reader, ADVERSE_EVENTS, "event", event) for event in events}
    for position, document in reader.connection.execute(found.order_by(_fact.position)).all():
        yield from ((event, document) for event, records in reported.items() if records >> position & 1)
