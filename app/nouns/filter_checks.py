"""What must be true of the filters and sorts of a noun before anything starts."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from pydantic import BaseModel

from app.nouns.declaration import Noun
from app.nouns.declaration_errors import DeclarationError
from app.nouns.filters import UNKNOWN, AsOfFilter, FlagFilter, RangeFilter, TermFilter
from app.nouns.paths import NoSuchKeyError, place

RESERVED = frozenset(
    {"q", "id", "sort", "limit", "cursor", "fields", "include", "facets", "format", "bom", "release", "as_of"}
)
"""Parameters that every list takes: no filter may be called so."""
COMPARED = frozenset({"comparators"})
"""Parameters that comparisons of a list take beside all its filters."""
_FILTER_NAME = re.compile(r"[a-z]+(_[a-z]+)*(\.[A-Za-z]+)?")
_ORDERED = {int, float, dt.date}
_READ: Mapping[type, Callable[[str], object]] = {int: int, float: float, dt.date: dt.date.fromisoformat}
"""What reads the example of a range."""
_OF_AN_ID = re.compile(r"(^|[._])id(\|\w+)?$")
"""The end of a path that leads to an id, such as `trial_id|trial`: older releases have the name alone."""


def check_filters(declared: Noun, lists: set[str]) -> None:
    """Raise `DeclarationError` for the first filter or sort that is not sound; `lists` are all there are."""
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
        if hasattr(BaseModel, name):
            raise DeclarationError(f"{where} is called as a part of every model of pydantic is; call it otherwise.")
        if name in RESERVED:
            raise DeclarationError(f"{where} has the name of a parameter that every list takes; call it otherwise.")
        if name in COMPARED:
            raise DeclarationError(f"{where} has the name of a parameter that comparisons take; call it otherwise.")
        if own.count(name) > 1 or name in joined or name in made:
            raise DeclarationError(f"{where} is declared twice.")
    for candidate in declared.filters:
        where = f"The filter {candidate.name!r} of {declared.name}"
        if isinstance(candidate, TermFilter) and candidate.names and candidate.names not in lists:
            raise DeclarationError(f"{where} takes the names of {candidate.names!r}, which is no list.")
        if isinstance(candidate, AsOfFilter):
            _check_as_of(declared, candidate, own, where)
        else:
            check_path(declared, candidate.values, where)
        if isinstance(candidate, RangeFilter):
            _check_range(declared, candidate, where)
        elif isinstance(candidate, FlagFilter):
            _check_types(declared, candidate.values, {bool}, where, "true or false")
        elif isinstance(candidate, TermFilter):
            _check_term(declared, candidate, where)
    if declared.is_tree and "below" not in declared.by_name:
        said = f"{declared.name} have `parents`, and no filter `below`, by which what is under one is found"
        raise DeclarationError(f"{said}: add `below(…)` of app/nouns/term.py.")
    if not declared.facets:
        raise DeclarationError(f"{declared.name} have no filter whose values can be counted: declare one.")
    if not declared.sorts:
        raise DeclarationError(f"{declared.name} have no `sorts`: name one, such as {{'name': None}}, their own order.")
    for name, path in declared.sorts.items():
        where = f"The sort {name!r} of {declared.name}"
        if not _FILTER_NAME.fullmatch(name):
            raise DeclarationError(f"{where} is no name of a sort: write small letters, words joined by `_`.")
        if path:
            check_path(declared, path, where)
            _check_types(declared, path, _ORDERED, where, "numbers or days")
            _check_single(declared, path, where)


def _check_range(declared: Noun, wanted: RangeFilter, where: str) -> None:
    """A range reads what it compares: numbers, or days. Its name says which bound it is, its example is one."""
    if wanted.type not in _READ:
        raise DeclarationError(f"{where} is of {wanted.type!r}; a range is of int, float or dt.date.")
    if wanted.type is dt.date:
        _check_types(declared, wanted.values, {dt.date}, where, "days (of texts, `bounds` of app/nouns/dates.py)")
    else:
        _check_types(declared, wanted.values, {int, float}, where, "numbers")
    _check_single(declared, wanted.values, where)
    _check_example(wanted.example, wanted.type, where)
    least, most = (wanted.minimum, wanted.maximum) if wanted.type is not dt.date else (None, None)
    if (least is not None and float(wanted.example) < least) or (most is not None and float(wanted.example) > most):
        raise DeclarationError(f"{where} has the example {wanted.example!r}, which is beyond its own bounds.")
    if not wanted.name.endswith(end := "_from" if wanted.lower else "_to"):
        bound = "at least" if wanted.lower else "at most (`lower=False`)"
        raise DeclarationError(f"{where} finds what is {bound} so much: let its name end in `{end}`.")


def _check_example(example: str, of: type, where: str) -> None:
    """The example of a number or of a day is one."""
    try:
        _READ[of](example)
    except ValueError as error:
        raise DeclarationError(f"{where} has the example {example!r}, which is no {of.__name__}.") from error


def _check_as_of(declared: Noun, candidate: AsOfFilter, own: Sequence[str], where: str) -> None:
    """There is one such filter, its periods have days, and what it says of a day is what filters ask for."""
    if candidate is not declared.as_of:
        raise DeclarationError(f"{where} is the second of its kind; a list takes one.")
    _check_example(candidate.example, dt.date, where)
    for name in candidate.at:
        if name not in own:
            raise DeclarationError(f"{where} knows the filter {name!r} on a day, which {declared.name} does not have.")
    for key in ("since", "until", *candidate.at.values()):
        check_path(declared, f"{candidate.periods}.{key}", where)


def _check_term(declared: Noun, wanted: TermFilter, where: str) -> None:
    """A filter of values takes names or a vocabulary, has several values where it says so, and finds therapies."""
    if wanted.names and wanted.vocabulary:
        raise DeclarationError(f"{where} has both `names` and a `vocabulary`; it takes one of them.")
    if wanted.vocabulary and not isinstance(wanted.vocabulary, type):
        raise DeclarationError(f"{where} is of {wanted.vocabulary!r}, which is no class of app/vocabulary/.")
    types = place(declared.public, wanted.values).types if isinstance(wanted.values, str) else ()
    if wanted.vocabulary and types and wanted.vocabulary not in types:
        said = f"{where} has the vocabulary {wanted.vocabulary.__name__}, but what it reads is {_written(types)}"
        raise DeclarationError(f"{said}: name that, or give the field this vocabulary.")
    if any(issubclass(each, BaseModel) for each in types):
        raise DeclarationError(f"{where} reads {wanted.values!r}, which is {_written(types)}: name a field of that.")
    if wanted.names and isinstance(wanted.values, str) and not _OF_AN_ID.search(wanted.values):
        said = f"{where} takes the names of {wanted.names!r}, but reads {wanted.values!r}"
        raise DeclarationError(f"{said}: name the field that holds their id.")
    for reference in declared.references:
        if wanted.names and wanted.values == f"{reference.public_field}.id" and reference.noun != wanted.names:
            raise DeclarationError(
                f"{where} takes the names of {wanted.names!r}, but reads those of {reference.noun!r}."
            )
    try:
        re.compile(wanted.written or "")
    except re.error as error:
        raise DeclarationError(f"{where} is `written` by what is no regular expression: {error}.") from error
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


def check_path(declared: Noun, path: object, where: str) -> None:
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


def _check_single(declared: Noun, path: object, where: str) -> None:
    """What is compared is one value of a record."""
    if isinstance(path, str) and place(declared.public, path).several:
        said = f"{where} reads {path!r}, which may be several"
        raise DeclarationError(f"{said}: let a function say which of them counts.")


def _written(types: Iterable[type]) -> str:
    return " or ".join(sorted(each.__name__ for each in types))
