"""What must be true of declarations before anything starts: the first thing that is not is said in a sentence."""

import re
from collections.abc import Mapping, Sequence
from keyword import iskeyword
from typing import get_origin

from pydantic import BaseModel
from sqlalchemy import Enum
from sqlmodel import SQLModel

from app.nouns.base import FactRecord, table_of
from app.nouns.declaration import Noun
from app.nouns.declaration_errors import OF_FUNCTIONS, DeclarationError, as_declaration_error
from app.nouns.fact_filters import CITING
from app.nouns.filter_checks import check_filters
from app.nouns.paths import models_of
from app.nouns.relation_checks import check_join, check_relations

OTHER_PATHS = frozenset(
    {"assets", "browse", "docs", "exports", "facts", "live", "mcp", "metrics", "ready", "redoc", "releases", "resolve",
     "search", "service-info", "suggest"}
)  # fmt: skip
"""First parts of the service's other paths: no list may be called so."""
_LIST_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_TAKEN = dict.fromkeys(("position", "release", "release_id"), "a column of every table") | dict.fromkeys(
    ("metadata", "registry"), "what SQLAlchemy keeps of every table"
)
"""Names that no field may have, and what is called so."""
_OF_FILES = {"key", "same_as"}
"""Fields of records of which ids are made."""
_GIVEN = {"id", "therapy", "evidence"}
"""Fields of answers that every noun is given."""
_KEY = re.compile(r"[a-z]+(_[a-z]+)*")


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
        _check_parts(declared)
        if declared.join:
            check_join(declared, declared.join)
        _check_forms(declared, lists)
        _check_table(declared)
        check_filters(declared, lists)
        _check_given(declared)
    _check_places({declared.name: declared.order for declared in found}, "`order`")
    sections = {declared.name: declared.section for declared in found if declared.section}
    _check_places({name: section.order for name, section in sections.items()}, "`order` of their section")
    _check_places({name: section.key for name, section in sections.items()}, "key of their section")
    kinds = {f"{kind} of {name}": kind for name, section in sections.items() for kind in section.coverage}
    _check_places(kinds, "kind of coverage")
    _check_places({declared.name: declared.kind for declared in found}, "`singular`")
    resolved = {declared.name: declared.resolved_order for declared in found if declared.resolved_order is not None}
    _check_places(resolved, "`resolved_order`")
    _check_models(found)
    check_relations(found)
    for name, section in sections.items():
        where = f"The section {section.key!r} of {name}"
        if not section.coverage and section.absence_kind not in kinds.values():
            said = f"{where} has no `coverage`: name the kinds of fact that it holds"
            raise DeclarationError(f"{said}, such as {{{section.key!r}: lambda _: True}}.")
        try:
            asked = section.kinds({})
        except OF_FUNCTIONS as error:
            advice = "it is asked without filters too: read them by `.get()`"
            raise as_declaration_error(error, f"`kinds_asked` of {name} fails", advice) from error
        for kind in filter(None, (section.absence, *asked)):
            if kind not in kinds.values():
                raise DeclarationError(f"{where} asks for {kind!r}, which is no kind of coverage.")


def _check_parts(declared: Noun) -> None:
    """What there may be several of is in a tuple."""
    for part in ("filters", "references", "record_only", "common", "standards", "sublists"):
        if not isinstance(getattr(declared, part), tuple):
            raise DeclarationError(f"`{part}` of {declared.name} is no tuple: write a comma behind what stands alone.")


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
    for name, what in _TAKEN.items():
        if name in fields or name in declared.record.model_fields:
            raise DeclarationError(f"A field of {declared.name} is called {name!r}, as {what} is.")
    needed = ["therapy_id"] if declared.section else []
    needed += ["source_id", "locator"] if "evidence" in fields else []
    for reference in declared.references:
        annotation = fields[reference.public_field].annotation
        needed += [] if get_origin(annotation) is list else [reference.column]
    for name in needed:
        if name not in columns:
            raise DeclarationError(f"{declared.table.__name__} has no column {name!r}, which {declared.name} need.")
    if not hasattr(declared.table, "__table__"):
        raise DeclarationError(f"{declared.table.__name__} is no table: write `table=True` behind what it is built on.")
    for key in table_of(declared.table).foreign_keys:
        table = key.target_fullname.partition(".")[0]
        if table not in {"release", *SQLModel.metadata.tables}:
            raise DeclarationError(f"{declared.table.__name__} refers to the table {table!r}, which is not there.")
    for column in table_of(declared.table).columns:
        if isinstance(column.type, Enum):
            where = f"The column {column.name!r} of {declared.table.__name__}"
            raise DeclarationError(f"{where} would hold the names that Python has of words: add `sa_type=String`.")


