"""Pairs of filters whose values stand in one object of a list, such as a biomarker and its state: both meet in it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from pyroaring import BitMap

from app.nouns.declaration import Noun
from app.nouns.filters import UNKNOWN
from app.nouns.paths import values_at
from app.nouns.tree import Tree

Pair = tuple[str, str]
_BETWEEN = "\t"
"""Between the values of a pair, of which none has it."""


def paired(pair: Pair) -> str:
    """What the postings of a pair are called; no filter is called so."""
    return "+".join(pair)


def values_of_pairs(
    noun: Noun, document: Mapping[str, Any], trees: Mapping[str, Tree]
) -> Iterator[tuple[str, set[str]]]:
    """By pair of a noun, the values that a document has in one object; both are unknown where there is none."""
    for pair in set(noun.pairs.values()):
        sides = []
        for name in pair:
            wanted: Any = noun.by_name[name]
            where, _, key = wanted.values.rpartition(".")
            sides.append((key, trees.get(wanted.names or "")))
        found: set[str] = set()
        for part in values_at(document, where):
            found.update(map(_BETWEEN.join, product(*(_side(part, key, tree) for key, tree in sides))))
        yield paired(pair), found or {_BETWEEN.join((UNKNOWN, UNKNOWN))}


def _side(part: Any, key: str, tree: Tree | None) -> set[str]:
    values = {str(value) for value in values_at(part, key)} or {UNKNOWN}
    return values.union(*map(tree.upwards, values)) if tree else values


def postings_beside(postings: Mapping[str, BitMap], pair: Pair, name: str, others: Iterable[Any]) -> dict[str, BitMap]:
    """By value of one filter of a pair: the records that have it beside one of some values of the other."""
    wanted, place = set(map(str, others)), pair.index(name)
    found: dict[str, BitMap] = defaultdict(BitMap)
    for both, records in postings.items():
        values = both.split(_BETWEEN)
        if values[1 - place] in wanted:
            found[values[place]] |= records
    return dict(sorted(found.items()))
