"""What must be true between nouns before anything starts: joins, sublists, names, references within a therapy."""

from collections.abc import Mapping, Sequence

from app.nouns.declaration import Join, Noun, Sublist
from app.nouns.declaration_errors import DeclarationError
from app.nouns.filter_checks import check_path
from app.nouns.filters import FlagFilter, TermFilter


def check_relations(found: Sequence[Noun]) -> None:
    """Raise `DeclarationError` for the first relation of one noun to another that is not sound."""
    lists = {declared.name: declared for declared in found}
    for declared in found:
        _check_local(declared, lists)
        for sublist in declared.sublists:
            _check_sublist(declared, sublist, lists)
    _check_therapies(found)
    _check_names(found)


def check_join(declared: Noun, join: Join) -> None:
    """What is joined exists in the other noun, and what is shared in both."""
    where, other = f"The join of {declared.name}", join.noun
    known, own = ({wanted.name: wanted for wanted in noun.filters} for noun in (other, declared))
    for name in (*join.filters, *join.base_filters, *join.shared_filters):
        if name not in known:
            raise DeclarationError(f"{where} names the filter {name!r}, which {other.name} does not have.")
    for name in join.shared_filters:
        if name not in own:
            raise DeclarationError(f"{where} shares the filter {name!r}, which {declared.name} does not have.")
    for name in join.several:
        if name not in join.filters:
            raise DeclarationError(f"{where} lets several values of {name!r} be met, which is none of its filters.")
    for name, values in join.base_filters.items():
        wanted = known[name]
        words = {*wanted.vocabulary} if isinstance(wanted, TermFilter) and wanted.vocabulary else {*values}
        if wrong := [value for value in values if value not in words]:
            raise DeclarationError(f"{where} always asks for {name}={wrong[0]}, which is no word of its vocabulary.")
    check_path(other, join.foreign_key, where)


def _check_local(declared: Noun, lists: Mapping[str, Noun]) -> None:
    """References within a therapy file are of facts, to facts."""
    for reference in declared.references:
        if reference.local and not (declared.section and lists[reference.noun].section):
            where = f"The reference {reference.field!r} of {declared.name} is `local`"
            raise DeclarationError(f"{where}: so are those within a therapy file, from one of its facts to another.")


def _check_therapies(found: Sequence[Noun]) -> None:
    """Filters of facts that say something of the therapy name a filter of therapies that takes the same values."""
    [known] = [declared.by_name for declared in found if declared.singular == "therapy"]
    for declared in found:
        for wanted in declared.filters:
            if not isinstance(wanted, TermFilter) or not wanted.of_therapies:
                continue
            where, other = f"The filter {wanted.name!r} of {declared.name}", known.get(wanted.of_therapies)
            if other is None:
                raise DeclarationError(f"{where} is of {wanted.of_therapies!r}, which is no filter of therapies.")
            taken = getattr(other, "names", None), getattr(other, "vocabulary", None)
            if taken != (wanted.names, wanted.vocabulary):
                raise DeclarationError(f"{where} is of {wanted.of_therapies!r}, which takes other values.")


def _check_names(found: Sequence[Noun]) -> None:
    """Records whose names a filter takes have names."""
    for declared in found:
        naming = [
            f"the filter {wanted.name!r} of {other.name} takes"
            for other in found
            for wanted in other.filters
            if isinstance(wanted, TermFilter) and wanted.names == declared.name
        ]
        if naming and not declared.names:
            raise DeclarationError(f"{declared.name} have no `names`, which {naming[0]}: declare them.")


def _check_sublist(declared: Noun, sublist: Sublist, lists: Mapping[str, Noun]) -> None:
    """A sublist is of a list, takes filters of it, and finds by one what belongs to the record."""
    where, other = f"The sublist {sublist.noun!r} of {declared.name}", lists.get(sublist.noun)
    if other is None:
        raise DeclarationError(f"{where} is of no list.")
    if sum(each.noun == sublist.noun for each in declared.sublists) > 1:
        raise DeclarationError(f"{where} is declared twice.")
    for name in (sublist.filter, *sublist.filters, *sublist.groups):
        if name not in other.by_name:
            raise DeclarationError(f"{where} takes the filter {name!r}, which {other.name} does not have.")
    for key in sublist.sort:
        if key.removeprefix("-") not in other.sorts:
            raise DeclarationError(f"{where} is sorted by {key!r}, by which {other.name} cannot be.")
    if not declared.names:
        raise DeclarationError(f"{declared.name} have no `names`, which their sublists take: declare them.")
    if getattr(other.by_name[sublist.filter], "names", None) != declared.name:
        said = f"{where} finds by {sublist.filter!r} what belongs to a record"
        raise DeclarationError(f"{said}, but that filter takes no names of {declared.name}.")
    counted = {wanted.name for wanted in other.filters if isinstance(wanted, TermFilter | FlagFilter)}
    for name in sublist.groups:
        if name not in counted:
            raise DeclarationError(f"{where} is grouped by {name!r}, whose values cannot be counted.")
