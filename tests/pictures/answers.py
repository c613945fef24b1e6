"""Answers to draw, of any size and with any names; and pictures read as XML."""

from typing import Any
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(\"1\")</script> & 'quotes' ]]> \x00\x1b " + "very long " * 40


def read(text: str) -> ElementTree.Element:
    """A picture as XML."""
    return ElementTree.fromstring(text)  # noqa: S314  # our own


def words(root: ElementTree.Element) -> list[str]:
    """Every text of a picture."""
    return [(part.text or "") + "".join(child.tail or "" for child in part) for part in root.iter(f"{SVG}text")]


def rows(root: ElementTree.Element, role: str = "listitem") -> list[ElementTree.Element]:
    """The rows of a picture."""
    return [part for part in root.iter() if part.get("role") == role]


def evidence(name: str = "A label") -> dict[str, Any]:
    """Where something was read."""
    source = {"id": "label.a.2020-01-02", "title": name, "url": "https://example.org"}
    return {"source": source, "locator": "6.1, Table 4", "level": "regulatory_label", "curated_on": "2026-01-02"}


def _around(path: str, release: str = "2026.01.02") -> dict[str, Any]:
    return {
        "query": {"therapy": ["a"], "severity": "any"},
        "release": release,
        "permalink": f"{path}?therapy=a&release={release}",
        "cautions": ["Mind this."],
    }


def compared(arms: int, events: int = 1, name: str = "Arm", *, contrasts: bool = True) -> dict[str, Any]:
    """An answer of `/adverse-events/compare`: arm number n of each event has n percent, from n-1 to n+2."""
    cohorts = [{"id": f"a.{n}", "label": f"{name} {n}", "comparator": n == 0} for n in range(arms)]
    items = [
        {
            "event": {"id": f"event-{e}", "name": f"{name} event {e}"},
            "kind": "clinical",
            "causality": "all_cause",
            "serious": False,
            "subset": None,
            "rows": [rate(f"a.{n}", n % 90 + 1, name) for n in range(arms)],
            "contrasts": [contrast("a.1", "a.0")] if contrasts and arms > 1 else [],
        }
        for e in range(events)
    ]
    return {"items": items if arms else [], "cohorts": cohorts, **_around("/adverse-events/compare")}


def rate(cohort: str, percent: float | None, name: str = "A label", **more: Any) -> dict[str, Any]:
    """A row of a comparison."""
    given = {
        "cohort": cohort,
        "patients": None if percent is None else round(percent * 2),
        "percent": percent,
        "percent_below": None,
        "ci95": None if percent is None else [percent - 1, percent + 2],
        "computed": ["ci95"],
        "patients_at_risk": 200,
        "reported_term": name,
        "frequency_band": None,
        "evidence": evidence(name),
        "agreeing": [],
    }
    return given | more


def contrast(arm: str, reference: str) -> dict[str, Any]:
    """A difference of -5 percentage points, from -10 to 20."""
    return {
        "trial": "Arm",
        "arm": {"cohort": arm},
        "reference": {"cohort": reference},
        "risk_difference": {"points": -5.0, "ci95": [-10.0, 20.0]},
        "risk_ratio": {"value": 0.8, "ci95": [0.5, 1.6]},
        "note": None,
    }


def matrix(events: int, cohorts: int, name: str = "Arm") -> dict[str, Any]:
    """An answer of `/adverse-events/matrix`: the percent of a cell is its row and its column, added up."""
    return {
        "events": [{"id": f"event-{e}", "name": f"{name} event {e}"} for e in range(events)],
        "cohorts": [
            {"id": f"a.{n}", "label": f"{name} {n}", "patients": 100 + n, "evidence": evidence(name)}
            for n in range(cohorts)
        ],
        "cells": [
            [e, n, (e + n) % 101, None, 100, [], f"a.{n}.event-{e}"] for e in range(events) for n in range(cohorts)
        ],
        **_around("/adverse-events/matrix"),
    }


def approvals(classes: int, first: int = 2000, years: int = 3, name: str = "Class") -> dict[str, Any]:
    """An answer of `/approvals`: each class has an action in each of some years, the last of them a withdrawal."""
    items = [
        {
            "id": f"{n}.{year}",
            "therapy": {"id": f"t{n}", "name": f"Therapy {n}", "class": {"id": f"c{n}", "name": f"{name} {n}"}},
            "action": "withdrawn" if year == first + years - 1 else "approved",
            "on": f"{year}-05-06",
            "indication": {"condition": {"name": f"{name} condition {n}"}},
            "product": None,
            "evidence": evidence(name),
        }
        for n in range(classes)
        for year in range(first, first + years)
    ]
    return {"items": items, "total": len(items), **_around("/approvals")}


def outcome(measure: str, cohort: str, against: str | None = None, name: str = "Arm", **more: Any) -> dict[str, Any]:
    """An outcome of an arm, or between two."""
    given: dict[str, Any] = {
        "measure": measure,
        "time": None,
        "cohort": {"id": cohort, "label": f"Trial {name}: {cohort}", "comparator": cohort.endswith("0")},
        "against": against and {"id": against, "label": f"Trial {name}: {against}", "comparator": True},
        "reported_endpoint": name,
        "evidence": evidence(name),
        "interval": None,
        "population": None,
    }
    nothing = ("patients", "denominator", "percent", "percent_below", "percent_above", "value", "value_status", "unit")
    return given | dict.fromkeys((*nothing, "p_value", "share")) | more


def printed(low: float | None, high: float | None, **more: Any) -> dict[str, Any]:
    """An interval as printed."""
    return {"low": low, "high": high, "low_status": None, "high_status": None, "level": 95} | more


def outcomes(trials: int, name: str = "Arm") -> dict[str, Any]:
    """An answer of `/outcomes/compare`: in each trial two arms with 10 and 20 percent, and a hazard ratio of 0.5."""
    found = []
    for number in range(trials):
        arms = [
            outcome(
                "proportion", f"t{number}.{arm}", name=f"{name} {number}", percent=10 * (arm + 1), denominator=100,
                share={"patients": 10 * (arm + 1), "percent": 10 * (arm + 1), "ci95": [5, 30], "computed": ["ci95"]},
            )
            for arm in range(2)
        ]  # fmt: skip
        ratio = outcome(
            "hazard_ratio", f"t{number}.1", f"t{number}.0", f"{name} {number}", value=0.5, interval=printed(0.25, 1)
        )
        trial = {"id": f"t{number}", "name": f"Trial {name} {number}"}
        found.append({"trial": trial, "arms": arms, "between_arms": [ratio], "cautions": []})
    items = [{"endpoint": {"id": "response", "name": f"{name} response"}, "trials": found, "cautions": ["Differ."]}]
    return {"items": items if trials else [], **_around("/outcomes/compare")}
