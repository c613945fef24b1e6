"""What must be true of declarations before anything starts: the first thing that is not is said in a sentence."""

import datetime as dt
import re
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_origin

from pydantic import BaseModel
from sqlalchemy import Enum
from sqlmodel import SQLModel

from app.nouns.base import table_of
from app.nouns.declaration import UNKNOWN, AsOfFilter, FlagFilter, Join, Noun, RangeFilter, TermFilter
from app.nouns.fact_filters import CITING
from app.nouns.paths import NoSuchKeyError, place

RESERVED = frozenset(
    {"q", "id", "sort", "limit", "cursor", "fields", "include", "facets", "format", "bom", "release", "as_of"}
)
"""Parameters that every list takes: no filter may be called so."""
OTHER_PATHS = frozenset(
    {"assets", "browse", "docs", "exports", "facts", "live", "mcp", "metrics", "ready", "redoc", "releases", "resolve",
     "search", "service-info", "suggest"}
)  # fmt: skip
"""First parts of the service's other paths: no list may be called so."""
_APP = Path(__file__).parent.parent
_DECLARING = {_APP / "nouns", _APP / "vocabulary"}
_LIST_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_FILTER_NAME = re.compile(r"[a-z]+(_[a-z]+)*(\.[A-Za-z]+)?")
_OF_TABLES = ("position", "release", "release_id")
_ORDERED = {int, float, dt.date}
_READ: Mapping[type, Callable[[str], object]] = {int: int, float: float, dt.date: dt.date.fromisoformat}
"""What reads the example of a range."""
_OF_AN_ID = re.compile(r"(^|[._])id(\|\w+)?$")
"""The end of a path that leads to an id, such as `trial_id|trial`: older releases have the name alone."""
_KEY = re.compile(r"[a-z]+(_[a-z]+)*")


class DeclarationError(Exception):
    """A noun is not declared soundly; the message says which, what is wrong and what to do."""


def as_declaration_error(error: Exception, what: str) -> DeclarationError:
    """What went wrong in the code of a declaration, as a sentence that says in which line of it."""
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((Path(error.filename), error.lineno))
    ours = [(path, line) for path, line in frames if path.parent in _DECLARING]
    where = f" ({ours[-1][0].relative_to(_APP.parent)}, line {ours[-1][1]})" if ours else ""
    return DeclarationError(f"{what}{where}: {type(error).__name__}: {str(error).partition('  ')[0]}")


def check(found: Sequence[Noun]) -> None:
    """Raise `DeclarationError` for the first thing that a declaration lacks, or has without effect."""
    lists = {declared.name for declared in found}
    for declared in found:
        if sum(other.name == declared.name for other in found) > 1:
            raise DeclarationError(f"Two nouns are called {declared.name!r}.")
        if not _LIST_NAME.fullmatch(declared.name):
            raise DeclarationError(f"{declared.name!r} is no name of a list: write small letters, words joined by `-`.")
        if declared.name in OTHER_PATHS:
            raise DeclarationError(f"The list {declared.name!r} has a path that is taken: call it otherwise.")
        if declared.join:
            _check_join(declared, declared.join)
        _check_forms(declared, lists)
        _check_table(declared)
        _check_filters(declared, lists)
    _check_places({declared.name: declared.order for declared in found}, "`order`")
    sections = {declared.name: declared.section for declared in found if declared.section}
    _check_places({name: section.order for name, section in sections.items()}, "`order` of their section")
    _check_places({name: section.key for name, section in sections.items()}, "key of their section")
    kinds = {f"{kind} of {name}": kind for name, section in sections.items() for kind in section.coverage}
    _check_places(kinds, "kind of coverage")
    _check_places({declared.name: declared.kind for declared in found}, "`singular`")
    resolved = {declared.name: declared.resolved_order for declared in found if declared.resolved_order is not None}
    _check_places(resolved, "`resolved_order`")
    _check_therapies(found)
    _check_sublists(found)


