"""The index of a list: what its filters, sorts, full text and names find, as bitmaps and arrays.

It follows from the documents and the declarations of the noun alone. Loading stores it; where the declarations have
changed since, it is derived anew when the release is opened.
"""

import datetime as dt
import hashlib
import sys
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import orjson
from cachetools import LRUCache
from pyroaring import BitMap

from app.nouns.declaration import UNKNOWN, AsOfFilter, FlagFilter, Noun, RangeFilter, TermFilter, column_of, title_of
from app.nouns.paths import reader, values_at
from app.nouns.registry import as_declaration_error, nouns
from app.nouns.tree import Tree
from app.release.columns import Column, Periods, number
from app.release.fulltext import TextIndex
from app.release.naming import Name, names_of
from app.release.pairs import paired, postings_beside, values_of_pairs

MAX_CACHED_ORDERS = 16
"""Orders by several keys, or descending, that are kept for a list."""
_NO_PARAMS: Mapping[str, Any] = {}
_CODE = Path(__file__).parent
INPUTS = [
    *sorted(_CODE.parent.glob("nouns/*.py")),
    *sorted(_CODE.parent.glob("vocabulary/*.py")),
    _CODE.parent / "statistics.py",
    *(_CODE / f"{name}.py" for name in ("index", "columns", "fulltext", "naming", "pairs")),
]
"""The code that an index follows from: itself, and whatever it imports of ours."""


class SortOrder:
    """An order of the records of a list."""

    def __init__(self, by_rank: "array[int]") -> None:
        self.by_rank = by_rank

    @cached_property
    def rank_of(self) -> "array[int]":
        """The rank of each position."""
        ranks = array("I", bytes(4 * len(self.by_rank)))
        for rank, position in enumerate(self.by_rank):
            ranks[position] = rank
        return ranks

    def walk(self, found: BitMap, start: int) -> Iterator[tuple[int, int]]:
        """The ranks and positions of the records found, from a rank on."""
        if len(found) ** 2 < len(self.by_rank):  # few: sort them; many: the next is never far
            ranks = sorted(rank for position in found if (rank := self.rank_of[position]) >= start)
            return ((rank, self.by_rank[rank]) for rank in ranks)
        by_rank = self.by_rank
        return ((rank, by_rank[rank]) for rank in range(start, len(by_rank)) if by_rank[rank] in found)


