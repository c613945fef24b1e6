"""What a comparison does not show, and why: nothing of it says that an event does not occur."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import Select, or_, select

from app.models.base import Named, table_of
from app.models.index import Tag
from app.models.therapy import Therapy
from app.queries.adverse_events import ADVERSE_EVENTS
from app.queries.names import all_names
from app.reader import Reader
from app.vocabulary import Coverage

OUTSIDE = "reported, but not under these filters or for these grades"
NOT_REPORTED = "not reported in the sources read"

_tag = table_of(Tag).c


class Absence(BaseModel):
    """Events that are not shown for a therapy asked for, and why. None of it says that they do not occur."""

    therapy: Named
    status: str = Field(description=f"`{Coverage.NOT_CURATED}`, `{Coverage.NONE_REPORTED}`, `{NOT_REPORTED}` or "
                        f"`{OUTSIDE}`.")  # fmt: skip
    events: list[Named] = Field(description="The events; empty: all of them.")


def tagged(reader: Reader, of: str, name: str, values: Iterable[str]) -> Select[Any]:
    """Positions of the records of a list that carry one of the values of a filter."""
    return select(_tag.position).where(
        _tag.release_id == reader.release_id, _tag.list == of, _tag.filter == name, _tag.value.in_(list(values))
    )


def absences(
    reader: Reader, query: Mapping[str, Any], events: Sequence[str], seen: set[tuple[str, str]], *, usual: bool
) -> list[Absence]:
    """For each therapy asked for, by name or class, the events that are not shown, and why."""
    classes = [*query.get("classes", ()), *query.get("class", ())]
    therapy = table_of(Therapy).c
    wanted = or_(
        therapy.id.in_(query.get("therapies", ())), therapy.position.in_(tagged(reader, "therapies", "class", classes))
    )
    rows = reader.connection.execute(
        select(therapy.id, therapy.document)
        .where(therapy.release_id == reader.release_id, wanted)
        .order_by(therapy.position)
    ).all()
    event = table_of(Tag).alias().c
    known = {
        (row[0], row[1])
        for row in reader.connection.execute(
            select(_tag.value, event.value)
            .where(
                *(column.release_id == reader.release_id for column in (_tag, event)),
                *(column.list == ADVERSE_EVENTS.name for column in (_tag, event)),
                event.position == _tag.position,
                _tag.filter == "therapy",
                _tag.value.in_([row.id for row in rows]),
                event.filter == "event",
                event.value.in_(events),
            )
            .distinct()
        )
    }
    names = all_names(reader, "events")
    found: dict[tuple[str, str], Absence] = {}
    for row in rows:
        record = orjson.loads(row.document)
        coverage = record["coverage"]["adverse_events"]
        ref = Named(id=row.id, name=record["name"])
        missing = [event_id for event_id in events if (row.id, event_id) not in seen]
        otherwise = NOT_REPORTED if coverage == Coverage.CURATED else coverage
        unknown = coverage == Coverage.NOT_CURATED and not any((row.id, event_id) in known for event_id in events)
        if not events or (usual and unknown):
            status = OUTSIDE if coverage == Coverage.CURATED else coverage
            found[row.id, status] = Absence(therapy=ref, status=status, events=[])
            continue
        for event_id in missing:
            status = OUTSIDE if (row.id, event_id) in known else otherwise
            absence = found.setdefault((row.id, status), Absence(therapy=ref, status=status, events=[]))
            absence.events.append(Named(id=event_id, name=names.get(event_id, event_id)))
    return list(found.values())
