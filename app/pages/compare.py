"""Comparing: adverse events side by side and as a heat map, outcomes by trial, with all that is not shown and why."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from app.api.compare.subjects import CLASS_WORDS, EVENT_WORDS, SUBJECTS, THERAPY_WORDS, values_of
from app.pages.columns import COLUMNS
from app.pages.compared import absent_arms, absent_therapies, arm_rows, field_rows
from app.pages.links import Links
from app.pages.narrower import asked_or_narrower
from app.pages.visit import Visit, without
from app.vocabulary import Coverage

NONE: tuple[Any, Any] = (None, None)
"""Nothing was requested: neither found, nor too much."""
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
    ("Two therapies in a condition", {"therapy": "nivolumab,pembrolizumab", "condition": "melanoma", "event": "rash"}),
    ("A class", {"class": "car-t", "event": "cytokine-release-syndrome"}),
)


async def comparison(visit: Visit) -> dict[str, Any]:
    """Each event in the arms that report it, with contrasts within trials."""
    params = visit.params()
    usual = {} if _names_events(params) else {"limit": USUAL_EVENTS}
    found, narrower = (
        await asked_or_narrower(visit, "/adverse-events/compare", params, usual) if _asks(params) else NONE
    )
    at, items, left = Links(visit), [], MAX_ROWS
    cohorts = {cohort["id"]: cohort for cohort in found["cohorts"]} if found else {}
    for item in found["items"] if found else ():
        items.append((item, arm_rows(at, item["rows"][: max(left, 0)], cohorts)))
        left -= len(item["rows"])
    return {
        **await _about(visit, params, found, FIELDS, EXAMPLES),
        "narrower": narrower,
        "items": [pair for pair in items if pair[1]],
        "left_out": max(0, -left),
        "cohorts": cohorts,
        "matrix": visit.href("/adverse-events/matrix", without(params, "comparators", "limit")),
    }


async def matrix(visit: Visit) -> dict[str, Any]:
    """Events by arms: what percent of each had what."""
    params = visit.params()
    usual = {} if _names_events(params) else {"limit": MAX_EVENTS}
    found, narrower = await asked_or_narrower(visit, "/adverse-events/matrix", params, usual) if _asks(params) else NONE
    arms = found["cohorts"][:MAX_COLUMNS] if found else []
    return {
        **await _about(visit, params, found, FIELDS, EXAMPLES),
        "narrower": narrower,
        "arms": arms,
        "rows": field_rows(Links(visit), found["events"], found["cells"], len(arms)) if found else "",
        "left_out": max(0, len(found["cohorts"]) - MAX_COLUMNS) if found else 0,
        "compare": visit.href("/adverse-events/compare", without(params, "limit")),
    }


async def outcomes(visit: Visit) -> dict[str, Any]:
    """Each endpoint by trial: arms side by side, and what is stated between them."""
    params = visit.params()
    asks = bool(without(params, "comparators"))
    found, narrower = await asked_or_narrower(visit, "/outcomes/compare", params, {}) if asks else NONE
    items, left = [], MAX_OUTCOMES
    for item in found["items"] if found else ():
        trials = []
        for trial in item["trials"]:
            rows = [*trial["between_arms"], *trial["arms"]]
            trials.append((trial, rows[: max(left, 0)]))
            left -= len(rows)
        items.append((item, [pair for pair in trials if pair[1]]))
    return {
        **await _about(visit, params, found, OUTCOME_FIELDS, OUTCOME_EXAMPLES),
        "narrower": narrower,
        "items": [pair for pair in items if pair[1]],
        "left_out": max(0, -left),
        "columns": [column for column in COLUMNS["outcomes"] if column.path not in ("endpoint", "therapy", "trial")],
    }


def _asks(params: dict[str, str]) -> bool:
    return bool(set(params) & {*SUBJECTS, "trial"})


def _names_events(params: dict[str, str]) -> bool:
    return not params.keys().isdisjoint(EVENT_WORDS)


async def _about(visit: Visit, params: dict[str, str], found: Any, fields: Any, examples: Any) -> dict[str, Any]:
    """What all of these pages show: the form, and what is absent."""
    shown = {name for name, *_ in fields} | {"severity", "comparators", "monotherapy"}
    return {
        "found": found,
        "params": params,
        "fields": fields,
        "others": [(text, visit.href(path)) for text, path in PAGES_OF_COMPARISONS],
        "hidden": {name: value for name, value in params.items() if name not in shown},
        "absent_therapies": absent_therapies(Links(visit), found["absent"], NOTHING_FOUND) if found else "",
        "absent_arms": absent_arms(Links(visit), found.get("absent_by_cohort") or ()) if found else "",
        "waterfall": await _waterfall(visit, found) if found else [],
        "examples": [(text, visit.again(query)) for text, query in examples],
    }


class Step(NamedTuple):
    """A step of a waterfall: from what was asked for, by what is not shown and why, down to what is."""

    name: str
    pairs: int
    begin: int
    """Where its bar begins: what is left after it."""


async def _waterfall(visit: Visit, found: Any) -> list[Step]:
    """From all that was asked for to what is shown.

    Of adverse events, pairs of therapy and event, or of arm and event where arms or a trial were asked for. Of
    outcomes, therapies.
    """
    subjects = await _therapies_asked(visit, found["query"])
    if "cohorts" not in found:  # outcomes
        missing = Counter(NOTHING_FOUND.get(item["coverage"], item["coverage"]) for item in found["absent"])
        return _steps("asked for: therapies", subjects, missing) if subjects else []
    events = len(values_of(found["query"], EVENT_WORDS)) or len({event["id"] for event in _events(found)})
    absent, what = found["absent"], "therapies"
    if not subjects:
        absent, what = found["absent_by_cohort"], "arms"
        subjects = len({cohort["id"] for cohort in found["cohorts"]} | {item["cohort"] for item in absent})
    missing = Counter[str]()
    for item in absent:
        missing[item["status"]] += len(item["events"]) or events
    plural = "s" if events != 1 else ""
    return _steps(f"asked for: {subjects} {what} × {events} event{plural}", subjects * events, missing)


def _events(found: Any) -> Iterable[Any]:
    return found["events"] if "events" in found else (item["event"] for item in found["items"])


def _steps(name: str, count: int, missing: Counter[str]) -> list[Step]:
    found, left = [Step(name, count, 0)], count
    for status, lacking in missing.most_common():
        left -= lacking
        found.append(Step(status, lacking, left))
    return [*found, Step("shown", left, 0)]


async def _therapies_asked(visit: Visit, query: Any) -> int:
    """How many therapies were asked for, by name or by class."""
    names, classes = values_of(query, THERAPY_WORDS), values_of(query, CLASS_WORDS)
    if not classes:
        return len(names)
    of_classes = {"class": classes, "limit": 1}
    total = (await visit.fetch("/therapies", of_classes, shown=False))["total"]
    both = (await visit.fetch("/therapies", of_classes | {"id": names}, shown=False))["total"] if names else 0
    return int(total) + len(names) - int(both)
