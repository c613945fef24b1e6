"""The matrix of adverse events: events by cohorts, for heat maps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from app.api.compare.absence import MissingEvents, MissingInCohort
from app.api.compare.cautions import join_words
from app.api.compare.contrasts import CountedFact
from app.api.compare.selection import Selection
from app.api.errors import bad_parameter
from app.api.formats.csv_format import table_of
from app.nouns.base import Evidence, Named, Schema
from app.nouns.event import TermRef
from app.release.query import Params
from app.vocabulary import Causality, EventKind, Part

SINGLE = ("causality", "kind", "subset")
"""Parameters of which a matrix takes one value."""
COLUMNS = ["event", "cohort", "percent", "patients", "patients_at_risk", "computed", "fact"]

Cell = tuple[int, int, int | float | None, int | None, int | None, list[str], str]


class MatrixEvent(TermRef):
    """A row of the heat map."""


class MatrixCohort(Schema):
    """A column of the heat map."""

    id: str = Field(description="Id, as in `/cohorts`.")
    label: str = Field(description="The arm as a reader would name it.")
    trial: str | None = Field(description="Acronym or name of the trial; null for pools.")
    patients: int | None = Field(description="N: patients in whom safety was counted; null where it is not stated.")
    therapies: list[Named] = Field(description="Therapies of the fact base given in this arm.")
    condition: Named | None = Field(description="Condition of the patients; null for several, or none stated.")
    comparator: bool = Field(description="The arm was a control without the therapy.")
    pooled: bool = Field(description="Pooled from several trials or arms.")
    evidence: Evidence = Field(description="Where the cohort was read.")


class MatrixPage(Schema):
    """Rates of events by cohorts.

    The cells are rows, not a two-dimensional array: most pairs are empty, chart libraries take `[row, column, value]`
    as it is, and each cell can carry its n and its fact.
    """

    events: list[MatrixEvent] = Field(description="Those that most cohorts report first, or in the order requested.")
    cohorts: list[MatrixCohort] = Field(description="Cohorts with at least one cell, in the order of `/cohorts`.")
    columns: list[str] = Field(description="What the values of a cell are.")
    cells: list[Cell] = Field(
        description="One for each pair of event and cohort with a fact, by event, then cohort: index in `events`, "
        "index in `cohorts`, percent (null where the source prints only a band or `<x`), n, N, which of these "
        "were computed, id of the fact. A pair without a cell was not reported, which is not zero."
    )
    absent: list[MissingEvents] = Field(description="What is not shown for the therapies requested, and why.")
    absent_by_cohort: list[MissingInCohort] = Field(
        description="For each cohort compared, with or without a row, the events that are not shown."
    )
    cautions: list[str] = Field(description="What holds for the whole matrix, in plain sentences.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very answer for good: the same query, pinned to its release.")


def counted_one_way(params: Params) -> Params:
    """The parameters with one causality, kind and part of the event: a cell never mixes two.

    Raises `Problem` for more than one.
    """
    for name, usual in (("causality", Causality.ALL_CAUSE), ("kind", EventKind.CLINICAL), ("subset", Part.WHOLE)):
        params = {name: [usual]} | params
        if len(params[name]) > 1:
            raise bad_parameter(name, f"A matrix shows one `{name}`; ask for each apart.", allowed="one value")
    return params


def page(selection: Selection, version: str, permalink: str) -> MatrixPage:
    """The answer of a matrix. Where a cohort has several facts of an event, the one under its plain term is shown."""
    chosen: dict[tuple[str, str], CountedFact] = {}
    several: set[str] = set()
    for item in selection.counted:
        if item.fact["serious"]:
            continue
        pair = item.fact["term"]["id"], item.cohort["id"]
        if pair in chosen and chosen[pair].fact["id"] not in (item.fact["agrees_with"] or ()):
            several.add(item.cohort["id"])
        # The id of the plain term is the beginning of the ids of its variants.
        if pair not in chosen or len(item.fact["id"]) < len(chosen[pair].fact["id"]):
            chosen[pair] = item
    terms = {item.fact["term"]["id"]: item.fact["term"] for item in chosen.values()}
    with_cells = {cohort_id for _, cohort_id in chosen}
    columns = [cohort for cohort in selection.cohorts.values() if cohort["id"] in with_cells]
    row_of = {term_id: index for index, term_id in enumerate(terms)}
    column_of = {cohort["id"]: index for index, cohort in enumerate(columns)}
    cells = sorted(_cell(row_of[pair[0]], column_of[pair[1]], item) for pair, item in chosen.items())
    cautions = list(selection.cautions)
    if several:
        cautions.append(
            f"Counted under more than one reported term in {join_words(sorted(several))}; the cell is one of them, and "
            "`/adverse-events/compare` shows them all."
        )
    return MatrixPage(
        events=[MatrixEvent(**term) for term in terms.values()],
        cohorts=[MatrixCohort(**{key: cohort[key] for key in MatrixCohort.model_fields}) for cohort in columns],
        columns=COLUMNS,
        cells=cells,
        absent=selection.absent,
        absent_by_cohort=selection.absent_by_cohort,
        cautions=cautions,
        query=selection.query,
        release=version,
        permalink=permalink,
    )


def _cell(row: int, column: int, item: CountedFact) -> Cell:
    rate = item.rate or {"percent": None, "patients": None, "computed": []}
    computed = [key for key in rate["computed"] if key in COLUMNS]
    return row, column, rate["percent"], rate["patients"], item.fact["patients_at_risk"], computed, item.fact["id"]


class MatrixRow(Schema):
    """A row of the table of a matrix: a cell with its event and cohort."""

    event: MatrixEvent = Field(description="Event term.")
    cohort: MatrixCohort = Field(description="Cohort.")
    percent: float | None = Field(description="Percent, 0-100.")
    patients: int | None = Field(description="n.")
    patients_at_risk: int | None = Field(description="N.")
    computed: list[str] = Field(description="Which of these were computed.")
    fact: str = Field(description="Id of the adverse-event fact.")


def table(written: Mapping[str, Any], release: str) -> str:
    """The cells of a matrix, as it is written, as CSV, one a row."""
    rows = rows_of_cells(written, {"event": written["events"], "cohort": written["cohorts"]})
    return table_of(MatrixRow, rows, release)


def rows_of_cells(written: Mapping[str, Any], places: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """The cells of a matrix as records; `places` has, by column, what an index in a cell stands for."""
    for cell in written["cells"]:
        named = zip(written["columns"], cell, strict=True)
        yield {key: places[key][value] if key in places else value for key, value in named}
