"""Searching: the page of what was found, and suggestions while somebody types."""

from typing import Any

from app.api.search import SEARCHED
from app.nouns.registry import named_nouns
from app.pages.visit import Visit, without

MAX_SUGGESTIONS = 8


async def search(visit: Visit) -> dict[str, Any]:
    """Whatever holds the words, best first, with how many of each type."""
    params = visit.params("q", "type", "limit")
    found = await visit.ask("/search", params) if "q" in params else None
    types = [
        (SEARCHED[kind].name, count, visit.again({**params, "type": kind}))
        for kind, count in (found["totals"].items() if found else ())
        if count
    ]
    return {
        "q": params.get("q", ""),
        "found": found,
        "types": types,
        "all": visit.again(without(params, "type")) if "type" in params else None,
        "lists": {kind: noun.name for kind, noun in SEARCHED.items()},
    }


async def suggest(visit: Visit) -> dict[str, Any]:
    """Records whose names begin with what was typed."""
    params = visit.params("q")
    found = await visit.ask("/suggest", {"q": params["q"], "limit": MAX_SUGGESTIONS}) if params else {"items": []}
    return {"items": found["items"], "lists": {kind: noun.name for kind, noun in named_nouns().items()}}
