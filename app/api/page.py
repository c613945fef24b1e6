"""The page of a list: finished documents, joined as they are, in an envelope."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, Field

from app.api.schemas import NOT_ALWAYS
from app.nouns.base import Named
from app.nouns.declaration import Noun
from app.nouns.registry import noun as noun_of
from app.release.opened import OpenRelease
from app.release.store import Store
from app.vocabulary import Coverage

Item = TypeVar("Item")


class FacetValue(BaseModel):
    """A value of a filter, and how many records carry it under the other filters."""

    id: str = Field(description="Value, as the filter takes it.")
    name: str = Field(description="Name for people to read.")
    count: int = Field(description="Records that carry the value.")


class Absence(BaseModel):
    """Why nothing was found for a therapy."""

    therapy: Named = Field(description="Therapy that was requested.")
    coverage: Coverage = Field(
        description="`not curated`: no source was read for it. `curated, none reported`: a source was read and reports "
        "none. `curated`: there are facts of this kind, but none that meets the other filters."
    )


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item] = Field(description="The records of the page.")
    total: int = Field(description="How many records the whole query finds; exact.")
    next: str | None = Field(description="The next page as a complete relative URL; null on the last.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved: `PD-1` is `PDCD1` here.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very page for good: the same query, pinned to its release.")
    facets: dict[str, list[FacetValue]] | None = Field(
        default=None, description="Present when requested by `facets`.", json_schema_extra=NOT_ALWAYS
    )
    absence: list[Absence] | None = Field(
        default=None,
        description="Present when nothing was found for therapies that were requested: what is known of each.",
        json_schema_extra=NOT_ALWAYS,
    )


async def absences(
    store: Store, release: OpenRelease, noun: Noun, params: Mapping[str, Any]
) -> list[dict[str, Any]] | None:
    """What is known of each therapy requested, in a list of its facts that found nothing."""
    if noun.section is None or "therapy" not in params:
        return None
    therapies = noun_of("therapies")
    positions = await store.positions(release, therapies, params["therapy"])
    documents = await store.documents(release, therapies, [positions[key] for key in sorted(positions)], whole=True)
    return [
        {
            "therapy": {"id": therapy["id"], "name": therapy["name"]},
            "coverage": therapy["coverage"].get(noun.section.absence_kind, Coverage.NOT_CURATED),
        }
        for therapy in map(orjson.loads, documents)
    ]
