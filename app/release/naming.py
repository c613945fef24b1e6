"""What records are called, as it is stored with the index of their list."""

from collections.abc import Iterator
from typing import NamedTuple

from app.nouns.declaration import Noun
from app.nouns.folding import fold, fold_as_written, fold_loosely
from app.nouns.paths import Document
from app.nouns.shorthand import combination_key

RANK = {"id": 0, "name": 1, "brand": 2, "synonym": 3, "code": 4, "identifier": 5}
"""Ways in which a name can match, best first."""
_NEVER_OTHERWISE = {"id", "identifier"}
"""Ways of naming that are never written otherwise."""
_SHORTEST_ALSO = 3
"""Letters of the shortest name that is found without being written so: `Ab` is no amyloid beta."""


class Name(NamedTuple):
    """One name of one record of any list."""

    folded: str
    space: str
    """The list whose records are named, or `<list>.<filter>` for free values of a filter."""
    id: str
    how: str
    """id, name, brand, synonym, code or identifier."""
    name: str
    also: tuple[str, ...] = ()
    """What else it is found by, where nothing has this very name: without plurals, in British, in any order."""


def names_of(noun: Noun, document: Document) -> Iterator[Name]:
    """The names of a record that can be compared. Raises `ValueError` for a way of naming that there is not."""
    for how, name in noun.names(document) if noun.names else ():
        if how not in RANK:
            raise ValueError(f"`names` says that a name is a {how!r}; it is one of {', '.join(RANK)}")
        if name and (folded := fold(name)):
            other_ways = how not in _NEVER_OTHERWISE and noun.resolved_order is not None
            yield Name(folded, noun.name, document["id"], how, name, _otherwise(name, folded) if other_ways else ())


def _otherwise(name: str, folded: str) -> tuple[str, ...]:
    """What else a name is found by than as it folds."""
    others = {fold_as_written(name)}
    for written in (False, True):  # breaks between numbers may be left out, or be there
        others |= {fold_loosely(name, written=written), combination_key(name, written=written) or ""}
    return tuple(sorted(key for key in others if len(key) >= _SHORTEST_ALSO and key != folded))
