"""Pages of single records: conditions, targets, classes, sources, with what belongs to them; others as they are."""

from collections import defaultdict
from collections.abc import Mapping
from html import escape
from typing import Any

from app.api.errors import not_found
from app.pages import values
from app.pages.columns import COLUMNS
from app.pages.links import Links
from app.pages.lists import next_page, noun_at
from app.pages.pieces import finished
from app.pages.visit import Visit
from app.pages.words import cut, percent, words

MAX_THERAPIES = 30
MAX_INDICATIONS = 25
MAX_FACTS = 30
COUNTED_BY = {
    "cohorts": ("adverse-events",),
    "events": ("adverse-events", "warnings"),
    "endpoints": ("outcomes",),
    "biomarkers": ("indications",),
}
"""Of records without a page of their own, the lists of facts that are counted by them."""


def _columns(name: str, *left_out: str) -> list[Any]:
    """The columns of a list without those that are alike in all rows, or too much beside others."""
    return [column for column in COLUMNS[name] if column.path not in left_out]


async def condition(visit: Visit) -> dict[str, Any]:
    """A condition: its indications by line and biomarker, the therapies, and when they were approved."""
    visit.takes()
    key = visit.ids["id"]
    record = await visit.fetch(f"/conditions/{key}")
    params = {"condition": key, "status": "active"}
    indications = await visit.fetch(f"/conditions/{key}/indications", {"status": "active", "limit": MAX_INDICATIONS})
    therapies = await visit.fetch("/therapies", {"condition": key, "facets": "class", "limit": 1})
    approvals = await visit.fetch("/approvals", {"condition": key, "limit": 1})
    cells: dict[str, dict[str, int]] = defaultdict(dict)
    for group in indications["groups"]:
        cells[group["values"]["line"]][group["values"]["biomarker"]] = group["count"]
    titles = visit.release.names.titles.get("biomarkers", {})
    return {
        "record": record,
        "indications": indications,
        "columns": COLUMNS["indications"],
        "all_indications": visit.href("/indications", params),
        "cells": cells,
        "biomarkers": {name: titles.get(name, name) for row in cells.values() for name in row},
        "cell_link": lambda line, name: visit.href("/indications", params | {"line": line, "biomarker": name}),
        "classes": _by_class(visit, therapies, {"condition": key}),
        "therapies": therapies["total"],
        "all_therapies": visit.href("/therapies", {"condition": key}),
        "approvals": approvals["total"],
        "all_approvals": visit.href("/approvals", {"condition": key}),
    }


def _by_class(visit: Visit, page: Any, params: dict[str, str]) -> list[tuple[str, int, str]]:
    """Therapies counted by class: the narrowest classes, since those above count them again."""
    values = page["facets"]["class"]
    above = {parent for value in values for parent in value["parents"]}
    return [
        (value["name"], value["count"], visit.href("/therapies", params | {"class": value["id"]}))
        for value in values
        if value["id"] not in above
    ][:12]


async def target(visit: Visit) -> dict[str, Any]:
    """A target: what acts on it, and how."""
    visit.takes()
    key = visit.ids["id"]
    record = await visit.fetch(f"/targets/{key}")
    therapies = await visit.fetch(f"/targets/{key}/therapies", {"facets": "class", "limit": MAX_THERAPIES})
    mechanisms = await visit.fetch("/mechanisms", {"target": key, "facets": ["action", "effect"], "limit": 20})
    return {
        "record": record,
        "therapies": therapies,
        "columns": _columns("therapies", "targets", "counts"),
        "all_therapies": visit.href("/therapies", {"target": key}),
        "classes": _by_class(visit, therapies, {"target": key}),
        "mechanisms": mechanisms,
        "mechanism_columns": _columns("mechanisms", "target"),
        "all_mechanisms": visit.href("/mechanisms", {"target": key}),
    }


async def therapy_class(visit: Visit) -> dict[str, Any]:
    """A class: its place in the tree, its therapies, and the statements about it."""
    visit.takes()
    key = visit.ids["id"]
    record = await visit.fetch(f"/classes/{key}")
    therapies = await visit.fetch(f"/classes/{key}/therapies", {"limit": MAX_THERAPIES})
    statements = await visit.fetch("/statements", {"class": key})
    approvals = await visit.fetch("/approvals", {"class": key, "limit": 1})
    return {
        "record": record,
        "above": await _above(visit, record),
        "therapies": therapies,
        "columns": _columns("therapies", "counts"),
        "all_therapies": visit.href("/therapies", {"class": key}),
        "statements": statements,
        "statement_columns": _columns("statements"),
        "approvals": approvals["total"],
        "all_approvals": visit.href("/approvals", {"class": key}),
        "compare": visit.href("/adverse-events/matrix", {"class": key}),
    }


async def _above(visit: Visit, record: Any) -> list[Any]:
    """The classes above one, from the root down, by its first parent each time."""
    found: list[Any] = []
    while record["parents"]:
        record = await visit.fetch(f"/classes/{record['parents'][0]['id']}", shown=False)
        found.insert(0, record)
    return found


async def source(visit: Visit) -> dict[str, Any]:
    """A source, and every record that was read from it, with where."""
    params = visit.takes("type", "cursor")
    path = f"/sources/{visit.ids['id']}"
    record = await visit.fetch(path)
    facts = await visit.fetch(f"{path}/facts", {"limit": MAX_FACTS} | params)
    kept = {"type": params["type"]} if "type" in params else {}
    return {
        "record": record,
        "facts": facts,
        "rows": finished("".join([_read(visit, item) for item in facts["items"]])),
        "types": [
            (kind, count, visit.again({"type": kind}))
            for kind, count in facts["totals"].items()
            if count
        ],
        "all": visit.again({}) if kept else None,
        "first": visit.again(kept) if "cursor" in params else None,
        "next": next_page(visit, kept, facts["next"]),
    }  # fmt: skip


def _read(visit: Visit, item: Mapping[str, Any]) -> str:
    """A record that was read from a source, as a row of a table: what it says, and where that stands."""
    kind, name, found = escape(words(item["type"])), escape(cut(item["name"], 110)), item["record"]
    href = visit.href(item["url"].removeprefix(visit.prefix))
    text = (
        percent(found["any_grade"]) if found.get("any_grade") else found.get("text") or found.get("description") or ""
    )
    said, where = escape(cut(text, 120)), escape(cut("; ".join(item["locators"]), 120))
    link = f'<th scope="row"><a href="{escape(href)}">{name}</a></th>'
    return f"<tr><td>{kind}</td>{link}<td>{said}</td><td>{where}</td></tr>\n"


async def record(visit: Visit) -> dict[str, Any]:
    """Any record as the API answers it, with its history over the releases."""
    visit.takes()
    noun = noun_at(visit)
    found = await visit.fetch(f"/{noun.name}/{visit.ids['id']}")
    if "id" not in found:  # a list that is computed has this path, such as that of rates
        raise not_found(noun.singular, visit.ids["id"])
    return {
        "noun": noun,
        "record": found,
        "values": finished(values.facts(Links(visit), noun, found)),
        "missing": ", ".join([words(key) for key, value in found.items() if value is None]),
        "facts": [(name, visit.href(f"/{name}", {noun.kind: found["id"]})) for name in COUNTED_BY.get(noun.name, ())],
        "history": f"/facts/{found['id']}/history",
    }  # fmt: skip
