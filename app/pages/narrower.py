"""Where a comparison would be of too much: what it could be narrowed to, each a click away."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.api.compare.selection import COUNTED, MAX_COHORTS
from app.api.compare.subjects import SUBJECTS
from app.api.errors import TooMuch
from app.nouns.filters import UNKNOWN
from app.pages.facts import arms
from app.pages.visit import Visit, without

MAX_ARMS = 24
MAX_VALUES = 12
OF_COHORTS = ("therapy", "class", "trial", "condition", "monotherapy")
HEADINGS = {
    "class": "A narrower class",
    "condition": "One condition",
    "therapy": "One therapy",
    "endpoint": "One endpoint",
    "line": "One line of therapy",
}


class Narrower(NamedTuple):
    """What a comparison could be narrowed to."""

    total: int
    what: str
    allowed: str
    ways: list[tuple[str, list[tuple[str, int, str]]]]
    """Of each filter: a heading, and values with how much they find and the comparison under each."""
    arms: str
    """Arms to choose from, the largest first."""
    kept: Mapping[str, str]
    """Parameters that stay when arms are chosen."""


async def asked_or_narrower(visit: Visit, path: str, params: Mapping[str, str], usual: Mapping[str, Any]) -> Any:
    """What a comparison finds, and None; or None, and what it could be narrowed to."""
    try:
        return await visit.fetch(path, {**usual, **params}), None
    except TooMuch as problem:
        allowed = str(problem.params[0].allowed)
        if path.startswith("/outcomes"):
            return None, await _outcomes(visit, params, allowed)
        return None, await _arms(visit, params, allowed)


async def _arms(visit: Visit, params: Mapping[str, str], allowed: str) -> Narrower:
    narrowed = {SUBJECTS.get(name, name): value for name, value in params.items()}
    narrowed = {name: value for name, value in narrowed.items() if name in OF_COHORTS}
    if "class" in narrowed:
        narrowed.pop("therapy", None)  # subjects are added to each other; a class is what is too large
    facets = ("class", "condition", "therapy")
    page = await visit.fetch(
        "/cohorts", {**narrowed, **COUNTED, "sort": "-patients", "limit": MAX_ARMS, "facets": facets}
    )
    ways = [
        (HEADINGS[name], _values(visit, page, without(params, *(SUBJECTS if name != "condition" else ())), name))
        for name in facets
    ]
    return Narrower(page["total"], "arms", allowed, ways, arms(page["items"]), without(params, *SUBJECTS))


async def _outcomes(visit: Visit, params: Mapping[str, str], allowed: str) -> Narrower:
    facets = ("endpoint", "condition", "line", "class")
    page = await visit.fetch("/outcomes", {**without(params, "comparators"), "limit": 1, "facets": facets})
    ways = [(HEADINGS[name], _values(visit, page, params, name)) for name in facets]
    return Narrower(page["total"], "outcomes", allowed, ways, "", {})


def _values(visit: Visit, page: Any, kept: Mapping[str, str], name: str) -> list[tuple[str, int, str]]:
    """Values of a filter that find less, each with the comparison under it; of a tree, those below what was chosen."""
    most = min(page["total"] - 1, MAX_COHORTS if "adverse_events_from" in page["query"] else page["total"])
    below = _below(page["facets"][name], page["query"].get(name, ()))
    return [
        (value["name"], value["count"], visit.again({**kept, name: value["id"]}))
        for value in page["facets"][name]
        if value["id"] != UNKNOWN and value["count"] <= most and (not below or value["id"] in below)
    ][:MAX_VALUES]


def _below(values: Sequence[Any], chosen: Sequence[str]) -> set[str]:
    """The values of a tree that are below some."""
    found: set[str] = set()
    above = set(chosen)
    while above:
        above = {value["id"] for value in values if above.intersection(value.get("parents", ()))} - found
        found |= above
    return found
