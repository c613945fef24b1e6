"""What was added, removed and changed between two releases, and the history of one record over all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import orjson
from sqlalchemy import Connection, RowMapping, and_, literal, select, union_all

from app.nouns.base import table_of
from app.nouns.registry import fact_nouns, nouns
from app.release.tables import DocumentTable

ChangeType = Literal["added", "removed", "changed"]
CHANGE_TYPES: tuple[ChangeType, ...] = ("added", "removed", "changed")
_document = table_of(DocumentTable)


@dataclass(frozen=True)
class FieldDifference:
    """One field of a record before and after."""

    field: str
    """Keys joined by dots: `evidence.locator`. Lists of facts within a therapy are only named."""
    before: Any = None
    after: Any = None


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
    fields: list[FieldDifference]


def changed_records(connection: Connection, old: int, new: int) -> list[ChangedRecord]:
    """Every record that differs between two releases, in the order of the lists, then by id."""
    before, after = _document.alias("before"), _document.alias("after")

    def only_in(one: Any, release: int, other: Any, other_release: int, change: ChangeType) -> Any:
        same = and_(other.c.release_id == other_release, other.c.list == one.c.list, other.c.id == one.c.id)
        missing = ~select(other.c.id).where(same).exists()
        return select(one.c.list, one.c.id, literal(change)).where(one.c.release_id == release, missing)

    same = and_(before.c.release_id == old, before.c.list == after.c.list, before.c.id == after.c.id)
    changed = (
        select(after.c.list, after.c.id, literal("changed"))
        .join(before, same)
        .where(after.c.release_id == new, before.c.document != after.c.document)
    )
    found = union_all(only_in(after, new, before, old, "added"), only_in(before, old, after, new, "removed"), changed)
    order = {noun.name: place for place, noun in enumerate(nouns())}
    rows = [ChangedRecord(*row) for row in connection.execute(found) if row[0] in order]
    return sorted(rows, key=lambda row: (order[row.list_name], row.id))


def count_changes(found: Iterable[ChangedRecord]) -> dict[str, dict[str, int]]:
    """How many records of each list were added, removed and changed."""
    counted = Counter(map(attrgetter("list_name", "change"), found))
    return {noun.name: {change: counted[noun.name, change] for change in CHANGE_TYPES} for noun in nouns()}


def changed_fields(connection: Connection, old: int, new: int, changed: ChangedRecord) -> list[FieldDifference]:
    """The fields in which a changed record differs; none where it was added or removed."""
    if changed.change != "changed":
        return []
    return list(_differences(*(_read(connection, changed.list_name, release, changed.id) for release in (old, new))))


def _read(connection: Connection, list_name: str, release_id: int, record_id: str) -> str | None:
    column = _document.c
    found = select(column.document).where(
        column.release_id == release_id, column.list == list_name, column.id == record_id
    )
    document: str | None = connection.execute(found).scalar()
    return document


def _differences(before: str | None, after: str | None) -> Iterator[FieldDifference]:
    """The fields in which two documents differ. Lists of facts within a therapy are only named: see theirs."""
    embedded = {noun.section.key for noun in fact_nouns() if noun.section and noun.section.embedded}
    old, new = (dict(_flat(orjson.loads(text or "{}"))) for text in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            pair = (None, None) if name in embedded else (old.get(name), new.get(name))
            yield FieldDifference(name, *pair)


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, part in value.items():
        if isinstance(part, dict):
            yield from _flat(part, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", part


def history(connection: Connection, record_id: str, releases: Sequence[RowMapping]) -> list[RecordVersion]:
    """The releases, given oldest first, in which a record of any list was added, removed or changed; newest first."""
    found = []
    for noun in nouns():
        before, last = None, releases[0]
        for release in releases:
            now = _read(connection, noun.name, release["id"], record_id)
            if now != before:
                change: ChangeType = "added" if before is None else "removed" if now is None else "changed"
                readable_in = (last if change == "removed" else release)["version"]
                fields = list(_differences(before, now)) if change == "changed" else []
                found.append(RecordVersion(release, noun.name, change, readable_in, fields))
            before, last = now, release
    return found[::-1]
