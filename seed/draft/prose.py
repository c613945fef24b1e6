"""Immune-mediated reactions of checkpoint inhibitors, in the sentences of section 5.1.

Only sentences that fit the pattern as a whole are taken: `Immune-mediated colitis occurred in 1.7% (48/2799) of
patients receiving EXAMPLUMAB, including Grade 4 (<0.1%), Grade 3 (1.1%), and Grade 2 (0.4%) adverse reactions.`
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.nouns.adverse_event import AdverseEventRecord, Share
from app.nouns.base import slugged
from app.nouns.cohort import CohortRecord
from app.nouns.measures import Rate
from app.vocabulary import Causality, Grades
from seed.draft.arms import Arm, Names, arm_slug, read_arm, shortened
from seed.draft.labels import section, subsections
from seed.draft.report import CohortHint, Draft, Unread
from seed.draft.tables import squeezed
from seed.draft.terms import EventVocabulary
from seed.draft.trials import trials_in
from seed.draft.values import number

_PERCENT = r"(<)?\s?(\d+(?:\.\d+)?)%"
_PART = r"(?:fatal|Grades? [1-5](?:\s?[-–]\s?[1-5])?) \(<?\s?\d+(?:\.\d+)?%\)"
_PARTS = rf"{_PART}(?:(?:, and |, | and ){_PART})*"
_OCCURRED = re.compile(
    rf"(?P<before>[^.:;()]{{3,160}}?) occurred in (?P<below><)?\s?(?P<percent>\d+(?:\.\d+)?)% "
    r"\((?P<count>\d+)/(?P<whole>\d+)\) "
    rf"(?:of )?patients (?P<who>[^,.;()]+?)(?:,? including (?P<parts>{_PARTS}))?"
    r"(?: (?:adverse reactions?|immune-mediated [a-z ]{3,40}|pneumonitis|colitis))?\s?\.(?=\s|$)"
)
_ANY = re.compile(r"occurred in <?\s?\d+(?:\.\d+)?% \(\d+/\d+\)")
_ONE_PART = re.compile(rf"(?P<name>fatal|Grades? (?P<from>[1-5])(?:\s?[-–]\s?(?P<to>[1-5]))?) \({_PERCENT}\)")
_WHO = re.compile(
    r"(?:with (?P<population>.+?) )?(?:receiving|who received|treated with) (?P<arm>.+?)"
    r"(?: for the treatment of (?P<purpose>.+))?"
)
_STOPPED = re.compile(
    rf"(?P<term>[A-Z][\w /-]+?) led to permanent discontinuation of [^.%]+? in {_PERCENT} \((?P<count>\d+)\)"
)
_RESOLVED = re.compile(
    r"(?P<term>[A-Z][\w /-]+?) resolved in (?P<percent>\d+(?:\.\d+)?)% of (?:the|these) (?P<of>\d+) patients"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence that fits, and the text up to the next one."""

    found: re.Match[str]
    after: str


def draft_prose(label: Mapping[str, Any], names: Names, vocabulary: EventVocabulary, draft: Draft) -> None:
    """Draft the immune-mediated reactions of section 5.1, with their cohorts."""
    chapter = dict(subsections(section(label, "warnings_and_cautions"), "5")).get("5.1", "")
    if not re.search(r"\bImmune-Mediated Adverse Reactions\b", chapter):
        return
    reader = _SentenceReader(names, vocabulary, draft, section(label, "adverse_reactions"))
    taken = 0
    for sentence in _sentences(chapter):
        taken += 1
        reader.take(sentence)
    missed = len(_ANY.findall(chapter)) - taken
    if missed:
        draft.unread.append(
            Unread("5.1", "", "", f"{missed} sentences with `occurred in … (n/N)` do not fit the pattern as a whole")
        )


def _sentences(chapter: str) -> Iterator[Sentence]:
    starts = [found.start() for found in _ANY.finditer(chapter)]
    for found in _OCCURRED.finditer(chapter):
        following = [start for start in starts if start > found.end()]
        yield Sentence(found, chapter[found.end() : following[0] if following else found.end() + 600])


