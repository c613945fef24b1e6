"""The start: what is in the base, and questions to begin with."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from app.nouns.filters import UNKNOWN
from app.pages.pieces import finished
from app.pages.visit import Visit
from app.pages.words import number, words

MOST_YEARS = 40
APPROVED = "Approvals of uses and products by year, all agencies"

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
    visit.takes()
    therapies = await visit.fetch("/therapies", {"facets": ["class", "area"], "limit": 1})
    approvals = await visit.fetch("/approvals", {"facets": "year", "action": "approved", "limit": 1})
    classes = [value for value in therapies["facets"]["class"] if not value["parents"]]
    return {
        "tiles": finished("".join([_tile(visit, *each) for each in visit.release.counts.items() if each[1]])),
        "classes": [(value["name"], value["count"], visit.href(f"/classes/{value['id']}")) for value in classes],
        "areas": [
            (value["name"], value["count"], visit.href("/therapies", {"area": value["id"]}))
            for value in therapies["facets"]["area"]
        ],
        "years": _columns(_years(approvals["facets"]["year"])),
        "questions": [(text, visit.href(path, params)) for text, path, params in QUESTIONS],
    }


def _years(values: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Counts by year, in order, those without any between them too."""
    counts = {int(value["id"]): value["count"] for value in values if value["id"] != UNKNOWN}
    return [(str(year), counts.get(year, 0)) for year in range(min(counts), max(counts) + 1)] if counts else []


def _tile(visit: Visit, name: str, count: int) -> str:
    """A list, with how much is in it."""
    return f'<li><a href="{escape(visit.href(f"/{name}"))}"><b>{number(count)}</b> {words(name)}</a></li>\n'


def _columns(by_year: Sequence[tuple[str, int]]) -> str:
    """Counts by year as columns: the last years; of earlier ones the sum."""
    if not by_year:
        return ""
    years, earlier = by_year[-MOST_YEARS:], sum(count for _, count in by_year[:-MOST_YEARS])
    (first, _), (last, _), most = years[0], years[-1], max(count for _, count in years)
    columns = [
        f'<rect x="{place * 10 + 1}" y="{60 - 60 * count / most:.1f}" width="8" height="{60 * count / most:.1f}">'
        f"<title>{year}: {count}</title></rect>\n"
        for place, (year, count) in enumerate(years)
        if count
    ]
    before = f", and {earlier} in earlier years" if earlier else ""
    label, width = f"{APPROVED}, from {first} to {last}; most in a year: {most}", len(years) * 10
    return finished(
        f'<figure class="years"><figcaption>{APPROVED}</figcaption>\n'
        f'<svg viewBox="0 0 {width} 61" preserveAspectRatio="none" role="img" aria-label="{label}">\n'
        f'{"".join(columns)}<path d="M0 60.5H{width}"/>\n</svg>\n<p class="axis"><span>{first}</span>'
        f"<span>most in a year: {most}{before}</span><span>{last}</span></p>\n</figure>\n"
    )
