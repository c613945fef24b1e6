"""What a query finds, computed over all documents one by one: no index, no bitmaps, nothing kept."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from itertools import product
from typing import Any

from app.nouns.declaration import Noun
from app.nouns.filters import AllFilter, AsOfFilter, Filter, FlagFilter, RangeFilter, TermFilter
from app.nouns.paths import Values
from app.nouns.spelling import GREEK, respelled, runs

Documents = dict[str, list[dict[str, Any]]]
Params = dict[str, Any]


class BruteForce:
    """The documents of a release, asked without an index."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self._values: dict[tuple[int, int], set[str]] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._asked: dict[tuple[str, str], set[str]] = {}
        self._meeting: dict[tuple[str, str, str], set[int]] = {}
        self._together: dict[str, list[tuple[str, str]]] = {}
        self.asked_for: dict[str, tuple[dict[str, list[Any]], list[str]]] = {}
        """The values of filters, and the words, of each list that questions were made of."""

    @cached_property
    def parents(self) -> dict[str, dict[str, list[str]]]:
        """The parents of each record of each list that is a tree."""
        return {
            name: {record["id"]: [parent["id"] for parent in record["parents"]] for record in records}
            for name, records in self.documents.items()
            if records and "parents" in records[0]
        }

    def upwards(self, tree: str, term: str) -> set[str]:
        """A term and all above it."""
        return {term}.union(*(self.upwards(tree, parent) for parent in self.parents[tree].get(term, ())))

    def values(self, wanted: Filter, document: dict[str, Any]) -> set[str]:
        """The values of a filter under which a record is found."""
        key = id(wanted), id(document)
        if key not in self._values:
            self._values[key] = self._computed(wanted, document)
        return self._values[key]

    def _computed(self, wanted: Filter, document: dict[str, Any]) -> set[str]:
        assert isinstance(wanted, TermFilter | FlagFilter)
        found = given(document, wanted.values)
        plain = {str(value).lower() if isinstance(value, bool) else str(value) for value in found}
        if not plain and may_be_missing(wanted):
            return {"unknown"}
        tree = wanted.names if isinstance(wanted, TermFilter) else None
        if tree in self.parents:
            return set().union(*(self.upwards(tree, value) for value in plain))
        return plain

    def on_day(self, noun: Noun, document: dict[str, Any], day: dt.date) -> dict[str, Any] | None:
        """What held of a record on a day, as its document lists it."""
        assert noun.as_of
        for period in at(document, noun.as_of.periods):
            if period["since"] <= day.isoformat() and (period["until"] is None or day.isoformat() <= period["until"]):
                return dict(period)
        return None

    def reading(self, noun: Noun, name: str, params: Params) -> Callable[[dict[str, Any]], set[str]]:
        """What reads the values of a filter: those that held on the day of the query, where it has one."""
        as_of = noun.as_of
        if as_of and as_of.name in params and name in as_of.at:
            day, key = params[as_of.name], as_of.at[name]

            def on_the_day(document: dict[str, Any]) -> set[str]:
                held = self.on_day(noun, document, day)
                return {held[key] or "unknown"} if held else set()

            return on_the_day
        for first, second in self.together(noun):
            other = second if name == first else first
            if name in (first, second) and other in params:
                return lambda document: self.values_beside(noun, document, name, other, params[other])
        return partial(self.values, noun.by_name[name])

    def together(self, noun: Noun) -> list[tuple[str, str]]:
        """Filters whose values stand in one object, and must be met in it."""
        if noun.name not in self._together:
            terms = [each for each in noun.filters if isinstance(each, TermFilter)]
            self._together[noun.name] = [(each.together, each.name) for each in terms if each.together]
        return self._together[noun.name]

    def values_beside(
        self, noun: Noun, document: dict[str, Any], name: str, other: str, wished: Iterable[Any]
    ) -> set[str]:
        """The values of a filter in those objects of a record that meet the other filter."""
        where = str(noun.by_name[name].values).split(".")[0]
        parts = [{**document, where: [part]} for part in document[where]] or [document]
        kept = [part for part in parts if not self._computed(noun.by_name[other], part).isdisjoint(wished)]
        return set().union(*(self._computed(noun.by_name[name], part) for part in kept))

    def condition(self, noun: Noun, name: str, params: Params) -> Callable[[dict[str, Any]], bool]:
        """What says of a record whether it meets one filter of a query."""
        value = params[name]
        if name == "q":
            asked = self.asked(noun, value)
            return lambda document: document["id"] in asked
        wanted = noun.by_name[name]
        if isinstance(wanted, RangeFilter):

            def within(document: dict[str, Any]) -> bool:
                own = [number(found) for found in given(document, wanted.values)]
                if value == "unknown":
                    return not own
                return any(found >= number(value) if wanted.lower else found <= number(value) for found in own)

            return within
        if isinstance(wanted, AsOfFilter):
            return lambda document: self.on_day(noun, document, value) is not None
        wished = set(value if isinstance(value, list) else [str(value).lower()])
        read = self.reading(noun, name, params)
        return lambda document: not read(document).isdisjoint(wished)

    def meeting(self, noun: Noun, name: str, params: Params) -> set[int]:
        """Which records meet one filter of a query, by their `id()`."""
        bearing = {name, noun.as_of.name if noun.as_of else name}.union(*(p for p in self.together(noun) if name in p))
        key = noun.name, name, str({each: params.get(each) for each in sorted(bearing)})
        if key not in self._meeting:
            meets = self.condition(noun, name, params)
            self._meeting[key] = {id(record) for record in self.documents[noun.name] if meets(record)}
        return self._meeting[key]

    def find(self, noun: Noun, params: Params) -> list[dict[str, Any]]:
        """The records that meet all filters; those of a joined noun in one and the same record, with what is shared."""
        join = noun.join
        if every := {name: value for name, value in params.items() if isinstance(noun.by_name.get(name), AllFilter)}:
            return self._find_all_of(noun, {name: params[name] for name in params if name not in every}, every)
        joined = {name: value for name, value in params.items() if join and name in join.filters}
        own = {name: value for name, value in params.items() if name not in joined}
        found = self.documents[noun.name]
        if own:
            ids = set.intersection(*(self.meeting(noun, name, own) for name in own))
            found = [document for document in found if id(document) in ids]
        if join is None or not joined:
            return found
        both = join.base_filters | joined | {name: params[name] for name in join.shared_filters if name in params}
        owners = {at(member, join.foreign_key)[0] for member in self.find(join.noun, both)}
        return [document for document in found if document["id"] in owners]

    def _find_all_of(self, noun: Noun, plain: Params, every: Params) -> list[dict[str, Any]]:
        """The records found whichever of the values is asked for, one of each filter at a time."""
        found = self.find(noun, plain)
        for values in product(*every.values()):
            asked = {name.removesuffix("_all"): [value] for name, value in zip(every, values, strict=True)}
            ids = {record["id"] for record in self.find(noun, plain | asked)}
            found = [record for record in found if record["id"] in ids]
        return found

    def text(self, noun: Noun, document: dict[str, Any]) -> str:
        """The words of a record, side by side."""
        key = noun.name, document["id"]
        if key not in self._texts:
            self._texts[key] = joined(noun.text(document))
        return self._texts[key]

    def asked(self, noun: Noun, question: str) -> set[str]:
        """The ids of the records that hold every phrase of a question."""
        key = noun.name, question
        if key not in self._asked:
            records = self.documents[noun.name]
            found = asked([self.text(noun, record) for record in records], question)
            self._asked[key] = {records[position]["id"] for position in found}
        return self._asked[key]

    def facet(self, noun: Noun, params: Params, name: str) -> Counter[str]:
        """How many records each value of a filter finds, beside all others."""
        join = noun.join
        others = {key: value for key, value in params.items() if key != name}
        every = any(isinstance(noun.by_name.get(key), AllFilter) for key in others)
        if join and every and name in (*join.filters, *join.shared_filters):
            owner = noun.owners[name]
            known = {
                value for record in self.documents[owner.name] for value in self.values(owner.by_name[name], record)
            }
            return +Counter({value: len(self.find(noun, others | {name: [value]})) for value in known})
        if join and name in join.shared_filters and not others.keys().isdisjoint(join.filters):
            known = {value for record in self.documents[noun.name] for value in self.values(noun.by_name[name], record)}
            return +Counter({value: len(self.find(noun, others | {name: [value]})) for value in known})
        if join is None or name not in join.filters:
            read = self.reading(noun, name, others)
            return Counter(value for record in self.find(noun, others) for value in read(record))
        own = {key: value for key, value in others.items() if key not in join.filters}
        found = {record["id"] for record in self.find(noun, own)}
        shared = {key: others[key] for key in (*join.filters, *join.shared_filters) if key in others}
        owners: dict[str, set[str]] = {}
        read = self.reading(join.noun, name, shared)
        for member in self.find(join.noun, join.base_filters | shared):
            for value in read(member):
                owners.setdefault(value, set()).add(at(member, join.foreign_key)[0])
        return +Counter({value: len(having & found) for value, having in owners.items()})

    def sort(self, noun: Noun, records: Iterable[dict[str, Any]], keys: Iterable[str]) -> list[dict[str, Any]]:
        """Records, given in the order of the list, by some keys: unknown values come last, ties stay in order."""
        place = {record["id"]: number for number, record in enumerate(self.documents[noun.name])}
        found = list(records)
        for key in reversed(list(keys)):
            values, down = noun.sorts[key.lstrip("-")], key.startswith("-")
            if values is None:
                found.sort(key=lambda record: place[record["id"]], reverse=down)
            else:
                found.sort(key=_by(values, down=down))
        return found


