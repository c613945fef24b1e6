"""What a noun declares of itself: everything that loading, querying and documenting it follow from.

Like the values of its filters (`app/nouns/filters.py`), sorts and texts are taken from the document of a record.
"""

import keyword
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from pydantic import BaseModel

from app.nouns.base import Evidence, FactRecord, Record, RecordTable
from app.nouns.declaration_errors import OF_FUNCTIONS, as_declaration_error
from app.nouns.filters import AllFilter, AsOfFilter, Filter, FlagFilter, TermFilter, base_name, may_be_missing
from app.nouns.paths import Document, Values


@dataclass(frozen=True)
class Join:
    """Filters of another noun that one and the same of its records must meet together.

    `/therapies?condition=melanoma&agency=EMA` finds therapies with an indication for melanoma by the EMA, not those
    with any EMA approval and melanoma approved elsewhere.
    """

    noun: "Noun"
    foreign_key: str
    """Dotted path, in the other noun's document, of the id of the record sought."""
    filters: tuple[str, ...]
    base_filters: dict[str, list[str]] = field(default_factory=dict)
    """Filters that always apply, such as active indications only."""
    shared_filters: tuple[str, ...] = ()
    """Filters of this noun that apply to the same record of the other too, once one of `filters` is requested."""
    several: tuple[str, ...] = ()
    """Filters of which a record sought can meet several values, each by another record that it owns."""


@dataclass(frozen=True)
class Sublist:
    """A list of other records that belong to one record: `/conditions/{id}/indications`."""

    noun: str
    """The list of which it is a part: `indications`."""
    filter: str
    """Its filter that finds what belongs to the record."""
    filters: tuple[str, ...] = ()
    """Further filters that it takes; by default all."""
    sort: tuple[str, ...] = ()
    """Its order, where it is not that of the list."""
    groups: tuple[str, ...] = ()
    """Filters by whose values it is grouped: each page says how many records each group has."""


@dataclass(frozen=True)
class Reference:
    """A field of a record that holds the id, or ids, of other records; the public form has what they are called."""

    field: str
    noun: str
    """List of the records referred to: `conditions`."""
    key: str | None = None
    """Field of the public form, where it is called otherwise. Its type says what is answered of the other record."""
    local: bool = False
    """The id is within the same therapy file."""

    @property
    def public_field(self) -> str:
        """Field of the public form."""
        return self.key or self.field

    @property
    def column(self) -> str:
        """Column of the table that holds the id, where the table has one."""
        return f"{self.field.rstrip('_')}_id"


class RenderContext(Protocol):
    """What rendering offers to the functions that a noun declares."""

    def evidence(self, record: FactRecord) -> Evidence:
        """Where a fact was read."""

    def refer(self, noun: str, record_id: str, model: type[BaseModel]) -> Any:
        """Another record as `model` answers it."""

    def records(self, section: str) -> list[Any]:
        """The records of a section of the therapy file that is rendered."""

    def facts(self, section: str) -> list[Any]:
        """The public facts of a section of the therapy file that is rendered."""

    def same_as(self, noun: str, record_id: str) -> list[tuple[str, str, Any, Evidence]]:
        """Records that say they are the same as this one: id, therapy, record, and where it was read."""


Forms = Mapping[str, list[Any]]
"""The public forms of all lists, by list, each in the order of its list."""


def _no_values(*_: Any) -> dict[str, Any]:
    return {}


def _nothing(*_: Any) -> None:
    return None


