"""What came, went and changed between two sets of fact files: for a curator's eye, one fact a line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.nouns.base import Record
from seed.files import THERAPIES, Facts, key_of


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
    for kind, records in facts.lists.items():
        yield from (((kind, key_of(record)), _content(record)) for record in records)
    for file in facts.therapies:
        yield (THERAPIES, file.therapy.id), _content(file.therapy)
        for section, key, fact in file.all_facts:
            yield (section, f"{file.therapy.id}.{key}"), _content(fact)


def _content(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", by_alias=True, exclude_defaults=True)
