"""The matrix of adverse events: events by cohorts, for heat maps."""

from typing import Any

from pydantic import BaseModel, Field

from app.models.adverse_event import TermRef
from app.models.base import Named
from app.queries.absence import Absence
from app.queries.cautions import listed
from app.queries.comparison import Selection
from app.queries.contrasts import Counted
from app.queries.listing import BadParameterError
from app.vocabulary import Causality, EventKind

MAX_EVENTS = 100
DEFAULT_EVENTS = 50

Cell = tuple[int, int, int | float | None, int | None, int | None, list[str], str]


class MatrixEvent(TermRef):
    """A row of the heat map."""


class MatrixCohort(BaseModel):
    """A column of the heat map."""

    id: str
    label: str
    trial: str | None
    patients: int | None
    therapies: list[Named]
    condition: Named | None
    comparator: bool
    pooled: bool


class MatrixPage(BaseModel):
    """Rates of events by cohorts.

    The cells are rows, not a two-dimensional array: most pairs are empty, chart libraries take `[row, column, value]`
    as it is, and each cell can carry its n and its fact.
    """

    events: list[MatrixEvent] = Field(description="Those that most cohorts report first, or in the order asked.")
    cohorts: list[MatrixCohort] = Field(description="Cohorts with at least one cell, in the order of `/cohorts`.")
    columns: list[str] = Field(description="What the values of a cell are.")
    cells: list[Cell] = Field(
        description="One for each pair of event and cohort with a fact, by event, then cohort: index in `events`, "
        "index in `cohorts`, percent (null where the source prints only a band or `<x`), n, N, which of these "
        "were computed, id of the fact. A pair without a cell was not reported, which is not zero."
    )
    absent: list[Absence]
    cautions: list[str]
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str
    permalink: str = Field(description="This very answer for good: the same query, pinned to its release.")


COLUMNS = ["event", "cohort", "percent", "patients", "patients_at_risk", "computed", "fact"]


def counted_one_way(asked: dict[str, Any]) -> dict[str, Any]:
    """The question with one causality and one kind: a cell never mixes two. Raises `BadParameterError` for more."""
    for name, usual in (("causality", Causality.ALL_CAUSE), ("kind", EventKind.CLINICAL)):
        asked = {name: [usual]} | asked
        if len(asked[name]) > 1:
            raise BadParameterError(name, f"A matrix shows one `{name}`; ask for each apart.", allowed="one value")
    return asked


def page(selection: Selection, release: str, permalink: str) -> MatrixPage:
    """The answer of a matrix. Where a cohort has several facts of an event, the one under its plain term is shown."""
    chosen: dict[tuple[str, str], Counted] = {}
    left_out = set()
    for item in selection.counted:
        if item.fact["serious"]:
            continue
        pair = item.fact["term"]["id"], item.cohort["id"]
        if pair in chosen:
            left_out.add(item.cohort["id"])
        # The id of the plain term is the beginning of the ids of its variants.
        if pair not in chosen or len(item.fact["id"]) < len(chosen[pair].fact["id"]):
            chosen[pair] = item
    terms = {item.fact["term"]["id"]: item.fact["term"] for item in chosen.values()}
    columns = [cohort for cohort in selection.cohorts.values() if any(pair[1] == cohort["id"] for pair in chosen)]
    row_of = {term_id: index for index, term_id in enumerate(terms)}
    column_of = {cohort["id"]: index for index, cohort in enumerate(columns)}
    cells = sorted(_cell(row_of[pair[0]], column_of[pair[1]], item) for pair, item in chosen.items())
    cautions = list(selection.cautions)
    if left_out:
        cautions.append(
            f"Counted under more than one reported term in {listed(sorted(left_out))}; the cell is one of them, and "
            "`/adverse-events/compare` shows them all."
        )
    return MatrixPage(
        events=[MatrixEvent(**term) for term in terms.values()],
        cohorts=[MatrixCohort(**{key: cohort[key] for key in MatrixCohort.model_fields}) for cohort in columns],
        columns=COLUMNS,
        cells=cells,
        absent=selection.absent,
        cautions=cautions,
        query=selection.query,
        release=release,
        permalink=permalink,
    )


def _cell(row: int, column: int, item: Counted) -> Cell:
    rate = item.rate or {"percent": None, "patients": None, "computed": []}
    computed = [key for key in rate["computed"] if key != "ci95"]
    return row, column, rate["percent"], rate["patients"], item.fact["patients_at_risk"], computed, item.fact["id"]
