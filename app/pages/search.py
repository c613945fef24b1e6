"""Searching: the page of what was found, and suggestions while somebody types."""

from collections.abc import Mapping
from html import escape
from typing import Any

from app.api.search import SEARCHED
from app.nouns.registry import named_nouns
from app.pages.links import Links
from app.pages.pieces import finished
from app.pages.visit import Visit, without
from app.pages.words import cut, words

MAX_SUGGESTIONS = 8
MOST_LETTERS = 160


async def search(visit: Visit) -> dict[str, Any]:
    """Whatever holds the words, best first, with how many of each type."""
    params = visit.takes("q", "type", "limit")
    found = await visit.fetch("/search", params) if "q" in params else None
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
        "hits": finished("".join([_hit(Links(visit), hit) for hit in found["items"]])) if found else "",
    }


def _hit(at: Links, hit: Mapping[str, str]) -> str:
    """What was found, with the words around it; finished HTML. Where these are of its name, the id says more."""
    of, name, kind = SEARCHED[hit["type"]].name, hit["name"], escape(words(hit["type"]))
    around = hit["fragment"]
    if finished(around).striptags().strip("…") in name:
        around = f"<small>{escape(hit['id'])}</small>"
    return f"<li>{at.to(of, hit['id'], cut(name, MOST_LETTERS))} <small>{kind}</small><br>{around}</li>\n"


async def suggest(visit: Visit) -> dict[str, Any]:
    """Records whose names begin with what was typed."""
    params = visit.takes("q")
    found = await visit.fetch("/suggest", {"q": params["q"], "limit": MAX_SUGGESTIONS}) if params else {"items": []}
    return {"items": found["items"], "lists": {kind: noun.name for kind, noun in named_nouns().items()}}