@dataclass(frozen=True)
class Section:
    """Where the records of a noun stand in a therapy file, and what the therapy says of them."""

    key: str
    """Key of the section, and of its count: `adverse_events`."""
    order: int
    """Place among the sections of a file."""
    coverage: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    """Kinds of fact that `coverage` of a therapy tells apart, and whether a fact is of each: it is given records and
    public facts, so it reads fields that both have."""
    embedded: bool = True
    """The single therapy holds the list of its facts."""
    absence: str | None = None
    """Kind of coverage that says why the list is empty for a therapy; by default its own key."""
    kinds_asked: Callable[[Mapping[str, Any]], Iterable[str]] | None = None
    """Kinds of coverage that filters ask for, where they tell the kinds of the list apart; by default all."""

    @property
    def absence_kind(self) -> str:
        """Kind of coverage that says why the list is empty for a therapy."""
        return self.absence or self.key

    def kinds_of(self, fact: Any) -> list[str]:
        """Kinds of coverage of a record or a public fact. Raises `DeclarationError`."""
        try:
            return [kind for kind, is_of_kind in self.coverage.items() if is_of_kind(fact)]
        except OF_FUNCTIONS as error:
            advice = "it is given records and public facts, so it reads fields that both have"
            raise as_declaration_error(error, f"`coverage` of the section {self.key!r} fails", advice) from error

    def kinds(self, filters: Mapping[str, Any]) -> list[str]:
        """Kinds of coverage of the facts that some filters ask for."""
        if self.kinds_asked:
            return list(self.kinds_asked(filters))
        return list(self.coverage) or [self.absence_kind]


