"""Examples of the OpenAPI document: real answers out of the release that is current."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request

from app.api import comparisons, outcomes
from app.api.endpoint import Endpoint
from app.api.errors import Problem
from app.api.params import DEFAULT_LIMIT
from app.nouns.registry import nouns
from app.release.opened import OpenRelease
from app.release.store import WHOLE_BATCH, Store

QUESTIONS = comparisons.EXAMPLES | outcomes.EXAMPLES
"""By path, the question to which what is computed is the example."""
MAX_LOOKED_AT = 300
"""Records of a list among which an example is looked for."""


async def examples(app: Starlette, release: OpenRelease) -> dict[str, Any]:
    """A real answer for each path: a record of each list, and what is computed."""
    store: Store = app.state.store
    found = await _computed(app, release)
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


async def _computed(app: Starlette, release: OpenRelease) -> dict[str, Any]:
    """What comparisons answer to their examples; none where the release does not have what the example names."""
    found = {}
    for endpoint in app.routes:
        if isinstance(endpoint, Endpoint) and (question := QUESTIONS.get(endpoint.path)):
            query = urlencode({**question, "release": release.version}).encode()
            scope = {"type": "http", "method": "GET", "path": endpoint.path, "query_string": query, "headers": []}
            with suppress(Problem):
                answer = await endpoint.respond(Request({**scope, "app": app, "state": {}}))
                found[endpoint.path] = orjson.loads(answer.body)
    return found


def _size(text: bytes) -> tuple[int, int]:
    """How many keys of a document are empty, and its length."""
    return sum(value in (None, [], {}) for value in orjson.loads(text).values()), len(text)


def _best_example(sizes: Sequence[tuple[int, int]]) -> int:
    """The number of the shortest of some documents that leave few keys empty."""
    few = min(sizes)[0] + 6
    return min((length, number) for number, (empty, length) in enumerate(sizes) if empty <= few)[1]
