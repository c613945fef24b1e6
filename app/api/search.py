"""Searching all lists at once: ranked the same everywhere, with fragments that are safe to show."""

from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, Field
from sqlalchemy import Connection
from starlette.responses import Response

from app.api.endpoint import Call, Endpoint
from app.api.filters import searchable
from app.api.fragments import fragment
from app.api.names import Name, not_blank
from app.api.params import ReleaseParams
from app.api.query_string import AT_COMMAS
from app.api.responses import json_response
from app.nouns.base import Schema
from app.nouns.declaration import Noun, title_of
from app.nouns.registry import named_nouns, nouns
from app.release.question import Question, parse_question
from app.release.ranking import best_hits
from app.release.store import documents_at

_TYPES = [*named_nouns().values(), *(noun for noun in nouns() if noun.resolved_order is None)]
SEARCHED: dict[str, Noun] = {noun.kind: noun for noun in _TYPES if noun.searched}
"""Types that `/search` looks through, in the order in which equals are shown: what has names first."""


class Hit(Schema):
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
        Annotated[list[Literal[tuple(SEARCHED)]], Field(min_length=1)] | None,  # type: ignore[valid-type]  # the types there are
        AT_COMMAS,
        Field(description=f"Only these types: {', '.join(f'`{name}`' for name in SEARCHED)}."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="Hits at most, 1 to 100.")] = 20


class SearchPage(Schema):
    """Hits, best first."""

    items: list[Hit] = Field(description="Hits, best first.")
    total: int = Field(description="How many records hold it; exact.")
    totals: dict[str, int] = Field(description="The same by type.")
    corrected: str | None = Field(
        default=None, description="What was searched for instead, where nothing holds the words as they were written."
    )
    release: str = Field(description="The release that was read.")


async def search(call: Call) -> Response:
    """Search names, mechanisms, indications, statements and events at once.

    Records of that very name come first, then those whose title holds every word, whole words before beginnings. A name
    finds what is called otherwise, too: `MS` is multiple sclerosis. Words that say what is wanted (drug, antibody,
    biosimilar …) need not occur. Typing errors are forgiven where nothing is found otherwise. The words are marked in
    `fragment`, which is safe as HTML. To page through all hits of one type, use `q` of its list.
    """
    text = searchable(call.query.q)
    release = await call.release()
    types = call.query.type or list(SEARCHED)

    def work(connection: Connection) -> SearchPage:
        question = parse_question(release, text, SEARCHED.values())
        chosen, totals = best_hits(release, question, [SEARCHED[kind] for kind in types], call.query.limit)
        found = [(noun, documents_at(connection, release, noun, [position])[0]) for noun, position in chosen]
        return SearchPage(
            items=[_hit(call, noun, document, question) for noun, document in found],
            total=sum(totals.values()),
            totals=totals,
            corrected=question.corrected,
            release=release.version,
        )

    return json_response(await call.store.compute(work), release)


def _hit(call: Call, noun: Noun, document: bytes, question: Question) -> Hit:
    record = orjson.loads(document)
    title = title_of(noun, record)
    return Hit(
        type=noun.kind,
        id=record["id"],
        name=title,
        url=call.link(f"/{noun.name}/{record['id']}"),
        fragment=fragment([title, *_texts(record)], question.phrases),
    )


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    if isinstance(part, dict):
        return [text for key, value in part.items() if key not in {"id", "evidence", "url"} for text in _texts(value)]
    return [text for value in part for text in _texts(value)] if isinstance(part, list) else []


def search_routes() -> list[Endpoint]:
    """The route of the search over everything."""
    return [
        Endpoint("/search", search, query=lambda: SearchParams, answer=lambda: SearchPage, summary="Search everything",
                 tag="names"),
    ]  # fmt: skip
