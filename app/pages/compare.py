"""Comparing: adverse events side by side and as a heat map, outcomes by trial, with all that is not shown and why."""

from collections import Counter
from typing import Any

from app.api.compare.subjects import SUBJECTS
from app.pages.columns import COLUMNS
from app.pages.visit import Visit, without
from app.vocabulary import Coverage

MAX_ROWS = 70
MAX_OUTCOMES = 60
MAX_COLUMNS = 16
MAX_EVENTS = 12
USUAL_EVENTS = 3
PAGES_OF_COMPARISONS = (
    ("Adverse events side by side", "/adverse-events/compare"),
    ("Adverse events as a heat map", "/adverse-events/matrix"),
    ("Outcomes by trial", "/outcomes/compare"),
)
FIELDS = (
    ("therapy", "Therapies", "nivolumab, ipilimumab"),
    ("class", "Classes", "car-t"),
    ("cohort", "Arms", "an id of /cohorts"),
    ("trial", "Trial", "CHECKMATE-067"),
    ("event", "Events", "colitis, rash"),
)
"""What the form of a comparison asks for: parameter, label, and an example."""
NOTHING_FOUND = {str(Coverage.CURATED): "curated, but nothing under these filters"}
"""What coverage says where nothing is shown."""
OUTCOME_FIELDS = (
    ("therapy", "Therapies", "nivolumab, pembrolizumab"),
    ("class", "Classes", "pd-1-inhibitor"),
    ("trial", "Trials", "keynote-006"),
    ("condition", "Condition", "melanoma"),
    ("endpoint", "Endpoints", "overall survival"),
)
OUTCOME_EXAMPLES = (
    ("A trial", {"trial": "keynote-006"}),
    ("Survival with PD-1 inhibitors in melanoma",
     {"class": "pd-1-inhibitor", "condition": "melanoma", "endpoint": "overall-survival"}),
)  # fmt: skip
EXAMPLES = (
    ("The arms of one trial", {"trial": "CHECKMATE-067", "event": "diarrhea,rash"}),
    (
        "Two therapies in a condition",
        {"therapy": "nivolumab,pembrolizumab", "condition": "melanoma", "event": "rash"},
    ),
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
        **_about(visit, params, found, FIELDS, EXAMPLES),
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
        **_about(visit, params, found, FIELDS, EXAMPLES),
        "cells": cells,
        "arms": found["cohorts"][:MAX_COLUMNS] if found else [],
        "left_out": max(0, len(found["cohorts"]) - MAX_COLUMNS) if found else 0,
        "compare": visit.href("/adverse-events/compare", without(params, "limit")),
    }


async def outcomes(visit: Visit) -> dict[str, Any]:
    """Each endpoint by trial: arms side by side, and what is stated between them."""
    params = visit.params()
    found = await visit.ask("/outcomes/compare", params) if without(params, "comparators") else None
    items, left = [], MAX_OUTCOMES
    for item in found["items"] if found else ():
        trials = []
        for trial in item["trials"]:
            rows = [*trial["between_arms"], *trial["arms"]]
            trials.append((trial, rows[: max(left, 0)]))
            left -= len(rows)
        items.append((item, [pair for pair in trials if pair[1]]))
    return {
        **_about(visit, params, found, OUTCOME_FIELDS, OUTCOME_EXAMPLES),
        "items": [pair for pair in items if pair[1]],
        "left_out": max(0, -left),
        "columns": [column for column in COLUMNS["outcomes"] if column.path not in ("endpoint", "therapy", "trial")],
    }


def _asks(params: dict[str, str]) -> bool:
    return bool(set(params) & {*SUBJECTS, "trial"})


def _names_events(params: dict[str, str]) -> bool:
    return bool(set(params) & {"event", "events"})


def _about(visit: Visit, params: dict[str, str], found: Any, fields: Any, examples: Any) -> dict[str, Any]:
    """What all of these pages show: the form, and what is absent."""
    shown = {name for name, *_ in fields} | {"severity", "comparators", "monotherapy"}
    return {
        "found": found,
        "params": params,
        "fields": fields,
        "others": [(text, visit.href(path)) for text, path in PAGES_OF_COMPARISONS],
        "hidden": {name: value for name, value in params.items() if name not in shown},
        "absences": _absences(found) if found else [],
        "examples": [(text, visit.again(asked)) for text, asked in examples],
    }


def _absences(found: Any) -> list[tuple[str, int, None]]:
    """For how many pairs of therapy and event nothing is shown, by why; a therapy without any counts once."""
    counted: Counter[str] = Counter()
    for item in found["absent"]:
        counted[item.get("status") or NOTHING_FOUND.get(item["coverage"], item["coverage"])] += (
            len(item.get("events", ())) or 1
        )
    return [(status, count, None) for status, count in counted.most_common()]
