"""The matrix of outcomes: endpoints by arms, one measure at a time."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from app.api.compare.cautions import join_words
from app.api.compare.matrix import rows_of_cells
from app.api.compare.outcomes import Found, Record
from app.api.formats.csv_format import table_of
from app.api.page import Absence
from app.nouns.base import Schema
from app.nouns.cohort import CohortRef
from app.nouns.endpoint import EndpointRef

COLUMNS = ["endpoint", "cohort", "figure", "patients", "denominator", "computed", "outcome"]
Cell = tuple[int, int, int | float | None, int | None, int | None, list[str], str]


class OutcomeMatrixPage(Schema):
    """Endpoints by arms: `columns` and `cells` as for adverse events."""

    endpoints: list[EndpointRef] = Field(description="Those that most arms have first.")
    cohorts: list[CohortRef] = Field(description="Arms with at least one cell.")
    columns: list[str] = Field(description="What the values of a cell are.")
    cells: list[Cell] = Field(
        description="One for each pair of endpoint and arm with a figure: index in `endpoints`, index in `cohorts`, "
        "figure (percent or value; null where the source prints a word), n, N, which of these were computed, id of the "
        "outcome. A pair without a cell was not reported."
    )
    absent: list[Absence] = Field(description="Therapies requested of which nothing is shown, and what is known.")
    cautions: list[str] = Field(description="What holds for the whole matrix, in plain sentences.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very answer for good: the same query, pinned to its release.")


def page(found: Found, query: Mapping[str, Any], version: str, permalink: str) -> Record:
    """The answer of a matrix. Of several outcomes of a pair, that with the plainest id is shown: all patients."""
    chosen: dict[tuple[str, str], Record] = {}
    several: set[str] = set()
    for record in found.records:
        pair = record["endpoint"]["id"], record["cohort"]["id"]
        if pair in chosen:
            several.add(record["cohort"]["id"])
        if pair not in chosen or _plainness(record) < _plainness(chosen[pair]):
            chosen[pair] = record
    endpoints: dict[str, Record] = {}
    cohorts: dict[str, Record] = {}
    for (endpoint, cohort), record in chosen.items():
        endpoints[endpoint], cohorts[cohort] = record["endpoint"], record["cohort"]
    counts = Counter(endpoint for endpoint, _ in chosen)
    order = sorted(endpoints, key=lambda endpoint: (-counts[endpoint], endpoint))
    row_of = {endpoint: index for index, endpoint in enumerate(order)}
    column_of = {cohort: index for index, cohort in enumerate(cohorts)}
    cells = sorted(
        [row_of[endpoint], column_of[cohort], *_figures(record)] for (endpoint, cohort), record in chosen.items()
    )
    cautions = [
        "Columns of different trials are not to be subtracted from each other: `/outcomes/compare` says in what they "
        "differ."
    ]
    if several:
        cautions.append(
            f"Several figures for one endpoint, such as of subgroups and times, in {join_words(sorted(several))}; "
            "the cell is one of them, and `/outcomes/compare` shows them all."
        )
    return {
        "endpoints": [endpoints[endpoint] for endpoint in order],
        "cohorts": list(cohorts.values()),
        "columns": COLUMNS,
        "cells": cells,
        "absent": found.absent,
        "cautions": cautions,
        "query": query,
        "release": version,
        "permalink": permalink,
    }


def _plainness(record: Record) -> tuple[bool, int, str]:
    return bool(record["population"]), len(record["id"]), record["id"]


def _figures(record: Record) -> list[Any]:
    share = record["share"]
    if share:
        computed = [key for key in share["computed"] if key != "ci95"]
        figures = [share["percent"], share["patients"], record["denominator"]]
        return [*figures, ["figure" if key == "percent" else key for key in computed], record["id"]]
    figure = record["percent"] if record["value"] is None else record["value"]
    return [figure, record["patients"], record["denominator"], [], record["id"]]


class OutcomeMatrixRow(Schema):
    """A row of the table of a matrix: a cell with its endpoint and arm."""

    endpoint: EndpointRef = Field(description="Endpoint.")
    cohort: CohortRef = Field(description="Arm.")
    figure: float | None = Field(description="Percent, or value.")
    patients: int | None = Field(description="n.")
    denominator: int | None = Field(description="N.")
    computed: list[str] = Field(description="Which of these were computed.")
    outcome: str = Field(description="Id of the outcome.")


def table(page: Record, release: str) -> str:
    """The cells of a matrix as CSV, one a row."""
    rows = rows_of_cells(page, {"endpoint": page["endpoints"], "cohort": page["cohorts"]})
    return table_of(OutcomeMatrixRow, rows, release)