def _check_places(places: Mapping[str, int | str], what: str) -> None:
    """No two nouns have the same place; raise `DeclarationError`, which says which places are taken."""
    by_place: dict[int | str, str] = {}
    for name, place_ in places.items():
        if place_ in by_place:
            taken = ", ".join(map(str, sorted(set(places.values()))))
            raise DeclarationError(f"{by_place[place_]} and {name} have the same {what}: {place_}. Taken are {taken}.")
        by_place[place_] = name


def _check_table(declared: Noun) -> None:
    """The table has a column for whatever else would be missing in it: therapy, source, records referred to."""
    columns, fields = declared.table.model_fields, declared.public.model_fields
    for name in _OF_TABLES:
        if name in fields or name in declared.record.model_fields:
            raise DeclarationError(f"A field of {declared.name} is called {name!r}, as a column of every table is.")
    needed = ["therapy_id"] if declared.section else []
    needed += ["source_id", "locator"] if "evidence" in fields else []
    for reference in declared.references:
        annotation = fields[reference.public_field].annotation
        needed += [] if get_origin(annotation) is list else [reference.column]
    for name in needed:
        if name not in columns:
            raise DeclarationError(f"{declared.table.__name__} has no column {name!r}, which {declared.name} need.")
    for key in table_of(declared.table).foreign_keys:
        table = key.target_fullname.partition(".")[0]
        if table not in {"release", *SQLModel.metadata.tables}:
            raise DeclarationError(f"{declared.table.__name__} refers to the table {table!r}, which is not there.")
    for column in table_of(declared.table).columns:
        if isinstance(column.type, Enum):
            where = f"The column {column.name!r} of {declared.table.__name__}"
            raise DeclarationError(f"{where} would hold the names that Python has of words: add `sa_type=String`.")


def _check_sublists(found: Sequence[Noun]) -> None:
    """Sublists are of lists, and take filters of these."""
    lists = {declared.name: declared for declared in found}
    for declared in found:
        for sublist in declared.sublists:
            where, other = f"The sublist {sublist.noun!r} of {declared.name}", lists.get(sublist.noun)
            if other is None:
                raise DeclarationError(f"{where} is of no list.")
            for name in (sublist.filter, *sublist.filters, *sublist.groups):
                if name not in other.by_name:
                    raise DeclarationError(f"{where} takes the filter {name!r}, which {other.name} does not have.")
            for key in sublist.sort:
                if key.removeprefix("-") not in other.sorts:
                    raise DeclarationError(f"{where} is sorted by {key!r}, by which {other.name} cannot be.")


def _check_therapies(found: Sequence[Noun]) -> None:
    """Filters of facts that say something of the therapy name a filter of therapies."""
    known = {name for declared in found if declared.singular == "therapy" for name in declared.by_name}
    for declared in found:
        for wanted in declared.filters:
            if isinstance(wanted, TermFilter) and wanted.of_therapies and wanted.of_therapies not in known:
                where = f"The filter {wanted.name!r} of {declared.name}"
                raise DeclarationError(f"{where} is of {wanted.of_therapies!r}, which is no filter of therapies.")


def _check_join(declared: Noun, join: Join) -> None:
    """What is joined exists in the other noun, and what is shared in both."""
    where, other = f"The join of {declared.name}", join.noun
    known, own = ({wanted.name for wanted in noun.filters} for noun in (other, declared))
    for name in (*join.filters, *join.base_filters, *join.shared_filters):
        if name not in known:
            raise DeclarationError(f"{where} names the filter {name!r}, which {other.name} does not have.")
    for name in join.shared_filters:
        if name not in own:
            raise DeclarationError(f"{where} shares the filter {name!r}, which {declared.name} does not have.")
    _check_path(other, join.foreign_key, where)


