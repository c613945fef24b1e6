"""The start: what is in the base, and questions to begin with."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.nouns.declaration import UNKNOWN
from app.pages.visit import Visit

QUESTIONS = (
    ("Which PD-1 inhibitors are approved for melanoma?", "/therapies",
     {"class": "pd-1-inhibitor", "condition": "melanoma"}),
    ("How often does pembrolizumab alone cause colitis, and who counted?", "/adverse-events",
     {"therapy": "pembrolizumab", "event": "colitis", "monotherapy": True}),
    ("Whose label warns in a box of cytokine release syndrome?", "/warnings",
     {"event": "cytokine-release-syndrome", "level": "boxed"}),
    ("How do the arms of CheckMate 067 compare in diarrhoea and rash?", "/adverse-events/compare",
     {"trial": "CHECKMATE-067", "event": "diarrhea,rash"}),
    ("What do the reviews say limits CAR-T therapy?", "/statements", {"class": "car-t", "topic": "limitation"}),
)  # fmt: skip
"""Five questions, each with the page that answers it."""


async def start(visit: Visit) -> dict[str, Any]:
    """How much of what there is, and from when."""
    visit.no_params()
    therapies = await visit.ask("/therapies", {"facets": ["class", "area"], "limit": 1})
    approvals = await visit.ask("/approvals", {"facets": "year", "action": "approved", "limit": 1})
    classes = [value for value in therapies["facets"]["class"] if not value["parents"]]
    return {
        "counts": [(name, count) for name, count in visit.release.counts.items() if count],
        "classes": [(value["name"], value["count"], visit.href(f"/classes/{value['id']}")) for value in classes],
        "areas": [
            (value["name"], value["count"], visit.href("/therapies", {"area": value["id"]}))
            for value in therapies["facets"]["area"]
        ],
        "years": _years(approvals["facets"]["year"]),
        "questions": [(text, visit.href(path, params)) for text, path, params in QUESTIONS],
    }


def _years(values: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Counts by year, in order, those without any between them too."""
    counts = {int(value["id"]): value["count"] for value in values if value["id"] != UNKNOWN}
    return [(str(year), counts.get(year, 0)) for year in range(min(counts), max(counts) + 1)] if counts else []
