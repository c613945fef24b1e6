"""JSON Lines: one JSON document a line."""

from collections.abc import Iterable

from app.api.formats.rows import Rows


def header(_: Rows) -> str:
    """Nothing before the records."""
    return ""


def texts(rows: Rows, documents: Iterable[bytes], _: str) -> list[bytes]:
    """The lines of each document of a list."""
    return rows.as_lines(documents)
