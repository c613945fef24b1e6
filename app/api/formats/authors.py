"""Authors as citations name them (CSL-JSON): people by family and given name, organisations whole."""

import re
from collections.abc import Iterable
from typing import Any

from nameparser import HumanName

from app.vocabulary import AuthorKind, SourceKind

OTHERS = {"literal": "others"}
"""Authors who are not named, as pandoc writes BibTeX's `and others`."""
_ET_AL = re.compile(r"(?:^|,?\s+)et al\.?$", re.IGNORECASE)
_FAMILY_FIRST = re.compile(r"(?P<family>.+) (?P<initials>[A-Z]{1,3})")
"""A name as PubMed lists it: `Feltes TF`."""
_OF_OLDER_RELEASES = {SourceKind.TRIAL_PUBLICATION.value, SourceKind.REVIEW.value}
"""Kinds of source whose authors are people, in releases whose sources do not say it."""


def csl_names(source: dict[str, Any]) -> list[dict[str, str]]:
    """The authors of a source."""
    people = source.get("author_kind", "people" if source["kind"] in _OF_OLDER_RELEASES else None)
    if people != AuthorKind.PEOPLE:
        return [{"literal": author} for author in source["authors"]]
    return list(_people(source["authors"]))


def _people(authors: Iterable[str]) -> Iterable[dict[str, str]]:
    for author in authors:
        name = _ET_AL.sub("", author)
        if name:
            yield _person(name)
        if name != author:
            yield OTHERS


def _person(name: str) -> dict[str, str]:
    listed = _FAMILY_FIRST.fullmatch(name)
    if listed:
        return {"family": listed["family"], "given": " ".join(f"{letter}." for letter in listed["initials"])}
    parsed = HumanName(name)
    given = " ".join(filter(None, [parsed.first, parsed.middle]))
    found = {"family": parsed.last, "given": given, "suffix": parsed.suffix} if parsed.last else {"family": name}
    return {key: value for key, value in found.items() if value}
