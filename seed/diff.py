"""What came, went and changed between two sets of fact files: for a curator's eye, one fact a line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.models.base import Record
from seed.files import FACT_KINDS, LISTS, Facts


@dataclass(frozen=True)
class Change:
    """One fact that came, went or changed."""

    mark: str
    """`+` came, `-` went, `~` changed."""
    kind: str
    id: str
    fields: dict[str, tuple[Any, Any]]

    def __str__(self) -> str:
        said = "; ".join(f"{name}: {_short(old)} → {_short(new)}" for name, (old, new) in self.fields.items())
        return f"{self.mark} {self.kind} {self.id}" + (f" ({said})" if said else "")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def changes(old: Facts, new: Facts) -> Iterator[Change]:
    """Every change from the old facts to the new, by kind and id."""
    before, after = dict(_all(old)), dict(_all(new))
    for key in sorted(before.keys() | after.keys()):
        kind, record_id = key
        if key not in before:
            yield Change("+", kind, record_id, {})
        elif key not in after:
            yield Change("-", kind, record_id, {})
        elif before[key] != after[key]:
            names = sorted(before[key].keys() | after[key].keys())
            fields = {name: (before[key].get(name), after[key].get(name)) for name in names}
            yield Change("~", kind, record_id, {name: pair for name, pair in fields.items() if pair[0] != pair[1]})


def _all(facts: Facts) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for kind in LISTS:
        for record in getattr(facts, kind):
            yield (kind, record.natural_key() if kind == "statements" else record.id), _content(record)
    for file in facts.therapies:
        yield ("therapies", file.therapy.id), _content(file.therapy)
        for kind in FACT_KINDS:
            for record in getattr(file, kind):
                yield (kind, f"{file.therapy.id}.{record.natural_key()}"), _content(record)


def _content(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", by_alias=True, exclude_defaults=True)
