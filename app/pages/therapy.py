"""The page of a therapy: what is curated of it, and what is not."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import groupby
from typing import Any, NamedTuple

from app.nouns.declaration import UNKNOWN
from app.pages.columns import COLUMNS
from app.pages.pieces import Pieces
from app.pages.visit import Visit
from app.vocabulary import Agency, IndicationStatus, Line, Vocabulary, WarningLevel

MAX_INDICATIONS = 30
MIN_OF_LINE = 2
MAX_WARNINGS = 16
MAX_EVENTS = 12
MAX_ARMS = 12
MAX_OUTCOMES = 12
MAX_SOURCES = 30
Fact = Mapping[str, Any]


async def therapy(visit: Visit) -> dict[str, Any]:
    """A therapy with its facts, the most important first; what is left out is one list away."""
    sort = visit.params("sort").get("sort", "-any_percent")
    key = visit.ids["id"]
    record = await visit.ask(f"/therapies/{key}")
    asked = {"therapy": key}
    events = await visit.ask("/adverse-events", asked | {"sort": sort, "limit": MAX_EVENTS})
    approvals = await visit.ask("/approvals", asked | {"facets": "action", "limit": 1})
    statements = await visit.ask("/statements", asked | {"limit": 5})
    outcomes = await _outcomes(visit, asked) if record["counts"].get("outcomes") else None
    indications = sorted(record["indications"], key=_by_agency_and_line)
    warnings = sorted(record["warnings"], key=lambda fact: _place(WarningLevel, fact["level"]))
    boxed = [fact for fact in warnings if fact["level"] == WarningLevel.BOXED]
    sources = _sources([record, *record["products"], *record["mechanisms"], *warnings, *indications])
    return {
        "record": record,
        "boxed": boxed,
        "warnings": warnings[len(boxed) :][:MAX_WARNINGS],
        "agencies": _agencies(visit, asked, indications),
        "standing": _counted(fact["status"] for fact in indications),
        "events": events,
        "event_columns": [column for column in COLUMNS["adverse-events"] if column.path not in ("therapy", "evidence")],
        "outcomes": outcomes,
        "outcome_columns": [column for column in COLUMNS["outcomes"] if column.path not in ("therapy", "evidence")],
        "sort": sort,
        "sorted_by": {
            name: visit.again({"sort": name if sort == f"-{name}" else f"-{name}"}) + "#adverse-events"
            for name in ("any_percent", "severe_percent", "patients_at_risk")
        },
        "actions": approvals["facets"]["action"],
        "approvals": approvals["total"],
        "statements": statements["items"],
        "arms": [arm for arm in record["cohorts"] if arm.get("adverse_events")][:MAX_ARMS],
        "sources": dict(list(sources.items())[:MAX_SOURCES]),
        "cite": partial(Pieces(visit).cite, {source: number for number, source in enumerate(sources, 1)}, MAX_SOURCES),
        "all": {
            name: visit.href(f"/{name}", asked)
            for name in ("indications", "warnings", "adverse-events", "approvals", "cohorts", "outcomes", "trials")
        },
    }


class Lines(NamedTuple):
    """The indications by one agency, by line of therapy."""

    agency: str
    total: int
    href: str
    """All of them as a list."""
    lines: list[tuple[str, list[Fact], int, str]]
    """Of each line: its heading, the first indications, how many there are, and all of them as a list."""


def _agencies(visit: Visit, asked: Mapping[str, str], indications: Sequence[Fact]) -> list[Lines]:
    """Indications by agency, then by line; of many, the first of each line."""
    found = []
    lines = {(fact["agency"], fact["line"]) for fact in indications}
    most = max(MIN_OF_LINE, MAX_INDICATIONS // max(1, len(lines)))
    for agency, of_agency in groupby(indications, lambda fact: fact["agency"]):
        facts, here = list(of_agency), {**asked, "agency": agency}
        grouped = [
            (
                heading_of_line(line),
                of_line[:most],
                len(of_line),
                visit.href("/indications", here | {"line": line or UNKNOWN}),
            )
            for line, of_line in ((line, list(each)) for line, each in groupby(facts, lambda fact: fact["line"]))
        ]
        found.append(Lines(agency, len(facts), visit.href("/indications", here), grouped))
    return found


def heading_of_line(line: str | None) -> str:
    """What a line of therapy is called as a heading."""
    if line is None:
        return "Not limited to a line"
    first, _, later = line.partition("_or_")
    return f"{first.capitalize()} line{f' or {later}' if later else ''}"


async def _outcomes(visit: Visit, asked: Mapping[str, str]) -> Any:
    """Outcomes by trial: those of primary endpoints, or any where no source says which are."""
    limit = {"limit": MAX_OUTCOMES}
    primary = await visit.ask("/outcomes", {**asked, "role": "primary", **limit})
    return primary if primary["total"] else await visit.ask("/outcomes", {**asked, **limit})


@cache
def _places(vocabulary: type[Vocabulary]) -> dict[str, int]:
    """The place of each word of a vocabulary."""
    return {str(word): place for place, word in enumerate(vocabulary)}


def _place(vocabulary: type[Vocabulary], value: str | None) -> int:
    """The place of a word in its vocabulary; what is not stated comes last."""
    places = _places(vocabulary)
    return places.get(value or "", len(places))


def _by_agency_and_line(fact: Fact) -> tuple[int, int, int, str]:
    """The order of indications: by agency and line; what holds first."""
    return (
        _place(Agency, fact["agency"]),
        _place(Line, fact["line"]),
        _place(IndicationStatus, fact["status"]),
        fact["condition"]["name"],
    )


def _counted(values: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


def _sources(facts: Sequence[Fact]) -> dict[str, Any]:
    """The sources that facts cite, each once, in the order of their first mention."""
    cited = (fact["evidence"]["source"] for fact in facts if fact.get("evidence"))
    return {source["id"]: source for source in cited}
