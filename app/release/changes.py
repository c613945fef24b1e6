"""What was added, removed and changed between two releases, and the history of one record over all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Literal

import orjson
from pydantic import Field
from sqlalchemy import Connection, RowMapping, and_, literal, select, union_all

from app.nouns.base import Schema, table_of
from app.nouns.registry import fact_nouns, nouns
from app.release.tables import DocumentTable

ChangeType = Literal["added", "removed", "changed"]
CHANGE_TYPES: tuple[ChangeType, ...] = ("added", "removed", "changed")
_document = table_of(DocumentTable)


class FieldChange(Schema):
    """One field of a record before and after."""

    field: str = Field(
        description="Keys joined by dots: `evidence.locator`. Lists of facts within a therapy are only named."
    )
    before: Any = Field(default=None, description="Value in the older release; null where the field was not there.")
    after: Any = Field(default=None, description="Value in the newer release; null where the field is gone.")


@dataclass(frozen=True)
class ChangedRecord:
    """A record that was added, removed or changed."""

    list_name: str
    id: str
    change: ChangeType


@dataclass(frozen=True)
class RecordVersion:
    """A release in which a record was added, removed or changed."""

    release: RowMapping
    list_name: str
    change: ChangeType
    readable_in: str
    """Version of the release in which the record can be read."""
    fields: list[FieldChange]


def changed_records(connection: Connection, old: int, new: int) -> list[ChangedRecord]:
    """Every record that differs between two releases, in the order of the lists, then by id."""
    before, after = _document.alias("before"), _document.alias("after")

    def only_in(one: Any, release: int, other: Any, other_release: int, change: ChangeType) -> Any:
        same = and_(other.c.release_id == other_release, other.c.list == one.c.list, other.c.id == one.c.id)
        missing = ~select(other.c.id).where(same).exists()
        return select(one.c.list, one.c.id, literal(change)).where(one.c.release_id == release, missing)

    same = and_(before.c.release_id == old, before.c.list == after.c.list, before.c.id == after.c.id)
    different = (
        select(after.c.list, after.c.id, before.c.document, after.c.document)
        .join(before, same)
        .where(after.c.release_id == new, before.c.document != after.c.document)
    )
    one_sided = union_all(only_in(after, new, before, old, "added"), only_in(before, old, after, new, "removed"))
    found = [ChangedRecord(*row) for row in connection.execute(one_sided)]
    for name, record_id, *documents in connection.execute(different):
        if any(_differences(*documents)):
            found.append(ChangedRecord(name, record_id, "changed"))
    order = {noun.name: place for place, noun in enumerate(nouns())}
    known = [record for record in found if record.list_name in order]
    return sorted(known, key=lambda record: (order[record.list_name], record.id))


def count_changes(found: Iterable[ChangedRecord]) -> dict[str, dict[str, int]]:
    """How many records of each list were added, removed and changed."""
    counted = Counter(map(attrgetter("list_name", "change"), found))
    return {noun.name: {change: counted[noun.name, change] for change in CHANGE_TYPES} for noun in nouns()}


def changed_fields(connection: Connection, old: int, new: int, changed: ChangedRecord) -> list[FieldChange]:
    """The fields in which a changed record differs; none where it was added or removed."""
    if changed.change != "changed":
        return []
    return _listed(_differences(*(_read(connection, changed.list_name, release, changed.id) for release in (old, new))))


def _listed(differences: Iterable[FieldChange]) -> list[FieldChange]:
    return sorted(differences, key=attrgetter("field"))


def _read(connection: Connection, list_name: str, release_id: int, record_id: str) -> str | None:
    column = _document.c
    found = select(column.document).where(
        column.release_id == release_id, column.list == list_name, column.id == record_id
    )
    document: str | None = connection.execute(found).scalar()
    return document


def _differences(before: str | None, after: str | None) -> Iterator[FieldChange]:
    """The fields in which two documents differ, in no order; a field that one of them lacks is null there.

    Lists of facts within a therapy are only named: see theirs.
    """
    for name, *values in _different(orjson.loads(before or "{}"), orjson.loads(after or "{}")):
        old, new = (None, None) if name in _embedded() else values
        yield FieldChange(field=name, before=old, after=new)


@cache
def _embedded() -> set[str]:
    """The keys of a therapy under which facts are that have documents of their own."""
    return {noun.section.key for noun in fact_nouns() if noun.section and noun.section.embedded}


def _different(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Keys joined by dots, and the values of both, where these differ."""
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        within_before, plain_before = (before, None) if isinstance(before, dict) else ({}, before)
        within_after, plain_after = (after, None) if isinstance(after, dict) else ({}, after)
        yield from _different(within_before, within_after, f"{prefix}{key}.")
        if (plain_before, plain_after) != (None, None):
            yield f"{prefix}{key}", plain_before, plain_after


def history(connection: Connection, record_id: str, releases: Sequence[RowMapping]) -> list[RecordVersion]:
    """The releases, given oldest first, in which a record of any list was added, removed or changed; newest first."""
    found = []
    for noun in nouns():
        before: str | None = None
        last = releases[0]
        for release in releases:
            now = _read(connection, noun.name, release["id"], record_id)
            came, went = before is None, now is None
            fields = [] if came or went or before == now else _listed(_differences(before, now))
            if fields or came != went:
                change: ChangeType = "added" if came else "removed" if went else "changed"
                readable_in = (last if went else release)["version"]
                found.append(RecordVersion(release, noun.name, change, readable_in, fields))
            before, last = now, release
    return found[::-1]
