"""Outcomes side by side: by endpoint, then by trial; across trials they are joined, never set against each other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from pyroaring import BitMap
from sqlalchemy import Connection

from app.api.compare.cautions import join_words
from app.api.coverage import absence
from app.api.errors import bad_parameter, too_much
from app.api.formats.csv_format import table_of
from app.api.page import Absence
from app.api.records import coverages_at, records_at
from app.nouns.base import Schema
from app.nouns.endpoint import EndpointRef
from app.nouns.outcome import NOUN as OUTCOMES
from app.nouns.outcome import Outcome
from app.nouns.therapy import NOUN as THERAPIES
from app.nouns.trial import TrialRef
from app.release.opened import OpenRelease
from app.release.query import Params, matching

MAX_OUTCOMES = 2000
SUBJECTS = ("therapy", "therapy_all", "class", "class_all", "reported_for", "trial", "cohort")
"""Filters that say what is compared; one of them at least is needed."""
OF_ARMS = {"therapy", "therapy_all", "class", "class_all", "reported_for", "cohort", "monotherapy", "comparator"}
"""Filters that tell the arms of a trial apart: the other arms, which are added, do not meet them."""

Record = dict[str, Any]


class TrialOutcomes(Schema):
    """The outcomes of one trial for one endpoint."""

    trial: TrialRef | None = Field(description="The trial; null for arms that are of no one trial, such as pools.")
    arms: list[Outcome] = Field(description="What is stated of each arm.")
    between_arms: list[Outcome] = Field(description="What is stated between two arms: ratios, differences, tests.")
    cautions: list[str] = Field(description="What to mind within this trial, in plain sentences.")


class OutcomeComparison(Schema):
    """One endpoint in all trials that were found."""

    endpoint: EndpointRef = Field(description="Endpoint.")
    trials: list[TrialOutcomes] = Field(description="One for each trial. Figures of different trials are only joined.")
    cautions: list[str] = Field(description="In what the trials differ, in plain sentences.")


class OutcomeComparisonPage(Schema):
    """Outcomes side by side."""

    items: list[OutcomeComparison] = Field(description="One for each endpoint.")
    absent: list[Absence] = Field(description="Therapies requested of which nothing is shown, and what is known.")
    cautions: list[str] = Field(description="What holds for the whole comparison, in plain sentences.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very answer for good: the same query, pinned to its release.")


@dataclass(frozen=True)
class Found:
    """Outcomes that a request leads to."""

    records: list[Record]
    """In the order of their list, those of other arms of the same trials among them."""
    absent: list[Record]


def find(connection: Connection, release: OpenRelease, filters: Params, *, other_arms: bool) -> Found:
    """The outcomes under some filters; with `other_arms`, those of all arms of their trials for the same endpoints.

    Raises `Problem` where nothing says what to compare, or too much is found.
    """
    if not any(name in filters for name in SUBJECTS):
        allowed = f"one or more of: {', '.join(SUBJECTS)}"
        raise bad_parameter("therapy", "Nothing to compare was asked for.", allowed=allowed)
    found = matching(release, OUTCOMES, filters)
    _check_number(found)
    records = [record for _, record in records_at(connection, release, OUTCOMES, found)]
    own = {record["cohort"]["id"] for record in records}
    if other_arms and (trials := {record["trial"]["id"] for record in records if record["trial"]}):
        endpoints = {record["endpoint"]["id"] for record in records}
        others = {name: value for name, value in filters.items() if name not in OF_ARMS}
        added = matching(release, OUTCOMES, others | {"trial": sorted(trials)})
        _check_number(found | added)
        more = [record for _, record in records_at(connection, release, OUTCOMES, added - found)]
        records += [record for record in more if record["endpoint"]["id"] in endpoints]
        records.sort(key=lambda record: (record["cohort"]["id"] not in own, record["id"]))
    return Found(records, list(_absent(connection, release, filters, records)))


def _check_number(found: BitMap) -> None:
    if len(found) > MAX_OUTCOMES:
        allowed = f"at most {MAX_OUTCOMES} outcomes: narrow it by endpoint, condition, trial, line or measure"
        raise too_much("endpoint", f"{len(found)} outcomes are found.", allowed)


def _absent(
    connection: Connection, release: OpenRelease, filters: Params, records: Sequence[Record]
) -> Iterator[Record]:
    """Therapies requested, by name or class, of which nothing is shown."""
    subjects: Params = {name: filters[name] for name in ("therapy", "class") if name in filters}
    if not subjects:
        return
    shown = {therapy["id"] for record in records for therapy in record["cohort"]["therapies"]}
    for therapy in coverages_at(connection, release, matching(release, THERAPIES, subjects)):
        if therapy["id"] not in shown:
            yield absence(therapy, "outcomes")


def page(found: Found, query: Mapping[str, Any], version: str, permalink: str) -> Record:
    """The answer of a comparison, of the form `OutcomeComparisonPage`: its outcomes are documents as they were read."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in found.records:
        groups[record["endpoint"]["id"]].append(record)
    items = [_comparison(group) for group in sorted(groups.values(), key=lambda group: (-len(group), group[0]["id"]))]
    cautions = []
    if not found.records:
        cautions.append("Nothing was found under these filters; `absent` says for each therapy what is known.")
    if len({record["trial"]["id"] for record in found.records if record["trial"]}) > 1:
        cautions.append(
            "Figures of different trials stand side by side: trials differ in patients, follow-up, criteria and "
            "comparator, so nothing is computed between them, and the higher figure is not the better therapy."
        )
    return {
        "items": items,
        "absent": found.absent,
        "cautions": cautions,
        "query": query,
        "release": version,
        "permalink": permalink,
    }


