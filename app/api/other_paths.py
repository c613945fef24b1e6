"""Paths that are nearly right: with a slash too many, in another case, or by another word for a list."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from rapidfuzz import process

from app.api.meanings import PATHS, meant_by, normalized
from app.nouns.registry import nouns

_PREFIXES = re.compile(r"api|v\d+")
"""First parts of paths that other services have, and this one has not."""


def intended_path(path: str, templates: Iterable[str]) -> str | None:
    """The path of this service that another one means, as it stands in an address; None where it means none.

    `templates` are the paths that are answered, such as `/therapies/{id}`. Their parts are found whatever the case, by
    their singular, and by other words for them; what stands for a parameter is left as it is.
    """
    parts = [part for part in path.split("/") if part]
    known = [template.strip("/").split("/") for template in templates if template.strip("/")]
    while parts:
        for template in known:
            if len(template) == len(parts) and all(map(_matches, parts, template)):
                found = [part if _is_parameter(other) else other for part, other in zip(parts, template, strict=True)]
                return "/" + "/".join(quote(part, safe="") for part in found)
        if not _PREFIXES.fullmatch(parts[0].casefold()):
            return None
        parts = parts[1:]
    return None


def _is_parameter(part: str) -> bool:
    return part.startswith("{")


def _matches(part: str, other: str) -> bool:
    """Whether a part of a path stands for one of a template."""
    return _is_parameter(other) or normalized(part) in _spellings(other)


def _spellings(part: str) -> set[str]:
    """How a part of a path may be written: as it is, in the singular, and by other words."""
    singular = next((noun.singular for noun in nouns() if noun.name == part), part)
    return {normalized(word) for word in (part, singular, *PATHS.get(part, "").split())}


def similar_paths(path: str, templates: Iterable[str]) -> list[str]:
    """The paths that are nearest to one that is not answered, best first."""
    plain = [template for template in templates if "{" not in template and template != "/"]
    first = next((part for part in path.split("/") if part), "")
    meant = [f"/{name}" for name in meant_by(first, PATHS, (template.strip("/") for template in plain))]
    near = [match for match, *_ in process.extract(path[:100].casefold(), plain, limit=3, score_cutoff=60)]
    return list(dict.fromkeys([*meant, *near]))
