"""Event terms: from the words of a label to the event vocabulary."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.nouns.base import slugged
from app.nouns.event import EventRecord
from seed.draft.tables import squeezed

ABBREVIATIONS = {
    "ast": "aspartate aminotransferase",
    "sgot": "aspartate aminotransferase",
    "alt": "alanine aminotransferase",
    "sgpt": "alanine aminotransferase",
    "alp": "alkaline phosphatase",
    "ggt": "gamma glutamyltransferase",
    "ldh": "lactate dehydrogenase",
    "cpk": "creatine phosphokinase",
    "ck": "creatine phosphokinase",
    "tsh": "thyroid stimulating hormone",
    "aptt": "activated partial thromboplastin time",
    "wbc": "white blood cell",
    "anc": "neutrophil",
    "crs": "cytokine release syndrome",
    "uti": "urinary tract infection",
    "urti": "upper respiratory tract infection",
    "gi": "gastrointestinal",
    "lfts": "liver function tests",
}

SPELLINGS = [
    (re.compile(pattern), other)
    for pattern, other in (
        (r"\b(an|hypoxa|hypoglyc|hyperglyc|hypoka|leuk|septic|isch|bacter|vir|hypovol|ur)aem", r"\1em"),
        (r"aemi", "emi"),
        (r"\bhaem", "hem"),
        (r"oedema", "edema"),
        (r"diarrhoea", "diarrhea"),
        (r"rrhoea\b", "rrhea"),
        (r"dyspnoea", "dyspnea"),
        (r"oesoph", "esoph"),
        (r"paraesth", "paresth"),
        (r"aesth", "esth"),
        (r"tumour", "tumor"),
        (r"pruritis\b", "pruritus"),
        (r"leuco", "leuko"),
        (r"\bgamma-glutamyl", "gamma glutamyl"),
        (r"\btransferase\b", "transferase"),
    )
]

DIRECTIONS = {
    "increased": "increased",
    "elevated": "increased",
    "elevation": "increased",
    "increase": "increased",
    "high": "increased",
    "decreased": "decreased",
    "decrease": "decreased",
    "reduced": "decreased",
    "low": "decreased",
    "prolonged": "prolonged",
}

_FILLERS = {
    "blood",
    "serum",
    "plasma",
    "count",
    "counts",
    "cell",
    "cells",
    "level",
    "levels",
    "in",
    "of",
    "the",
    "disorder",
}


def normalised(term: str) -> str:
    """A term in lower case, American spelling, without marks, and with its abbreviations written out."""
    text = squeezed(term).lower().replace("’", "'").strip(" .,;:*†‡§¶#")
    text = re.sub(r"\((?:increased|decreased)\)", lambda found: f" {found[0][1:-1]} ", text)
    text = re.sub(r"\s*\([a-z0-9 -]{2,12}\)", "", text)
    for pattern, other in SPELLINGS:
        text = pattern.sub(other, text)
    words = [ABBREVIATIONS.get(word, word) for word in re.split(r"\s+", text) if word]
    return " ".join(words)


def canonical(term: str) -> str:
    """The normalised term in the order of CTCAE: `Increased AST` is `aspartate aminotransferase increased`."""
    words = normalised(term).split()
    if len(words) > 1 and words[0] in DIRECTIONS:
        words = [*words[1:], DIRECTIONS[words[0]]]
    elif len(words) > 1 and words[-1] in DIRECTIONS:
        words[-1] = DIRECTIONS[words[-1]]
    return " ".join(words)


def _key(term: str) -> str:
    """What two spellings of one term share: its words without fillers and plurals, in any order."""
    words = re.findall(r"[a-z0-9]+", canonical(term))
    kept = [word for word in words if word not in _FILLERS] or words
    return " ".join(
        sorted(word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("is") else word for word in kept)
    )


@dataclass
class EventVocabulary:
    """Names and synonyms of the event vocabulary, with the id of each."""

    exact: dict[str, str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[EventRecord]) -> "EventVocabulary":
        """The vocabulary of the given records. A name that two events share finds neither loosely."""
        vocabulary = cls()
        clashes: set[str] = set()
        for record in records:
            for name in (record.name, *record.synonyms, record.ctcae or "", record.id.replace("-", " ")):
                if not name:
                    continue
                vocabulary.exact.setdefault(canonical(name), record.id)
                key = _key(name)
                if vocabulary.loose.setdefault(key, record.id) != record.id:
                    clashes.add(key)
        for key in clashes:
            del vocabulary.loose[key]
        return vocabulary

    def find(self, term: str) -> str | None:
        """The id of the event that a printed term names, or None."""
        return self.exact.get(canonical(term)) or self.loose.get(_key(term))

    def propose(self, term: str) -> str:
        """An id for a term that the vocabulary lacks."""
        return slugged(canonical(term))[:100].strip("-")
