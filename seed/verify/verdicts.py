"""What a check of a fact against its source says."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What is checked."""

    RATE = "rate"
    REVISION = "revision"
    DOI = "doi"
    PMID = "pmid"
    NCT = "nct"


SENTENCES = {
    Kind.RATE: "The rates of an adverse event stand in the label, by the term reported.",
    Kind.REVISION: "A label cited is the revision that openFDA serves.",
    Kind.DOI: "A DOI is known to Crossref, by the title and date cited, and is not retracted.",
    Kind.PMID: "A PMID is known to PubMed, by the title and date cited, and is not retracted.",
    Kind.NCT: "A trial is registered at ClinicalTrials.gov, by the title or trial name cited.",
}


class Verdict(StrEnum):
    """What a check says."""

    FOUND = "found"
    NOT_FOUND = "not found"
    DIFFERS = "differs"
    RETRACTED = "retracted"
    NEWER = "newer revision"
    NOT_JUDGED = "not judged"

    @property
    def wrong(self) -> bool:
        """Whether somebody must fix something. A newer revision outdates a fact; it does not make it wrong."""
        return self in (Verdict.NOT_FOUND, Verdict.DIFFERS, Verdict.RETRACTED)


@dataclass(frozen=True)
class Judgement:
    """One check: of what, what it says, and why."""

    kind: Kind
    record: str
    """Id of the fact or of the source."""
    verdict: Verdict
    reason: str
    source: str
    therapies: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The judgement in a report."""
        return {key: value for key, value in vars(self).items() if key != "detail"} | self.detail


def counted(judgements: Iterable[Judgement]) -> dict[Kind, Counter[Verdict]]:
    """How many judgements of each kind say what; every kind is there."""
    counts: dict[Kind, Counter[Verdict]] = {kind: Counter() for kind in Kind}
    for judgement in judgements:
        counts[judgement.kind][judgement.verdict] += 1
    return counts
