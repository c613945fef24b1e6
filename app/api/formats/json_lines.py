"""JSON Lines: one JSON document a line."""

from collections.abc import Iterable

from app.nouns.declaration import Noun


def header(_: Noun) -> str:
    """Nothing before the records."""
    return ""


def rows(_: Noun, documents: Iterable[str], __: str) -> list[str]:
    """A line of each document of a list."""
    return [f"{document}\n" for document in documents]
