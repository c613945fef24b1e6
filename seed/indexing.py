"""The stored indexes of releases: made at load, and renewed where they do not follow from this code."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from app.nouns.base import table_of
from app.nouns.declaration import Noun
from app.nouns.registry import nouns
from app.release import releases
from app.release.index import build, fingerprint
from app.release.lock import checkpoint_wal
from app.release.tables import DocumentTable, IndexTable
from seed.inserting import insert_rows
from seed.rows import Rows

Documents = Mapping[str, list[str]]
Progress = Callable[[str], None]

_document = table_of(DocumentTable)
_index = table_of(IndexTable)


def write_index(connection: Connection, release_id: int, documents: Documents) -> None:
    """Store the index of each list of a release."""
    rows: list[list[Any]] = [[name, fingerprint(), content] for name, content in _cache.indexes(documents).items()]
    insert_rows(connection, release_id, Rows(_index, ["list", "fingerprint", "content"], rows))


class IndexCache:
    """The indexes made last: of the next release, only those of lists that differ are made."""

    def __init__(self) -> None:
        self._documents: Documents = {}
        self._indexes: dict[str, bytes] = {}

    def indexes(self, documents: Documents, progress: Progress = lambda _: None) -> dict[str, bytes]:
        """The index of each list, as it is stored; `progress` gets the name of each list indexed anew."""
        known = [noun for noun in nouns() if documents.get(noun.name)]
        lists = documents.keys() | self._documents.keys()
        differing = {name for name in lists if documents.get(name) != self._documents.get(name)}
        made = {noun.name for noun in known if differing & _read_by(noun)}
        needed = set().union(*(_read_by(noun) for noun in known if noun.name in made))
        found = build({name: documents[name] for name in needed if name in documents})
        indexes = {}
        for noun in known:
            if noun.name in made:
                progress(noun.name)
                indexes[noun.name] = found[noun.name].serialize()
            else:
                indexes[noun.name] = self._indexes[noun.name]
        self._documents, self._indexes = documents, indexes
        return indexes


_cache = IndexCache()


def _read_by(noun: Noun) -> set[str]:
    """The lists that the index of a list is made of: itself, all trees, and those that own its records."""
    trees = {other.name for other in nouns() if other.is_tree}
    owners = {other.name for other in nouns() if other.join and other.join.noun is noun}
    return {noun.name} | trees | owners


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
        write_index(connection, release_id, documents)
    checkpoint_wal(engine)
