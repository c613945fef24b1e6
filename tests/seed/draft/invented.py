"""Labels of an invented drug, and their drafts.

The drug, its trials and all figures are invented; the layouts are those of real labels.
"""

import json
from pathlib import Path
from typing import Any

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.event import EventRecord
from app.vocabulary import OrganSystem
from seed.draft.drafting import draft_label
from seed.draft.report import Draft
from seed.draft.terms import EventVocabulary

DATA = Path(__file__).parents[2] / "data" / "draft"
THERAPIES = {"examplumab": "examplumab", "exemplimab": "exemplimab"}


def vocabulary() -> EventVocabulary:
    names = [
        "Fatigue",
        "Colitis",
        "Hypothyroidism",
        "Thyroiditis",
        "Hepatitis",
        "Nephritis",
        "Infection",
        "Cough",
        "Anemia",
    ]
    records = [EventRecord(id=name.lower(), name=name, organ_system=OrganSystem.GENERAL) for name in names]
    records.append(
        EventRecord(
            id="aspartate-aminotransferase-increased",
            name="Aspartate aminotransferase increased",
            organ_system=OrganSystem.INVESTIGATIONS,
        )
    )
    return EventVocabulary.of(records)


def label(*tables: str, field: str = "adverse_reactions_table") -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DATA / "label.json").read_text())
    document["results"][0][field] = [(DATA / f"{name}.xml").read_text() for name in tables]
    return document


def draft(*tables: str) -> Draft:
    document = label(*tables)
    document["results"][0]["warnings_and_cautions"] = []
    return draft_label(document, vocabulary(), THERAPIES)


def facts(drafted: Draft) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Rates by cohort and printed term."""
    return {
        (record.cohort, record.reported_term): [
            rate.model_dump(mode="json", exclude_none=True) for rate in record.rates
        ]
        for record in drafted.adverse_events
    }


def fact(drafted: Draft, cohort: str, term: str) -> AdverseEventRecord:
    return next(r for r in drafted.adverse_events if (r.cohort, r.reported_term) == (cohort, term))


def reasons(drafted: Draft) -> dict[tuple[str, str], str]:
    return {(item.row, item.cell): item.reason for item in drafted.unread}
