"""The mappings of our events to other vocabularies, in the fact files: `events.sssom.tsv`, as SSSOM."""

import csv
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from app.nouns.base import Slug
from app.nouns.mapping import VOCABULARIES, Mapping
from app.tabular.sssom import READ, SUBJECT, text
from seed.findings import Report
from seed.parsing import records

FILE = "events.sssom.tsv"
LIST = "events"


class MappingRecord(Mapping):
    """A mapping in its file. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    event: Slug


def attach(events: list[Any], folder: Path, report: Report) -> bool:
    """Give events their mappings; answer whether there is a file of them. What is wrong with it is a finding."""
    path = folder / FILE
    if not path.exists():
        return False
    contents = _contents(path, report)
    known = {event.id: event for event in events}
    for found in records(contents, MappingRecord, FILE, "mappings", report):
        mapping = Mapping(**found.model_dump(exclude={"event"}))
        if found.event not in known:
            fix = "correct the id, or add the event."
            report.add("unknown-reference", FILE, found.event, f"There is no {found.event!r} among the events.", fix)
        elif mapping.object_id.partition(":")[0] not in VOCABULARIES:
            fix = "use one of the vocabularies that app/nouns/mapping.py names."
            report.add("registry", FILE, found.event, f"{mapping.object_id!r} is of no vocabulary that is known.", fix)
        elif any(other.object_id == mapping.object_id for other in known[found.event].mappings):
            report.add("duplicate-id", FILE, found.event, f"{mapping.object_id!r} is there twice.", "keep one of them.")
        else:
            known[found.event].mappings.append(mapping)
    return True


def printed(events: Iterable[Any]) -> str:
    """The canonical text of the file."""
    return text(map(_as_answered, events), {})


def _as_answered(event: Any) -> dict[str, Any]:
    mappings = [mapping.model_dump(mode="json") for mapping in event.mappings]
    return {"id": event.id, "name": event.name, "mappings": mappings}


def _contents(path: Path, report: Report) -> list[dict[str, Any]]:
    """The rows of the file, as JSON would have them."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        report.add("unreadable-file", FILE, "-", f"The file cannot be read: {error}.", "save it as UTF-8.")
        return []
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [_content(row) for row in rows]


def _content(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {key: row[key] for key in READ if row.get(key)}
    with suppress(KeyError, ValueError):  # what is no number is refused with the record
        found["confidence"] = float(found["confidence"])
    return {"event": (row.get("subject_id") or "").removeprefix(f"{SUBJECT}:"), **found}
