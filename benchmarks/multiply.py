"""A larger base with the same distributions: the rows of a loaded release, copied by SQL.

Rendering a million records would take hours. Copy k of a record is another record, of another therapy
(`abatacept-c1`), with the same vocabulary, and stands beside its original in the order of its list, its facts together:
every filter then matches the same share of the records, spread over the positions as before.
"""

import json
import sqlite3
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from sqlalchemy import create_engine

from app import search
from app.queries.sets import packed, positions, unpacked

LISTS = {
    "adverse_event": "adverse-events",
    "cohort": "cohorts",
    "indication": "indications",
    "mechanism": "mechanisms",
    "product": "products",
    "therapy": "therapies",
    "warning": "warnings",
}
"""Tables that are multiplied, and the list of each."""
VOCABULARY = {"class", "condition", "event", "source", "statement", "target"}
SERVICE = {"alembic_version", "release", "activation"}
OWN = {"therapy", "reported_for", "cohort"}
"""Filters whose values are records that are copied."""
POSITION = "coalesce(p.first * c.copies + c.k * p.size + o.position - p.first, o.position * c.copies + c.k)"
"""The place of a copy. The facts of a therapy stand together, and those of a copy of it behind them."""
PLACE = "LEFT JOIN place p ON p.release_id = o.release_id AND p.position = o.position AND p.list = "
FACT = "substr({0}, 1, instr({0}, '.') - 1) || c.suffix || substr({0}, instr({0}, '.'))"
"""The id of a fact's copy: its therapy's with the number of the copy, and what follows as it was."""
INDEX = {
    "name": {
        "folded": "o.folded || replace(c.suffix, '-', '')",
        "id": f"iif(o.list = 'cohorts', {FACT.format('o.id')}, o.id || c.suffix)",
        "name": "o.name || replace(c.suffix, '-', ' ')",
    },
    "search_text": {"rowid": "NULL", "position": POSITION},
}
"""Tables of the index, whose rows say which list they are of: what differs in a copy."""
ORDER = {
    "name": "ORDER BY o.list, o.folded, c.k",
    "search_text": f"ORDER BY o.release_id, o.list, {POSITION}",
}


def multiply(source: Path, target: Path, factor: int, events: int) -> None:
    """Write a base with `factor` times the therapies and their facts, and `events` times the adverse events."""
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1048576", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("ATTACH ? AS old", (str(source),))
        tables = _schema(connection)
        connection.execute("BEGIN")
        _count_copies(connection, factor, events)
        _find_places(connection)
        for name in tables:
            if name == "tag":
                _copy_tags(connection)
            else:
                _copy(connection, name)
        for number, counts in connection.execute("SELECT id, counts FROM release").fetchall():
            multiplied = {name: connection.execute(_COPIES, (name,)).fetchone()[0] for name in json.loads(counts)}
            grown = {name: count * multiplied[name] for name, count in json.loads(counts).items()}
            connection.execute("UPDATE release SET counts = ? WHERE id = ?", (json.dumps(grown), number))
        connection.execute("COMMIT")
        releases = [number for (number,) in connection.execute("SELECT id FROM release")]
        analysed = connection.execute("SELECT 1 FROM old.sqlite_master WHERE name = 'sqlite_stat1'").fetchone()
    engine = create_engine(f"sqlite:///{target}")
    with engine.begin() as writing:
        for number in releases:
            search.index(writing, number)
        if analysed:
            writing.exec_driver_sql("ANALYZE")
    engine.dispose()


_COPIES = "SELECT coalesce(max(copies), 1) FROM copy WHERE list = ?"


def _schema(connection: sqlite3.Connection) -> list[str]:
    """Make the same tables, indexes and full text; answer the names of the tables."""
    query = "SELECT name, type, sql FROM old.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    # The engine of full text makes its own tables (`search_fts_data` …) when its virtual one is made.
    parts = [row for row in connection.execute(query).fetchall() if not row[0].startswith("search_fts_")]
    for _, _, sql in sorted(parts, key=lambda row: row[1] == "index"):
        connection.execute(sql)
    tables = [name for name, kind, _ in parts if kind == "table" and name != "search_fts"]
    if unknown := set(tables) - LISTS.keys() - VOCABULARY - SERVICE - INDEX.keys() - {"tag"}:
        raise RuntimeError(f"Say in {Path(__file__).name} how to multiply {', '.join(sorted(unknown))}.")
    return tables


