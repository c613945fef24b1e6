"""The page of a trial: its arms, outcomes and adverse events."""

from typing import Any

from app.pages.columns import COLUMNS
from app.pages.visit import Visit

MAX_BETWEEN = 15
MAX_OUTCOMES = 25
MAX_INDICATIONS = 12
MAX_EVENTS = 20


async def trial(visit: Visit) -> dict[str, Any]:
    """A trial with what was counted in it."""
    visit.takes()
    path = f"/trials/{visit.ids['id']}"
    record = await visit.fetch(path)
    of_trial = {"trial": record["id"]}
    between = await visit.fetch("/outcomes", {**of_trial, "comparison": "between_arms", "limit": MAX_BETWEEN})
    outcomes = await visit.fetch("/outcomes", {**of_trial, "comparison": "arm", "limit": MAX_OUTCOMES})
    events = await visit.fetch(f"{path}/adverse-events", {"sort": "-any_percent", "limit": MAX_EVENTS})
    indications = await visit.fetch("/indications", {"pivotal_trial": record["id"], "limit": MAX_INDICATIONS})
    return {
        "record": record,
        "between": between,
        "outcomes": outcomes,
        "indications": indications["items"],
        "outcome_columns": [column for column in COLUMNS["outcomes"] if column.path not in ("therapy", "trial")],
        "all_between": visit.href("/outcomes", {**of_trial, "comparison": "between_arms"}),
        "all_outcomes": visit.href("/outcomes", {**of_trial, "comparison": "arm"}),
        "events": events,
        "event_columns": [column for column in COLUMNS["adverse-events"] if column.path != "therapy"],
        "all_events": visit.href("/adverse-events", of_trial),
        "compare": visit.href("/adverse-events/compare", of_trial),
        "matrix": visit.href("/adverse-events/matrix", of_trial),
    }
