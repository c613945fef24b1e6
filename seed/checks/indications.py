"""Checks of the texts of indications against their fields: what a text states can be filtered by."""

import re
from typing import Any

from app.nouns.tree import Tree
from app.vocabulary import AgeGroup, ApprovalType, Area, Intent, Setting
from seed.checks.histories import histories_of
from seed.checks.references import Found
from seed.files import Facts

_FIRST = re.compile(
    r"\b(newly diagnosed|(previously )?untreated|first[- ]line|first treatment|initial treatment|no (prior|earlier) "
    r"(systemic|chemo)\w*|without earlier systemic)\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b((previously|already) treated"
    r"|(after|with) (prior|earlier|previous) (systemic |platinum|therap|treatment|chemo|line)"
    r"|after (failure|failed|platinum|at least|one|two|three|four|[1-4]) ?(of|or more|to)?|failure of"
    r"|progress(ed|ion) (on|during|after|following)|(second|third|fourth|fifth)[- ]line)\b",
    re.IGNORECASE,
)
_NEITHER = re.compile(
    r"\b(untreated or|treated or (previously )?(un)?treated|not (been )?(previously treated|progressed)|non-progressing"
    r"|no progression|relapsed|refractory|response to|in (partial|complete)|after first-line|not eligible for|had no"
    r"|not appropriate|recur)",
    re.IGNORECASE,
)
"""What a text says where neither line is meant, or not one alone."""
_BETWEEN = {Setting.CONSOLIDATION, Setting.MAINTENANCE, Setting.ADJUVANT, Setting.NEOADJUVANT, Setting.PERIOPERATIVE}
_AGE = re.compile(
    r"\b(adults?(?!-onset)|children|adolescents|infants|newborns|p(a)?ediatric"
    r"|(from|aged) (\d+|one|two|five|six) (years?|months?)( of age)?)\b(?! (?:after|with high))",
    re.IGNORECASE,
)
_NOT_OF_PATIENTS = re.compile(
    r"infants of |mothers|not (recommended|indicated|for use) in|relapses within", re.IGNORECASE
)
_ADULT_FROM = 18
_CUTOFF = re.compile(r">=|<=|[≥≤<>] |\bIHC(?=\d)|\btumor\b|\bng/ml\b")
"""Spellings of cut-offs that have another: `≥1%`, `IHC 3+`, `tumour`, `ng/mL`."""
_NOT_OF_ONSET = {"juvenile": {AgeGroup.ADULT}, "adult-onset": set(AgeGroup) - {AgeGroup.ADULT}}
"""Words in the name of a condition, and the age groups that go against them."""
_TYPES = {
    ApprovalType.ACCELERATED: re.compile(r"\baccelerated\b", re.IGNORECASE),
    ApprovalType.CONDITIONAL: re.compile(r"\bconditional(ly)?\b", re.IGNORECASE),
    ApprovalType.EXCEPTIONAL: re.compile(r"\bexceptional circumstances\b", re.IGNORECASE),
    ApprovalType.EMERGENCY: re.compile(r"\bemergency use\b", re.IGNORECASE),
}


def lines_filled(facts: Facts) -> Found:
    """The use against a cancer that is said to be the first or a later line has its line."""
    cancers = {item.id for item in facts.records("conditions") if item.area is Area.ONCOLOGY}
    for file, name, item in facts.placed("indications"):
        treats = item.condition in cancers and item.intent is Intent.TREATMENT
        if item.line or not treats or _BETWEEN & set(item.settings):
            continue
        text = _text(item)
        found = _FIRST.search(text) or _LATER.search(text)
        if found and not _NEITHER.search(text):
            yield file, name, f"The text says {found[0]!r}, `line` is empty."


def ages_filled(facts: Facts) -> Found:
    """The use that is said to be of an age has its age groups."""
    for file, name, item in facts.placed("indications"):
        found = _AGE.search(_text(item))
        if found and not item.age_groups and not _NOT_OF_PATIENTS.search(_text(item)):
            yield file, name, f"The text says {found[0]!r}, no age group is there."


def ages_agree(facts: Facts) -> Found:
    """The age groups of a use agree with its lowest age, and with the condition, or one above it, that names an age.

    An age that a label gives for a wider condition is not that of each condition in it.
    """
    known = {item.id: item for item in facts.records("conditions")}
    tree = Tree({item.id: item.parents for item in known.values()})
    for file, name, item in facts.placed("indications"):
        lowest = item.age_min_years
        if lowest is not None and lowest < _ADULT_FROM and set(item.age_groups) == {AgeGroup.ADULT}:
            yield file, name, f"For adults alone, but from {lowest:g} years."
        above = tree.upwards(item.condition) & known.keys()
        names = " / ".join(known[condition].name for condition in above).casefold()
        for words, against in _NOT_OF_ONSET.items():
            if words in names and (groups := against & set(item.age_groups)):
                yield file, name, f"A condition that is {words} has the age group {', '.join(sorted(groups))}."


def cutoffs_alike(facts: Facts) -> Found:
    """Cut-offs of biomarkers that are the same are spelled the same."""
    for file, name, item in facts.placed("indications"):
        for marker in item.biomarkers:
            if found := _CUTOFF.search(marker.cutoff or ""):
                yield file, name, f"{found[0]!r} in {marker.cutoff!r}."


def types_filled(facts: Facts) -> Found:
    """The kind of approval that the text of a use states is that of one of its actions."""
    for file in facts.therapies:
        for item, actions, name in histories_of(file):
            known = {action.approval_type for action in actions}
            for type_, words in _TYPES.items():
                if (found := words.search(_text(item))) and type_ not in known:
                    yield file.file, name, f"It is said to be {found[0]!r}, but no action is {type_.value}."


def _text(indication: Any) -> str:
    return f"{indication.text} {indication.population or ''}"
