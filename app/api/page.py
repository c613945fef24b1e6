"""The page of a list, as it is documented; the address of one, and where one of a list that is computed begins."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from pydantic import Field

from app.api.errors import bad_parameter
from app.api.schemas import NOT_ALWAYS
from app.nouns.base import Named, Schema
from app.nouns.declaration import Noun
from app.release.opened import OpenRelease
from app.vocabulary import Coverage

Item = TypeVar("Item")
MAX_THERAPIES = 50
"""Therapies that a page names of those of which it says nothing."""
WRONG_CURSOR = "This cursor does not belong to this query; follow `next` of the page before, unchanged."


class FacetValue(Schema):
    """A value of a filter, and how many records carry it under the other filters."""

    id: str = Field(description="Value, as the filter takes it.")
    name: str = Field(description="Name for people to read.")
    count: int = Field(description="Records that carry the value.")


class Absence(Schema):
    """Why nothing was found for a therapy."""

    therapy: Named = Field(description="Therapy that was requested.")
    coverage: Coverage = Field(
        description="`not curated`: no source was read for it. `curated, none reported`: a source was read and reports "
        "none. `curated`: there are facts of this kind, but none that meets the other filters."
    )


class Therapies(Schema):
    """Some therapies: how many, and the first of them."""

    count: int = Field(description="How many there are; exact.")
    ids: list[str] = Field(description=f"The first {MAX_THERAPIES} of them, in the order of `/therapies`.")


class NotCurated(Therapies):
    """Therapies of which a list of facts cannot tell anything: no source was read for this kind of fact."""

    kinds: list[str] = Field(description="Kinds of fact, as in `coverage` of a therapy: any of them is not curated.")
    therapies: str = Field(description="All of them, as a complete relative URL.")


class Group(Schema):
    """Records that have the same values."""

    values: dict[str, str] = Field(description="By filter, the value that they have; `unknown`: none is stated.")
    count: int = Field(description="How many there are. A record with several values is in several groups.")
    url: str = Field(description="They by themselves, as a complete relative URL.")


class Page(Schema, Generic[Item]):
    """A page of a list."""

    items: list[Item] = Field(description="Records of the page.")
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
    groups: list[Group] | None = Field(
        default=None,
        description="In lists that are grouped: all records found, by their values.",
        json_schema_extra=NOT_ALWAYS,
    )
    not_curated: NotCurated | None = Field(
        default=None,
        description="Lists of facts only: the therapies under the filters on therapies (`therapy`, `class` …) for "
        "which this kind of fact is not curated. What holds of them is not known.",
        json_schema_extra=NOT_ALWAYS,
    )
    none_found: Therapies | None = Field(
        default=None,
        description="Lists of facts under filters on therapies only: the therapies under these for which this kind of "
        "fact is curated, or reported as none, but none was found under all the filters.",
        json_schema_extra=NOT_ALWAYS,
    )


def list_url(release: OpenRelease, noun: Noun, filters: Mapping[str, Any]) -> str:
    """The address of a list under some filters, in this release."""
    written = [
        (name, ",".join(map(str, value)) if isinstance(value, list) else str(value)) for name, value in filters.items()
    ]
    return f"/{noun.name}?{urlencode([*written, ('release', release.version)], safe=',')}"


def offset_of(cursor: str | None, total: int) -> int:
    """Where a page of a list that is computed begins. Raises `Problem` for a cursor that was not given out."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10 and 0 < int(cursor) < total):
        raise bad_parameter("cursor", WRONG_CURSOR)
    return int(cursor)
