"""Records of a release by their ids, parsed: for answers that embed or cite what others refer to."""

from collections.abc import Collection
from typing import Any

import orjson

from app.nouns.declaration import Noun
from app.release.database import BEING_REMOVED, NotReadyError
from app.release.opened import OpenRelease
from app.release.store import Store


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