def _by(declared: Values, *, down: bool) -> Callable[[dict[str, Any]], tuple[bool, float]]:
    def key(record: dict[str, Any]) -> tuple[bool, float]:
        values = [number(value) for value in given(record, declared)]
        return not values, (-values[0] if down else values[0]) if values else 0.0

    return key


def may_be_missing(wanted: Filter) -> bool:
    """Whether `unknown` finds records without a value: not where a function gives it, or it means one of the values."""
    vocabulary = wanted.vocabulary if isinstance(wanted, TermFilter) else None
    if isinstance(wanted, TermFilter) and wanted.missing:
        return True
    return isinstance(wanted.values, str) and not (vocabulary and "unknown" in list(vocabulary))


def given(document: dict[str, Any], values: Values) -> list[Any]:
    """The values that a declaration names, by a path or a function; nulls left out."""
    found = at(document, values) if isinstance(values, str) else values(document)
    return [value for value in found if value is not None]


def at(document: Any, path: str) -> list[Any]:
    """The values at a dotted path; lists on the way are followed, nulls left out."""
    if isinstance(document, list):
        return [value for part in document for value in at(part, path)]
    if document is None:
        return []
    if not path:
        return [document]
    if not isinstance(document, dict):
        return []
    keys, _, rest = path.partition(".")
    key = next((key for key in keys.split("|") if document.get(key) is not None), keys)
    return at(document.get(key), rest)