@dataclass(frozen=True, eq=False)
class Noun:
    """A kind of record: its forms, where it is found, and what is said of it."""

    name: str
    """The list, as in the path: `adverse-events`."""
    singular: str
    order: int
    """Place among the lists, in the documentation and among equal hits."""
    record: type[Record]
    """What the fact files hold."""
    table: type[RecordTable]
    public: type[BaseModel]
    """What the API answers."""
    list_summary: str
    list_description: str
    record_summary: str
    record_description: str
    filters: tuple[Filter, ...]
    text: Callable[[Document], Iterable[str | None]]
    """What `q` searches in; it holds what the title says, so that `/search` finds no more than the list does."""
    title: Callable[[Document], str] | None = None
    """What a hit of `/search` is called; by default the name, else the therapy and what is referred to."""
    sorts: Mapping[str, Values | None] = field(default_factory=dict)
    """Names that `sort=` takes, one at least, and where the number or the day stands; None is the list's own order."""
    summary: type[BaseModel] | None = None
    """Form of a record in the list, where it is shorter than the single record."""
    shown: Callable[[Document], Mapping[str, list[Any]]] | None = None
    """The facts that the shorter form rests on, by key of the single record: what a citation of the list cites."""
    section: Section | None = None
    """For facts of therapies; other nouns have a file `<name>.json`, or a folder `<name>/`, of their own."""
    references: tuple[Reference, ...] = ()
    record_only: tuple[str, ...] = ()
    """Fields of the record that no answer has as they are: `compute` or a check reads them."""
    refers: Callable[[Any], Iterable[tuple[str, str]]] = lambda _: ()
    """What a record refers to deeper within, or by id alone: pairs of list and id."""
    compute: Callable[[Any, Mapping[str, Any], RenderContext], Mapping[str, Any]] = _no_values
    """Fields of the public form that are not taken over from the record, given the record and the fields known."""
    finish: Callable[[list[Any], Forms], None] = _nothing
    """Completes the public forms of the noun by what other nouns hold, when all are rendered."""
    sort_key: Callable[[Any], Any] = lambda form: form.id
    """The default order of the list; for facts of a therapy, the order within the therapy."""
    columns: Callable[[Any], Mapping[str, Any]] = _no_values
    """Columns of the table that are not fields of the public form, given the form."""
    parts: Callable[[Any], Iterator[tuple[type[RecordTable], Mapping[str, Any]]]] = lambda _: iter(())
    """Rows of further tables that hold parts of a record, given the form."""
    names: Callable[[Document], Iterable[tuple[str, str | None]]] | None = None
    """What a record is called: pairs of how (id, name, brand, synonym, code, identifier) and name."""
    resolved_order: int | None = None
    """For nouns that `/suggest` and `/resolve` find: their place among equal matches."""
    question: str = "melanoma"
    """An example of what is searched for with `q`."""
    searched: bool = True
    """`/search` finds it."""
    common: tuple[str, ...] = ()
    """Filters that are used most, of those of the list: the documentation shows them first, in this order,
    and has the example of the first filled in."""
    picture: str | None = None
    """Module of `app/pictures` that draws all that a query of the list finds: `timeline`."""
    standards: tuple[str, ...] = ()
    """Formats of standards in which `app/standards` writes its records: `jsonld`."""
    join: Join | None = None
    sublists: tuple[Sublist, ...] = ()
    """Lists of other records that belong to one of this noun."""

    @property
    def is_computed(self) -> bool:
        """Whether functions give fields of the public form."""
        return self.compute is not _no_values or self.finish is not _nothing

    @cached_property
    def by_name(self) -> dict[str, Filter]:
        """All filters that the list takes: the noun's own, then those of the noun it joins; each with its `_all`."""
        joined = [self.join.noun.by_name[name] for name in self.join.filters] if self.join else []
        several = self.join.several if self.join else ()
        found: dict[str, Filter] = {}
        for wanted in (*self.filters, *joined):
            found[wanted.name] = wanted
            if isinstance(wanted, TermFilter) and (wanted.several or wanted.name in several):
                found[f"{wanted.name}_all"] = AllFilter.made_of(wanted)
        return found

    @cached_property
    def owners(self) -> dict[str, "Noun"]:
        """The noun that each filter belongs to."""
        joined = self.join.filters if self.join else ()
        return {
            name: self.join.noun if self.join and base_name(wanted) in joined else self
            for name, wanted in self.by_name.items()
        }

    @cached_property
    def all_filters(self) -> dict[str, AllFilter]:
        """The filters that ask for all of the values requested."""
        return {name: wanted for name, wanted in self.by_name.items() if isinstance(wanted, AllFilter)}

    @cached_property
    def optional(self) -> frozenset[str]:
        """Filters whose values may be missing: they know `unknown`."""
        return frozenset(
            name for name, wanted in self.by_name.items() if may_be_missing(self.owners[name].public, wanted)
        )

    @cached_property
    def filter_names(self) -> dict[str, str]:
        """Everything by which records are chosen, in the order of the documentation, by its attribute in the params."""
        names = (*self.by_name, "q", "id")
        return {attribute(name): name for name in names}

    @cached_property
    def facets(self) -> list[str]:
        """Names that `facets=` takes: every filter whose values can be counted."""
        counted = (each for each in self.by_name.values() if isinstance(each, TermFilter | FlagFilter))
        return [each.name for each in counted if not isinstance(each, AllFilter) and getattr(each, "counted", True)]

    @cached_property
    def pairs(self) -> dict[str, tuple[str, str]]:
        """Of filters whose values stand in one object, each way round: the pair, in the order of declaration."""
        found = [(each.together, each.name) for each in self.filters if isinstance(each, TermFilter) and each.together]
        return {name: pair for pair in found for name in pair}

    @cached_property
    def as_of(self) -> AsOfFilter | None:
        """Its filter of a day, where it has one."""
        return next((candidate for candidate in self.filters if isinstance(candidate, AsOfFilter)), None)

    @cached_property
    def is_tree(self) -> bool:
        """Whether its records have parents."""
        return "parents" in self.public.model_fields

    @cached_property
    def listed(self) -> type[BaseModel]:
        """The form of a record in the list."""
        return self.summary or self.public

    @cached_property
    def kind(self) -> str:
        """The singular as a word of programs: `adverse_event`."""
        return self.singular.replace(" ", "_")


def attribute(name: str) -> str:
    """The attribute of a parameter, whose name may be a word of Python, or have dots."""
    return f"{name}_" if keyword.iskeyword(name) else name.replace(".", "__")


def title_of(noun: Noun, document: Document) -> str:
    """What a record is called: its name, or the therapy and what the fact is about."""
    if noun.title:
        return noun.title(document)
    if document.get("name"):
        return str(document["name"])
    parts = [document.get(key) for key in ("therapy", *(reference.public_field for reference in noun.references))]
    return ": ".join(part["name"] for part in parts if isinstance(part, dict) and "name" in part)