def _check_filters(declared: Noun, lists: set[str]) -> None:
    own = [candidate.name for candidate in declared.filters]
    joined = declared.join.filters if declared.join else ()
    for name in declared.common:
        if name not in declared.by_name:
            raise DeclarationError(f"The filter {name!r} is said to be common among {declared.name}, and is not there.")
    made = [f"{wanted.name}_all" for wanted in declared.filters if isinstance(wanted, TermFilter) and wanted.several]
    for name in own:
        where = f"The filter {name!r} of {declared.name}"
        if not _FILTER_NAME.fullmatch(name):
            raise DeclarationError(f"{where} is no name of a parameter: write small letters, words joined by `_`.")
        if name in RESERVED:
            raise DeclarationError(f"{where} has the name of a parameter that every list takes; call it otherwise.")
        if own.count(name) > 1 or name in joined or name in made:
            raise DeclarationError(f"{where} is declared twice.")
    for candidate in declared.filters:
        where = f"The filter {candidate.name!r} of {declared.name}"
        if isinstance(candidate, TermFilter) and candidate.names and candidate.names not in lists:
            raise DeclarationError(f"{where} takes the names of {candidate.names!r}, which is no list.")
        if isinstance(candidate, AsOfFilter):
            _check_as_of(declared, candidate, own, where)
        else:
            _check_path(declared, candidate.values, where)
        if isinstance(candidate, RangeFilter):
            _check_range(declared, candidate, where)
        elif isinstance(candidate, FlagFilter):
            _check_types(declared, candidate.values, {bool}, where, "true or false")
        elif isinstance(candidate, TermFilter):
            _check_term(declared, candidate, where)
    if not declared.facets:
        raise DeclarationError(f"{declared.name} have no filter whose values can be counted: declare one.")
    if not declared.sorts:
        raise DeclarationError(f"{declared.name} have no `sorts`: name one, such as {{'name': None}}, their own order.")
    for name, path in declared.sorts.items():
        if path:
            _check_path(declared, path, f"The sort {name!r} of {declared.name}")
            _check_types(declared, path, _ORDERED, f"The sort {name!r} of {declared.name}", "numbers or days")


def _check_range(declared: Noun, wanted: RangeFilter, where: str) -> None:
    """A range reads what it compares: numbers, or days. Its example is one."""
    if wanted.type is dt.date:
        _check_types(declared, wanted.values, {dt.date}, where, "days")
    else:
        _check_types(declared, wanted.values, {int, float}, where, "numbers")
    try:
        _READ[wanted.type](wanted.example)
    except ValueError as error:
        wrong = f"{wanted.example!r}, which is no {wanted.type.__name__}"
        raise DeclarationError(f"{where} has the example {wrong}.") from error


def _check_as_of(declared: Noun, candidate: AsOfFilter, own: Sequence[str], where: str) -> None:
    """There is one such filter, its periods have days, and what it says of a day is what filters ask for."""
    if candidate is not declared.as_of:
        raise DeclarationError(f"{where} is the second of its kind; a list takes one.")
    for name in candidate.at:
        if name not in own:
            raise DeclarationError(f"{where} knows the filter {name!r} on a day, which {declared.name} does not have.")
    for key in ("since", "until", *candidate.at.values()):
        _check_path(declared, f"{candidate.periods}.{key}", where)


def _check_term(declared: Noun, wanted: TermFilter, where: str) -> None:
    """A filter of values takes names or a vocabulary, has several values where it says so, and finds therapies."""
    if wanted.names and wanted.vocabulary:
        raise DeclarationError(f"{where} has both `names` and a `vocabulary`; it takes one of them.")
    types = place(declared.public, wanted.values).types if isinstance(wanted.values, str) else ()
    if wanted.vocabulary and types and wanted.vocabulary not in types:
        said = f"{where} has the vocabulary {wanted.vocabulary.__name__}, but what it reads is {_written(types)}"
        raise DeclarationError(f"{said}: name that, or give the field this vocabulary.")
    if any(issubclass(each, BaseModel) for each in types):
        raise DeclarationError(f"{where} reads {wanted.values!r}, which is {_written(types)}: name a field of that.")
    if wanted.names and isinstance(wanted.values, str) and not _OF_AN_ID.search(wanted.values):
        said = f"{where} takes the names of {wanted.names!r}, but reads {wanted.values!r}"
        raise DeclarationError(f"{said}: name the field that holds their id.")
    if wanted.vocabulary and not {*wanted.example.split(",")} <= {*wanted.vocabulary, UNKNOWN}:
        raise DeclarationError(f"{where} has the example {wanted.example!r}, which is no word of its vocabulary.")
    if wanted.several and isinstance(wanted.values, str) and not place(declared.public, wanted.values).several:
        raise DeclarationError(f"{where} has `several` values, but there is no list on the way of {wanted.values!r}.")
    if wanted.together:
        _check_together(declared, wanted, where)
    if wanted.of_therapies and not declared.section:
        raise DeclarationError(f"{where} is `of_therapies`, but {declared.name} are no facts of therapies.")


