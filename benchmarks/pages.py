"""The pages as rows of the report: each kind the first time, out of a server that keeps no answer, and one repeated."""

from benchmarks.floors import Work

PAGES = {
    "start": "",
    "list with eight filters": "/therapies",
    "list under filters": "/adverse-events?therapy=pembrolizumab&sort=-any_percent",
    "therapy": "/therapies/ipilimumab",
    "therapy with most facts": "/therapies/pembrolizumab",
    "therapy hardly curated": "/therapies/tagitanlimab",
    "condition": "/conditions/non-small-cell-lung-cancer",
    "target": "/targets/PDCD1",
    "class": "/classes/car-t",
    "trial": "/trials/keynote-006",
    "source": "/sources/label.keytruda.2023-12-15",
    "record": "/adverse-events/pembrolizumab.keynote-006-pembrolizumab.fatigue",
    "search": "/search?q=colitis",
    "comparison": "/adverse-events/compare?trial=CHECKMATE-067&event=diarrhea,rash",
    "heat map": "/adverse-events/matrix?class=car-t",
    "outcomes compared": "/outcomes/compare?trial=keynote-006",
}
"""Each kind of page, by the address of one below `/browse`."""
FIRST, REPEATED = 0.03, 0.2
"""Ratios to the bare application that are to be held."""
ROWS = (
    *(
        Work(f"browse-{name.replace(' ', '-')}", f"{name}, the first time", FIRST, target=f"/browse{path}", kept=False)
        for name, path in PAGES.items()
    ),
    Work("browse-again", "therapy with most facts, repeated", REPEATED, target="/browse/therapies/pembrolizumab"),
)
SECTION = "browse"
