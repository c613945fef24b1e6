"""What came, went and changed between two releases, and the history of one record over all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Select, literal, select, union_all

from app.models.base import table_of
from app.models.release import Release, ReleaseRef
from app.queries.catalogue import LISTS, NESTED
from app.queries.filters import List

How = Literal["added", "removed", "changed"]
NAMES = [spec.name for spec in LISTS]
_release = table_of(Release)


class FieldChange(BaseModel):
    """One field of a record before and after."""

    field: str = Field(
        description="Keys joined by dots: `evidence.locator`. Lists of facts within a therapy are only named."
    )
    before: Any = None
    after: Any = None


class Change(BaseModel):
    """A record that came, went or changed."""

    kind: str = Field(description="The list of the record.")
    id: str
    change: How
    url: str = Field(description="The record, in the newer release; where it went, in the older.")
    fields: list[FieldChange] = Field(description="What changed; empty where the record came or went.")


class Version(BaseModel):
    """A release in which a record came, went or changed."""

    release: ReleaseRef
    kind: str = Field(description="The list of the record.")
    change: How
    url: str = Field(description="The record in this release; where it went, in the one before.")
    fields: list[FieldChange]


@dataclass(frozen=True)
class Moved:
    """A record that came, went or changed, by place."""

    spec: List
    id: str
    how: How


def moved(connection: Connection, old: int, new: int) -> list[Moved]:
    """Every record that came, went or changed from one release to another, by list and id."""
    found = []
    for spec in LISTS:
        rows = connection.execute(_moved(spec, old, new)).all()
        found += [Moved(spec, row.id, row.how) for row in sorted(rows, key=lambda row: row.id)]
    return found


def _moved(spec: List, old: int, new: int) -> Any:
    before, after = table_of(spec.table).alias("before"), table_of(spec.table).alias("after")

    def alone(one: Any, release: int, other: Any, other_release: int, how: How) -> Select[Any]:
        there = select(other.c.id).where(other.c.release_id == other_release, other.c.id == one.c.id).exists()
        return select(one.c.id, literal(how).label("how")).where(one.c.release_id == release, ~there)

    changed = (
        select(after.c.id, literal("changed").label("how"))
        .join(before, before.c.id == after.c.id)
        .where(before.c.release_id == old, after.c.release_id == new, before.c.document != after.c.document)
    )
    return union_all(alone(after, new, before, old, "added"), alone(before, old, after, new, "removed"), changed)


def counts(found: Iterable[Moved]) -> dict[str, dict[str, int]]:
    """How many records of each list came, went and changed."""
    counted = Counter((item.spec.name, item.how) for item in found)
    ways: tuple[How, ...] = ("added", "removed", "changed")
    return {name: {how: counted[name, how] for how in ways} for name in NAMES}


def told(connection: Connection, old: Any, new: Any, found: Sequence[Moved]) -> Iterator[Change]:
    """Say of each record what changed in it."""
    for item in found:
        fields: list[FieldChange] = []
        if item.how == "changed":
            fields = list(fields_changed(*(_document(connection, item.spec, row["id"], item.id) for row in (old, new))))
        where = old if item.how == "removed" else new
        url = f"/{item.spec.name}/{item.id}?release={where['version']}"
        yield Change(kind=item.spec.name, id=item.id, change=item.how, url=url, fields=fields)


def _document(connection: Connection, spec: List, release_id: int, record_id: str) -> str | None:
    table = table_of(spec.table)
    found = select(table.c.document).where(table.c.release_id == release_id, table.c.id == record_id)
    document: str | None = connection.execute(found).scalar()
    return document


def fields_changed(before: str | None, after: str | None) -> Iterator[FieldChange]:
    """The fields in which two documents differ. Lists of facts within a therapy are only named: see theirs."""
    old, new = (dict(_flat(orjson.loads(text or "{}"))) for text in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            pair = (None, None) if name in _OWN_LISTS else (old.get(name), new.get(name))
            yield FieldChange(field=name, before=pair[0], after=pair[1])


_OWN_LISTS = {spec.name.replace("-", "_") for spec in NESTED} - {"adverse_events"}


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, part in value.items():
        if isinstance(part, dict):
            yield from _flat(part, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", part


def history(connection: Connection, record_id: str, releases: Sequence[Any]) -> list[Version]:
    """The releases, given oldest first, in which a record of any list came, went or changed; newest first."""
    found = []
    for spec in LISTS:
        before, last = None, releases[0]
        for release in releases:
            now = _document(connection, spec, release["id"], record_id)
            if now != before:
                how: How = "added" if before is None else "removed" if now is None else "changed"
                where = last if how == "removed" else release
                found.append(
                    Version(
                        release=ReleaseRef(**release),
                        kind=spec.name,
                        change=how,
                        url=f"/{spec.name}/{record_id}?release={where['version']}",
                        fields=list(fields_changed(before, now)) if how == "changed" else [],
                    )
                )
            before, last = now, release
    return found[::-1]