@dataclass(frozen=True, eq=False)
class ListIndex:
    """The index of one list of a release. A position is the place of a record in the list's own order, from 0."""

    noun: Noun
    size: int
    postings: dict[str, dict[str, BitMap]]
    """By filter and value: the records that carry the value, or one below it in its tree. Values are sorted."""
    columns: dict[str, Column]
    """By dotted path, or by the name of the filter or sort that computes it."""
    periods: dict[str, Periods]
    """By filter of a day."""
    owners: dict[str, "array[int]"]
    """By list that joins this one: the position there of the owner of each record."""
    text: TextIndex
    titles: TextIndex
    names: list[Name]

    @cached_property
    def everything(self) -> BitMap:
        """All records."""
        return BitMap(range(self.size))

    @cached_property
    def _orders(self) -> LRUCache[tuple[str, ...], SortOrder]:
        return LRUCache(MAX_CACHED_ORDERS)

    def order(self, sort: Sequence[str]) -> SortOrder:
        """All records by some keys, each may be descending (`-key`); unknown values come last, ties stay in order."""
        key = tuple(sort)
        if key not in self._orders:
            by_rank = list(range(self.size))
            for name in reversed(key):  # sorting is stable: the last key first
                plain, descending = name.lstrip("-"), name.startswith("-")
                source = self.noun.sorts[plain]
                if source is None:
                    by_rank.sort(reverse=descending)
                else:
                    column = self.columns[column_of(plain, source)]
                    values = column.by_position(float("-inf") if descending else float("inf"))
                    by_rank.sort(key=values.__getitem__, reverse=descending)
            self._orders[key] = SortOrder(array("I", by_rank))
        return self._orders[key]

    def in_order(self, found: BitMap, sort: Sequence[str], start: int = 0) -> Iterator[tuple[int, int]]:
        """The ranks and positions of the records found, in an order, from a rank on."""
        if sort:
            return self.order(sort).walk(found, start)
        return ((position, position) for position in found.iter_equal_or_larger(start))

    def term(self, name: str, values: Iterable[str], params: Mapping[str, Any] = _NO_PARAMS) -> BitMap:
        """The records that carry one of some values of a filter, or one below them, under a query."""
        postings = self.postings_of(name, params)
        found = [postings[value] for value in values if value in postings]
        return BitMap.union(*found) if found else BitMap()

    def postings_of(self, name: str, params: Mapping[str, Any]) -> Mapping[str, BitMap]:
        """By value of a filter: the records that carry it under a query.

        Where the query has a day, those of which it held on it; where it asks for the other filter of a pair, those
        that carry both in one object.
        """
        if (pair := self.noun.pairs.get(name)) and (other := pair[name == pair[0]]) in params:
            return postings_beside(self.postings.get(paired(pair), {}), pair, name, params[other])
        as_of = self.noun.as_of
        if as_of is None or as_of.name not in params or name not in as_of.at:
            return self.postings.get(name, {})
        return self.periods[as_of.name].postings_on(name, params[as_of.name])

    @cached_property
    def ids(self) -> list[str]:
        """The id of each record, in order, of a list whose records have names: each is called its id."""
        return [name.id for name in self.names if name.how == "id" and name.name == name.id]

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each id, of such a list."""
        return {record_id: position for position, record_id in enumerate(self.ids)}

    @cached_property
    def parents(self) -> dict[str, list[str]]:
        """The terms directly above each term of a tree, from what is found below each."""
        ancestors: dict[str, set[str]] = {term: set() for term in self.ids}
        for term, records in self.postings["below"].items():
            for position in records:
                ancestors[self.ids[position]].add(term)
        for term, found in ancestors.items():
            found.discard(term)
        return {
            term: sorted(one for one in found if not any(one in ancestors[other] for other in found))
            for term, found in ancestors.items()
        }

    def range(self, wanted: RangeFilter, bound: float | dt.date | str) -> BitMap:
        """The records within a bound; or those whose value is not known."""
        column = self.columns[wanted.column]
        return column.unknown() if bound == UNKNOWN else column.between(number(bound), lower=wanted.lower)

    def find(self, name: str, params: Mapping[str, Any]) -> BitMap:
        """The records that one filter of a query finds. `id` holds positions, not ids."""
        value = params[name]
        if name == "q":
            return self.text.matches(value)
        if name == "id":
            return BitMap(value)
        wanted = self.noun.by_name[name]
        if isinstance(wanted, RangeFilter):
            return self.range(wanted, value)
        if isinstance(wanted, AsOfFilter):
            return self.periods[name].records_on(value)
        return self.term(name, map(str, value) if isinstance(value, list) else [str(value).lower()], params)

    def serialize(self) -> bytes:
        """The index as it is stored: a header in JSON that says where each part stands, and the parts."""
        parts = _Parts()
        header = {
            "size": self.size,
            "postings": _stored_postings(self.postings, parts),
            "columns": {path: [parts.add(bytes(item)) for item in column] for path, column in self.columns.items()},
            "periods": {
                name: {
                    "columns": [[parts.add(bytes(item)) for item in column] for column in (known.since, known.until)],
                    "owners": parts.add(bytes(known.owners)),
                    "postings": _stored_postings(known.postings, parts),
                }
                for name, known in self.periods.items()
            },
            "owners": {name: parts.add(bytes(owners)) for name, owners in self.owners.items()},
            "texts": [
                [
                    parts.add("\n".join(text.words).encode()),
                    parts.add("\n".join(spelling for spelling, _ in text.spellings).encode()),
                    parts.add(bytes(array("I", [number for _, number in text.spellings]))),
                    parts.add(bytes(text.offsets)),
                    parts.add(text.postings),
                    parts.add(bytes(text.tokens)),
                    parts.add(bytes(text.starts)),
                ]
                for text in (self.text, self.titles)
            ],
            "names": [(name.folded, name.id, name.how, name.name, name.also) for name in self.names],
        }
        head = orjson.dumps(header)
        return len(head).to_bytes(8, "little") + head + b"".join(parts.parts)

    @classmethod
    def deserialize(cls, noun: Noun, content: bytes) -> "ListIndex":
        """The index that was stored."""
        begin = 8 + int.from_bytes(content[:8], "little")
        header = orjson.loads(content[8:begin])
        shared: dict[str, str] = {}

        def share(text: str) -> str:
            """One and the same string for equal ones: an id is there once for each of its names."""
            return shared.setdefault(text, text)

        def part(place: tuple[int, int]) -> bytes:
            return content[begin + place[0] : begin + place[0] + place[1]]

        def text(places: list[tuple[int, int]]) -> TextIndex:
            words, spellings, spelled, offsets, postings, tokens, starts = map(part, places)
            spelled_so = list(zip(_lines(spellings), array("I", spelled), strict=True))
            tables = (array("I", offsets), postings, array("I", tokens), array("I", starts))
            return TextIndex(_lines(words), spelled_so, *tables)

        def column(places: list[tuple[int, int]]) -> Column:
            return Column(array("d", part(places[0])), array("I", part(places[1])))

        def postings(stored: dict[str, list[tuple[str, tuple[int, int]]]]) -> dict[str, dict[str, BitMap]]:
            return {
                name: {value: BitMap.deserialize(part(place)) for value, place in found}
                for name, found in stored.items()
            }

        return cls(
            noun,
            header["size"],
            postings(header["postings"]),
            {path: column(places) for path, places in header["columns"].items()},
            {
                name: Periods(
                    column(stored["columns"][0]),
                    column(stored["columns"][1]),
                    array("I", part(stored["owners"])),
                    postings(stored["postings"]),
                )
                for name, stored in header["periods"].items()
            },
            {name: array("I", part(place)) for name, place in header["owners"].items()},
            text(header["texts"][0]),
            text(header["texts"][1]),
            [
                Name(share(key), noun.name, share(of), share(how), share(name), tuple(also))
                for key, of, how, name, also in header["names"]
            ],
        )


def _stored_postings(
    postings: Mapping[str, Mapping[str, BitMap]], parts: "_Parts"
) -> dict[str, list[tuple[str, tuple[int, int]]]]:
    return {
        name: [(value, parts.add(records.serialize())) for value, records in found.items()]
        for name, found in postings.items()
    }


def _lines(content: bytes) -> list[str]:
    return content.decode().split("\n") if content else []


class _Parts:
    """Parts of a stored index, one after the other."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._length = 0

    def add(self, content: bytes) -> tuple[int, int]:
        """Add a part; answer where it begins, and its length."""
        place = self._length, len(content)
        self.parts.append(content)
        self._length += len(content)
        return place


