"""The envelope of a list: finished documents, joined as they are."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from app.gate import Asked
from app.models.base import Named, table_of
from app.models.therapy import CoverageForm, Therapy
from app.queries.facets import facets
from app.queries.filters import List, Tagged
from app.queries.listing import Page
from app.queries.matching import Resolved, by_value
from app.queries.names import all_names
from app.reader import Reader
from app.vocabulary import Coverage

Item = TypeVar("Item")


class Shaped(BaseModel):
    """A record in another shape: `fields` left keys out."""

    model_config = ConfigDict(extra="allow")

    id: str


class FacetValue(BaseModel):
    """A value of a filter, and how many records carry it under the other filters."""

    id: str
    name: str
    count: int


class Absence(BaseModel):
    """Why nothing was found for a therapy."""

    therapy: Named
    coverage: Coverage = Field(
        description="`not curated`: no source was read for it. `curated, none reported`: a source was read and reports "
        "none. `curated`: there are facts of this kind, but none that meets the other filters."
    )


class Envelope(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    total: int = Field(description="How many records the whole query finds; exact.")
    next: str | None = Field(description="The next page as a complete relative URL; null on the last.")
    query: dict[str, Any] = Field(description="What was applied, after names were resolved: `PD-1` is `PDCD1` here.")
    release: str = Field(description="The release that was read.")
    permalink: str = Field(description="This very page for good: the same query, pinned to its release.")
    facets: dict[str, list[FacetValue]] | None = Field(default=None, description="There when asked for by `facets`.")
    absence: list[Absence] | None = Field(
        default=None,
        description="There when nothing was found for therapies that were asked for: what is known of each.",
    )


def facets_of(reader: Reader, spec: List, query: Resolved, wanted: list[str]) -> dict[str, Any]:
    """The facets asked for, each with the names of its values, as JSON."""
    found = {}
    for name, values in facets(reader, spec, query, wanted).items():
        before = _before_counts(reader, spec, name)
        found[name] = orjson.Fragment(f"[{','.join([f'{before[value]}{count}}}' for value, count in values])}]")
    return found


def _before_counts(reader: Reader, spec: List, name: str) -> dict[str, str]:
    """The JSON of each value of a facet, up to its count, which is all that differs from answer to answer."""

    def load() -> dict[str, str]:
        declared, owner = spec.filter(name), spec.owner(name)
        names = all_names(reader, declared.names) if isinstance(declared, Tagged) and declared.names else {}
        shown = ((value, {"id": value, "name": names.get(value, value)}) for value in by_value(reader, owner, name))
        return {value: orjson.dumps(form).decode()[:-1] + ',"count":' for value, form in shown}

    return reader.once(("before counts", spec.name, name), load)


def absences(reader: Reader, spec: List, query: Resolved) -> list[dict[str, Any]] | None:
    """What is known of each therapy asked for, in a list of its facts that found nothing."""
    kind = {"adverse-events": "adverse_events", "cohorts": "adverse_events"}.get(spec.name, spec.name)
    if kind not in CoverageForm.model_fields or "therapy" not in query:
        return None
    table = table_of(Therapy)
    asked = select(table.c.document).where(table.c.release_id == reader.release_id, table.c.id.in_(query["therapy"]))
    # Put in order here: each database has an order of texts of its own.
    records = sorted(map(orjson.loads, reader.connection.execute(asked).scalars()), key=lambda record: record["id"])
    return [
        {"therapy": {"id": record["id"], "name": record["name"]}, "coverage": record["coverage"][kind]}
        for record in records
    ]


def permalink(path: str, asked: Sequence[Asked], version: str, cursor: str | None = None) -> str:
    """The same question for good: pinned to the release that was read. Or what follows, from a `cursor` on."""
    left_out = {"release", "as_of"} if cursor is None else {"release", "as_of", "cursor"}
    kept = [one.written for one in asked if one.name not in left_out]
    if cursor is not None:
        kept.append(f"cursor={cursor}")
    return f"{path}?{'&'.join([*kept, f'release={version}'])}"


def envelope(
    reader: Reader,
    page: Page,
    path: str,
    asked: Sequence[Asked],
    applied: dict[str, Any],
    more: dict[str, Any],
) -> tuple[bytes, dict[str, str | None]]:
    """The body of a page, and what it links to.

    `asked` is the query string as it was given, `more` what only some answers have.
    """
    here = permalink(path, asked, reader.version)
    onward = permalink(path, asked, reader.version, page.next_cursor) if page.next_cursor else None
    rest = {
        "total": page.total,
        "next": onward,
        "query": applied,
        "release": reader.version,
        "permalink": here,
    }
    rest |= {key: value for key, value in more.items() if value is not None}
    body = b'{"items":[' + ",".join(page.documents).encode() + b"]," + orjson.dumps(rest)[1:]
    return body, {"next": onward, "permalink": here}
