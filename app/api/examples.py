"""Examples of the OpenAPI document: real answers out of the release that is current."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection

from app.api.params import DEFAULT_LIMIT
from app.nouns.registry import nouns
from app.release.opened import OpenRelease
from app.release.store import WHOLE_BATCH, Store

MAX_LOOKED_AT = 300
"""Records of a list among which an example is looked for."""


class Computed(Protocol):
    """What makes the examples of paths whose answers are computed."""

    def __call__(self, connection: Connection, release: OpenRelease) -> Mapping[str, Any]:
        """An answer by path."""


async def examples(store: Store, release: OpenRelease, computed: Computed) -> dict[str, Any]:
    """A real answer for each path: a record of each list, and what is computed."""
    found = dict(await store.compute(partial(computed, release=release)))
    for noun in nouns():
        if not release.counts.get(noun.name):
            continue
        looked_at = range(min(release.counts[noun.name], MAX_LOOKED_AT))
        sizes: list[tuple[int, int]] = []
        for start in looked_at[::WHOLE_BATCH]:  # all at once, of therapies 10 MB, would stay with a worker
            texts = await store.documents(release, noun, looked_at[start : start + WHOLE_BATCH], whole=True)
            sizes += map(_size, texts)
        position = _best_example(sizes)
        [text], [listed] = [await store.documents(release, noun, [position], whole=each) for each in (True, False)]
        whole = orjson.loads(text)
        page = {
            "items": [orjson.loads(listed)],
            "total": 1,
            "next": None,
            "query": {"id": [whole["id"]], "limit": DEFAULT_LIMIT},
            "release": release.version,
            "permalink": f"/{noun.name}?id={whole['id']}&release={release.version}",
        }
        found[f"/{noun.name}"] = page
        if noun.summary:  # else the record alone is the very item of the page
            found[f"/{noun.name}/{{id}}"] = whole
    return found


def _size(text: bytes) -> tuple[int, int]:
    """How many keys of a document are empty, and its length."""
    return sum(value in (None, [], {}) for value in orjson.loads(text).values()), len(text)


def _best_example(sizes: Sequence[tuple[int, int]]) -> int:
    """The number of the shortest of some documents that leave few keys empty."""
    few = min(sizes)[0] + 6
    return min((length, number) for number, (empty, length) in enumerate(sizes) if empty <= few)[1]