@cache
def fingerprint() -> str:
    """SHA-256 over the declarations and the code that an index follows from, and the machine's order of bytes."""
    digest = hashlib.sha256(f"{sys.byteorder} {array('I').itemsize}".encode())
    for path in INPUTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build(documents: Mapping[str, Iterable[str]], only: Collection[str] | None = None) -> dict[str, ListIndex]:
    """Index the documents of a release, given by list, each list in its order. Lists of no noun are passed over.

    Where `only` some lists are indexed, those that they refer to are needed all the same (`read_by`). Raises
    `DeclarationError` where what is declared cannot read a document.
    """
    kept = {noun.name: list(documents.get(noun.name, ())) for noun in nouns()}
    trees = {noun.name: _tree(kept[noun.name]) for noun in nouns() if noun.is_tree}
    joined = [noun for noun in nouns() if noun.join]
    positions = {
        noun.name: {orjson.loads(text)["id"]: place for place, text in enumerate(kept[noun.name])} for noun in joined
    }
    found = {}
    for noun in nouns() if only is None else [each for each in nouns() if each.name in only]:
        owners = {
            owner.name: (owner.join.foreign_key, positions[owner.name])
            for owner in joined
            if owner.join and owner.join.noun is noun
        }
        try:
            found[noun.name] = _build_list(noun, kept[noun.name], trees, owners)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise as_declaration_error(error, f"No index can be made of {noun.name}") from error
    return found


