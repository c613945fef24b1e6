"""Adverse events side by side: the answer of a comparison."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, create_model

from app.api.compare import cautions
from app.api.compare.absence import MissingEvents, MissingInCohort
from app.api.compare.contrasts import Contrast, CountedFact, Obstacles, contrasts
from app.api.compare.selection import Selection
from app.api.formats.csv_format import table_of
from app.api.params import declared
from app.nouns.adverse_event import Subset
from app.nouns.base import Evidence, Named, Schema
from app.nouns.cohort import CohortRef
from app.nouns.event import TermRef
from app.nouns.measures import Measured
from app.vocabulary import Causality, EventKind, FrequencyBand, Grades


class ComparedCohort(CohortRef):
    """A cohort of a comparison."""

    nct_id: str | None = Field(description="ClinicalTrials.gov number; null where the source gives none.")
    population: str | None = Field(description="Patients of the arm, as the source describes them.")
    schedule: str | None = Field(description="Dose or schedule, where arms differ by it.")
    pooled_from: list[str] = Field(description="Trials or arms that were pooled.")
    reported_for: Named = Field(description="Therapy whose source reports the cohort.")
    asked: bool = Field(description="False: added as a comparator arm of the trial of a cohort requested.")


class AgreeingFact(Schema):
    """A fact in which another source prints the same figures for the same event and arm."""

    fact: str = Field(description="Id of the adverse-event fact.")
    evidence: Evidence = Field(description="Where it was read.")


class ReportedRate(Measured):
    """What a source states for one event in one cohort."""

    cohort: str = Field(description="Id of one of `cohorts`.")
    fact: str = Field(description="Id of the adverse-event fact.")
    reported_term: str = Field(description="The term as the source prints it.")
    patients_at_risk: int | None = Field(description="The N of its rates; null where it is not known.")
    grades: Grades = Field(description="Group of grades that is counted.")
    sum_of: list[Grades] = Field(
        default=[], description="Groups of grades, printed apart, that were added up; empty: the group is printed."
    )
    rounding_error: float | None = Field(
        default=None, description="Percentage points by which a sum of rounded percents can be off."
    )
    frequency_band: FrequencyBand | None = Field(description="Frequency band, where the source publishes no figure.")
    note: str | None = Field(description="What a footnote adds, in our own words.")
    evidence: Evidence = Field(description="Where it was read.")
    agreeing: list[AgreeingFact] = Field(description="Facts in which other sources print the same.")


class Comparison(Schema):
    """One event, counted in one way, in all cohorts that report it so."""

    event: TermRef = Field(description="Event term.")
    kind: EventKind = Field(description="How the event was found.")
    causality: Causality = Field(description="Causality that the sources state.")
    serious: bool = Field(description="Counts serious events only.")
    subset: Subset | None = Field(description="The part of the event that is counted; null: the whole event.")
    rows: list[ReportedRate] = Field(description="What each cohort reports.")
    contrasts: list[Contrast] = Field(description="Only between arms of one trial, counted by one source.")
    cautions: list[str] = Field(description="What to mind when these rows are read, in plain sentences.")


class ComparisonPage(Schema):
    """Adverse events side by side."""

    items: list[Comparison] = Field(description="One for each event, causality and kind.")
    cohorts: list[ComparedCohort] = Field(description="Every cohort with a row, in the order of `/cohorts`.")
    absent: list[MissingEvents] = Field(description="What is not shown for the therapies requested, and why.")
    absent_by_cohort: list[MissingInCohort] = Field(
        description="For each cohort compared, with or without a row, the events that are not shown."
    )
    cautions: list[str] = Field(description="What holds for the whole comparison, in plain sentences.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very answer for good: the same query, pinned to its release.")


def page(selection: Selection, version: str, permalink: str) -> ComparisonPage:
    """The answer of a comparison."""
    groups: dict[tuple[Any, ...], list[CountedFact]] = defaultdict(list)
    for item in selection.counted:
        fact = item.fact
        subset = fact["subset"] and fact["subset"]["text"]
        groups[fact["term"]["id"], fact["kind"], fact["causality"], fact["serious"], subset].append(item)
    shown = {item.cohort["id"] for item in selection.counted}
    return ComparisonPage(
        items=[_comparison(group, selection.obstacles) for group in groups.values()],
        cohorts=[
            ComparedCohort(**cohort | {"reported_for": cohort["therapy"], "asked": cohort["id"] in selection.requested})
            for cohort in selection.cohorts.values()
            if cohort["id"] in shown
        ],
        absent=selection.absent,
        absent_by_cohort=selection.absent_by_cohort,
        cautions=selection.cautions,
        query=selection.query,
        release=version,
        permalink=permalink,
    )


def _comparison(group: Sequence[CountedFact], obstacles: Obstacles) -> Comparison:
    group = sorted(group, key=_read_elsewhere)
    first, rows = group[0].fact, _merge_agreeing(group)
    shown = [item for item, *_ in rows]
    return Comparison(
        event=first["term"],
        kind=first["kind"],
        causality=first["causality"],
        serious=first["serious"],
        subset=first["subset"],
        rows=[_row(*same) for same in rows],
        contrasts=list(contrasts(shown, obstacles)),
        cautions=list(cautions.of_event(shown)),
    )


def _read_elsewhere(item: CountedFact) -> bool:
    """Whether the fact is of another source than the cohort: it stands behind those of the cohort's own."""
    return bool(item.fact["evidence"]["source"] != item.cohort["evidence"]["source"])


def _merge_agreeing(group: Sequence[CountedFact]) -> list[list[CountedFact]]:
    """The facts of one arm that agree, together; the first of them stands for all."""
    rows: list[list[CountedFact]] = []
    for item in group:
        same = (row for row in rows if row[0].cohort["id"] == item.cohort["id"])
        agreeing = next((row for row in same if row[0].fact["id"] in (item.fact["agrees_with"] or ())), None)
        if agreeing:
            agreeing.append(item)
        else:
            rows.append([item])
    return rows


def _row(item: CountedFact, *agreeing: CountedFact) -> ReportedRate:
    fact = item.fact
    unknown: dict[str, Any] = {"patients": None, "percent": None, "ci95": None, "computed": []}
    return ReportedRate(
        **({"grades": Grades.ANY} | (item.rate or unknown)),
        cohort=item.cohort["id"],
        fact=fact["id"],
        reported_term=fact["reported_term"],
        patients_at_risk=fact["patients_at_risk"],
        frequency_band=fact["frequency_band"],
        note=fact["note"],
        evidence=fact["evidence"],
        agreeing=[AgreeingFact(fact=other.fact["id"], evidence=other.fact["evidence"]) for other in agreeing],
    )


_OF_EVENT = ("event", "kind", "causality", "serious")
ComparedRate = create_model(
    "ComparedRate",
    __doc__="A row of the table of a comparison: an event, a cohort, and the rate.",
    **{
        **{name: (Comparison.model_fields[name].annotation, ...) for name in _OF_EVENT},
        "cohort": (ComparedCohort, ...),
        **declared(ReportedRate, "cohort"),
    },
)


def table(written: Mapping[str, Any], release: str) -> str:
    """The rates of a comparison, as it is written, as CSV."""
    cohorts = {cohort["id"]: cohort for cohort in written["cohorts"]}
    rows = (
        {**{name: item[name] for name in _OF_EVENT}, **row, "cohort": cohorts[row["cohort"]]}
        for item in written["items"]
        for row in item["rows"]
    )
    return table_of(ComparedRate, rows, release)
