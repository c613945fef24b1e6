"""Full text: the only file that knows the search engines, FTS5 of SQLite and tsvector of PostgreSQL.

Both engines see the same plain words: text and question are folded here, before either engine has a say. What a user
writes is never an expression of the engine; it is words (each may be the beginning of a word) and "quoted phrases".
"""

import re
import unicodedata

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, func, literal_column, select, text

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


def found(connection: Connection, question: str, rows: tuple[int, int]) -> Select[tuple[str, int]]:
    """The list and position of each text, among those of a range of rows, that holds every phrase of a question."""
    match = _sqlite_match if connection.dialect.name == "sqlite" else _postgresql_match
    return select(_text.c.list, _text.c.position).where(match(question, rows))


def rows_of(release_id: int, list_name: str | None) -> Select[tuple[int, int]]:
    """The first and last row of the texts of a list, or of all: a load writes them one after the other."""
    query = select(func.min(_text.c.rowid), func.max(_text.c.rowid)).where(_text.c.release_id == release_id)
    return query if list_name is None else query.where(_text.c.list == list_name)


def _sqlite_match(question: str, rows: tuple[int, int]) -> ColumnElement[bool]:
    expression = " AND ".join(
        f'"{" ".join(piece)}"{"*" if open_ended else ""}' for piece, open_ended in phrases(question)
    )
    rowid = literal_column("rowid", Integer)
    hits = select(rowid).select_from(text("search_fts")).where(rowid.between(*rows))
    return _text.c.rowid.in_(hits.where(text("search_fts MATCH :question").bindparams(question=expression)))


def _postgresql_match(question: str, rows: tuple[int, int]) -> ColumnElement[bool]:
    expression = " & ".join(
        f"({' <-> '.join([*piece[:-1], piece[-1] + (':*' if open_ended else '')])})"
        for piece, open_ended in phrases(question)
    )
    simple: ColumnElement[str] = literal_column("'simple'::regconfig")
    words_of = func.to_tsvector(simple, _text.c.text)
    return and_(_text.c.rowid.between(*rows), words_of.bool_op("@@")(func.to_tsquery(simple, expression)))


def forget(connection: Connection, release_id: int) -> None:
    """Take the texts of a release out of the engine's sight, before they are removed."""
    if connection.dialect.name == "sqlite":
        statement = (
            "INSERT INTO search_fts(search_fts, rowid, text) "
            "SELECT 'delete', rowid, text FROM search_text WHERE release_id = :release"
        )
        connection.execute(text(statement), {"release": release_id})


def index(connection: Connection, release_id: int) -> None:
    """Make the engine see the texts of a release that were just written."""
    if connection.dialect.name == "sqlite":
        statement = (
            "INSERT INTO search_fts(rowid, text) SELECT rowid, text FROM search_text WHERE release_id = :release"
        )
        connection.execute(text(statement), {"release": release_id})
