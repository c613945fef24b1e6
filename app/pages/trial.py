"""The page of a trial: its arms, outcomes and adverse events."""

from typing import Any

from app.pages.columns import COLUMNS
from app.pages.visit import Visit

MAX_OUTCOMES = 40
MAX_EVENTS = 20


async def trial(visit: Visit) -> dict[str, Any]:
    """A trial with what was counted in it."""
    visit.no_params()
    path = f"/trials/{visit.ids['id']}"
    record = await visit.ask(path)
    outcomes = await visit.ask(f"{path}/outcomes", {"limit": MAX_OUTCOMES})
    events = await visit.ask(f"{path}/adverse-events", {"sort": "-any_percent", "limit": MAX_EVENTS})
    asked = {"trial": record["id"]}
    return {
        "record": record,
        "outcomes": outcomes,
        "outcome_columns": [column for column in COLUMNS["outcomes"] if column.path not in ("therapy", "trial")],
        "all_outcomes": visit.href("/outcomes", asked),
        "events": events,
        "event_columns": [column for column in COLUMNS["adverse-events"] if column.path != "therapy"],
        "all_events": visit.href("/adverse-events", asked),
        "compare": visit.href("/adverse-events/compare", asked),
        "matrix": visit.href("/adverse-events/matrix", asked),
    }
