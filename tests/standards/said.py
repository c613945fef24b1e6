"""Documents of standards for tests: where they are from, and every key that they have."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from app.api.formats import STANDARDS, Format
from app.nouns.registry import nouns
from app.standards.about import About

ABOUT = About(
    at="https://example.org",
    path="/therapies/a?release=2026.01.02",
    version="2026.01.02",
    released_on="2026-01-02",
    digest="0" * 64,
    title="Facts",
    authors="Curators",
    cite_as="Curators. Facts.",
    description="Facts for tests.",
    licence="https://creativecommons.org/publicdomain/zero/1.0/",
)


def forms(format_: Format) -> dict[str, Any]:
    """By list, what says its records in a standard."""
    found: dict[str, Any] = import_module(f"app.standards.{STANDARDS[format_]}").FORMS
    assert found.keys() == {noun.name for noun in nouns() if format_.value in noun.standards}
    return found


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from objects(each)
