"""Which list a key of a record refers to, as references, filters and names of the nouns say."""

from functools import cache

from app.nouns.declaration import Noun
from app.nouns.filters import TermFilter
from app.nouns.registry import nouns
from app.tabular.columns import Key
from app.tabular.forms import keys_of

UNDECLARED_REFERENCES = {
    ("sources", "superseded_by"): "sources",
    ("adverse-events", "differs_from"): "adverse-events",
    ("adverse-events", "agrees_with"): "adverse-events",
    ("trials", "arms"): "cohorts",
    ("cohorts", "also_reported.reported_for"): "therapies",
}
"""By list and key, the list whose ids stand there, where neither declarations nor names say so."""


def target_list(noun: Noun, path: str, key: Key) -> str | None:
    """The list whose records a key of a noun refers to."""
    if found := UNDECLARED_REFERENCES.get((noun.name, path)) or _declared(noun, path):
        return found
    if key.below:
        has_id = any(part.key == "id" for part in key.below)
        return (_kinds().get(key.key) or _references().get(key.below)) if has_id else None
    return _kinds().get(key.key.removesuffix("_id")) if key.key.endswith("_id") else None


@cache
def _kinds() -> dict[str, str]:
    """The list that a key means by its name: a kind of record, or the name of a list."""
    return {name: noun.name for noun in nouns() for name in (noun.kind, noun.name.replace("-", "_"))}


@cache
def _references() -> dict[tuple[Key, ...], str]:
    """By their keys, the forms in which only records of one list are referred to."""
    found: dict[tuple[Key, ...], set[str]] = {}
    for noun in nouns():
        for key in keys_of(noun.public):
            if key.below and (name := _declared(noun, key.key)):
                found.setdefault(key.below, set()).add(name)
            if key.key == "evidence":
                found.setdefault(key.below[0].below, set()).add("sources")
    return {below: names.pop() for below, names in found.items() if len(names) == 1 and len(below) > 2}


def _declared(noun: Noun, path: str) -> str | None:
    """The list whose ids stand at a path of a noun, as its references and filters say."""
    for reference in noun.references:
        if reference.public_field.rstrip("_") == path:
            return reference.noun
    for wanted in noun.filters:
        if isinstance(wanted, TermFilter) and wanted.names and isinstance(wanted.values, str):
            place = wanted.values.partition("|")[0]
            if place in {f"{path}.id", path} and place != "id":
                return wanted.names
    return None
