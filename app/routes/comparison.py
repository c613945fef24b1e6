"""Adverse events compared: side by side, and as a matrix."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, create_model

from app.gate import Asked
from app.pages import permalink
from app.parameters import MAX_VALUES, Pinned, filter_field, pins
from app.queries import comparison, matrix
from app.queries.comparison import ASKED, ComparisonPage, compare
from app.queries.listing import BadParameterError
from app.queries.matrix import MatrixPage
from app.reader import Reader
from app.routes.reading import ReadRoute, reading

EXAMPLES: dict[str, dict[str, Any]] = {
    "/adverse-events/compare": {"cohorts": ["nivolumab.checkmate-067-nivolumab"], "events": ["colitis", "rash"]},
    "/adverse-events/matrix": {"therapies": ["ipilimumab"], "condition": ["melanoma"], "limit": 3},
}
"""A question for each path whose answer is a short example."""


def _model(name: str, usual: int, most: int, *, comparators: bool, single: Collection[str] = ()) -> type[BaseModel]:
    """The parameters, made from the filters of a comparison; `single` ones take one value."""
    fields: dict[str, Any] = {}
    for wanted in ASKED.filters:
        values = 1 if wanted.name in single else MAX_VALUES
        fields[f"{wanted.name}_" if wanted.name == "class" else wanted.name] = filter_field(wanted, values)
    fields["severity"] = (
        Literal["any", "severe"],
        Field(
            default="any", description="`any`: all grades. `severe`: the widest group from grade 3 up that is stated."
        ),
    )
    fields["comparators"] = (
        bool,
        Field(
            default=comparators, description="Bring along the comparator arms of the trials of the cohorts asked for."
        ),
    )
    fields["limit"] = (
        Annotated[int, Field(ge=1, le=most)],
        Field(default=usual, description=f"Where no events are asked for: how many are shown at most, 1 to {most}."),
    )
    fields |= pins()
    return create_model(name, __config__=Pinned.model_config, **fields)


def _asked(query: Any) -> dict[str, Any]:
    """What was asked for, by parameter; refused where it is too much."""
    values = {
        wanted.name: getattr(query, f"{wanted.name}_" if wanted.name == "class" else wanted.name)
        for wanted in ASKED.filters
    }
    asked = {name: value for name, value in values.items() if value is not None}
    if len(asked.get("events", ())) > comparison.MAX_EVENTS:
        message = f"`events` holds {len(asked['events'])} values."
        raise BadParameterError("events", message, allowed=f"at most {comparison.MAX_EVENTS} values")
    if "events" in asked and "limit" in query.model_fields_set:
        raise BadParameterError(
            "limit", "`limit` is for questions without `events`; here every event asked for is shown."
        )
    return asked


def _compared(reader: Reader, query: Any, path: str, asked: Sequence[Asked]) -> ComparisonPage:
    found = compare(reader, _asked(query), query.severity, query.limit, comparators=query.comparators)
    return comparison.page(found, reader.version, permalink(path, asked, reader.version))


def _matrix(reader: Reader, query: Any, path: str, asked: Sequence[Asked]) -> MatrixPage:
    wanted = matrix.counted_one_way(_asked(query))
    found = compare(reader, wanted, query.severity, query.limit, comparators=query.comparators)
    return matrix.page(found, reader.version, permalink(path, asked, reader.version))


def examples(reader: Reader) -> dict[str, Any]:
    """A real answer for each path; none where the release does not know what is asked for."""
    found = {}
    for (path, asked), route, answer in zip(EXAMPLES.items(), ROUTES, (_compared, _matrix), strict=True):
        try:
            texts = {key: ",".join(value) if isinstance(value, list) else str(value) for key, value in asked.items()}
            written = [Asked(key, value, f"{key}={quote(value, safe=',')}") for key, value in texts.items()]
            page = answer(reader, route.query_model.model_validate(asked), path, written)
        except BadParameterError:
            continue
        found[path] = page.model_dump(mode="json", by_alias=True)
    return found


def _answer(page: ComparisonPage | MatrixPage) -> Response:
    headers = {"X-Release": page.release, "Link": f'<{page.permalink}>; rel="permalink"'}
    return Response(page.model_dump_json(by_alias=True), media_type="application/json", headers=headers)


def compare_adverse_events(request: Request, query: Any) -> Response:
    """Adverse events of therapies, classes or cohorts side by side, one item per event, causality and kind.

    Rates are as the source prints them; what is computed from them is named in `computed`. A difference (Newcombe 95 %
    interval) and a risk ratio (log interval) are computed only between arms of one trial that one source counts in the
    same way. Comparator arms are brought along for that. Nothing is ever pooled. Where no `events` are asked for, those
    that most cohorts report are shown. `absent` tells what was not curated from what was not reported.
    """
    with reading(request, query) as reader:
        return _answer(_compared(reader, query, request.scope["path"], request.state.asked))


def matrix_of_adverse_events(request: Request, query: Any) -> Response:
    """Rates of events by cohorts, for heat maps.

    A matrix shows one causality (by default `all_cause`) and one kind (by default `clinical`), never a mixture. Columns
    of different trials are not to be subtracted from each other: `/adverse-events/compare` contrasts arms of one trial.
    """
    with reading(request, query) as reader:
        return _answer(_matrix(reader, query, request.scope["path"], request.state.asked))


ROUTES = [
    ReadRoute(
        "/adverse-events/compare",
        compare_adverse_events,
        partial(_model, "CompareQuery", comparison.DEFAULT_EVENTS, comparison.MAX_EVENTS, comparators=True),
        lambda: ComparisonPage,
        operation_id="compare_adverse_events",
        summary="Compare adverse events",
        tags=["adverse-events"],
    ),
    ReadRoute(
        "/adverse-events/matrix",
        matrix_of_adverse_events,
        partial(
            _model,
            "MatrixQuery",
            matrix.DEFAULT_EVENTS,
            matrix.MAX_EVENTS,
            comparators=False,
            single={"causality", "kind"},
        ),
        lambda: MatrixPage,
        operation_id="matrix_adverse_events",
        summary="Adverse events as a matrix",
        tags=["adverse-events"],
    ),
]
