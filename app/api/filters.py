"""The filters of a request: those that it gives, with the names in them resolved to ids."""

import re
from collections.abc import Mapping
from math import prod
from typing import Any

from pydantic import BaseModel

from app.api.errors import bad_parameter
from app.api.invalid import values_meant
from app.api.meanings import VALUES
from app.nouns.declaration import Noun
from app.nouns.filters import UNKNOWN, Filter, TermFilter, base_name
from app.release.fulltext import MAX_WORDS, is_searchable
from app.release.names import AmbiguousNameError, UnknownNameError
from app.release.opened import OpenRelease

MAX_ALL = 100
"""Combinations of values that filters which ask for all of them may make."""


def given_filters(noun: Noun, query: BaseModel) -> dict[str, Any]:
    """The filters that a request gives, by name, in the order of the documentation."""
    given = query.model_fields_set
    return {
        name: value
        for attribute_, name in noun.filter_names.items()
        if attribute_ in given and (value := getattr(query, attribute_)) is not None
    }


def resolve_filters(release: OpenRelease, noun: Noun, given: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with names resolved to ids. Raises `Problem` for what is not known."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name == "id":
            found[name] = list(dict.fromkeys(value))
        elif name == "q":
            found[name] = searchable(value)
        else:
            wanted, owner = noun.by_name[name], noun.owners[name].name
            found[name] = resolve_filter(release, wanted, owner, value, optional=name in noun.optional)
    every = [name for name in found if name in noun.all_filters]
    if prod(len(found[name]) for name in every) > MAX_ALL:
        detail = f"{', '.join(f'`{name}`' for name in every)} together make more than {MAX_ALL} combinations."
        raise bad_parameter(every[0], detail, allowed=f"at most {MAX_ALL} combinations of their values")
    return found


def searchable(question: str) -> str:
    """A question that holds words. Raises `Problem` otherwise."""
    if not is_searchable(question):
        detail = f"`q` holds no word to search for, or more than {MAX_WORDS}."
        raise bad_parameter("q", detail, allowed='words, and phrases in "quotes"')
    return question


def resolve_filter(release: OpenRelease, wanted: Filter, list_name: str, value: Any, *, optional: bool = False) -> Any:
    """The value of one filter of a list with names resolved to ids. Raises `Problem` for what is not known."""
    if not isinstance(wanted, TermFilter):
        return value
    if wanted.vocabulary is not None:
        return list(dict.fromkeys(value))
    carried = release.lists[list_name].postings.get(wanted.name, ())
    if all(text in carried for text in value):  # ids to the letter, as mostly
        return list(dict.fromkeys(value))
    space = release.names.space_of(list_name, wanted)

    def resolve(text: str) -> list[str]:
        try:
            return release.names.resolve_each(space, text)
        except UnknownNameError:
            if wanted.written and re.fullmatch(wanted.written, text, re.ASCII):
                return [text]
            if optional and text.strip().casefold() == UNKNOWN:
                return [UNKNOWN]
            raise

    try:
        names = release.names.joined(space, value)
        return list(dict.fromkeys(found for name in names for found in resolve(name)))
    except UnknownNameError as error:
        allowed = f"an id or a known name of /{wanted.names}" if wanted.names else "a value that occurs in this list"
        allowed += f", or `{UNKNOWN}`" * optional
        detail = f"No value of `{wanted.name}` is called {error.name[:80]!r}."
        known = [value for value in VALUES.get(base_name(wanted), ()) if release.names.matches(space, value)]
        meant = values_meant(wanted.name, error.name, [*known, *[UNKNOWN] * optional])
        suggestions = list(dict.fromkeys([*meant, *release.names.nearest(space, error.name)]))
        raise bad_parameter(wanted.name, detail, allowed=allowed, suggestions=suggestions) from error
    except AmbiguousNameError as error:
        detail = f"{error.name[:80]!r} can mean several values of `{wanted.name}`; write the id."
        raise bad_parameter(wanted.name, detail, allowed=" or ".join(error.ids), suggestions=error.ids) from error