def _check_models(found: Sequence[Noun]) -> None:
    """No two forms, or parts of forms, have the same name: the OpenAPI document calls them by it."""
    known: dict[str, type[BaseModel]] = {}
    for form in (form for declared in found for form in (declared.public, declared.listed)):
        for model in models_of(form):
            if (other := known.setdefault(model.__name__, model)) is not model:
                where = " and ".join(sorted({f"{each.__module__.replace('.', '/')}.py" for each in (other, model)}))
                raise DeclarationError(f"Two forms are called {model.__name__}, in {where}: call one otherwise.")


def _check_forms(declared: Noun, lists: set[str]) -> None:
    fields = declared.public.model_fields
    if "id" not in fields:
        raise DeclarationError(f"{declared.public.__name__} has no `id`.")
    if "evidence" in fields and not declared.by_name.keys() & set(CITING):
        where = f"{declared.public.__name__} has `evidence`, but {declared.name} have no filter `source`"
        raise DeclarationError(f"{where}: add `SOURCE` of app/nouns/fact_filters.py, by which a source lists them.")
    if "evidence" in fields:
        for name in FactRecord.model_fields:
            if name in fields:
                raise DeclarationError(f"A field of {declared.name} is called {name!r}, as a part of its evidence is.")
    _check_record(declared)
    _check_summary(declared)
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


def _check_record(declared: Noun) -> None:
    """Each field of a record is answered, or said to be in the files alone: else it would be dropped without a word."""
    record, references = declared.record, {reference.field for reference in declared.references}
    public = declared.public.model_fields
    for name in declared.record_only:
        if name not in record.model_fields:
            raise DeclarationError(f"{name!r} in `record_only` of {declared.name} is no field of {record.__name__}.")
        if name in public:
            raise DeclarationError(f"{name!r} in `record_only` of {declared.name} is answered: take it out.")
    for name, field in (*record.model_fields.items(), *public.items()):
        if name.endswith("_") and not field.alias:
            said = f"The field {name!r} of {declared.name} would be written so"
            raise DeclarationError(f"{said}: give it an alias, such as `alias={name.rstrip('_')!r}`.")
    cited = declared.section or "evidence" in public or "source" in declared.record_only
    if issubclass(record, FactRecord) and not cited:
        said = f"{record.__name__} says where a record was read, and {declared.public.__name__} has no `evidence`"
        raise DeclarationError(f"{said}: add it, or build the record on `Record`.")
    answered = {*public, *references, *FactRecord.model_fields, *_OF_FILES, *declared.record_only}
    for name in record.model_fields:
        if name not in answered:
            said = f"The field {name!r} of {record.__name__} is no field of {declared.public.__name__}"
            raise DeclarationError(
                f"{said}: put it in the class that both are built on, or in `record_only` where `compute` reads it."
            )


def _check_given(declared: Noun) -> None:
    """Each field of an answer is a field of the record, a reference, or computed."""
    given = {*declared.record.model_fields, *(reference.public_field for reference in declared.references), *_GIVEN}
    for name in declared.public.model_fields:
        if name not in given and not declared.is_computed:
            said = f"The field {name!r} of {declared.public.__name__} is no field of {declared.record.__name__}"
            raise DeclarationError(f"{said}, and {declared.name} have no `compute` that gives it.")


def _check_summary(declared: Noun) -> None:
    """The form in the list holds some of the fields of the single record, and says of what it is."""
    if declared.shown and not declared.summary:
        raise DeclarationError(f"`shown` of {declared.name} is of a `summary`, which they do not have.")
    if not declared.summary:
        return
    short, whole = declared.summary.model_fields, declared.public.model_fields
    name = declared.summary.__name__
    for key, field in short.items():
        if key not in whole or field.annotation != whole[key].annotation:
            raise DeclarationError(f"{key!r} of {name} is no such field of {declared.public.__name__}, which it is of.")
    needed = ["id", *(["therapy"] if declared.section else [])]
    needed += ["evidence"] if "evidence" in whole and not declared.shown else []
    for key in needed:
        if key not in short:
            raise DeclarationError(f"{name} has no {key!r}: records of a list have it too.")


def _check_section(declared: Noun, key: str) -> None:
    """Facts of therapies say of which therapy they are, and find it; their section has a name of its own."""
    if not {"therapy", "evidence"} <= declared.public.model_fields.keys():
        raise DeclarationError(f"{declared.public.__name__} has no `therapy` or no `evidence`: build it on `Fact`.")
    if "therapy" not in declared.by_name:
        where = f"{declared.name} have no filter `therapy`, by which a therapy lists them"
        raise DeclarationError(f"{where}: add `THERAPY` of app/nouns/fact_filters.py.")
    if iskeyword(key):
        raise DeclarationError(f"The section {key!r} is called as a word of Python is; call it otherwise.")
    if not _KEY.fullmatch(key):
        raise DeclarationError(f"The section {key!r} is no key of a file: write small letters, words joined by `_`.")
