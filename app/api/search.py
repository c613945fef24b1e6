"""Searching all lists at once: ranked the same everywhere, with fragments that are safe to show."""

import html
import re
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from sqlalchemy import Connection
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint
from app.api.names import Name, json_response, not_blank
from app.api.params import ReleaseParams, searchable, split
from app.nouns.declaration import Noun, title_of
from app.nouns.registry import nouns
from app.release.fulltext import phrases
from app.release.opened import OpenRelease
from app.release.store import documents_at

SEARCHED: dict[str, Noun] = {noun.kind: noun for noun in nouns() if noun.searched}
"""Types that `/search` looks through, in the order in which equals are shown."""
FRAGMENT_LENGTH = 160
if TYPE_CHECKING:
    Searched = str
else:
    Searched = Literal[tuple(SEARCHED)]


class Hit(BaseModel):
    """A record that holds what was searched for."""

    type: str = Field(description="Kind of record.")
    id: str = Field(description="Id of the record.")
    name: str = Field(description="What the record is called; for facts, the therapy and what the fact is about.")
    url: str = Field(description="Path of the record.")
    fragment: str = Field(description="Where it occurs: HTML-escaped text in which the words are in `<mark>`.")


class SearchParams(ReleaseParams):
    """The parameters of `/search`."""

    q: Annotated[
        Name,
        AfterValidator(not_blank),
        Field(description='Words, each of which may be the beginning of a word, and "phrases".', examples=["colitis"]),
    ]
    type: Annotated[
        Annotated[list[Searched], Field(min_length=1)] | None,
        BeforeValidator(split),
        Field(description=f"Only these types: {', '.join(f'`{name}`' for name in SEARCHED)}."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="Hits at most, 1 to 100.")] = 20


class SearchPage(BaseModel):
    """Hits, best first."""

    items: list[Hit] = Field(description="Hits, best first.")
    total: int = Field(description="How many records hold it; exact.")
    totals: dict[str, int] = Field(description="The same by type.")
    release: str = Field(description="The release that was read.")


async def search_all(call: Call) -> Response:
    """Search names, mechanisms, indications, statements and events at once.

    Records whose title holds every word come first. The words are marked in `fragment`, which is safe as HTML. To page
    through all hits of one type, use `q` of its list.
    """
    question = searchable(call.query.q)
    release = await call.release()
    types = call.query.type or list(SEARCHED)

    def work(connection: Connection) -> SearchPage:
        chosen, totals = best_hits(release, question, types, call.query.limit)
        found = [(noun, documents_at(connection, release, noun, [position])[0]) for noun, position in chosen]
        items = [_hit(call, noun, text, question) for noun, text in found]
        return SearchPage(items=items, total=sum(totals.values()), totals=totals, release=release.version)

    return json_response(await call.store.compute(work), release)


def best_hits(
    release: OpenRelease, question: str, types: Sequence[str], limit: int
) -> tuple[list[tuple[Noun, int]], dict[str, int]]:
    """The best records, each by noun and position, and how many each type has.

    Rank: records whose title holds every word, then those of therapies, mechanisms and so on in the order of their
    lists. It depends on the text alone.
    """
    totals: dict[str, int] = {}
    ranked: list[tuple[int, int, int]] = []
    for number, kind in enumerate(types):
        index = release.lists[SEARCHED[kind].name]
        found, titled = index.text.matches(question), index.titles.matches(question)
        totals[kind] = len(found)
        for tier, records in enumerate((titled, found - titled)):
            ranked += [(tier, number, position) for position in islice(records, limit)]
    best = sorted(ranked)[:limit]
    return [(SEARCHED[types[number]], position) for _, number, position in best], totals


def _hit(call: Call, noun: Noun, document: str, question: str) -> Hit:
    record = orjson.loads(document)
    return Hit(
        type=noun.kind,
        id=record["id"],
        name=title_of(noun, record),
        url=call.link(f"/{noun.name}/{record['id']}"),
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
    wanted = {word for phrase, _ in phrases(question) for word in phrase}
    pattern = re.compile(
        "|".join(rf"(?<![^\W_]){re.escape(word)}[^\W_]*" for word in sorted(wanted, key=len, reverse=True)),
        re.IGNORECASE,
    )
    best = max(texts, key=lambda text: len({found.lower() for found in pattern.findall(text)}), default="")
    first = pattern.search(best)
    start = max(0, first.start() - FRAGMENT_LENGTH // 3) if first else 0
    cut = best[start : start + FRAGMENT_LENGTH]
    pieces, end = [], 0
    for found in pattern.finditer(cut):
        pieces += [html.escape(cut[end : found.start()]), f"<mark>{html.escape(found.group())}</mark>"]
        end = found.end()
    before, after = "…" * (start > 0), "…" * (start + FRAGMENT_LENGTH < len(best))
    return f"{before}{''.join(pieces)}{html.escape(cut[end:])}{after}"


def search_routes() -> list[Endpoint]:
    """The route of the search over everything."""
    return [
        Endpoint("/search", search_all, query=lambda: SearchParams, answer=lambda: SearchPage, operation_id="search",
                 summary="Search everything", tag="names"),
    ]  # fmt: skip
