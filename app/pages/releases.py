"""Releases: which there are, and what changed from one to another."""

from typing import Any

from app.pages.lists import next_page
from app.pages.visit import Visit, without

MAX_RECORDS = 25


async def listed(visit: Visit) -> dict[str, Any]:
    """The releases, newest first, each with the one before it."""
    visit.takes()
    items = (await visit.fetch("/releases"))["items"]
    before = [*(item["version"] for item in items[1:]), None]
    return {"items": list(zip(items, before, strict=True))}


async def diff(visit: Visit) -> dict[str, Any]:
    """Which records were added, removed or changed, and which of their fields."""
    params = visit.takes("kind", "change", "limit", "cursor")
    path = f"/releases/{visit.ids['a']}/diff/{visit.ids['b']}"
    page = await visit.fetch(path, {"limit": MAX_RECORDS} | params)
    kept = without(params, "cursor")
    rows = [
        (kind, [(change, count, visit.again({"kind": kind, "change": change})) for change, count in counts.items()])
        for kind, counts in page["counts"].items()
    ]
    return {
        "page": page,
        "rows": rows,
        "kept": kept,
        "all": visit.again({}) if kept else None,
        "first": visit.again(kept) if "cursor" in params else None,
        "next": next_page(visit, kept, page["next"]),
    }
