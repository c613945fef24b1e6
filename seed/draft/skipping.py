"""Tables that are not taken: they count no adverse reactions, or in a form that is not read."""

import re

from seed.draft.tables import Table

SKIPS = [
    (
        r"exposure[- ]adjusted|per 100 patient|per 100 subject|patient[- ]years",
        "rates by time of exposure are no percents",
    ),
    (r"\bby (?:treatment )?cycle\b", "counts by treatment cycle, not by arm"),
    (r"\bshifts? in\b|\bshifts\b|progressed to", "counts shifts from baseline"),
    (r"\bLVEF\b|myocardial dysfunction|ejection fraction from baseline", "counts cardiac function against thresholds"),
    (r"incidence of (?:congestive heart failure|cardiac dysfunction)", "has studies as rows and no arm headings"),
    (
        r"classification|criteria\b.*\bseverity|dose modif|dosage modif|recommended (?:dos|manag)|management of",
        "counts no patients",
    ),
    (
        r"pharmacokinetic|efficacy|response rate|survival|immunogenicity|anti-drug antibod",
        "counts no adverse reactions",
    ),
    (r"prolonged cytopenias?", "counts patients with an event that lasted, by treatment phase"),
    (r"severe hematologic toxicity", "counts nadirs and durations"),
]
"""Captions of tables that are not taken, and why."""

_REACTIONS = re.compile(r"adverse|reaction|laborator|toxicit|abnormalit|side effect", re.IGNORECASE)
_LABORATORY = re.compile(r"\blaborator|\bchemistry\b", re.IGNORECASE)


def reason_to_skip(table: Table, title: str) -> str | None:
    """Why a table is not taken, or None. `title`: its caption, or what stands in its place."""
    for pattern, reason in SKIPS:
        if re.search(pattern, title, re.IGNORECASE):
            return reason
    heads = " ".join(cell.text for row in table.rows[:3] for cell in row.cells)
    if not _REACTIONS.search(f"{title} {heads}"):
        return "neither caption nor headings speak of adverse reactions or laboratory abnormalities"
    if re.search(r"\bn\s*\(rate\)|per 100|exposure-adjusted|patient-years", heads, re.IGNORECASE) and "%" not in heads:
        return "rates by time of exposure are no percents"
    return None
