"""Names: how a word that a user writes becomes the id of a record."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import select

from app.database import Reader
from app.models.base import table_of
from app.models.index import Name

_name = table_of(Name).c

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "κ": "kappa",
    "λ": "lambda",
    "ω": "omega",
}

RANK = {"id": 0, "name": 1, "brand": 2, "synonym": 3, "code": 4, "identifier": 5}
"""Ways in which a name can match, best first."""


def fold(text: str) -> str:
    """Fold a name so that case, accents, Greek letters, spaces and punctuation do not matter: `PD-1` gives `pd1`."""
    spelled = "".join(_GREEK.get(letter, letter) for letter in text.casefold())
    return "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if letter.isalnum())


class UnknownNameError(Exception):
    """No record has this name. Carries the nearest names."""

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        super().__init__(f"Unknown: {name}")
        self.name = name
        self.nearest = nearest


class AmbiguousNameError(Exception):
    """Several records share this name. Carries their ids."""

    def __init__(self, name: str, ids: Sequence[str]) -> None:
        super().__init__(f"Ambiguous: {name}")
        self.name = name
        self.ids = ids


@dataclass(frozen=True)
class Match:
    """A record that a name led to, and how."""

    id: str
    how: str
    name: str


def matches(reader: Reader, space: str, text: str) -> list[Match]:
    """All records that carry exactly this name after folding, the best way of matching first.

    `space` is the list whose records are named (`targets`), or `<list>.<filter>` for free values.
    """

    def find() -> list[Match]:
        query = select(_name.id, _name.how, _name.name).where(
            _name.release_id == reader.release_id, _name.list == space, _name.folded == fold(text)
        )
        return ranked(reader.connection.execute(query), text)

    return reader.once(("named", space, text), find)


def ranked(rows: Iterable[Any], text: str) -> list[Match]:
    """The records among names (`id`, `how`, `name`) that all fold to the same as a text, best first."""
    found: dict[str, Match] = {}
    for row in sorted(rows, key=lambda row: (RANK[row.how], row.id, row.name)):
        # An id given to the letter is never in doubt, whatever else folds to the same.
        if row.how == "id" and row.id == text:
            return [Match(row.id, "id", row.name)]
        found.setdefault(row.id, Match(row.id, row.how, row.name))
    return list(found.values())


def resolve(reader: Reader, space: str, text: str) -> str:
    """The id that a name leads to. Raises `UnknownNameError` or `AmbiguousNameError`; never picks among equals."""
    found = matches(reader, space, text)
    if not found:
        raise UnknownNameError(text, nearest(reader, space, text))
    best = [match for match in found if RANK[match.how] == RANK[found[0].how]]
    if len(best) > 1:
        raise AmbiguousNameError(text, [match.id for match in best])
    return best[0].id


def nearest(reader: Reader, space: str, text: str, limit: int = 5) -> list[str]:
    """The ids whose names are nearest to a text, best first; none where nothing is near."""
    query = select(_name.folded, _name.id).where(_name.release_id == reader.release_id, _name.list == space)
    candidates = [(row.folded, row.id) for row in reader.connection.execute(query)]
    scored = process.extract(
        fold(text)[:200], [folded for folded, _ in candidates], scorer=fuzz.WRatio, limit=limit * 4, score_cutoff=70
    )
    return list(dict.fromkeys(candidates[index][1] for _, _, index in scored))[:limit]
