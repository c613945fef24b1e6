"""All checks of a fact base against its sources."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.source import SourceRecord
from app.vocabulary import SourceKind
from seed.files import Facts, TherapyFile
from seed.verify import registers, revisions
from seed.verify.columns import astray
from seed.verify.documents import PlacedTable, Shelf
from seed.verify.figures import printed
from seed.verify.rates import Found, judge
from seed.verify.scope import Scope, citing
from seed.verify.verdicts import Judgement, Kind, Verdict
from seed.verify.web import NoAnswerError, Web

Item = TypeVar("Item")


class Track(Protocol):
    """Shows how far a run is: passes the items on, one by one."""

    def __call__(self, items: Sequence[Item], step: str) -> Iterable[Item]:
        """Pass the items of a step on."""


def silently(items: Sequence[Item], step: str) -> Iterable[Item]:  # noqa: ARG001  # as `Track` has it
    """Show nothing."""
    return items


@dataclass
class Verifying:
    """A run of checks over a fact base, with the labels at hand and the web (or the answers kept of it)."""

    facts: Facts
    web: Web
    shelf: Shelf = field(default_factory=Shelf)
    scope: Scope = field(default_factory=Scope)
    track: Track = silently
    _absent: dict[str, str] = field(default_factory=dict)
    """Why the text of a label is not at hand."""

    def __post_init__(self) -> None:
        self._citing = citing(self.facts)
        self._sources = {source.id: source for source in self.facts.records("sources")}

    def run(self) -> list[Judgement]:
        """Make every check of the scope."""
        return [*self._revisions(), *self._rates(), *self._dois(), *self._pmids(), *self._trials()]

    def _judged(self, kind: Kind, source: SourceRecord, look: tuple[Verdict, str], **detail: str) -> Judgement:
        verdict, reason = look
        return Judgement(kind, source.id, verdict, reason, source.id, self._therapies(source), dict(detail))

    def _therapies(self, source: SourceRecord) -> tuple[str, ...]:
        return self._citing.get(source.id, ())

    def _wanted(self, kind: Kind, field: str) -> list[SourceRecord]:
        return [
            source
            for source in self.facts.records("sources")
            if getattr(source, field) and self.scope.includes(kind, self._therapies(source))
        ]

    def _revisions(self) -> Iterator[Judgement]:
        labels = [
            source for source in self.facts.records("sources") if source.kind is SourceKind.LABEL and source.set_id
        ]
        needed = {
            source.id
            for source in labels
            if self.shelf.find(source) is None and self.scope.includes(Kind.RATE, self._reporting(source))
        }
        wanted = {source.id for source in labels if self.scope.includes(Kind.REVISION, self._therapies(source))}
        for source in self.track([label for label in labels if label.id in needed | wanted], "labels at openFDA"):
            set_id = source.set_id or ""
            try:
                look = revisions.compared(source, revisions.served(self.web, set_id), self.shelf)
            except NoAnswerError as error:
                look = (Verdict.NOT_JUDGED, str(error))
            self._absent[source.id] = look[1]
            if source.id in wanted:
                yield self._judged(Kind.REVISION, source, look, set_id=set_id)

    def _reporting(self, source: SourceRecord) -> list[str]:
        """Therapies whose adverse events a source reports."""
        return [
            file.therapy.id
            for file in self.facts.therapies
            if any(fact.source == source.id for fact in file.facts("adverse_events"))
        ]

    def _rates(self) -> Iterator[Judgement]:
        files = [file for file in self.facts.therapies if self.scope.includes(Kind.RATE, [file.therapy.id])]
        for file in self.track(files, "rates in labels"):
            looks = [self._look(fact) for fact in file.facts("adverse_events")]
            for away in astray(
                file.facts("cohorts"), zip(file.facts("adverse_events"), looks, strict=True), self._tables
            ):
                looks[away.fact] = Found(Verdict.NOT_FOUND, away.reason)
            for fact, found in zip(file.facts("adverse_events"), looks, strict=True):
                yield _rate(file, fact, found)

    def _look(self, fact: AdverseEventRecord) -> Found:
        source = self._sources.get(fact.source)
        if source is None:
            return Found(Verdict.NOT_JUDGED, "Its source is not among the sources.")
        if source.kind is not SourceKind.LABEL:
            return Found(Verdict.NOT_JUDGED, f"Its source is no label, but a {source.kind.value}.")
        document = self.shelf.find(source)
        if document is None:
            why = self._absent.get(source.id, "the source has no set id to ask openFDA for.")
            return Found(Verdict.NOT_JUDGED, f"The text of the label is not at hand: {why}")
        return judge(fact, document)

    def _tables(self, source: str) -> Sequence[PlacedTable]:
        document = self.shelf.find(self._sources[source])
        return document.tables if document else ()

    def _dois(self) -> Iterator[Judgement]:
        for source in self.track(self._wanted(Kind.DOI, "doi"), "DOIs at Crossref"):
            doi = source.doi or ""
            try:
                look = registers.compared(source, "Crossref", registers.crossref(self.web, doi))
            except NoAnswerError as error:
                look = (Verdict.NOT_JUDGED, str(error))
            yield self._judged(Kind.DOI, source, look, doi=doi)

    def _pmids(self) -> Iterator[Judgement]:
        sources = self._wanted(Kind.PMID, "pmid")
        entries = dict(registers.pubmed(self.web, sorted({source.pmid or "" for source in sources})))
        for source in self.track(sources, "PMIDs at PubMed"):
            entry = entries[source.pmid or ""]
            if isinstance(entry, NoAnswerError):
                look = (Verdict.NOT_JUDGED, str(entry))
            else:
                look = registers.compared(source, "PubMed", entry)
            yield self._judged(Kind.PMID, source, look, pmid=source.pmid or "")

    def _trials(self) -> Iterator[Judgement]:
        for source in self.track(self._wanted(Kind.NCT, "nct_id"), "sources at ClinicalTrials.gov"):
            nct_id = source.nct_id or ""
            try:
                entry = registers.trial(self.web, nct_id)
            except NoAnswerError as error:
                look = (Verdict.NOT_JUDGED, str(error))
            else:
                look = registers.compared(source, "ClinicalTrials.gov", entry)
                if look[0] is Verdict.DIFFERS and source.kind is not SourceKind.REGISTRY:
                    look = (Verdict.FOUND, "ClinicalTrials.gov knows it; the source is not its record.")
            yield self._judged(Kind.NCT, source, look, nct_id=nct_id)
        cohorts = [
            (file.therapy.id, cohort)
            for file in self.facts.therapies
            if self.scope.includes(Kind.NCT, [file.therapy.id])
            for cohort in file.facts("cohorts")
            if cohort.nct_id
        ]
        for therapy, cohort in self.track(cohorts, "cohorts at ClinicalTrials.gov"):
            nct_id = cohort.nct_id or ""
            try:
                look = _named(cohort.trial, registers.trial(self.web, nct_id))
            except NoAnswerError as error:
                look = (Verdict.NOT_JUDGED, str(error))
            record = f"{therapy}.{cohort.natural_key()}"
            yield Judgement(Kind.NCT, record, *look, cohort.source, (therapy,), {"nct_id": nct_id})


def _named(name: str | None, entry: registers.Entry | None) -> tuple[Verdict, str]:
    """Whether a trial is registered; many records do not print the name by which a label calls the trial."""
    if entry is None:
        return Verdict.NOT_FOUND, "ClinicalTrials.gov does not know it."
    if name and registers.names_trial(name, entry):
        return Verdict.FOUND, "ClinicalTrials.gov knows it by this name."
    return Verdict.FOUND, f"ClinicalTrials.gov knows it as {next(iter(entry.titles), 'a trial without title')!r}."


def _rate(file: TherapyFile, fact: AdverseEventRecord, found: Found) -> Judgement:
    detail = {
        "locator": fact.locator,
        "reported_term": fact.reported_term,
        "rates": "; ".join(map(printed, fact.rates)),
    }
    record = f"{file.therapy.id}.{fact.natural_key()}"
    return Judgement(Kind.RATE, record, found.verdict, found.reason, fact.source, (file.therapy.id,), detail)
