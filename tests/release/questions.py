"""Random questions of a list, the same in every run."""

import datetime as dt
import random
from typing import Any

from app.nouns.declaration import Noun
from app.nouns.filters import AllFilter, AsOfFilter, FlagFilter, RangeFilter
from tests.release.brute_force import BruteForce, at, given, number, words


class Questions:
    """Makes questions of the values that a list holds, so that most of them find something."""

    def __init__(self, base: BruteForce, noun: Noun, seed: int) -> None:
        self._noun, self._base = noun, base
        self._chance = random.Random(f"{noun.name} {seed}")  # noqa: S311  # the same questions in every run
        if noun.name not in base.asked_for:
            known = {
                wanted.name: self._values(noun.owners[wanted.name], wanted)
                for wanted in noun.by_name.values()
                if not isinstance(wanted, FlagFilter)
            }
            texts = (text for record in base.documents[noun.name] for text in noun.text(record) if text)
            base.asked_for[noun.name] = known, sorted({word for text in texts for word in words(text)})
        self._known, self._words = base.asked_for[noun.name]

    def _values(self, owner: Noun, wanted: Any) -> list[Any]:
        records = self._base.documents[owner.name]
        if isinstance(wanted, AsOfFilter):
            days = (dt.date.fromisoformat(day) for record in records for day in at(record, f"{wanted.periods}.since"))
            return sorted({day + dt.timedelta(days=more) for day in days for more in (-1, 0, 200)})
        if not isinstance(wanted, RangeFilter):
            found = {value for record in records for value in self._base.values(wanted, record)}
            return sorted(found - {"unknown"} if isinstance(wanted, AllFilter) else found)
        numbers = sorted({number(value) for record in records for value in given(record, wanted.values)})
        if wanted.type is dt.date:
            return [dt.date.fromordinal(int(value)) for value in numbers]
        return [wanted.type(value) for value in numbers]

    def filters(self, most: int = 3) -> dict[str, Any]:
        """Filters with values, by name."""
        wanted = list(self._noun.by_name.values())
        chosen = self._chance.sample(wanted, min(len(wanted), self._chance.randint(0, most)))
        found = {item.name: self._value(item) for item in chosen}
        if self._chance.random() < 0.2:
            found["q"] = self.text()
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, wanted: Any) -> Any:
        single = isinstance(wanted, (FlagFilter, RangeFilter))
        if single and wanted.name in self._noun.optional and self._chance.random() < 0.15:
            return "unknown"
        if isinstance(wanted, FlagFilter):
            return self._chance.random() < 0.5
        known = self._known[wanted.name]
        if not known:
            return None
        if isinstance(wanted, RangeFilter | AsOfFilter):
            return self._chance.choice(known)
        most = self._chance.choice([1, 2, 2, 3] if isinstance(wanted, AllFilter) else [1, 1, 1, 2, 5])
        return sorted(self._chance.sample(known, min(len(known), most)))

    def sort(self) -> list[str]:
        """Keys of an order, or none."""
        keys = self._chance.sample(
            list(self._noun.sorts), min(len(self._noun.sorts), self._chance.choice([0, 1, 1, 2]))
        )
        return [key if self._chance.random() < 0.5 else f"-{key}" for key in keys]

    def text(self) -> str:
        """Words, beginnings of words, and phrases that adjoin in a record or do not."""
        kind = self._chance.random()
        if kind < 0.5:
            picked = self._chance.choices(self._words, k=self._chance.choice([1, 1, 2]))
            return " ".join(word[: self._chance.choice([1, 3, 99])] for word in picked)
        record = self._chance.choice(self._base.documents[self._noun.name])
        texts = [words(text) for text in self._noun.text(record) if text and words(text)]
        text = self._chance.choice(texts)
        start, length = self._chance.randrange(len(text)), self._chance.randint(2, 4)
        phrase = text[start : start + length]
        if kind < 0.7:
            return f'"{" ".join(phrase)}"'
        return "-".join(phrase) if kind < 0.9 else " ".join(self._chance.sample(phrase, len(phrase)))

    def number(self, most: int) -> int:
        """A number from 1."""
        return self._chance.randint(1, most)
