"""Indexing: the index of each list of a release, made of its documents and the declaration of its noun alone."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import orjson
from pyroaring import BitMap

from app.nouns.declaration import Noun
from app.nouns.declaration_errors import OF_FUNCTIONS, as_declaration_error
from app.nouns.filters import UNKNOWN, FlagFilter, RangeFilter, TermFilter, column_of
from app.nouns.paths import reader, values_at
from app.nouns.registry import nouns
from app.nouns.tree import Tree
from app.release.columns import Column, Periods
from app.release.declared_values import (
    Carrying,
    as_queried,
    check_range,
    check_values,
    compared,
    texts_of,
    title_of_hit,
)
from app.release.fulltext import TextIndex
from app.release.index import ListIndex
from app.release.naming import Name, names_of
from app.release.pairs import paired, values_of_pairs


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
            found[noun.name] = build_list(noun, kept[noun.name], trees, owners)
        except OF_FUNCTIONS as error:
            advice = "documents of older releases lack what came later: read it by `.get()`"
            what = f"No index can be made of {noun.name}"
            raise as_declaration_error(error, what, advice if isinstance(error, KeyError) else "") from error
    return found


def read_by(noun: Noun) -> set[str]:
    """The lists that the index of a list is made of: itself, all trees, and those that own its records."""
    trees = {other.name for other in nouns() if other.is_tree}
    owners = {other.name for other in nouns() if other.join and other.join.noun is noun}
    return {noun.name} | trees | owners


def _tree(documents: Sequence[str]) -> Tree:
    return Tree({term["id"]: [parent["id"] for parent in term["parents"]] for term in map(orjson.loads, documents)})


def build_list(
    noun: Noun,
    documents: Sequence[str],
    trees: Mapping[str, Tree],
    owners: Mapping[str, tuple[str, Mapping[str, int]]],
) -> ListIndex:
    """The index of one list. `trees` are by list; `owners` by list: the path of their id, and their positions by id.

    Raises what the functions of a declaration raise, and `ValueError` or `TypeError` for values that it cannot hold.
    """
    pairs: dict[str, dict[str, list[int]]] = {paired(pair): defaultdict(list) for pair in noun.pairs.values()}
    sources = {wanted.column: wanted.values for wanted in noun.filters if isinstance(wanted, RangeFilter)}
    sources |= {column_of(name, source): source for name, source in noun.sorts.items() if source is not None}
    known: dict[str, list[float | None]] = {name: [] for name in sources}
    called = {name: repr(name.removesuffix("()")) for name in sources}
    columns = [(known[name], reader(source, called[name]), called[name]) for name, source in sources.items()]
    owner_of: dict[str, list[int]] = {name: [] for name in owners}
    texts, titles = list[list[str | None]](), list[list[str]]()
    names: dict[tuple[str, ...], Name] = {}
    chosen = [wanted for wanted in noun.filters if isinstance(wanted, TermFilter | FlagFilter)]
    terms = [(reader(wanted.values, repr(wanted.name)), Carrying(list)) for wanted in chosen]
    for position, content in enumerate(documents):
        document = orjson.loads(content)
        for read, carrying in terms:
            carrying[tuple(map(as_queried, read(document)))].append(position)
        for pair, found in values_of_pairs(noun, document, trees):
            for value in found:
                pairs[pair][value].append(position)
        for column, read, of in columns:
            column.append(compared(read(document), of))
        for name, (path, positions) in owners.items():
            owner_of[name].append(positions[values_at(document, path)[0]])
        texts.append(texts_of(noun, document))
        titles.append([title_of_hit(noun, document)])
        for item in names_of(noun, document):
            names.setdefault(item[:4], item)
    for wanted, (_, carrying) in zip(chosen, terms, strict=True):
        check_values(wanted, carrying)
    for bound in noun.filters:
        if isinstance(bound, RangeFilter):
            check_range(bound, documents, known[bound.column])
    postings = {
        wanted.name: _by_value(carrying, trees.get(getattr(wanted, "names", None) or ""), wanted.name in noun.optional)
        for wanted, (_, carrying) in zip(chosen, terms, strict=True)
    }
    index = ListIndex(
        noun,
        len(documents),
        postings | {pair: {value: BitMap(found[value]) for value in sorted(found)} for pair, found in pairs.items()},
        {name: Column.of(column) for name, column in known.items()},
        {noun.as_of.name: Periods.of(noun.as_of, map(orjson.loads, documents))} if noun.as_of else {},
        {name: array("I", column) for name, column in owner_of.items()},
        TextIndex.build(texts),
        TextIndex.build(titles),
        list(names.values()),
    )
    if noun.names and len(index.ids) < index.size:
        raise ValueError('`names` gives a record no pair `("id", …)`, by which it is found')
    return index


def _by_value(carrying: Carrying, tree: Tree | None, optional: bool) -> dict[str, BitMap]:
    """By value, in order: the records that are found under it. What is below a value is found by it too."""
    found: dict[str, list[int]] = defaultdict(list)
    for values, positions in carrying.items():
        above = set(values).union(*map(tree.upwards, values)) if tree else set(values)
        for value in above or ([UNKNOWN] if optional else ()):
            found[value] += positions
    return {value: BitMap(found[value]) for value in sorted(found)}
