"""Records of a release, parsed: for answers that embed or cite what others refer to, and for comparisons."""

from collections.abc import Collection, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from pyroaring import BitMap
from sqlalchemy import Connection

from app.nouns.declaration import Noun
from app.nouns.therapy import NOUN as THERAPIES
from app.release.database import BEING_REMOVED, NotReadyError
from app.release.opened import OpenRelease
from app.release.store import BATCH, Store, documents_at

_coverages: WeakKeyDictionary[OpenRelease, dict[int, dict[str, Any]]] = WeakKeyDictionary()
"""What is curated of therapies that were compared, by position; some 500 bytes for each."""

_REFERRED = {"therapy", "term", "cohort", "against", "trial", "endpoint"}
"""Keys of facts whose values are other records, referred to."""


async def records_by_id(
    store: Store, release: OpenRelease, noun: Noun, ids: Collection[str], *, whole: bool = False
) -> dict[str, Any]:
    """Records that others refer to, by id: in their list form, or `whole`.

    Raises `NotReadyError` where one is gone: records refer to such as there are, unless the release is being removed.
    """
    positions = await store.positions(release, noun, ids)
    if not positions.keys() >= set(ids):
        raise NotReadyError(BEING_REMOVED)
    documents = await store.documents(release, noun, list(positions.values()), whole=whole)
    return dict(zip(positions, map(orjson.loads, documents), strict=True))


def records_at(
    connection: Connection, release: OpenRelease, noun: Noun, positions: BitMap
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Whole records of a list, each with its position; read in batches, so that few are held at once.

    What several refer to is one object in all of them: held together, they take less than half of the room.
    """
    known: dict[tuple[str, str], Any] = {}
    for start in range(0, len(positions), BATCH):
        batch = positions[start : start + BATCH]
        documents = documents_at(connection, release, noun, list(batch), whole=True)
        for position, record in zip(batch, map(orjson.loads, documents), strict=True):
            for key in _REFERRED & record.keys():
                if isinstance(part := record[key], dict):
                    record[key] = known.setdefault((key, part["id"]), part)
            yield position, record


def coverages_at(connection: Connection, release: OpenRelease, positions: BitMap) -> list[dict[str, Any]]:
    """Id, name and coverage of therapies. They stand in whole records, up to 500 kB each, so they are cached."""
    cached = _coverages.setdefault(release, {})
    for position, record in records_at(connection, release, THERAPIES, positions - BitMap(cached)):
        cached[position] = {key: record[key] for key in ("id", "name", "coverage")}
    return [cached[position] for position in positions]
