"""The API as agents ask it, in this process, and answers that are short enough for them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

MAX_BYTES = 24_000
"""Bytes of an answer at most, as it is sent: in its structured form, and once more as text, as the protocol asks."""
PROTOCOL_BYTES = 1_000
"""Bytes of an answer that are of the protocol itself, and of its cursor, at most."""
PAGE = 25
"""Records that are asked for at once; how many have room is seen then."""
BULKY = frozenset({"classes", "trial_aliases", "patients_fitting", "agreeing", "fact_url"})
"""Keys of little use to agents: another key has the same."""
Json = dict[str, Any]


class RefusedError(Exception):
    """What the API refuses, in words that help to ask better."""


class Api:
    """The paths of the API, requested without a network."""

    def __init__(self, app: ASGIApp) -> None:
        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": {}}, receive, send)

        transport = httpx.ASGITransport(with_state, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://api", follow_redirects=True)

    async def text(self, path: str, params: Mapping[str, Any]) -> str:
        """What is at a path, as text. Raises `RefusedError`."""
        given = {name: value for name, value in params.items() if value not in (None, "", [])}
        return _accepted(await self._client.get(path, params=given)).text

    async def get(self, path: str, params: Mapping[str, Any]) -> Json:
        """What is at a path. Raises `RefusedError`."""
        found: Json = orjson.loads(await self.text(path, params))
        return found

    async def post(self, path: str, body: Json, params: Mapping[str, Any]) -> Json:
        """What is answered to a body. Raises `RefusedError`."""
        found: Json = _accepted(await self._client.post(path, json=body, params=dict(params))).json()
        return found


def record_path(kind: str, record_id: str) -> str:
    """The path of a record."""
    return f"/{kind}/{quote(record_id, safe='')}"


def _accepted(answer: httpx.Response) -> httpx.Response:
    """An answer that is none of a refusal. Raises `RefusedError`."""
    if answer.status_code == httpx.codes.OK:
        return answer
    problem = answer.json()
    parts = [str(problem.get("detail") or problem.get("title"))]
    for error in problem.get("errors", []):
        for word, key in (("Allowed", "allowed"), ("Meant", "suggestions")):
            if text := error.get(key):
                parts.append(f"{word}: {', '.join(text) if isinstance(text, list) else text}.")
    raise RefusedError(" ".join(dict.fromkeys(parts))[:4000])


def slim(value: Any) -> Any:
    """A value without keys that are empty, or that say nothing more."""
    if isinstance(value, dict):
        found = {key: slim(part) for key, part in value.items() if key not in BULKY}
        if found.keys() == {"id", "name", "class"}:  # of a therapy that is named within a fact
            del found["class"]
        return {key: part for key, part in found.items() if part not in (None, "", [], {})}
    return [slim(part) for part in value] if isinstance(value, list) else value


def size(value: Any) -> int:
    """The bytes that a value takes in an answer, where it stands twice."""
    text = orjson.dumps(value)
    return 2 * len(text) + text.count(b'"') + text.count(b"\\")


def count_that_fits(items: Sequence[Any], room: int) -> int:
    """How many of the first items have room; at least one, so that pages go on."""
    for number, item in enumerate(items):
        room -= size(item) + 2
        if room < 0:
            return max(number, 1)
    return len(items)


def pinned(cursor: str, release: str) -> tuple[str, str]:
    """What a cursor says: where the page goes on, and of which release. Raises `RefusedError`."""
    if not cursor:
        return "", release
    place, mark, of = cursor.rpartition("@")
    if not (mark and place and of):
        raise RefusedError("This is no cursor; give `next_cursor` of the page before, unchanged.")
    return place, of


async def listed(api: Api, path: str, params: Mapping[str, Any], cursor: str) -> Json:
    """A page of a list, as many records as have room. Raises `RefusedError`."""
    place, release = pinned(cursor, params.get("release", ""))
    wanted = {**params, "limit": PAGE, "cursor": place, "release": release}
    found = await api.get(path, wanted)
    rest = _rest(found)
    items = [slim(item) for item in found["items"]]
    count = count_that_fits(items, MAX_BYTES - PROTOCOL_BYTES - size(rest))
    if count < len(items):
        found = await api.get(path, wanted | {"limit": count})
    return _bounded({"items": items[:count], "next_cursor": _next(found), **rest})


async def names(api: Api, path: str) -> str:
    """Ids and names of a whole list, a line each. Raises `RefusedError`."""
    lines: list[str] = []
    onward: Json = {"limit": 500, "fields": "id,name"}
    while True:
        found = await api.get(path, onward)
        lines += [f"{item['id']}\t{item['name']}" for item in found["items"]]
        if not found["next"]:
            return "\n".join(lines)
        onward |= {"cursor": parse_qs(urlsplit(found["next"]).query)["cursor"][0], "release": found["release"]}


def _next(found: Json) -> str | None:
    if not found["next"]:
        return None
    return f"{parse_qs(urlsplit(found['next']).query)['cursor'][0]}@{found['release']}"


def _rest(found: Json) -> Json:
    """What an answer says beside its items."""
    kept = ("total", "query", "release", "permalink", "facets", "absence", "corrected", "cautions", "absent")
    rest = {key: slim(found[key]) for key in kept if found.get(key) not in (None, [], {})}
    for key in ("not_curated", "none_found"):
        if key in found:
            rest[key] = {"count": found[key]["count"], "ids": found[key]["ids"][:10]}
    return rest


def page_of(items: Sequence[Json], answer: Json, cursor: str) -> Json:
    """A part of a whole that was read at once, as many items as have room. Raises `RefusedError`."""
    place, _ = pinned(cursor, "")
    if place and not place.isdecimal():
        raise RefusedError("This cursor is of another tool; give `next_cursor` of the page before, unchanged.")
    start = int(place or 0)
    rest = {"total": len(items), **_rest(answer | {"total": len(items)})}
    slimmed = [slim(item) for item in items[start : start + 200]]
    count = count_that_fits(slimmed, MAX_BYTES - PROTOCOL_BYTES - size(rest))
    end = start + count
    onward = f"{end}@{answer['release']}" if end < len(items) else None
    return _bounded({"items": slimmed[:count], "next_cursor": onward, **rest})


def _bounded(answer: Json) -> Json:
    """An answer that keeps to the limit even where its first item alone does not: that is shown as its outline."""
    if len(answer["items"]) != 1 or size(answer) <= MAX_BYTES - PROTOCOL_BYTES:
        return answer
    item = answer["items"][0]
    named = {key: value for key, value in item.items() if key in ("id", "name", "section", "evidence")}
    return answer | {"items": [{**named, "outline": outline(item), "note": "Too long; read it by `get_record`."}]}


def outline(record: Json) -> list[Json]:
    """The keys of a record, with the items and bytes of each."""
    return [
        {
            "section": key,
            **({"items": len(value)} if isinstance(value, list) else {}),
            "bytes": len(orjson.dumps(value)),
        }
        for key, value in record.items()
    ]
