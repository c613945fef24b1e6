"""Comparing: adverse events side by side, and as a heat map, with all that is not shown and why."""

from collections import Counter
from typing import Any

from app.api.compare.subjects import SUBJECTS
from app.pages.visit import Visit, without

MAX_ROWS = 70
MAX_COLUMNS = 16
MAX_EVENTS = 12
USUAL_EVENTS = 3
FIELDS = (
    ("therapy", "Therapies", "nivolumab, ipilimumab"),
    ("class", "Classes", "car-t"),
    ("cohort", "Arms", "an id of /cohorts"),
    ("trial", "Trial", "CHECKMATE-067"),
    ("event", "Events", "colitis, rash"),
)
"""What the form of a comparison asks for: parameter, label, and an example."""
EXAMPLES = (
    ("The arms of one trial", {"trial": "CHECKMATE-067", "event": "diarrhea,rash"}),
    ("Two therapies", {"therapy": "nivolumab,pembrolizumab", "event": "colitis"}),
    ("A class", {"class": "car-t", "event": "cytokine-release-syndrome"}),
)


async def comparison(visit: Visit) -> dict[str, Any]:
    """Each event in the arms that report it, with contrasts within trials."""
    params = visit.params()
    found = None
    if _asks(params):
        usual = {} if _names_events(params) else {"limit": USUAL_EVENTS}
        found = await visit.ask("/adverse-events/compare", usual | params)
    items, left = [], MAX_ROWS
    for item in found["items"] if found else ():
        items.append((item, item["rows"][: max(left, 0)]))
        left -= len(item["rows"])
    return {
        **_about(visit, params, found),
        "items": [pair for pair in items if pair[1]],
        "left_out": max(0, -left),
        "cohorts": {cohort["id"]: cohort for cohort in found["cohorts"]} if found else {},
        "matrix": visit.href("/adverse-events/matrix", without(params, "comparators", "limit")),
    }


async def matrix(visit: Visit) -> dict[str, Any]:
    """Events by arms: what percent of each had what."""
    params = visit.params()
    found = None
    if _asks(params):
        usual = {} if _names_events(params) else {"limit": MAX_EVENTS}
        found = await visit.ask("/adverse-events/matrix", usual | params)
    cells = {(row, column): cell for row, column, *cell in found["cells"]} if found else {}
    return {
        **_about(visit, params, found),
        "cells": cells,
        "arms": found["cohorts"][:MAX_COLUMNS] if found else [],
        "left_out": max(0, len(found["cohorts"]) - MAX_COLUMNS) if found else 0,
        "compare": visit.href("/adverse-events/compare", without(params, "limit")),
    }


def _asks(params: dict[str, str]) -> bool:
    return bool(set(params) & {*SUBJECTS, "trial"})


def _names_events(params: dict[str, str]) -> bool:
    return bool(set(params) & {"event", "events"})


def _about(visit: Visit, params: dict[str, str], found: Any) -> dict[str, Any]:
    """What both pages show: the form, and what is absent."""
    shown = {name for name, *_ in FIELDS} | {"severity", "comparators", "monotherapy"}
    return {
        "found": found,
        "params": params,
        "fields": FIELDS,
        "hidden": {name: value for name, value in params.items() if name not in shown},
        "absences": _absences(found) if found else [],
        "examples": [(text, visit.again(asked)) for text, asked in EXAMPLES],
    }


def _absences(found: Any) -> list[tuple[str, int, None]]:
    """For how many pairs of therapy and event nothing is shown, by why; a therapy without any counts once."""
    counted: Counter[str] = Counter()
    for item in found["absent"]:
        counted[item["status"]] += len(item["events"]) or 1
    return [(status, count, None) for status, count in counted.most_common()]
