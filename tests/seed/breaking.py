"""Changes to the small fact base, most of which break it in one place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seed.checks import findings_of
from seed.files import read
from tests.seed.base import EVIDENCE, sound

Change = Callable[[dict[str, Any]], Any]

THERAPY = "therapies/examplumab.json"
LABEL_B: dict[str, Any] = {
    "id": "label.b",
    "kind": "label",
    "title": "B",
    "revision": "1",
    "set_id": "00000000-0000-0000-0000-00000000000b",
    "level": "regulatory_label",
}


def in_therapy(section: str, /, **change: Any) -> Change:
    def apply(files: dict[str, Any]) -> None:
        content = files[THERAPY][section]
        (content[0] if isinstance(content, list) else content).update(change)

    return apply


def in_list(name: str, /, **change: Any) -> Change:
    return lambda files: files[name][0].update(change)


def more(name: str, /, **record: Any) -> Change:
    return lambda files: files[name].append(record)


def without(section: str, field: str) -> Change:
    def apply(files: dict[str, Any]) -> None:
        del files[THERAPY][section][0][field]

    return apply


def replaced(name: str, text: str) -> Change:
    return lambda files: files.update({name: text})


def rates(*printed: dict[str, Any]) -> Change:
    return in_therapy("adverse_events", rates=list(printed))


def product(**change: Any) -> Change:
    return lambda files: files[THERAPY]["therapy"]["products"][0].update(change)


def sharing(*, locator: str, status: str) -> Change:
    """Two products of one application, read in one row."""

    def apply(files: dict[str, Any]) -> None:
        products = files[THERAPY]["therapy"]["products"]
        products[0] |= {"application": "BLA999999", "locator": "row BLA 999999, shared by Examplara and Simplara"}
        products.append(products[0] | {"brand": "Simplara", "locator": locator, "status": status})

    return apply


def of_ages(condition: str, *ages: str, lowest: float | None = None) -> Change:
    """The indication is for a condition below one of that name, and for some ages."""

    def apply(files: dict[str, Any]) -> None:
        files["conditions.json"][1]["name"] = condition
        files[THERAPY]["indications"][0] |= {"age_groups": list(ages), "age_min_years": lowest}

    return apply


def successor(*, ages: list[str]) -> Change:
    """Beside the indication, which is for adults, another of a newer label for some ages."""

    def apply(files: dict[str, Any]) -> None:
        label = files["sources/label.json"][0]
        files["sources/label.json"].append(label | {"id": "label.examplara.2024-01-02", "revision": "2024-01-02"})
        one, action = files[THERAPY]["indications"][0], files[THERAPY]["approvals"][0]
        one |= {"brands": ["Examplara"], "age_groups": ["adult"]}
        newer = {"key": "wider", "age_groups": ages, "source": "label.examplara.2024-01-02"}
        files[THERAPY]["indications"].append(one | newer)
        files[THERAPY]["approvals"].append(action | {"indication": "fda.melanoma.wider"})

    return apply


def history(*actions: tuple[str, str | None]) -> Change:
    found = [{"indication": "fda.melanoma", "action": action, "on": on, **EVIDENCE} for action, on in actions]
    return lambda files: files[THERAPY].update(approvals=found)


def second_therapy(**change: Any) -> Change:
    def apply(files: dict[str, Any]) -> None:
        other = json.loads(json.dumps(files[THERAPY]))
        other["therapy"] |= {"id": "otherumab", "name": "otherumab"}
        other["therapy"]["products"][0]["brand"] = "Otherara"
        other["cohorts"][0]["therapies"] = ["otherumab"]
        for path, value in change.items():
            part = other
            *steps, last = path.split("__")
            for step in steps:
                part = part[int(step) if step.isdigit() else step]
            part[last] = value
        files["therapies/otherumab.json"] = other

    return apply


def findings(folder: Path) -> list[tuple[str, str, str]]:
    base, unread = read(folder)
    return [(finding.code, finding.file, finding.record) for finding in unread + findings_of(base, folder)]


def assert_found(folder: Path, broken: Change, code: str, record: str) -> None:
    """The first finding in the small fact base, broken so, has the code and names the record."""
    files = sound()
    broken(files)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    found = findings(folder)
    assert found[0][0] == code, found
    assert record in found[0][2] or record in found[0][1], found