class _SentenceReader:
    """Turns sentences into facts."""

    def __init__(self, names: Names, vocabulary: EventVocabulary, draft: Draft, reactions: str) -> None:
        self.names, self.vocabulary, self.draft, self.reactions = names, vocabulary, draft, reactions
        self.made: dict[tuple[int, str], tuple[CohortRecord, Arm]] = {}

    def take(self, sentence: Sentence) -> None:
        """Draft one sentence, or report why not."""
        found = sentence.found
        known = self._term(found["before"])
        if known is None:
            self._unread(found, "no event of the vocabulary stands before `occurred`")
            return
        term, event = known
        rates = _rates(found)
        if rates is None:
            self._unread(found, "the vocabulary lacks a group of grades, or a group is larger than all grades")
            return
        cohort = self._cohort(found)
        if cohort is None:
            self._unread(found, "the patients are not given in a way that is read")
            return
        self.draft.adverse_events.append(
            AdverseEventRecord(
                cohort=cohort.key,
                event=event,
                reported_term=term,
                causality=Causality.IMMUNE_MEDIATED,
                rates=rates,
                discontinued=_stopped(sentence, term),
                resolved=_resolved(sentence, term),
                source=self.draft.source.id,
                locator="5.1",
            )
        )

    def _unread(self, found: re.Match[str], reason: str) -> None:
        self.draft.unread.append(Unread("5.1", squeezed(found["before"])[-60:], squeezed(found[0])[-240:], reason))

    def _term(self, before: str) -> tuple[str, str] | None:
        """The event named by the last words before `occurred`, from its capital (or `immune-mediated`) on."""
        marked = re.search(r"(.*)\b([Ii]mmune-mediated (.+))$", before)
        if marked and re.search(r"[Gg]rades? [\d–-]+ $", marked[1]):
            return None
        if marked:
            event = self.vocabulary.find(marked[2]) or self.vocabulary.find(marked[3])
            term = marked[2][0].upper() + marked[2][1:]
            return (term, event) if event else None
        trial = re.search(r"\bIn [A-Z][\w-]*\d,? (\w.*)$", before)
        words = (trial[1] if trial else before).split()
        for start in range(len(words)):
            term = " ".join(words[start:])
            begins = term[0].isupper() or (trial and not start)
            if begins and (event := self.vocabulary.find(term)):
                return term[0].upper() + term[1:], event
        return None

    def _cohort(self, found: re.Match[str]) -> CohortRecord | None:
        who = _WHO.fullmatch(squeezed(found["who"]))
        if not who:
            return None
        arm = read_arm(who["arm"], self.names)
        if not arm.own or not arm.whole or arm.alternatives:
            return None
        patients = int(found["whole"])
        population = who["population"] or who["purpose"] or ""
        trials = trials_in(found["before"], self.names.brand)
        reported = [
            cohort
            for cohort in self.draft.cohorts
            if cohort.patients == patients
            and set(cohort.therapies) == set(arm.therapies)
            and {_plain(agent) for agent in cohort.other_agents} == {_plain(agent) for agent in arm.others}
            and (not trials or [cohort.trial] == trials)
        ]
        if len(reported) == 1:
            return reported[0]
        if reported or trials:
            return None
        return self._pool(arm, patients, population)

    def _pool(self, arm: Arm, patients: int, population: str) -> CohortRecord | None:
        """A cohort that no table reports, by its treatment and N."""
        others = [
            known
            for (size, _), (_, known) in self.made.items()
            if size == patients and known.signature != arm.signature
        ]
        if others:
            return None
        key = (patients, population)
        if key not in self.made:
            pooled = self._is_pool(patients)
            slug = shortened(f"{'pooled-' if pooled else ''}{arm_slug(arm, self.names)}", 90)
            slug = f"{slug}-n{patients}"
            if any(cohort.key == slug for cohort in self.draft.cohorts):
                slug = shortened(f"{slug}-{slugged(population)}", 118)
            record = CohortRecord(
                key=slug,
                label=f"{arm.heading} (pooled)" if pooled else arm.heading,
                therapies=list(arm.therapies),
                other_agents=list(arm.others),
                monotherapy=True if arm.alone else (False if len(arm.therapies) > 1 or arm.others else None),
                population=population or None,
                schedule=arm.schedule or None,
                patients=patients,
                pooled=pooled,
                source=self.draft.source.id,
                locator="5.1",
            )
            self.made[key] = (record, arm)
            self.draft.cohorts.append(record)
            review = ["named in section 5.1 by its N only: which trials, which condition?"]
            if not pooled:
                review.append("section 6 does not say that several trials are pooled in this N")
            self.draft.cohort_hints.append(CohortHint(slug, f"5.1: N={patients}, {arm.heading}", tuple(review)))
        return self.made[key][0]

    def _is_pool(self, patients: int) -> bool:
        """Whether section 6 speaks of that many patients in trials, in the plural."""
        size = f"(?:{patients}|{patients:,})"
        trials = r"\b(?:trials|studies)\b"
        said = (
            rf"\b{size} patients[^.]{{0,300}}?{trials}",
            rf"{trials}[^.]{{0,200}}?\b{size} patients",
            rf"\bpooled\b[^.]{{0,200}}?\b{size}\b",
        )
        return any(re.search(pattern, self.reactions) for pattern in said)


def _plain(agent: str) -> str:
    return agent.lower().replace("-", " ")


def _rate(grades: Grades, below: str | None, digits: str, patients: int | None = None) -> Rate:
    if below:
        return Rate(grades=grades, patients=patients, percent_below=number(digits))
    return Rate(grades=grades, patients=patients, percent=number(digits))


def _rates(found: re.Match[str]) -> list[Rate] | None:
    rates = [_rate(Grades.ANY, found["below"], found["percent"], int(found["count"]))]
    known = {grades.value: grades for grades in Grades}
    for part in _ONE_PART.finditer(found["parts"] or ""):
        name = "5" if part["name"] == "fatal" else "-".join(filter(None, (part["from"], part["to"])))
        below, digits = part.groups()[-2:]
        if name not in known or float(digits) > float(found["percent"]):
            return None
        rates.append(_rate(known[name], below, digits))
    return rates if len({rate.grades for rate in rates}) == len(rates) else None


def _same(term: str, other: str) -> bool:
    """Whether a later sentence speaks of the same reaction: its last word is the term's."""
    return term.split()[-1].lower() == other.split()[-1].lower()


def _stopped(sentence: Sentence, term: str) -> Share | None:
    found = _STOPPED.search(sentence.after)
    if not found or not _same(found["term"], term):
        return None
    below, digits = found[2], found[3]
    return Share(patients=int(found["count"]), percent=None if below else number(digits))


def _resolved(sentence: Sentence, term: str) -> Share | None:
    found = _RESOLVED.search(sentence.after)
    if not found or not _same(found["term"], term) or found["of"] != sentence.found["count"]:
        return None
    return Share(percent=number(found["percent"]), of=int(found["of"]))
