"""The page of a therapy: what is curated of it, and what is not."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from app.pages.columns import COLUMNS
from app.pages.visit import Visit
from app.vocabulary import Agency, IndicationStatus, Line, WarningLevel

MAX_INDICATIONS = 30
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
    by_agency = [(agency, list(facts)) for agency, facts in groupby(indications, lambda fact: fact["agency"])]
    most = MAX_INDICATIONS // max(1, len(by_agency))
    sources = _sources([record, *record["products"], *record["mechanisms"], *warnings, *indications, *events["items"]])
    return {
        "record": record,
        "boxed": boxed,
        "warnings": warnings[len(boxed) :][:MAX_WARNINGS],
        "agencies": [
            (agency, facts[:most], len(facts[most:]), visit.href("/indications", asked | {"agency": agency}))
            for agency, facts in by_agency
        ],
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
        "arms": record["cohorts"][:MAX_ARMS],
        "sources": dict(list(sources.items())[:MAX_SOURCES]),
        "number_of": {source: number for number, source in enumerate(sources, 1)},
        "all": {
            name: visit.href(f"/{name}", asked)
            for name in ("indications", "warnings", "adverse-events", "approvals", "cohorts", "outcomes", "trials")
        },
    }


async def _outcomes(visit: Visit, asked: Mapping[str, str]) -> Any:
    """Outcomes by trial: those of primary endpoints, or any where no source says which are."""
    limit = {"limit": MAX_OUTCOMES}
    primary = await visit.ask("/outcomes", {**asked, "role": "primary", **limit})
    return primary if primary["total"] else await visit.ask("/outcomes", {**asked, **limit})


def _place(vocabulary: Iterable[str], value: str | None) -> int:
    """The place of a word in its vocabulary; what is not stated comes last."""
    words = [str(word) for word in vocabulary]
    return words.index(value) if value in words else len(words)


def _by_agency_and_line(fact: Fact) -> tuple[int, int, int, str]:
    """The order of indications: what holds first, then by line."""
    return (
        _place(Agency, fact["agency"]),
        _place(IndicationStatus, fact["status"]),
        _place(Line, fact["line"]),
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
