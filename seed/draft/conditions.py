"""Conditions that captions and sentences name, by the names of the condition vocabulary."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.nouns.condition import ConditionRecord
from app.nouns.tree import Tree
from seed.draft.tables import squeezed

_ALTERNATIVES = re.compile(
    r"\b(?:relapsed|recurrent|unresectable|(?:locally )?advanced|newly diagnosed|stage \w+) (?:or|and) "
    r"(?:refractory|advanced|metastatic|recurrent|previously untreated|\w+)\b",
    re.IGNORECASE,
)
"""States of one disease, which are no list of diseases."""


@dataclass
class ConditionVocabulary:
    """Names and synonyms of conditions with their ids, and each condition's ancestors."""

    names: dict[str, str] = field(default_factory=dict)
    ancestors: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[ConditionRecord]) -> "ConditionVocabulary":
        """The vocabulary of the given records. A name that two conditions share is left out."""
        records = list(records)
        tree = Tree({record.id: record.parents for record in records})
        vocabulary = cls(ancestors={record.id: tree.upwards(record.id) - {record.id} for record in records})
        shared: set[str] = set()
        for record in records:
            # Two letters mean too much: RA is rheumatoid arthritis, and 13-cis-retinoic acid in another label.
            for name in {_form(name) for name in (record.name, *record.synonyms) if len(name) > 2}:
                if vocabulary.names.setdefault(name, record.id) != record.id:
                    shared.add(name)
        for name in shared:
            del vocabulary.names[name]
        return vocabulary

    def named_in(self, text: str) -> list[str]:
        """The conditions that a text names: longest names first, without what another one named is a kind of."""
        text, plain = squeezed(text), _form(squeezed(text).lower())
        found: list[str] = []
        for name in sorted(self.names, key=len, reverse=True):
            where = text if name.isupper() else plain
            if name not in where:
                continue
            pattern = rf"(?<![\w-]){re.escape(name)}(?:e?s)?(?![\w-])"
            if re.search(pattern, where):
                found.append(self.names[name])
                text, plain = re.sub(pattern, " ", text), re.sub(pattern, " ", plain)
        above = {parent for condition in found for parent in self.ancestors.get(condition, set())}
        return list(dict.fromkeys(condition for condition in found if condition not in above))

    def only_named_in(self, text: str) -> str | None:
        """The one condition that a caption names; None where it lists several, known or not."""
        named = self.named_in(text)
        plain = _ALTERNATIVES.sub(" ", squeezed(text))
        plain = re.split(r"\b(?:patients|adults|subjects)\b", plain, maxsplit=1, flags=re.IGNORECASE)[-1]
        plain = re.split(r"\b(?:in|who|receiv\w+|treated)\b", plain, maxsplit=1, flags=re.IGNORECASE)[0]
        listed = bool(re.search(r"\b(?:or|and)\b", plain))
        return named[0] if len(named) == 1 and not listed else None

    def named_near(self, text: str, trials: Sequence[str]) -> list[str]:
        """The conditions named by the first sentence that names a trial, and a condition."""
        for trial in trials:
            for sentence in re.split(r"(?<=[.\]])\s+(?=[A-Z])", text):
                if trial in sentence and (named := self.named_in(sentence)):
                    return named
        return []


def _form(name: str) -> str:
    """A name as it is compared: abbreviations as they are, else lower case in American spelling."""
    if name.isupper():
        return name
    name = name.lower().replace("aemia", "emia").replace("tumour", "tumor").replace("oesoph", "esoph")
    return name.replace("haem", "hem")
