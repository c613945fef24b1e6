"""Searching all lists at once: ranked the same on every engine, with fragments that are safe to show."""

import html
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any, Literal, get_args

import orjson
from pydantic import BaseModel, Field

from app import search
from app.queries.catalogue import LISTS
from app.queries.filters import List
from app.queries.listing import documents_at
from app.queries.matching import holding
from app.queries.sets import positions
from app.reader import Reader

Searched = Literal[
    "therapy",
    "indication",
    "mechanism",
    "warning",
    "adverse_event",
    "statement",
    "target",
    "condition",
    "class",
    "event",
]
SEARCHED: dict[str, List] = {
    spec.noun.replace(" ", "_"): spec for spec in LISTS if spec.noun.replace(" ", "_") in get_args(Searched)
}
"""Types that `/search` looks through, in the order in which equals are shown, and the list of each."""

FRAGMENT = 160


class Hit(BaseModel):
    """A record that holds what was searched for."""

    type: str
    id: str
    name: str = Field(description="What the record is called; for facts, the therapy and what the fact is about.")
    url: str
    fragment: str = Field(description="Where it occurs: HTML-escaped text in which the words are in `<mark>`.")


def hits(reader: Reader, question: str, types: Sequence[str], limit: int) -> tuple[list[Hit], dict[str, int]]:
    """The best records, and how many each type has.

    Rank: records whose title holds every word, then those of therapies, mechanisms and so on in the order of their
    lists. It depends on the text alone, so that SQLite and PostgreSQL answer alike.
    """
    found = holding(reader, question)
    totals = {kind: found.get(SEARCHED[kind].name, 0).bit_count() for kind in types}
    ranked: list[tuple[int, int, int]] = []
    for number, kind in enumerate(types):
        name = SEARCHED[kind].name
        titled = found.get(f"{name}.title", 0)
        for tier, records in enumerate((titled, found.get(name, 0) & ~titled)):
            ranked += [(tier, number, position) for position in islice(positions(records), limit)]
    best = sorted(ranked)[:limit]
    documents: dict[tuple[int, int], str] = {}
    for number, kind in enumerate(types):
        chosen = [position for _, other, position in best if other == number]
        found_there = documents_at(reader, SEARCHED[kind], chosen)
        documents |= {(number, position): text for position, text in zip(chosen, found_there, strict=True)}
    specs = [SEARCHED[kind] for kind in types]
    return [_hit(specs[number], documents[number, position], question) for _, number, position in best], totals


def title(form: Any) -> str:
    """What a record is called: its name, or the therapy and what the fact is about."""
    record = form if isinstance(form, dict) else form.__dict__
    if record.get("name"):
        return str(record["name"])
    parts = [part for key in ("therapy", "target", "condition", "event", "term", "about") if (part := record.get(key))]
    return ": ".join(part["name"] if isinstance(part, dict) else part.name for part in parts)


def _hit(spec: List, document: str, question: str) -> Hit:
    record = orjson.loads(document)
    return Hit(
        type=spec.noun.replace(" ", "_"),
        id=record["id"],
        name=title(record),
        url=f"/{spec.name}/{record['id']}",
        fragment=fragment(_texts(record), question),
    )


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    if isinstance(part, dict):
        return [text for key, value in part.items() if key not in {"id", "evidence", "url"} for text in _texts(value)]
    return [text for value in part for text in _texts(value)] if isinstance(part, list) else []


def fragment(texts: list[str], question: str) -> str:
    """The text with most of the words searched for, cut around the first and marked; safe as HTML."""
    wanted = {word for phrase, _ in search.phrases(question) for word in phrase}
    pattern = re.compile(
        "|".join(rf"(?<![^\W_]){re.escape(word)}[^\W_]*" for word in sorted(wanted, key=len, reverse=True)),
        re.IGNORECASE,
    )
    best = max(texts, key=lambda text: len({found.lower() for found in pattern.findall(text)}), default="")
    first = pattern.search(best)
    start = max(0, first.start() - FRAGMENT // 3) if first else 0
    cut = best[start : start + FRAGMENT]
    pieces, end = [], 0
    for found in pattern.finditer(cut):
        pieces += [html.escape(cut[end : found.start()]), f"<mark>{html.escape(found.group())}</mark>"]
        end = found.end()
    before, after = "…" * (start > 0), "…" * (start + FRAGMENT < len(best))
    return f"{before}{''.join(pieces)}{html.escape(cut[end:])}{after}"