def _check_together(declared: Noun, wanted: TermFilter, where: str) -> None:
    """Two filters that are met together read keys of the objects of one list."""
    other = declared.by_name.get(wanted.together or "")
    paths = [each.values for each in (wanted, other) if isinstance(each, TermFilter) and isinstance(each.values, str)]
    objects = {path.rpartition(".")[0] for path in paths}
    if len(paths) < 2 or len(objects) != 1 or "" in objects:
        raise DeclarationError(f"{where} is met together with {wanted.together!r}, which reads no object of its list.")


def _check_path(declared: Noun, path: object, where: str) -> None:
    """A path leads from key to key of the document."""
    if not isinstance(path, str):
        return
    try:
        place(declared.public, path)
    except NoSuchKeyError as error:
        key = "such field" if error.key == path.partition(".")[0] else f"field {error.key!r}"
        raise DeclarationError(f"{where} reads {path!r}, but {error.form} has no {key}.") from error


def _check_types(declared: Noun, path: object, allowed: set[type], where: str, what: str) -> None:
    """What a path reads is of some types."""
    found = place(declared.public, path).types if isinstance(path, str) else ()
    if set(found) - allowed:
        raise DeclarationError(f"{where} reads {path!r}, which is {_written(found)}: it takes {what}.")


def _written(types: Iterable[type]) -> str:
    return " or ".join(sorted(each.__name__ for each in types))


def _check_forms(declared: Noun, lists: set[str]) -> None:
    fields = declared.public.model_fields
    if "id" not in fields:
        raise DeclarationError(f"{declared.public.__name__} has no `id`.")
    if "evidence" in fields and not declared.by_name.keys() & set(CITING):
        where = f"{declared.public.__name__} has `evidence`, but {declared.name} have no filter `source`"
        raise DeclarationError(f"{where}: add `SOURCE` of app/nouns/fact_filters.py, by which a source lists them.")
    for reference in declared.references:
        where = f"The reference {reference.field!r} of {declared.name}"
        if reference.noun not in lists:
            raise DeclarationError(f"{where} leads to {reference.noun!r}, which is no list.")
        if reference.field not in declared.record.model_fields and not hasattr(declared.record, reference.field):
            raise DeclarationError(f"{where} is no field of {declared.record.__name__}.")
        if reference.public_field not in fields:
            raise DeclarationError(f"{where} is no field {reference.public_field!r} of {declared.public.__name__}.")
    if declared.section and not hasattr(declared.record, "natural_key"):
        raise DeclarationError(f"{declared.record.__name__} has no `natural_key()`: ids are made of it.")
    if declared.resolved_order is not None and declared.names is None:
        raise DeclarationError(f"{declared.name} have a `resolved_order` and no `names` by which they are found.")
    if declared.section:
        _check_section(declared, declared.section.key)


def _check_section(declared: Noun, key: str) -> None:
    """Facts of therapies say of which therapy they are, and find it; their section has a name of its own."""
    if not {"therapy", "evidence"} <= declared.public.model_fields.keys():
        raise DeclarationError(f"{declared.public.__name__} has no `therapy` or no `evidence`: build it on `Fact`.")
    if "therapy" not in declared.by_name:
        where = f"{declared.name} have no filter `therapy`, by which a therapy lists them"
        raise DeclarationError(f"{where}: add `THERAPY` of app/nouns/fact_filters.py.")
    if not _KEY.fullmatch(key):
        raise DeclarationError(f"The section {key!r} is no key of a file: write small letters, words joined by `_`.")