def _count_copies(connection: sqlite3.Connection, factor: int, events: int) -> None:
    """A table of the copies of each list: their numbers, and what is put behind an id."""
    connection.execute("CREATE TEMP TABLE copy (list, k, suffix, copies, PRIMARY KEY (list, k)) WITHOUT ROWID")
    query = "SELECT list FROM old.tag UNION SELECT list FROM old.name UNION SELECT list FROM old.search_text"
    for name in {*LISTS.values(), *(row[0] for row in connection.execute(query))}:
        plain = name.removesuffix(".title")
        copies = 1 if plain not in LISTS.values() else events if plain == "adverse-events" else factor
        rows = [(name, k, f"-c{k}" if k else "", copies) for k in range(copies)]
        connection.executemany("INSERT INTO copy VALUES (?, ?, ?, ?)", rows)


def _find_places(connection: sqlite3.Connection) -> None:
    """A table of facts: where those of their therapy begin, and how many there are."""
    connection.execute(
        "CREATE TEMP TABLE place (release_id INTEGER, list TEXT, position INTEGER, first INTEGER, size INTEGER, "
        "PRIMARY KEY (release_id, list, position)) WITHOUT ROWID"
    )
    for table, name in LISTS.items():
        if table != "therapy":
            family = "OVER (PARTITION BY release_id, therapy_id)"
            connection.execute(
                f"INSERT INTO place SELECT release_id, '{name}', position, min(position) {family}, count(*) {family} "  # noqa: S608  # names of our own
                f"FROM old.{table}"
            )


def _copy(connection: sqlite3.Connection, name: str) -> None:
    """Copy the rows of a table, each as often as its list says."""
    columns = [row[1] for row in connection.execute(f"PRAGMA old.table_info({name})")]
    chosen = {column: f"o.{column}" for column in columns}
    joined, order = "", ""
    if name in LISTS:
        joined = f"CROSS JOIN copy c ON c.list = '{LISTS[name]}' {PLACE}'{LISTS[name]}'"
        order = "ORDER BY o.position, c.k"
        chosen |= _of_copy(name, columns)
    elif name in INDEX:
        place = f"{PLACE}replace(o.list, '.title', '')" if name == "search_text" else ""
        joined, order = f"CROSS JOIN copy c ON c.list = o.list {place}", ORDER[name]
        chosen |= INDEX[name]
    values = ", ".join(chosen.values())
    statement = f"INSERT INTO main.{name} ({', '.join(columns)}) SELECT {values} FROM old.{name} o {joined} {order}"  # noqa: S608  # names of our own tables and columns
    connection.execute(statement)


def _copy_tags(connection: sqlite3.Connection) -> None:
    """Copy the sets of records that carry a value; a value that is itself copied has a set for each copy."""
    copies = {name: (count, suffixes) for name, count, suffixes in _suffixes(connection)}
    query = "SELECT release_id, list, position, first, size FROM place"
    places = {(release, name, place): (first, size) for release, name, place, first, size in connection.execute(query)}

    def copied(release: int, name: str, position: int, k: int) -> int:
        first, size = places.get((release, name, position), (position, 1))
        place: int = first * copies[name][0] + k * size + position - first
        return place

    for release, name, wanted, value, stored in connection.execute("SELECT * FROM old.tag ORDER BY 1, 2, 3, 4"):
        count, suffixes = copies[name]
        found = list(positions(unpacked(stored)))
        rows = {}
        if wanted in OWN:
            start, dot, rest = value.partition(".") if wanted == "cohort" else (value, "", "")
            for k, suffix in enumerate(suffixes):
                rows[f"{start}{suffix}{dot}{rest}"] = [copied(release, name, position, k) for position in found]
        else:
            rows[value] = sorted(copied(release, name, position, k) for position in found for k in range(count))
        connection.executemany(
            "INSERT INTO main.tag VALUES (?, ?, ?, ?, ?)",
            [(release, name, wanted, each, packed(found_there)) for each, found_there in rows.items()],
        )


def _suffixes(connection: sqlite3.Connection) -> list[tuple[str, int, list[str]]]:
    rows = connection.execute("SELECT list, suffix FROM copy ORDER BY list, k")
    return [
        (name, len(suffixes), suffixes)
        for name, group in groupby(rows, key=itemgetter(0))
        for suffixes in [[suffix for _, suffix in group]]
    ]


def _of_copy(name: str, columns: list[str]) -> dict[str, str]:
    """What differs in the copy of a record: its place, its id, and those of the therapy and cohort it belongs to."""
    owner = "o.id" if name == "therapy" else "o.therapy_id"
    found = {"position": POSITION, "id": FACT.format("o.id"), "therapy_id": "o.therapy_id || c.suffix"}
    found |= {"cohort_id": FACT.format("o.cohort_id")}
    if name == "therapy":
        found["id"] = "o.id || c.suffix"
    for column in ("document", "summary"):
        found[column] = f"o.{column}"
        for end in ('"', "."):
            old, new = f"""'"id":"' || {owner} || '{end}'""", f"""'"id":"' || {owner} || c.suffix || '{end}'"""
            found[column] = f"replace({found[column]}, {old}, {new})"
    return {column: expression for column, expression in found.items() if column in columns}
