"""The page of a therapy: what is curated of it, and what is not."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from html import escape
from itertools import groupby
from typing import Any, NamedTuple

from app.nouns.declaration import Noun
from app.nouns.filters import UNKNOWN
from app.nouns.registry import fact_nouns
from app.pages import facts
from app.pages.columns import COLUMNS, Column, columns_of
from app.pages.facts import OfAgency, OfLine
from app.pages.links import Links
from app.pages.pieces import finished
from app.pages.visit import Visit
from app.pages.words import heading
from app.vocabulary import Agency, Coverage, IndicationStatus, Line, Vocabulary, WarningLevel

MAX_INDICATIONS = 30
MIN_OF_LINE = 2
MAX_WARNINGS = 16
MAX_EVENTS = 12
MAX_PRODUCTS = 14
MAX_ARMS = 12
MAX_OUTCOMES = 12
MAX_SOURCES = 30
MAX_OTHERS = 12
OWN_PARTS = frozenset({"mechanisms", "indications", "warnings", "adverse-events", "cohorts", "approvals", "outcomes"})
"""Lists of facts that have a part of the page made for them."""
NONE: Mapping[str, Any] = {"items": [], "total": 0, "facets": {"action": []}}
"""What a list answers of which there is nothing."""
NOT_COUNTED = {"adverse_events": 1, "approvals": 1, "outcomes": 0}
"""What older releases do not count: it may be there, or not."""
Fact = Mapping[str, Any]


class Others(NamedTuple):
    """Facts of a kind that has no part of the page made for it."""

    noun: Noun
    columns: Sequence[Column]
    facts: Sequence[Fact]
    """The first of them."""
    all: str
    """The address of their list."""


async def therapy(visit: Visit) -> dict[str, Any]:
    """A therapy with its facts, the most important first; what is left out is one list away."""
    given = visit.takes("sort")
    sort = given.get("sort", "-any_percent")
    key = visit.ids["id"]
    record = await visit.fetch(f"/therapies/{key}")
    of_therapy = {"therapy": key}
    counts = NOT_COUNTED | record["counts"]  # what there is none of is not requested
    of_events = {"sort": sort, "limit": MAX_EVENTS}
    events = await visit.fetch("/adverse-events", of_therapy | of_events) if counts["adverse_events"] or given else NONE
    approvals = (
        await visit.fetch("/approvals", of_therapy | {"facets": "action", "limit": 1}) if counts["approvals"] else NONE
    )
    statements = await visit.fetch("/statements", of_therapy | {"limit": 5})
    outcomes = await _outcomes(visit, of_therapy) if counts["outcomes"] else None
    indications = sorted(record["indications"], key=_by_agency_and_line)
    warnings = sorted(record["warnings"], key=lambda fact: _place(WarningLevel, fact["level"]))
    boxed = [fact for fact in warnings if fact["level"] == WarningLevel.BOXED]
    at = Links(visit)
    cited = [record, *record["products"], *record["mechanisms"], *warnings, *indications]
    cite = facts.Cited(at, cited, MAX_SOURCES)
    arms = [arm for arm in record["cohorts"] if arm.get("adverse_events")][:MAX_ARMS]
    shown = warnings[len(boxed) :][:MAX_WARNINGS]
    return {
        "record": record,
        "missing": partial(_missing, record["coverage"]),
        "boxed": facts.warnings(at, boxed, cite, 300, levels=False),
        "warnings": facts.warnings(at, shown, cite, 120, levels=True),
        "more_warnings": counts["warnings"] > len(shown) + len(boxed),
        "products": facts.products(record["products"][:MAX_PRODUCTS], cite),
        "indications": facts.indications(at, _agencies(visit, of_therapy, indications), cite),
        "standing": Counter(fact["status"] for fact in indications),
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
        "others": list(_others(visit, record, of_therapy)),
        "arms": facts.arms(arms),
        "more_arms": len(record["cohorts"]) > len(arms),
        "sources": cite.listed(),
        "more_sources": counts["sources"] - min(len(cite.sources), MAX_SOURCES),
        "cite": lambda fact: finished(cite(fact)),
        "all": {
            name: visit.href(f"/{name}", of_therapy)
            for name in ("indications", "warnings", "adverse-events", "approvals", "cohorts", "outcomes", "trials")
        },
    }


def _others(visit: Visit, record: Mapping[str, Any], of_therapy: Mapping[str, str]) -> Iterator[Others]:
    """Facts of kinds that have no part of the page made for them."""
    for noun in fact_nouns():
        if noun.section and noun.name not in OWN_PARTS and record.get(noun.section.key):
            columns = [column for column in columns_of(noun) if column.path != "therapy"]
            yield Others(noun, columns, record[noun.section.key][:MAX_OTHERS], visit.href(f"/{noun.name}", of_therapy))


def _agencies(visit: Visit, of_therapy: Mapping[str, str], indications: Sequence[Fact]) -> list[OfAgency]:
    """Indications by agency, then by line; of many, the first of each line."""
    found = []
    lines = {(fact["agency"], fact["line"]) for fact in indications}
    most = max(MIN_OF_LINE, MAX_INDICATIONS // max(1, len(lines)))
    for agency, of_agency in groupby(indications, lambda fact: fact["agency"]):
        those, here = list(of_agency), {**of_therapy, "agency": agency}
        grouped = [
            OfLine(
                heading_of_line(line),
                of_line[:most],
                len(of_line),
                visit.href("/indications", here | {"line": line or UNKNOWN}),
            )
            for line, of_line in ((line, list(each)) for line, each in groupby(those, lambda fact: fact["line"]))
        ]
        found.append(OfAgency(agency, len(those), visit.href("/indications", here), grouped))
    return found


def heading_of_line(line: str | None) -> str:
    """What a line of therapy is called as a heading."""
    if line is None:
        return "Not limited to a line"
    first, _, later = line.partition("_or_")
    return f"{first.capitalize()} line{f' or {later}' if later else ''}"


async def _outcomes(visit: Visit, of_therapy: Mapping[str, str]) -> Any:
    """Outcomes by trial: those of primary endpoints, or any where no source says which are."""
    limit = {"limit": MAX_OUTCOMES}
    primary = await visit.fetch("/outcomes", {**of_therapy, "role": "primary", **limit})
    return primary if primary["total"] else await visit.fetch("/outcomes", {**of_therapy, **limit})


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


def _missing(coverage: Mapping[str, str], kind: str) -> str:
    """What is said of a kind of fact that is not curated, or of which none is reported."""
    said = coverage.get(kind)
    if not said or said == Coverage.CURATED:
        return ""
    unknown = " No source was read for it, so nothing is known here." if said == Coverage.NOT_CURATED else ""
    return finished(f'<p class="note">{escape(heading(kind))}: <b>{escape(said)}</b>.{unknown}</p>')