def number(value: Any) -> float:
    """A number, or a day as one."""
    if isinstance(value, str):
        value = dt.date.fromisoformat(value)
    return float(value.toordinal()) if isinstance(value, dt.date) else float(value)


def words(text: str) -> list[str]:
    """The words of a text, as they are written."""
    return runs(text)


def joined(texts: Iterable[str | None]) -> str:
    """The words of some texts, side by side, each as it is compared and as it is written: ` anemia|anaemia of|of `."""
    found = []
    for run in (run for text in texts if text for run in runs(text)):
        compared = respelled(run)
        found += [f"{word}|{run if len(compared) == 1 else word}" for word in compared]
    return f" {' '.join(found)} "


def asked(texts: Sequence[str], question: str, *, whole: bool = False) -> list[int]:
    """Which of some texts, given as `joined` makes them, hold every phrase of a question."""
    found = set(range(len(texts)))
    for piece in re.findall(r'"[^"]*"|\S+', question):
        quoted = piece.startswith('"') and piece.endswith('"') and len(piece) > 1
        written = runs(piece)
        phrase = [word for run in written for word in respelled(run)]
        if phrase:
            beginning = None if whole or quoted or phrase[-1].isdigit() else written[-1]
            holding = _holding(texts, phrase, beginning)
            holding = holding.union(*(_holding(texts, other, None) for other in _together(phrase)))
            holding = holding or set().union(*(_holding(texts, other, None) for other in _apart(phrase)))
            found &= holding
    return sorted(found)


def _holding(texts: Sequence[str], phrase: Sequence[str], beginning: str | None) -> set[int]:
    *before, last = map(re.escape, phrase)
    end = last
    if beginning is not None:  # what is written so in one text is the same word in all others
        so = re.compile(rf" ([^ |]+)\|{re.escape(beginning)}")
        words_so = {found for text in texts for found in so.findall(text)} - {phrase[-1]}
        end = "|".join([rf"{last}[^ |]*", *(re.escape(word) for word in words_so if not word.startswith(phrase[-1]))])
    pattern = re.compile(" " + "".join(rf"{word}\|[^ ]* " for word in before) + rf"(?:{end})\|")
    return {position for position, text in enumerate(texts) if pattern.search(text)}


def _together(phrase: list[str]) -> Iterator[list[str]]:
    for place in range(len(phrase) - 1):
        if (phrase[place] + phrase[place + 1]).isalpha():
            yield [*phrase[:place], phrase[place] + phrase[place + 1], *phrase[place + 2 :]]


def _apart(phrase: list[str]) -> Iterator[list[str]]:
    latin = {letter: name for name, letter in GREEK.items()}
    for place, word in enumerate(phrase):
        for cut in range(1, len(word)) if len(word) <= 12 else ():
            for second in {word[cut:], latin.get(word[cut:], word[cut:])}:
                yield [*phrase[:place], word[:cut], second, *phrase[place + 1 :]]
