"""The stored indexes of releases: made at load, and renewed where they do not follow from this code."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from app.nouns.base import table_of
from app.nouns.declaration import Noun
from app.nouns.registry import nouns
from app.release import releases
from app.release.indexing import build, read_by
from app.release.lock import checkpoint_wal
from app.release.stored_index import fingerprint, serialize
from app.release.tables import DocumentTable, IndexTable
from seed.background import in_background
from seed.inserting import insert_rows
from seed.rows import Rows

Documents = Mapping[str, list[str]]
Progress = Callable[[str], None]

_document = table_of(DocumentTable)
_index = table_of(IndexTable)


class IndexCache:
    """The indexes made last: of the next release, only those of lists that differ are made."""

    def __init__(self) -> None:
        self._documents: Documents = {}
        self._indexes: dict[str, bytes] = {}

    def begin(self, documents: Documents, progress: Progress = lambda _: None) -> Callable[[], dict[str, bytes]]:
        """Begin to make the index of each list, as it is stored, in two processes; return what waits for them.

        `progress` gets the name of each list indexed anew.
        """
        known = [noun for noun in nouns() if documents.get(noun.name)]
        lists = documents.keys() | self._documents.keys()
        differing = {name for name in lists if documents.get(name) != self._documents.get(name)}
        made = [noun for noun in known if differing & read_by(noun)]
        for noun in made:
            progress(noun.name)
        parts = [in_background(partial(_made, half, documents)) for half in _halves(made, documents) if half]

        def finish() -> dict[str, bytes]:
            found = {name: content for wait in parts for name, content in wait().items()}
            self._documents = documents
            self._indexes = {noun.name: found.get(noun.name) or self._indexes[noun.name] for noun in known}
            return self._indexes

        return finish


def _made(made: Sequence[Noun], documents: Documents) -> dict[str, bytes]:
    """The indexes of some lists, as they are stored."""
    needed = set().union(*map(read_by, made))
    found = build({name: documents[name] for name in needed if name in documents}, {noun.name for noun in made})
    return {name: serialize(index) for name, index in found.items()}


def _halves(made: Sequence[Noun], documents: Documents) -> list[list[Noun]]:
    """Some lists in two parts that take about as long: longer lists say the same more often, which is read once."""
    times = {noun.name: math.sqrt(sum(map(len, documents[noun.name]))) for noun in made}
    halves: list[list[Noun]] = [[], []]
    for noun in sorted(made, key=lambda noun: -times[noun.name]):
        min(halves, key=lambda half: sum(times[each.name] for each in half)).append(noun)
    return halves


_cache = IndexCache()
begin_index = _cache.begin


def write_index(connection: Connection, release_id: int, indexes: Mapping[str, bytes]) -> None:
    """Store the index of each list of a release."""
    rows: list[list[Any]] = [[name, fingerprint(), content] for name, content in indexes.items()]
    insert_rows(connection, release_id, Rows(_index, ["list", "fingerprint", "content"], rows))


def outdated(engine: Engine) -> list[tuple[int, str]]:
    """The releases, by key and version, of which a stored index is missing, or does not follow from this code."""
    known = {noun.name for noun in nouns()}
    with engine.connect() as connection:
        mine = select(_index.c.release_id, _index.c.list).where(_index.c.fingerprint == fingerprint())
        stored = {tuple(row) for row in connection.execute(mine)}
        return [
            (row["id"], row["version"])
            for row in releases.readable(connection)
            if any(count and (row["id"], name) not in stored for name, count in row["counts"].items() if name in known)
        ]


def renew_index(engine: Engine, release_id: int) -> None:
    """Derive the stored indexes of a release from its documents."""
    documents: dict[str, list[str]] = {}
    with engine.begin() as connection:
        of_release = select(_document.c.list, _document.c.document).where(_document.c.release_id == release_id)
        for name, document in connection.execute(of_release.order_by(_document.c.list, _document.c.position)):
            documents.setdefault(name, []).append(document)
        connection.execute(delete(_index).where(_index.c.release_id == release_id))
        write_index(connection, release_id, begin_index(documents)())
    checkpoint_wal(engine)
