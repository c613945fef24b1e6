"""Rows of the typed tables: what the columns of each hold follows from the declaration of its noun."""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, get_args

from sqlalchemy import Table

from app.nouns.base import table_of
from app.nouns.declaration import Noun
from app.nouns.declaration_errors import DeclarationError
from app.nouns.registry import noun
from app.release.releases import tables_of_releases
from app.vocabulary import Vocabulary
from seed.release_data import ReleaseData


class Rows(NamedTuple):
    """Rows of one table; the release, which is the same for all, is left out."""

    table: Table
    columns: list[str]
    rows: Iterable[list[Any]]
    """Values in the order of `columns`, words of vocabularies as plain texts."""


def typed_rows(data: ReleaseData) -> Iterator[Rows]:
    """The rows of all tables of records, those first that others refer to. Raises `DeclarationError`."""
    found: dict[Table, Rows] = {}
    for name, forms in data.forms.items():
        rows = _rows(noun(name), forms)
        found |= {rows.table: rows} | _parts(noun(name), forms)
    yield from (found[table] for table in tables_of_releases() if table in found)


def columns_of(table: Table) -> list[str]:
    """The columns that a row brings."""
    return [column.name for column in table.columns if column.name != "release_id"]


def _rows(of: Noun, forms: list[Any]) -> Rows:
    table = table_of(of.table)
    names = [name for name in columns_of(table) if name != "position"]
    given = of.columns(forms[0])
    if unknown := given.keys() - {*names}:
        raise DeclarationError(f"`columns` of {of.name} gives {min(unknown)!r}, which is no column of {table.name}.")
    computed = [name for name in names if name in given]
    paths = {name: path for name, path in _paths(of).items() if name in names and name not in computed}
    referred = {
        reference.column: reference.public_field
        for reference in of.references
        if reference.column in names and reference.column not in {*computed, *paths}
    }
    if missing := [name for name in names if name not in {*computed, *paths, *referred}]:
        raise DeclarationError(
            f"The column {missing[0]!r} of {of.table.__name__} is no field of {of.public.__name__} and no reference "
            f"of {of.name}: let `columns` of the noun give it."
        )
    words = [number for number, name in enumerate(paths) if _is_word(of, name)]
    order = [*paths, *referred, *computed, "position"]
    return Rows(table, order, _values(of, forms, list(paths.values()), words, list(referred.values()), computed))


def _values(
    of: Noun, forms: list[Any], paths: list[str], words: list[int], referred: list[str], computed: list[str]
) -> Iterator[list[Any]]:
    get = attrgetter(*paths)
    for position, form in enumerate(forms):
        row = list(get(form))
        for number in words:
            row[number] = _plain(row[number])
        for field in referred:
            other = getattr(form, field)
            row.append(None if other is None else other.id)
        if computed:
            values = of.columns(form)
            row += [_plain(values[name]) for name in computed]
        row.append(position)
        yield row


def _paths(of: Noun) -> dict[str, str]:
    """Columns whose values stand in a form, and where."""
    fields = of.public.model_fields
    found = {name: name for name in fields}
    if of.section:
        found["therapy_id"] = "therapy.id"
    if "evidence" in fields:
        found |= {"source_id": "evidence.source.id", "locator": "evidence.locator"}
    return found


def _is_word(of: Noun, name: str) -> bool:
    """Whether a column holds words of a vocabulary."""
    field = of.public.model_fields.get(name)
    kinds = (field.annotation, *get_args(field.annotation)) if field else ()
    return any(isinstance(kind, type) and issubclass(kind, Vocabulary) for kind in kinds)


def _plain(value: Any) -> Any:
    """A value as the drivers take it, who know no words of a vocabulary."""
    return str(value) if isinstance(value, Vocabulary) else value


def _parts(of: Noun, forms: list[Any]) -> dict[Table, Rows]:
    """The rows of further tables, which hold parts of records."""
    rows: dict[Table, list[list[Any]]] = {}
    for form in forms:
        for model, values in of.parts(form):
            table = table_of(model)
            own: Mapping[str, Any] = {"position": len(rows.setdefault(table, [])), **values}
            try:
                rows[table].append([_plain(own[name]) for name in columns_of(table)])
            except KeyError as error:
                message = f"The column {error} of {model.__name__} is not among what `parts` of {of.name} gives."
                raise DeclarationError(message) from error
    return {table: Rows(table, columns_of(table), found) for table, found in rows.items()}
