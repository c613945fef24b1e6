"""Outcomes compared: the endpoints of the comparison, of the matrix, and of benefit and risk."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import Response

from app.api.compare import benefit_risk, outcome_matrix, outcomes
from app.api.comparisons import answer_computed, computed_params, exports_of
from app.api.descriptions import NOT_FOUND
from app.api.endpoint import Call, Endpoint
from app.api.errors import bad_parameter
from app.api.filters import given_filters, resolve_filters
from app.api.formats import PICTURES, Format
from app.api.params import filter_field
from app.api.responses import redirect_to_id
from app.nouns.declaration import Noun, attribute
from app.nouns.outcome import NOUN as OUTCOMES
from app.nouns.registry import noun as noun_of
from app.nouns.trial import NOUN as TRIALS
from app.release.opened import OpenRelease
from app.vocabulary import Measure

COMPARE, MATRIX, BENEFIT_RISK = "/outcomes/compare", "/outcomes/matrix", "/therapies/{id}/benefit-risk"
OFFERED = (Format.JSON, Format.CSV)
"""Formats of these answers; the comparison has pictures too."""
OF_TRIALS = ("condition", "line", "setting", "biomarker", "phase", "randomised")
"""Filters of trials that benefit and risk of a therapy take."""
EXAMPLES = {
    COMPARE: {"trial": "keynote-024", "endpoint": "overall-survival", "measure": "hazard_ratio"},
    MATRIX: {"trial": "keynote-024", "endpoint": "objective-response"},
}
"""A question for each path whose answer is a short example."""


def _params(name: str, offered: tuple[Format, ...], *, comparators: bool) -> type[BaseModel]:
    fields = _filters(OUTCOMES, OUTCOMES.by_name)
    fields["comparators"] = (
        bool,
        Field(default=comparators, description="Add the other arms of the trials of what is found."),
    )
    return computed_params(name, fields, offered)


def _filters(noun: Noun, names: Any) -> dict[str, Any]:
    """Filters of a list as parameters."""
    return {attribute(name): filter_field(noun.by_name[name], optional=name in noun.optional) for name in names}


def _compared(connection: Connection, release: OpenRelease, query: Any, link: str) -> Mapping[str, Any]:
    filters = resolve_filters(release, OUTCOMES, given_filters(OUTCOMES, query))
    found, applied = _found(connection, release, query, filters)
    return outcomes.page(found, applied, release.version, link)


def _matrix(connection: Connection, release: OpenRelease, query: Any, link: str) -> Mapping[str, Any]:
    filters = {"measure": [Measure.PROPORTION]} | resolve_filters(release, OUTCOMES, given_filters(OUTCOMES, query))
    if len(filters["measure"]) > 1:
        detail = "A matrix shows one `measure`; ask for each apart."
        raise bad_parameter("measure", detail, allowed="one value")
    found, applied = _found(connection, release, query, filters)
    return outcome_matrix.page(found, applied, release.version, link)


def _found(
    connection: Connection, release: OpenRelease, query: Any, filters: dict[str, Any]
) -> tuple[outcomes.Found, dict[str, Any]]:
    """The outcomes under some filters, and what was applied."""
    found = outcomes.find(connection, release, filters, other_arms=query.comparators)
    return found, filters | {"comparators": query.comparators}


async def compare_outcomes(call: Call) -> Response:
    """Outcomes by endpoint, then by trial: arms of one trial side by side, and what is stated between them.

    Figures are as the source prints them. Between trials nothing is computed: they are listed, with what they differ in
    (line, condition, biomarker, follow-up, criteria). The other arms of the trials found are added. `absent` tells what
    was not curated from what was not reported.
    """
    return await answer_computed(call, _compared, outcomes.table, (*OFFERED, *PICTURES), "outcomes")


async def matrix_outcomes(call: Call) -> Response:
    """Figures of endpoints by arms, for heat maps; one measure at a time, by default `proportion`."""
    return await answer_computed(call, _matrix, outcome_matrix.table, OFFERED)


async def get_benefit_risk(call: Call) -> Response:
    """For each trial of a therapy its primary outcomes beside the ten most frequent severe events, as reported, with N.

    Nothing is weighed or added up. What a trial lacks is said in its `cautions`.
    """
    therapy_id = call.request.path_params["id"]
    release = await call.release()
    if moved := redirect_to_id(call, release, noun_of("therapies")):
        return moved

    def work(connection: Connection, release: OpenRelease, query: Any, link: str) -> Mapping[str, Any]:
        filters = resolve_filters(release, TRIALS, given_filters(TRIALS, query))
        return benefit_risk.page(connection, release, therapy_id, filters, {"therapy": [therapy_id]} | filters, link)

    return await answer_computed(call, work, benefit_risk.table, OFFERED)


def outcome_routes() -> list[Endpoint]:
    """The routes of comparisons of outcomes."""
    route = partial(Endpoint, tag="outcomes")
    return [
        route(COMPARE, compare_outcomes, answer=lambda: outcomes.OutcomeComparisonPage, summary="Compare outcomes",
              query=partial(_params, "OutcomeCompareParams", (*OFFERED, *PICTURES), comparators=True)),
        route(MATRIX, matrix_outcomes, answer=lambda: outcome_matrix.OutcomeMatrixPage, summary="Outcomes as a matrix",
              query=partial(_params, "OutcomeMatrixParams", OFFERED, comparators=False)),
        Endpoint(BENEFIT_RISK, get_benefit_risk, answer=lambda: benefit_risk.BenefitRiskPage, tag="therapies",
                 query=lambda: computed_params("BenefitRiskParams", _filters(TRIALS, OF_TRIALS), OFFERED),
                 summary="Benefit and risk of one therapy", responses={404: NOT_FOUND}),
    ]  # fmt: skip


def outcome_exports() -> list[Endpoint]:
    """The same as tables, and the comparison as pictures, each at a path of its own."""
    compared, *others = outcome_routes()
    return [*exports_of([compared], (*OFFERED, *PICTURES)), *exports_of(others, OFFERED)]
