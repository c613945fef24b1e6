"""Adverse events compared: the endpoints of the comparison and of the matrix."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import Response

from app.api.compare import comparison, matrix
from app.api.compare.comparison import ComparisonPage
from app.api.compare.matrix import MatrixPage
from app.api.compare.selection import Selection, compare
from app.api.compare.subjects import FILTERS, MAX_EVENTS, SUBJECTS, requested_subjects
from app.api.endpoint import Call, Endpoint, release_headers
from app.api.export_routes import export_of
from app.api.formats import MEDIA_TYPES, PICTURES, Format
from app.api.formats.csv_format import BYTE_ORDER_MARK
from app.api.params import BOM, MAX_VALUES, filter_field, with_release
from app.api.pictures import drawn
from app.nouns.declaration import attribute
from app.release.opened import OpenRelease
from app.release.query import Params

COMPARE, MATRIX = "/adverse-events/compare", "/adverse-events/matrix"
OFFERED = (Format.JSON, Format.CSV, *PICTURES)
"""Formats of a comparison."""
DEFAULT_EVENTS = {COMPARE: 10, MATRIX: 50}
"""Events that are shown where none are requested."""
MAX_DEFAULT_EVENTS = {COMPARE: MAX_EVENTS, MATRIX: 100}
EXAMPLES = {
    COMPARE: {"cohort": "nivolumab.checkmate-067-nivolumab", "event": "rash", "comparators": "false"},
    MATRIX: {"cohorts": "nivolumab.checkmate-067-nivolumab", "limit": "2"},
}
"""A question for each path whose answer is a short example."""

Work = Callable[[Connection, OpenRelease, Any, str], Mapping[str, Any]]
"""What makes an answer out of a release: of a query, and the permalink that the answer names."""


def _params(name: str, path: str, *, comparators: bool, single: Collection[str] = ()) -> type[BaseModel]:
    """The parameters, made from the filters of a comparison; `single` ones take one value."""
    fields: dict[str, Any] = {
        attribute(wanted.name): filter_field(
            wanted,
            1 if wanted.name in single else MAX_VALUES,
            prefilled=wanted.name in SUBJECTS.keys() & EXAMPLES[path].keys(),
        )
        for wanted in FILTERS
    }
    most = MAX_DEFAULT_EVENTS[path]
    fields["severity"] = (
        Literal["any", "severe"],
        Field(
            default="any", description="`any`: all grades. `severe`: the whole of grade 3 and up, as printed or summed."
        ),
    )
    fields["comparators"] = (
        bool,
        Field(default=comparators, description="Add the comparator arms of the trials of the cohorts requested."),
    )
    fields["limit"] = (
        Annotated[int, Field(ge=1, le=most)],
        Field(
            default=DEFAULT_EVENTS[path],
            description=f"Where no events are requested: how many are shown at most, 1 to {most}.",
        ),
    )
    return computed_params(name, fields, OFFERED)


def computed_params(name: str, fields: Mapping[str, Any], offered: Sequence[Format]) -> type[BaseModel]:
    """The parameters of what is computed: its own, format and release."""
    formats = (
        Literal[tuple(format_.value for format_ in offered)] | None,
        Field(default=None, description="Format, before what `Accept` says; `csv` has a row for each figure."),
    )
    return with_release(name, {**fields, "format": formats, "bom": BOM})


def _work(requested: Callable[[Any], Params], page: Callable[[Selection, str, str], BaseModel]) -> Work:
    """What makes a page of what a query asks to compare."""

    def work(connection: Connection, release: OpenRelease, query: Any, link: str) -> Mapping[str, Any]:
        params = requested(query)
        found = compare(connection, release, params, query.severity, query.limit, comparators=query.comparators)
        dumped: dict[str, Any] = page(found, release.version, link).model_dump(mode="json", by_alias=True)
        return dumped

    return work


async def compare_adverse_events(call: Call) -> Response:
    """Adverse events of therapies, classes or cohorts side by side, one item per event, causality and kind.

    Rates are as the source prints them; what is computed from them is named in `computed`. A difference (Newcombe 95 %
    interval) and a risk ratio (log interval) are computed only between arms of one trial that one source counts in the
    same way; comparator arms are added for that. Nothing is ever pooled. Where no `events` are requested, those that
    most cohorts report are shown. `absent` tells what was not curated from what was not reported.
    """
    return await answer_computed(
        call, _work(requested_subjects, comparison.page), comparison.table, OFFERED, "adverse_events"
    )


async def matrix_adverse_events(call: Call) -> Response:
    """Rates of events by cohorts, for heat maps.

    A matrix shows one causality (by default `all_cause`) and one kind (by default `clinical`), never a mixture. Columns
    of different trials are not to be subtracted from each other: `/adverse-events/compare` contrasts arms of one trial.
    """
    work = _work(lambda query: matrix.counted_one_way(requested_subjects(query)), matrix.page)
    return await answer_computed(call, work, matrix.table, OFFERED, "heat_map")


async def answer_computed(
    call: Call, work: Work, tabulate: Callable[[Any, str], str], offered: Sequence[Format], picture: str = ""
) -> Response:
    """Answer what is computed out of a release: `work` makes the page, `tabulate` its table, `picture` draws it."""
    query, format_ = call.query, call.format(offered)
    release = await call.release()
    at = call.address() if format_ in PICTURES else ""
    link = call.permalink(release)

    def run(connection: Connection) -> tuple[str | bytes, dict[str, str]]:
        page = work(connection, release, query, link)
        if format_ in PICTURES:
            return drawn(picture, format_, page, at)
        if format_ is Format.JSON:  # megabytes: never as a text, too
            return orjson.dumps(page), {}
        mark = BYTE_ORDER_MARK if query.bom else ""
        return mark + tabulate(page, release.version), {}

    body, headers = await call.store.compute(run)
    headers |= release_headers(release, {"permalink": link})
    if format_ is Format.CSV:
        name = f"immunofacts-{call.request.scope['path'].rsplit('/', 1)[1]}-{release.version}.csv"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(body, media_type=MEDIA_TYPES[format_], headers=headers)


def compare_routes() -> list[Endpoint]:
    """The routes of comparisons."""
    route = partial(Endpoint, tag="adverse-events")
    return [
        route(COMPARE, compare_adverse_events, answer=lambda: ComparisonPage, summary="Compare adverse events",
              query=partial(_params, "CompareParams", COMPARE, comparators=True)),
        route(MATRIX, matrix_adverse_events, answer=lambda: MatrixPage, summary="Adverse events as a matrix",
              query=partial(_params, "MatrixParams", MATRIX, comparators=False, single=matrix.SINGLE)),
    ]  # fmt: skip


def compare_exports() -> list[Endpoint]:
    """Comparisons as tables and as pictures, each at a path of its own."""
    return exports_of(compare_routes(), OFFERED)


def exports_of(computed: Sequence[Endpoint], offered: Sequence[Format]) -> list[Endpoint]:
    """What is computed in its other formats, each at a path of its own."""
    return [export_of(endpoint, offered, endpoint.summary.casefold(), of_pages=()) for endpoint in computed]
