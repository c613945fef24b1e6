"""What a comparison does not show, and why: nothing of it says that an event does not occur."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import or_, select

from app.models.base import Named, table_of
from app.models.therapy import Therapy
from app.queries.adverse_events import ADVERSE_EVENTS
from app.queries.matching import any_of, tagged
from app.queries.names import all_names
from app.queries.sets import positions
from app.queries.therapies import THERAPIES
from app.reader import Reader
from app.vocabulary import Coverage

OUTSIDE = "reported, but not under these filters or for these grades"
NOT_REPORTED = "not reported in the sources read"


class Absence(BaseModel):
    """Events that are not shown for a therapy asked for, and why. None of it says that they do not occur."""

    therapy: Named
    status: str = Field(description=f"`{Coverage.NOT_CURATED}`, `{Coverage.NONE_REPORTED}`, `{NOT_REPORTED}` or "
                        f"`{OUTSIDE}`.")  # fmt: skip
    events: list[Named] = Field(description="The events; empty: all of them.")


def absences(
    reader: Reader, query: Mapping[str, Any], events: Sequence[str], seen: set[tuple[str, str]], *, usual: bool
) -> list[Absence]:
    """For each therapy asked for, by name or class, the events that are not shown, and why."""
    classes = [*query.get("classes", ()), *query.get("class", ())]
    therapy = table_of(Therapy).c
    of_classes = positions(any_of(reader, THERAPIES, "class", classes))
    wanted = or_(therapy.id.in_(query.get("therapies", ())), therapy.position.in_(list(of_classes)))
    rows = reader.connection.execute(
        select(therapy.id, therapy.document)
        .where(therapy.release_id == reader.release_id, wanted)
        .order_by(therapy.position)
    ).all()
    reported = {event_id: tagged(reader, ADVERSE_EVENTS, "event", event_id) for event_id in events}
    of_therapy = {row.id: tagged(reader, ADVERSE_EVENTS, "therapy", row.id) for row in rows}
    known = {(row.id, event_id) for row in rows for event_id in events if of_therapy[row.id] & reported[event_id]}
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
