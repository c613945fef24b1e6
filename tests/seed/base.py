"""A small fictional fact base, sound as it is; tests break it in one place each."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import zstandard

from app.release.json_lines import read_line
from seed.bundles import Bundle

EVIDENCE = {"source": "label.examplara.2023-01-02", "locator": "6.1, Table 1"}

FILES: dict[str, Any] = {
    "classes.json": [{"id": "pd-1-inhibitor", "name": "PD-1 inhibitor", "definition": "Blocks PD-1."}],
    "targets.json": [{"id": "PDCD1", "name": "PD-1", "kind": "protein", "xrefs": ["hgnc:8760"]}],
    "conditions.json": [
        {"id": "melanoma", "name": "Melanoma", "area": "oncology", "parents": ["skin-cancer"]},
        {"id": "skin-cancer", "name": "Skin cancer", "area": "oncology"},
    ],
    "events.json": [{"id": "rash", "name": "Rash", "organ_system": "skin-and-subcutaneous-tissue"}],
    "statements.json": [
        {
            "about": "field",
            "key": "promise",
            "topic": "outlook",
            "text": "It may help more patients.",
            "curated_on": "2026-03-01",
            **EVIDENCE,
        }
    ],
    "sources/label.json": [
        {
            "id": "label.examplara.2023-01-02",
            "kind": "label",
            "title": "EXAMPLARA prescribing information",
            "revision": "effective 2023-01-02",
            "url": "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=examplara",
            "level": "regulatory_label",
        }
    ],
    "therapies/examplumab.json": {
        "therapy": {
            "id": "examplumab",
            "name": "examplumab",
            "class": "pd-1-inhibitor",
            "identifiers": ["unii:ABC1234567"],
            "products": [
                {
                    "brand": "Examplara",
                    "agency": "FDA",
                    "approved_on": "2020-01-02",
                    "status": "authorised",
                    **EVIDENCE,
                }
            ],
            **EVIDENCE,
        },
        "curated_on": "2024-05-06",
        "mechanisms": [
            {"target": "PDCD1", "action": "inhibitor", "effect": "stimulates", "description": "Blocks.", **EVIDENCE}
        ],
        "indications": [{"condition": "melanoma", "agency": "FDA", "text": "Melanoma.", **EVIDENCE}],
        "approvals": [{"indication": "fda.melanoma", "action": "approved", **EVIDENCE}],
        "warnings": [{"event": "rash", "level": "boxed", "text": "Rash.", **EVIDENCE}],
        "cohorts": [
            {
                "key": "trial-1-examplumab",
                "label": "Examplumab",
                "trial": "EXAMPLE-1",
                "therapies": ["examplumab"],
                "patients": 200,
                **EVIDENCE,
            }
        ],
        "adverse_events": [
            {
                "cohort": "trial-1-examplumab",
                "event": "rash",
                "reported_term": "Rash",
                "rates": [{"grades": "any", "patients": 30, "percent": 15}, {"grades": "3-4", "percent": 2.0}],
                **EVIDENCE,
            }
        ],
    },
}


def sound() -> dict[str, Any]:
    """The sound fact base, for a test to change."""
    return copy.deepcopy(FILES)


ORR: dict[str, Any] = {
    "cohort": "trial-1-examplumab",
    "endpoint": "objective-response",
    "reported_endpoint": "ORR",
    "measure": "proportion",
    "patients": 92,
    "percent": 33,
    "denominator": 279,
    "interval": {"low": 27, "high": 39, "level": 95},
    **EVIDENCE,
}
MEDIAN: dict[str, Any] = {
    "cohort": "trial-1-examplumab",
    "endpoint": "overall-survival",
    "reported_endpoint": "Median OS",
    "measure": "median",
    "unit": "months",
    "value": 17.2,
    "interval": {"low": 13.5, "high_status": "not_estimable", "level": 95},
    **EVIDENCE,
}
RATIO: dict[str, Any] = {
    "cohort": "trial-1-examplumab",
    "against": "trial-1-placebo",
    "endpoint": "overall-survival",
    "reported_endpoint": "HR",
    "measure": "hazard_ratio",
    "value": 0.69,
    "interval": {"low": 0.52, "high": 0.9, "level": 95},
    **EVIDENCE,
}


def of_every_list() -> dict[str, Any]:
    """A sound fact base that has records in every list."""
    files = facts_with(ORR, MEDIAN, RATIO)
    files["biomarkers.json"] = [{"id": "pd-l1", "name": "PD-L1"}]
    return files


def facts_with(*outcomes: dict[str, Any]) -> dict[str, Any]:
    """The sound fact base with a trial of two arms, and some outcomes."""
    files = sound()
    files["trials.json"] = [
        {"id": "example-1", "name": "EXAMPLE-1", "randomised": True, "curated_on": "2026-03-01", **EVIDENCE},
        {"id": "example-2", "name": "EXAMPLE-2", "curated_on": "2026-03-01", **EVIDENCE},
    ]
    files["endpoints.json"] = [
        {"id": "objective-response", "name": "objective response", "kind": "response", "definition": "Better."},
        {"id": "overall-survival", "name": "overall survival", "kind": "time_to_event", "definition": "Alive."},
    ]
    arm = files["therapies/examplumab.json"]["cohorts"][0] | {"trial_id": "example-1"}
    placebo = arm | {"key": "trial-1-placebo", "label": "Placebo", "therapies": [], "comparator": True, "patients": 100}
    other = placebo | {"key": "trial-2-placebo", "trial": "EXAMPLE-2", "trial_id": "example-2"}
    files["therapies/examplumab.json"] |= {"cohorts": [arm, placebo, other], "outcomes": list(outcomes)}
    return files


def many(count: int, text: str = "Blocks.") -> dict[str, Any]:
    """A sound fact base of many therapies, so that a load has something to write."""
    files = sound()
    one = files.pop("therapies/examplumab.json")
    one["mechanisms"][0]["description"] = text
    for number in range(count):
        other = json.loads(json.dumps(one).replace("examplumab", f"examplumab-{number}"))
        other["therapy"]["products"][0]["brand"] = f"Examplara {number}"
        files[f"therapies/examplumab-{number}.json"] = other
    return files


def published_documents(bundle: Bundle) -> dict[str, list[str]]:
    """The documents of a published release, by list, as they stand in its file."""
    found: dict[str, list[str]] = {}
    with bundle.path.open("rb") as file:
        _, *lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), newline="\n")
    for line in lines:
        name, document = read_line(line)
        found.setdefault(name, []).append(document)
    return found


def write(files: dict[str, Any], folder: Path) -> Path:
    """Write a fact base into a folder; text is written as it is."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder
