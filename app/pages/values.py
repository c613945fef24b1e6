"""Any value of a record as the page of a record without a page of its own shows it."""

from collections.abc import Mapping
from html import escape
from typing import Any

from app.nouns.declaration import Noun
from app.pages.links import Links, rate_of
from app.pages.words import cut, heading, plain, words

LISTS = {
    "therapy": "therapies", "therapies": "therapies", "reported_for": "therapies", "class": "classes",
    "classes": "classes", "target": "targets", "targets": "targets", "condition": "conditions", "cohort": "cohorts",
    "against": "cohorts", "event": "events", "term": "events", "indication": "indications", "biomarkers": "biomarkers",
    "source": "sources", "status_checked_in": "sources", "trial": "trials", "trials": "trials", "endpoint": "endpoints",
}  # fmt: skip
"""Keys of records that are referred to, and their lists, beside the references of the noun; `parents` and `children`
are of the list itself."""
MOST_LINKS, MOST_ITEMS = 60, 40


def facts(at: Links, noun: Noun, record: Mapping[str, Any]) -> str:
    """The keys of a record with their values, but for its name and what is empty."""
    own = {reference.public_field: reference.noun for reference in noun.references}
    lists = {**LISTS, **own, "parents": noun.name, "children": noun.name}
    return "".join(
        [
            f"<dt>{'Event' if key == 'term' else escape(heading(key))}</dt><dd>{_value(at, lists, key, found)}</dd>\n"
            for key, found in record.items()
            if found is not None and found != [] and key != "name"
        ]
    )


def _value(at: Links, lists: Mapping[str, str], key: str, found: Any) -> str:
    if isinstance(found, dict):
        return _object(at, lists, key, found)
    if isinstance(found, str):
        return _text(key, found)
    if isinstance(found, list) and isinstance(found[0], dict):
        if key in lists and found[0].get("id"):
            return ", ".join([_value(at, lists, key, item) for item in found[:MOST_LINKS]])
        items = [f"<li>{_value(at, lists, '', item)}</li>" for item in found[:MOST_ITEMS]]
        return f"<ul>{''.join(items)}</ul>"
    if isinstance(found, list):
        return escape(", ".join(map(plain, found)))
    return escape(words(found) if isinstance(found, bool) else str(found))


def _object(at: Links, lists: Mapping[str, str], key: str, found: Mapping[str, Any]) -> str:
    if found.get("source") and found.get("locator"):
        return f"{at.read_in(found)}, {escape(plain(found['level']))}, read on {escape(found['curated_on'])}"
    if "grades" in found and "percent" in found:
        grades = f"grades {plain(found['grades'])}" if found["grades"] != "any" else "any grade"
        n = f", n {found['patients']}" if found.get("patients") is not None else ""
        return f"{rate_of(found)} <small>{escape(grades + n)}</small>"
    if key in lists and found.get("id"):
        state = f" {plain(found['state'])}" if found.get("state") else ""
        cutoff = f" {found['cutoff']}" if found.get("cutoff") else ""
        return at.named(lists[key], found, found.get("label")) + escape(state + cutoff)
    inside = "".join(
        [
            f"<dt>{escape(words(name))}</dt><dd>{_value(at, lists, name, item)}</dd>"
            for name, item in found.items()
            if item is not None and item != []
        ]
    )
    return f"<dl>{inside}</dl>"


def _text(key: str, found: str) -> str:
    if found.startswith("https://"):
        return f'<a href="{escape(found)}" rel="noreferrer">{escape(cut(found, 100))}</a>'
    as_it_is = " " in found or key.endswith("id") or key in {"name", "trial"}
    return escape(found if as_it_is else plain(found))