def read_by(noun: Noun) -> set[str]:
    """The lists that the index of a list is made of: itself, all trees, and those that own its records."""
    trees = {other.name for other in nouns() if other.is_tree}
    owners = {other.name for other in nouns() if other.join and other.join.noun is noun}
    return {noun.name} | trees | owners


def _tree(documents: Sequence[str]) -> Tree:
    return Tree({term["id"]: [parent["id"] for parent in term["parents"]] for term in map(orjson.loads, documents)})


def _build_list(
    noun: Noun,
    documents: Sequence[str],
    trees: Mapping[str, Tree],
    owners: Mapping[str, tuple[str, Mapping[str, int]]],
) -> ListIndex:
    postings: dict[str, dict[str, list[int]]] = {
        wanted.name: defaultdict(list) for wanted in noun.filters if isinstance(wanted, TermFilter | FlagFilter)
    }
    postings |= {paired(pair): defaultdict(list) for pair in noun.pairs.values()}
    sources = {wanted.column: wanted.values for wanted in noun.filters if isinstance(wanted, RangeFilter)}
    sources |= {column_of(name, source): source for name, source in noun.sorts.items() if source is not None}
    columns = [(reader(source), list[float | None](), column) for column, source in sources.items()]
    owner_of: dict[str, list[int]] = {name: [] for name in owners}
    texts, titles = list[list[str | None]](), list[list[str]]()
    names: dict[tuple[str, ...], Name] = {}
    terms = [
        (
            postings[wanted.name],
            reader(wanted.values),
            cache(partial(_terms, trees.get(getattr(wanted, "names", None) or ""))),
            {UNKNOWN} if wanted.name in noun.optional else set(),
        )
        for wanted in noun.filters
        if isinstance(wanted, TermFilter | FlagFilter)
    ]
    for position, content in enumerate(documents):
        document = orjson.loads(content)
        for carrying, read, terms_of, missing in terms:
            for value in terms_of(*map(_plain, read(document))) or missing:
                carrying[value].append(position)
        for pair, found in values_of_pairs(noun, document, trees):
            for value in found:
                postings[pair][value].append(position)
        for read, column, _ in columns:
            column.append(next(map(number, read(document)), None))
        for name, (path, positions) in owners.items():
            owner_of[name].append(positions[values_at(document, path)[0]])
        texts.append(list(noun.text(document)))
        titles.append([title_of(noun, document)])
        for called in names_of(noun, document):
            names.setdefault(called[:4], called)
    return ListIndex(
        noun,
        len(documents),
        {name: {value: BitMap(found[value]) for value in sorted(found)} for name, found in postings.items()},
        {name: Column.of(column) for _, column, name in columns},
        {noun.as_of.name: Periods.of(noun.as_of, map(orjson.loads, documents))} if noun.as_of else {},
        {name: array("I", column) for name, column in owner_of.items()},
        TextIndex.build(texts),
        TextIndex.build(titles),
        list(names.values()),
    )


def _plain(value: Any) -> str:
    """A value as a query names it."""
    if type(value) is str:
        return value
    return str(value).lower() if type(value) is bool else str(value)


def _terms(tree: Tree | None, *values: str) -> set[str]:
    """The values under which a record is found: what is below a value is found by it too."""
    plain = set(values)
    return plain.union(*map(tree.upwards, plain)) if tree else plain
