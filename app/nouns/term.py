"""What the vocabularies share that facts point to: classes, targets, conditions and event terms."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.nouns.base import Named, Text
from app.nouns.declaration import Forms
from app.nouns.filters import TermFilter
from app.nouns.identifier_forms import former
from app.nouns.paths import Document
from app.nouns.tree import Tree


class TermBase(SQLModel):
    """What every term has."""

    name: Text = Field(description="Preferred name.")
    synonyms: list[Text] = Field(default=[], sa_type=JSON, description="Other names, spellings and abbreviations.")


class Term(SQLModel):
    """What every term answers beside its own fields: its place in the tree."""

    id: str = Field(description="Id, as in paths and filters.")
    parents: list[Named] = Field(default=[], description="Terms right above it in the tree.")
    children: list[Named] = Field(default=[], description="Terms right below it in the tree.")


class FormerXrefs(SQLModel):
    """CURIEs of a term as they were written once."""

    former_xrefs: list[str] = Field(
        default=[],
        description="Use `xrefs`. These as releases up to 2026.11.28.3 wrote them; answered until 2027-11-30.",
        schema_extra={"json_schema_extra": {"deprecated": True}},
    )


def former_xrefs(record: Any) -> dict[str, list[str]]:
    """The CURIEs of a record as they were written once."""
    return {"former_xrefs": [former(curie) for curie in record.xrefs]}


def below(names: str, example: str) -> TermFilter:
    """The filter that finds a term and the terms below it."""
    description = "Only this term and the terms below it in the tree."
    return TermFilter("below", description, "id", example=example, names=names)


def term_text(*more: str) -> Callable[[Document], list[str | None]]:
    """What `q` searches in a term: names, id, and more of its fields."""
    return lambda term: [term["name"], term["id"], *term["synonyms"], *(term[key] for key in more)]


def term_names(term: Document) -> Iterator[tuple[str, str | None]]:
    """What a term is called."""
    yield "id", term["id"]
    yield "name", term["name"]
    yield from (("synonym", synonym) for synonym in term["synonyms"])
    yield from (("identifier", curie) for curie in term.get("xrefs", ()))


def by_name(term: Any) -> tuple[str, str]:
    """The default order of terms."""
    return term.name.casefold(), term.id


def link_and_count(list_name: str, count: str, users: Callable[[Forms], Iterable[Iterable[str]]]) -> Any:
    """The `finish` of a vocabulary: children of each term, and how many records use it or a term below it.

    `users` gives, for each record that counts, the ids of the terms it uses.
    """

    def finish(terms: list[Any], forms: Forms) -> None:
        names = {term.id: term.name for term in terms}
        tree = Tree({term.id: [parent.id for parent in term.parents] for term in terms})
        counted = Counter(
            above for used in users(forms) for above in frozenset().union(*(tree.upwards(item) for item in used))
        )
        for term in terms:
            term.children = [Named(id=item, name=names[item]) for item in sorted(tree.children.get(term.id, []))]
            setattr(term, count, counted[term.id])

    finish.__doc__ = f"Complete {list_name}."
    return finish
