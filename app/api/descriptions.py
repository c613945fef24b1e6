"""What the documentation says of each operation, and of the answers that all share."""

from importlib.metadata import version
from typing import Any

TITLE, VERSION = "ImmunoFacts", version("immunofacts")

CITED_TITLE, AUTHORS = f"{TITLE}: a cited immunotherapy fact base", f"{TITLE} maintainers"
"""As whom and as what the fact base is cited; `CITATION.cff` says the same."""

ABOUT = (
    "Facts on therapies that work through the immune system: mechanism, indications, approvals, warnings, adverse "
    "events and outcomes, each with its source, the revision of that source, and a locator that finds it there."
)

LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
"""Of the facts."""

NOT_ADVICE = "ImmunoFacts is a reference for research and development. It is not medical advice."

DESCRIPTION = f"""
Facts on therapies that work through the immune system: mechanism, indications, warnings and adverse events, each with
its source, the revision of that source, and a locator that finds it there.

**{NOT_ADVICE}**

Five questions, worked:

1. *Which PD-1 inhibitors are approved for melanoma?*
   [`/therapies?class=pd-1-inhibitor&condition=melanoma`](therapies?class=pd-1-inhibitor&condition=melanoma).
   The filters on indications meet in one indication: add `agency=EMA` for those approved by the EMA for melanoma.
2. *How often does pembrolizumab alone cause colitis, and who counted?*
   [`/adverse-events?therapy=pembrolizumab&event=colitis&monotherapy=true`](adverse-events?therapy=pembrolizumab&event=colitis&monotherapy=true):
   each answer has its cohort with N, the rates as printed, and the place in the label.
3. *Which therapies carry a boxed warning of cytokine release syndrome?*
   [`/warnings?event=CRS&level=boxed`](warnings?event=CRS&level=boxed). Abbreviations and brands are understood.
4. *What is approved against autoimmune diseases, by class?*
   [`/therapies?area=autoimmune&facets=class&limit=1`](therapies?area=autoimmune&facets=class&limit=1)
   counts per class.
5. *What do the reviews say limits CAR-T therapy?*
   [`/statements?class=car-t&topic=limitation`](statements?class=car-t&topic=limitation).

Filters are combined with AND; a filter given twice, or with commas, is OR. Names are resolved (`PD-1` is `PDCD1`),
trees are followed downwards, and what cannot be answered is refused with a problem document that names the parameter:
nothing is silently ignored. Follow `next` for more; every answer has a `permalink`, pinned to its release. Whole
results as CSV, JSON Lines, BibTeX, RIS or CSL-JSON are under `/exports`; `format=` answers the same at the list itself.

Figures are as the source prints them. What the API computes stands under `computed`. Missing is `not curated`, which is
not the same as none.
""".strip()

PATH_PARAMS: dict[str, dict[str, Any]] = {
    "id": {
        "description": "Id; a name, brand, synonym or code is redirected to it.",
        "schema": {"type": "string", "maxLength": 300},
    },
    "version": {
        "description": "Version, such as `2026.11.21`; or `latest`, `previous`.",
        "schema": {"type": "string", "maxLength": 40},
    },
}
"""Parameters of paths: `{id}` of a record; `{a}`, `{b}` and the `{id}` of a release."""


def cite_as(version: str, digest: str) -> str:
    """How a release is cited."""
    return f"{CITED_TITLE}. Release {version}, SHA-256 {digest}."


def answered(text: str, media_type: str, kind: str) -> dict[int | str, dict[str, Any]]:
    """An answer without a model of ours, as it is documented."""
    return {200: {"description": text, "content": {media_type: {"schema": {"type": kind}}}}}


UNANSWERABLE: dict[str, Any] = {"description": "A parameter is unknown or cannot be answered."}
NOT_FOUND: dict[str, Any] = {"description": "No record has this id or name."}
TOO_LONG: dict[str, Any] = {"description": "The body is too long."}
OTHERS: dict[str, Any] = {
    "description": "Any other problem: 400, the service is not known by the name in `Host`, or the request cannot be "
    "read; 405, another method is answered here; 406, `Accept` names no format that is answered; 414, the query string "
    "is too long; 429, more requests than one client may send; 500, a fault of the server; 503, the fact base is not "
    "ready, or the answer took too long."
}
COMMON_PROBLEMS: dict[int | str, dict[str, Any]] = {422: UNANSWERABLE, "default": OTHERS}
"""Problems that every operation can answer. `document.py` adds what they look like."""
