"""Inserting many rows, straight into the driver."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from seed.rows import Rows

CHUNK = 20_000


def insert_rows(connection: Connection, release_id: int, rows: Rows) -> None:
    """Insert rows of a release: by COPY on PostgreSQL, in large statements on SQLite."""
    quote = connection.dialect.identifier_preparer
    names = [quote.quote(name) for name in (*rows.columns, "release_id")]
    into = f"{quote.format_table(rows.table)} ({', '.join(names)})"
    own = _converted(connection, release_id, rows)
    if connection.dialect.name == "postgresql":
        statement = f"COPY {into} FROM STDIN"
        try:
            with connection.connection.cursor().copy(statement) as copy:
                for row in own:
                    copy.write_row(row)
        except connection.dialect.loaded_dbapi.Error as error:  # as of any other statement
            raise DBAPIError(statement, None, error) from error
        return
    statement = f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # names of our own tables and columns
    while chunk := list(islice(own, CHUNK)):
        connection.exec_driver_sql(statement, chunk)


def _converted(connection: Connection, release_id: int, rows: Rows) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver takes them: days and JSON are written by the types of the columns."""
    dialect = connection.dialect
    types = [rows.table.columns[name].type.dialect_impl(dialect) for name in rows.columns]
    found = [(number, type_.bind_processor(dialect)) for number, type_ in enumerate(types)]
    convert = [(number, processor) for number, processor in found if processor]
    return (_row(row, convert, release_id) for row in rows.rows)


def _row(row: list[Any], convert: Iterable[tuple[int, Any]], release_id: int) -> tuple[Any, ...]:
    for number, processor in convert:
        row[number] = processor(row[number])
    return (*row, release_id)
