"""Answers: models, pages of what is computed, and redirects to the id of a record."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from app.api.descriptions import LICENCE_URL
from app.api.endpoint import Call, release_headers
from app.api.errors import not_found
from app.api.formats import MEDIA_TYPES, Format
from app.nouns.declaration import Noun
from app.release.opened import OpenRelease


def export_headers(call: Call, release: OpenRelease) -> dict[str, str]:
    """The headers of a whole result: those of every answer, and the licence."""
    return release_headers(release, {"license": LICENCE_URL, "permalink": call.permalink(release)})


def whole_result(
    call: Call, release: OpenRelease, format_: Format, body: bytes | str, headers: dict[str, str] | None = None
) -> Response:
    """A whole result, made at once, with further headers."""
    return Response(body, media_type=MEDIA_TYPES[format_], headers=export_headers(call, release) | (headers or {}))


def json_response(page: BaseModel, release: OpenRelease) -> Response:
    """A model as the answer, under the release that it was read from."""
    return _json(page, {"X-Release": release.version})


def uncached_response(page: BaseModel, version: str | None = None) -> Response:
    """A model as an answer that is true at this moment only, with the version of the current release."""
    return _json(page, {"Cache-Control": "no-store"} | ({"X-Release": version} if version else {}))


def _json(page: BaseModel, headers: Mapping[str, str]) -> Response:
    return Response(page.model_dump_json(by_alias=True), media_type="application/json", headers=headers)


def computed_page(
    call: Call, release: OpenRelease, items: Sequence[Any], total: int, stop: int, query: Mapping[str, Any], **more: Any
) -> Response:
    """A page of a list that is computed: its items up to the one before `stop`, of `total`, and `more` keys."""
    here = call.permalink(release)
    onward = call.permalink(release, str(stop)) if stop < total else None
    last = {"next": onward, "query": query, "release": release.version, "permalink": here}
    body = orjson.dumps({"items": items, "total": total, **more, **last})
    headers = release_headers(release, {"next": onward, "permalink": here})
    return Response(body, media_type="application/json", headers=headers)


def canonical_id(release: OpenRelease, noun: Noun, name: str) -> str:
    """The id that a name leads to. Raises `Problem` where it leads to none, or to several."""
    found = release.names.matches(noun.name, name)
    if len(found) == 1:
        return found[0].id
    if found:
        detail = f"{name[:120]!r} can mean several {noun.name.replace('-', ' ')}; write the id."
        raise not_found(noun.singular, name, [match.id for match in found], detail)
    raise not_found(noun.singular, name, release.names.nearest(noun.name, name))


def redirect(call: Call, path: str) -> Response:
    """Lead to another path of this service, with the query as it is."""
    query = f"?{call.request.url.query}" if call.request.url.query else ""
    return RedirectResponse(call.link(path) + query, status_code=307)


def redirect_to_id(call: Call, release: OpenRelease, noun: Noun) -> Response | None:
    """The redirect to the same path with the id, where the request has another name of the record. Raises `Problem`."""
    name = call.request.path_params["id"]
    if name in release.names.titles[noun.name]:
        return None
    return redirect(call, call.route.format(id=quote(canonical_id(release, noun, name))))
