"""What a question to `/search` asks for: words, what they are names of, kinds of record; and typing errors in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.nouns.declaration import Noun
from app.nouns.registry import named_nouns
from app.release.fulltext import Phrase, TextIndex, phrases
from app.release.index import ListIndex
from app.release.names import NameMatch
from app.release.opened import OpenRelease

_KIND_WORDS: Mapping[str, Sequence[str]] = {
    word: kinds
    for words, kinds in (
        ("drug drugs medicine medicines medication medications treatment treatments therapy therapies", ("therapy",)),
        ("agent agents product products brand brands biosimilar biosimilars generic generics", ("therapy",)),
        ("target targets gene genes", ("target",)),
        ("disease diseases indication indications", ("condition", "indication")),
        ("toxicity toxicities side effect effects", ("event", "adverse_event", "warning")),
    )
    for word in words.split()
}
"""Words that say what kind of record is wanted, with the kinds."""
_DESCRIBING_WORDS: Mapping[str, Sequence[str]] = {
    word: ("therapy", "class")
    for words in (
        "antibody antibodies mab mabs monoclonal biologic biologics vaccine vaccines inhibitor inhibitors",
        "blocker blockers immunotherapy immunotherapies injection injections infusion infusions",
    )
    for word in words.split()
}
"""The same, of words that tell some of those records from others."""
_OPTIONAL_WORDS = {**_KIND_WORDS, **_DESCRIBING_WORDS}
"""All of them; none need occur."""
_SHORT = 4
"""Letters of a name that is no abbreviation."""
_LONGEST_NAME = 8
"""Words of the longest name that is looked for within a question."""


@dataclass(frozen=True)
class Part:
    """A part of a question: words that must all occur, or else one of the names of what they are the name of."""

    phrases: list[Phrase]
    otherwise: list[Phrase]

    def found(self, index: TextIndex, *, whole: bool = False) -> BitMap:
        """The records of a list that hold the part."""
        held = BitMap()
        if not (whole and self.is_abbreviation):
            held = reduce(and_, (index.holding(phrase.whole if whole else phrase) for phrase in self.phrases))
        return reduce(or_, map(index.holding, self.otherwise), held)

    @property
    def is_abbreviation(self) -> bool:
        """Whether it is short for something: as a word it may stand for something else, as `MS` in `MS4A1`."""
        return bool(self.otherwise) and sum(len(word) for phrase in self.phrases for word in phrase.words) < _SHORT


@dataclass(frozen=True)
class Question:
    """A question, parsed."""

    parts: list[Part]
    optional: list[Phrase]
    """Words that need not occur, but are better there."""
    kinds: Sequence[str]
    """Kinds of record that are wanted, where the question says so."""
    named: list[NameMatch]
    """What the question, or all of it that must occur, is the name of."""
    corrected: str | None = None
    """The question without the typing errors that kept it from finding anything."""

    @property
    def phrases(self) -> list[Phrase]:
        """Everything that is marked in what is found."""
        return [phrase for part in self.parts for phrase in (*part.otherwise, *part.phrases)] + self.optional

    def found(self, index: TextIndex, *, whole: bool = False) -> BitMap:
        """The records of a list that hold all that must occur."""
        return reduce(and_, (part.found(index, whole=whole) for part in self.parts))

    def with_optional(self, index: ListIndex) -> BitMap:
        """The records of a list that hold the words that need not occur."""
        return reduce(and_, map(index.text.holding, self.optional), index.everything)


def parse_question(release: OpenRelease, text: str, searched: Iterable[Noun]) -> Question:
    """A question as it is meant; typing errors are looked for only where nothing is found without."""
    question, lists = _read(release, text), [release.lists[noun.name].text for noun in searched]
    if any(question.found(index) for index in lists):
        return question
    corrected = _corrected(release, text)
    return _read(release, corrected, corrected) if corrected else question


def _read(release: OpenRelease, text: str, corrected: str | None = None) -> Question:
    pieces = text.split() if '"' in text else [piece for piece in text.split() if phrases(piece)]
    named = _named(release, text)
    optional = [piece for piece in pieces if piece.lower() in _OPTIONAL_WORDS] if not named and '"' not in text else []
    needed = [piece for piece in pieces if piece not in optional]
    if not phrases(" ".join(needed)):
        optional, needed = [], pieces
    named = named or _named(release, " ".join(needed))
    kinds = list(dict.fromkeys(kind for word in optional for kind in _OPTIONAL_WORDS[word.lower()]))
    return Question(
        list(_parts(release, needed)),
        phrases(" ".join(word for word in optional if word.lower() in _DESCRIBING_WORDS)),
        kinds,
        named,
        corrected,
    )


def _named(release: OpenRelease, text: str) -> list[NameMatch]:
    return release.names.called(text, [noun.name for noun in named_nouns().values()]) if '"' not in text else []


def _parts(release: OpenRelease, pieces: Sequence[str]) -> Iterable[Part]:
    """The names within a question, as long as possible, and the words between them."""
    start = 0
    quoted = any('"' in piece for piece in pieces)
    while start < len(pieces):
        end = len(pieces) if quoted else min(len(pieces), start + _LONGEST_NAME)
        named: list[NameMatch] = []
        while not quoted and not (named := _named(release, " ".join(pieces[start:end]))) and end > start + 1:
            end -= 1
        titles = {release.names.titles[match.space].get(match.id, match.name): None for match in named}
        text = " ".join(pieces[start:end])
        if found := phrases(text):
            own = [word for phrase in found for word in phrase.words]
            others = (phrase.words for title in titles for phrase in phrases(f'"{title}"'))
            yield Part(found, [Phrase(words, None) for words in others if words != own])
        start = end


def _corrected(release: OpenRelease, text: str) -> str | None:
    """A question with the words that occur nowhere replaced by those nearest to them; None where there are none."""
    spaces = [noun.name for noun in named_nouns().values()]
    indexes = [release.lists[space].text for space in spaces]
    corrected = []
    for piece in text.split():
        wanted = phrases(piece)
        known = piece.lower() in _OPTIONAL_WORDS or not wanted or any(index.holding(wanted[0]) for index in indexes)
        nearest = None if known else _nearest(wanted[0].words[0], indexes)
        corrected.append(nearest or piece)
    found = " ".join(corrected)
    if found == text:
        near = next(release.names.nearly(text, spaces), None)
        return near.name if near else None
    return found


def _nearest(word: str, indexes: Iterable[TextIndex]) -> str | None:
    """The word with fewest typing errors, one or two."""
    if len(word) < 4:
        return None
    errors = 1 if len(word) < 8 else 2
    candidates = (process.extractOne(word, index.words, scorer=OSA.distance, score_cutoff=errors) for index in indexes)
    found = [(distance, place, near) for place, candidate in enumerate(candidates) if candidate
             for near, distance, _ in [candidate]]  # fmt: skip
    return min(found)[2] if found else None
