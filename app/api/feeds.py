"""Atom feeds (RFC 4287): what each release changed, in all and of one therapy."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree  # only written with

from sqlalchemy import Connection
from starlette.responses import Response

from app.api.conditional import OF_ALL_RELEASES, derived_etag, not_modified
from app.api.descriptions import NOT_FOUND, answered
from app.api.endpoint import Call, Endpoint
from app.api.responses import redirect_to_id
from app.nouns.registry import noun
from app.release import changes
from app.release.changes import CHANGE_TYPES, ChangedRecord
from app.release.releases import listed, readable
from app.release.tables import Release

ATOM = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
MAX_RELEASES = 10
"""Releases that a feed goes back."""
MAX_RECORDS = 50
"""Changed records that an entry names."""


class Step(NamedTuple):
    """A release, the one before it, if that can be read, and the records in which they differ."""

    release: Release
    before: str | None
    changed: list[ChangedRecord]


async def releases_feed(call: Call) -> Response:
    """The newest releases as an Atom feed, and how many records of each list they added, changed and removed."""
    await call.release()
    steps = await call.store.compute(_steps)
    return _feed(call, "/releases.atom", "ImmunoFacts: releases", "releases", steps, names_records=False)


async def therapy_feed(call: Call) -> Response:
    """What the newest releases changed of one therapy, as an Atom feed: its record, and the facts of it."""
    release, record_id = await call.release(), call.request.path_params["id"]
    therapies = noun("therapies")
    if moved := redirect_to_id(call, release, therapies):
        return moved

    def steps(connection: Connection) -> list[Step]:
        return [step._replace(changed=own) for step in _steps(connection) if (own := _own(step.changed, record_id))]

    found = await call.store.compute(steps)
    title = f"ImmunoFacts: {release.names.titles[therapies.name][record_id]}"
    path = f"/therapies/{record_id}/changes.atom"
    return _feed(call, path, title, f"therapy:{record_id}", found, names_records=True)


def _own(changed: Iterable[ChangedRecord], therapy: str) -> list[ChangedRecord]:
    """The record of a therapy and its facts, whose ids begin with that of the therapy."""
    return [
        one for one in changed if one.id.startswith(f"{therapy}.") or (one.list_name, one.id) == ("therapies", therapy)
    ]


def _steps(connection: Connection) -> list[Step]:
    """The newest releases with what they changed, newest first; the oldest of all changed nothing that is known."""
    keys = {row["version"]: row["id"] for row in readable(connection)}
    releases = listed(connection)
    steps = []
    for release, older in zip(releases[:MAX_RELEASES], [*releases[1:], None], strict=False):
        before = older.version if older else None
        changed = changes.changed_records(connection, keys[before], keys[release.version]) if before else []
        steps.append(Step(release, before, changed))
    return steps


def _feed(call: Call, path: str, title: str, name: str, steps: list[Step], *, names_records: bool) -> Response:
    at = call.address()
    feed = ElementTree.Element("feed", xmlns=NAMESPACE)
    _add(feed, "id", f"urn:immunofacts:feed:{quote(name, safe=':')}")
    _add(feed, "title", title)
    newest = max((step.release.activated_at for step in steps), default=None)
    _add(feed, "updated", newest.isoformat() if newest else "1970-01-01T00:00:00+00:00")
    _add(feed, "link", rel="self", type=ATOM, href=f"{at}{path}")
    _add(feed, "link", rel="alternate", href=f"{at}/releases")
    _add(_add(feed, "author"), "name", "ImmunoFacts")
    _add(feed, "rights", "CC0-1.0")
    for step in steps:
        _entry(feed, at, name, step, names_records=names_records)
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    etag = derived_etag(call, *(step.release.digest for step in steps), at)
    headers = OF_ALL_RELEASES | {"ETag": etag, "Vary": "Host"}
    if unchanged := not_modified(call, headers):
        return unchanged
    return Response(body, media_type=ATOM, headers=headers)


def _entry(feed: ElementTree.Element, at: str, name: str, step: Step, *, names_records: bool) -> None:
    """A release as an entry; its id has the digest, by which it is the same in every database."""
    version = step.release.version
    counted = changes.count_changes(step.changed)
    totals = [(change, sum(part[change] for part in counted.values())) for change in CHANGE_TYPES]
    summary = ", ".join(f"{count} {change}" for change, count in totals if count)
    entry = _add(feed, "entry")
    _add(entry, "id", f"urn:immunofacts:{quote(name, safe=':')}:{step.release.digest}")
    _add(
        entry, "title", f"Release {version}: {summary or ('the first' if step.before is None else 'no record changed')}"
    )
    _add(entry, "updated", step.release.activated_at.isoformat())
    link = f"{at}/releases/{step.before}/diff/{version}" if step.before else f"{at}/releases/{version}"
    _add(entry, "link", rel="alternate", href=link)
    if names_records:
        lines = [f"{one.change}: {one.list_name} {one.id}" for one in step.changed[:MAX_RECORDS]]
        lines += [f"… and {len(step.changed) - MAX_RECORDS} more"] if len(step.changed) > MAX_RECORDS else []
    else:
        lines = [
            f"{list_name}: " + ", ".join(f"{count} {change}" for change, count in parts.items() if count)
            for list_name, parts in counted.items()
            if any(parts.values())
        ]
    _add(entry, "content", "\n".join(lines) or summary or "Nothing is known before it.", type="text")


def _add(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, tag, attributes)
    element.text = text
    return element


def feed_routes() -> list[Endpoint]:
    """The routes of feeds."""
    answer = answered("The feed.", ATOM, "string")
    route = partial(Endpoint, tag="releases", answer=lambda: None)
    return [
        route("/releases.atom", releases_feed, summary="Follow the releases", responses=answer),
        route("/therapies/{id}/changes.atom", therapy_feed, summary="Follow what changes of a therapy",
              responses=answer | {404: NOT_FOUND}),
    ]  # fmt: skip
