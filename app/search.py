"""Full text: the only file that knows the search engines, FTS5 of SQLite and tsvector of PostgreSQL.

Both engines see the same plain words: text and question are folded here, before either engine has a say. What a user
writes is never an expression of the engine; it is words (each may be the beginning of a word) and "quoted phrases".
"""

import re
import unicodedata
from typing import Any

from sqlalchemy import Connection, func, select, text

from app.models.base import table_of
from app.models.index import SearchText

_WORD = re.compile(r"[a-z0-9]+")
_PIECE = re.compile(r'"([^"]*)"|(\S+)')
MAX_WORDS = 32
_text = table_of(SearchText)


def words(value: str) -> list[str]:
    """The plain words of a text: accents stripped, case folded, everything but letters and digits a break."""
    plain = value.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.replace("α", "alpha").replace("β", "beta"))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(plain)


def phrases(question: str) -> list[tuple[list[str], bool]]:
    """Split a question into phrases, each a list of adjoining words, and whether its last word may be a beginning."""
    found = []
    for quoted, bare in _PIECE.findall(question):
        piece = words(quoted or bare)
        if piece:
            found.append((piece, not quoted))
    return found


def is_searchable(question: str) -> bool:
    """Whether a question holds words at all, and not too many."""
    return 0 < sum(len(piece) for piece, _ in phrases(question)) <= MAX_WORDS


def found(connection: Connection, question: str, rows: range) -> list[int]:
    """The rows, among some, whose text holds every phrase of a question; ascending."""
    if not rows:
        return []
    if connection.dialect.name == "sqlite":
        asked = (_sqlite_expression(question), rows[0], rows[-1])
        driver: Any = connection.connection.driver_connection  # there may be thousands: nothing is wrapped
        return sorted(row[0] for row in driver.execute(_SQLITE, asked).fetchall())
    named = {"question": _postgresql_expression(question), "first": rows[0], "last": rows[-1]}
    return sorted(connection.execute(_POSTGRESQL, named).scalars().all())


_SQLITE = "SELECT rowid FROM search_fts WHERE search_fts MATCH ? AND rowid BETWEEN ? AND ?"
_POSTGRESQL = text(
    "SELECT rowid FROM search_text WHERE rowid BETWEEN :first AND :last "
    "AND to_tsvector('simple', text) @@ to_tsquery('simple', :question)"
)


def rows_of(connection: Connection, release_id: int, counts: dict[str, int]) -> dict[str, range]:
    """The rows of the texts of each list, and of its titles: a load writes them one after the other, by position."""
    names = [name for listed in counts for name in (listed, f"{listed}.title")]
    query = select(_text.c.list, _text.c.rowid).where(
        _text.c.release_id == release_id, _text.c.list.in_(names), _text.c.position == 0
    )
    firsts: Any = connection.execute(query)
    return {name: range(first, first + counts[name.removesuffix(".title")]) for name, first in firsts}


def _sqlite_expression(question: str) -> str:
    return " AND ".join(f'"{" ".join(piece)}"{"*" if open_ended else ""}' for piece, open_ended in phrases(question))


def _postgresql_expression(question: str) -> str:
    return " & ".join(
        f"({' <-> '.join([*piece[:-1], piece[-1] + (':*' if open_ended else '')])})"
        for piece, open_ended in phrases(question)
    )


def forget(connection: Connection, release_id: int) -> None:
    """Take the texts of a release out of the engine's sight, before they are removed."""
    if connection.dialect.name == "sqlite":
        statement = (
            "INSERT INTO search_fts(search_fts, rowid, text) "
            "SELECT 'delete', rowid, text FROM search_text WHERE release_id = :release"
        )
        connection.execute(text(statement), {"release": release_id})


def index(connection: Connection, release_id: int) -> None:
    """Make the engine see the texts of a release that were just written, and see that they stand in unbroken rows."""
    rows = _text.c.rowid
    query = select(_text.c.list, func.max(rows) - func.min(rows) + 1 - func.count())
    for name, between in connection.execute(query.where(_text.c.release_id == release_id).group_by(_text.c.list)):
        if between:
            raise RuntimeError(f"Something else wrote texts while those of {name} were written.")
    if connection.dialect.name == "sqlite":
        statement = (
            "INSERT INTO search_fts(rowid, text) SELECT rowid, text FROM search_text WHERE release_id = :release"
        )
        connection.execute(text(statement), {"release": release_id})