def _comparison(group: Sequence[Record]) -> Record:
    trials: dict[str, list[Record]] = defaultdict(list)
    for record in group:
        trials[record["trial"]["id"] if record["trial"] else record["cohort"]["id"]].append(record)
    return {
        "endpoint": group[0]["endpoint"],
        "trials": [_of_trial(records) for records in trials.values()],
        "cautions": list(across(list(trials.values()))) if len(trials) > 1 else [],
    }


def _of_trial(records: Sequence[Record]) -> Record:
    return {
        "trial": records[0]["trial"],
        "arms": [record for record in records if not record["against"]],
        "between_arms": [record for record in records if record["against"]],
        "cautions": list(within(records)),
    }


def within(records: Sequence[Record]) -> Iterator[str]:
    """What to mind among the outcomes of one trial for one endpoint."""
    trial = records[0]["trial"]
    if trial and len({record["cohort"]["id"] for record in records}) > 1:
        if trial["randomised"] is False:
            yield f"{trial['name']} did not assign patients to its arms at random."
        elif trial["randomised"] is None:
            yield f"Whether {trial['name']} assigned patients at random is not curated."
    for what, values in _differing(records, _WITHIN):
        yield f"Not all figures are of one {what}: {join_words(values)}."
    if len({record["evidence"]["source"]["id"] for record in records}) > 1:
        yield "Several sources report on this trial; each figure names its own."
    if any(record["adjusted"] for record in records):
        yield "Some figures come from a model or from imputation: they are no plain n of N."


def across(trials: Sequence[Sequence[Record]]) -> Iterator[str]:
    """In what the trials of one endpoint differ, as far as it is curated."""
    records = [record for trial in trials for record in trial]
    for what, values in _differing(records, _ACROSS):
        yield f"The trials differ in {what}: {join_words(values)}."
    unstated = sorted(
        {record["trial"]["name"] for record in records if record["trial"] and not record["trial"]["lines"]}
    )
    if unstated and len(unstated) < len(trials):
        yield f"The line of therapy is not curated for {join_words(unstated)}."


def _differing(
    records: Iterable[Record], aspects: Mapping[str, Callable[[Record], str | None]]
) -> Iterator[tuple[str, list[str]]]:
    """Aspects in which some outcomes differ, and their values; what is not stated differs from nothing."""
    records = list(records)
    for what, read in aspects.items():
        values = sorted({value for record in records if (value := read(record))})
        if len(values) > 1:
            yield what, values


def _follow_up(record: Record) -> str | None:
    follow_up = record["follow_up"]
    if not follow_up:
        return None
    known = [name for name in ("median", "minimum", "maximum") if follow_up[name] is not None]
    return ", ".join(f"{name} {follow_up[name]:g} {follow_up['unit']}" for name in known) or None


def _time(record: Record) -> str | None:
    time = record["time"]
    if not time:
        return None
    return time["text"] or f"{time['value']:g} {time['unit']}"


def _word(key: str) -> Callable[[Record], str | None]:
    return lambda record: str(record[key]).replace("_", " ") if record[key] else None


_WITHIN: dict[str, Callable[[Record], str | None]] = {
    "analysis": _word("analysis"),
    "data cut-off": _word("cutoff"),
    "assessor": _word("assessor"),
    "time": _time,
    "population": lambda record: record["population"] or "all patients of the arm",
}
_ACROSS: dict[str, Callable[[Record], str | None]] = {
    "condition": lambda record: (record["cohort"]["condition"] or {}).get("name"),
    "line of therapy": lambda record: " or ".join((record["trial"] or {}).get("lines", ())).replace("_", " "),
    "biomarkers": lambda record: " and ".join(f"{each['name']} {each['state']}" for each in record["biomarkers"]),
    "criteria": _word("criteria"),
    "assessor": _word("assessor"),
    "patients analysed": _word("analysed"),
    "follow-up": _follow_up,
    "time": _time,
}


def table(page: Record, release: str) -> str:
    """The outcomes of a comparison as CSV, in its order."""
    trials = (trial for item in page["items"] for trial in item["trials"])
    rows = (record for trial in trials for record in (*trial["arms"], *trial["between_arms"]))
    return table_of(Outcome, rows, release)
