"""The checks: what must be true of the fact base before it may be loaded. Each is a row: code, sentence, function.

All findings are collected. One that is right as it is has an entry with its reason in `exceptions.json`; an entry that
no finding needs any more is a finding itself.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seed.checks import rates, references, standing
from seed.checks.references import Found
from seed.files import Facts, Finding

EXCEPTIONS = "exceptions.json"


@dataclass(frozen=True)
class Check:
    """One thing that must be true."""

    code: str
    sentence: str
    mend: str
    function: Callable[[Facts], Found]


def findings_of(facts: Facts, folder: Path) -> list[Finding]:
    """Run every check, and weigh the findings against the exceptions of the folder."""
    found = [
        Finding(check.code, file, record, message, check.mend)
        for check in CHECKS
        for file, record, message in check.function(facts)
    ]
    path = folder / EXCEPTIONS
    exceptions = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    excused = {(entry["code"], entry["file"], entry["record"]) for entry in exceptions if entry.get("reason")}
    needed = {(finding.code, finding.file, finding.record) for finding in found}
    stale = [
        Finding("stale-exception", EXCEPTIONS, " ".join(entry), "No finding needs it any more.", "remove the entry.")
        for entry in sorted(excused - needed)
    ]
    return [finding for finding in found if (finding.code, finding.file, finding.record) not in excused] + stale


CHECKS = (
    Check("duplicate-id", "Ids and natural keys are unique.", "rename one, or add a `key`.", references.duplicate_ids),
    Check("duplicate-name", "A name leads to one record.", "keep it where it belongs.", references.duplicate_names),
    Check(
        "unknown-reference",
        "What is referred to exists.",
        "correct the id, or add the record.",
        references.unknown_references,
    ),
    Check("cycle", "Trees have no cycles.", "remove one of the parents.", references.cycles),
    Check(
        "area",
        "A condition is in the area of a parent.",
        "correct the area or the parents.",
        references.areas_of_conditions,
    ),
    Check(
        "gene",
        "A protein target is an HGNC symbol.",
        "add its `hgnc:` id, or correct the kind.",
        references.targets_of_genes,
    ),
    Check(
        "source-in-full",
        "A source can be found again.",
        "read the missing part in the source.",
        standing.sources_in_full,
    ),
    Check("unused-source", "Every source is cited.", "remove the source.", standing.unused_sources),
    Check(
        "shared-brand", "A brand is one therapy's.", "find which therapy the register means.", standing.shared_brands
    ),
    Check("date-order", "Dates are in order.", "read the dates in the sources again.", standing.dates_in_order),
    Check(
        "indication-product",
        "An indication has its product.",
        "correct agency or status.",
        standing.indications_of_products,
    ),
    Check(
        "standing", "A therapy has a standing.", "add a product or `stated_status`.", standing.therapies_with_standing
    ),
    Check(
        "registry",
        "An identifier's register is known.",
        "correct the prefix, or add it there.",
        standing.known_registries,
    ),
    Check(
        "contradiction",
        "A file does not contradict itself.",
        "correct what is wrong of the two.",
        standing.contradictions,
    ),
    Check("no-rate", "An adverse event has its rates.", "read the row in the source again.", rates.rates_there),
    Check("n-over-N", "n is at most N.", "read the row and its N in the source again.", rates.counts_within),
    Check(
        "percent", "n/N agrees with the percent.", "read the row and its N again; else excuse it.", rates.percents_agree
    ),
    Check(
        "severe-over-any", "Severe is at most any grade.", "read the row in the source again.", rates.severe_within_any
    ),
    Check("arm-size", "An arm has one N.", "read both; say `population` where they differ.", rates.arms_agree),
)


def described() -> list[tuple[str, str]]:
    """Code and sentence of every check, for the documentation."""
    return [(check.code, check.sentence) for check in CHECKS]
