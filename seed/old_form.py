"""Facts of the old form, whose indications state how they stand, made facts of the new: `python -m seed.old_form`.

What an indication states becomes an action of its history, cited as the indication is, where no action says it.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seed.files import FACTS

_STATED = ("status", "approval_type", "approved_on", "converted_on", "withdrawn_on")
_ENDS = {"withdrawn", "discontinued", "refused"}


def convert(content: dict[str, Any]) -> bool:
    """Convert the content of a therapy file; answer whether it was of the old form."""
    old = [item for item in content.get("indications", []) if any(key in item for key in _STATED)]
    for item in old:
        name = ".".join(filter(None, [item["agency"].lower(), item["condition"], item.get("key")]))
        history = [each for each in content.setdefault("approvals", []) if each["indication"] == name]
        content["approvals"] += _actions(item, name, history)
        for key in _STATED:
            item.pop(key, None)
    return bool(old)


def _actions(item: dict[str, Any], name: str, history: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    cited = {key: item[key] for key in ("source", "locator", "curated_on") if key in item}
    known = {each["action"] for each in history}
    typed = any(each.get("approval_type") for each in history)
    type_ = {"approval_type": item["approval_type"]} if item.get("approval_type") and not typed else {}
    first = {"indication": name, "action": "approved", **type_}
    dated = {each["on"] for each in history if each["action"] == "approved" and each.get("on")}
    if item.get("approved_on") and item["approved_on"] not in dated:
        yield first | {"on": item["approved_on"]} | cited
    elif "approved" not in known or type_:
        yield first | cited
    if item.get("converted_on") and "converted" not in known:
        yield {
            "indication": name,
            "action": "converted",
            "approval_type": "regular",
            "on": item["converted_on"],
        } | cited
    if item["status"] == "withdrawn" and not known & _ENDS:
        on = {"on": item["withdrawn_on"]} if item.get("withdrawn_on") else {}
        yield {"indication": name, "action": "withdrawn"} | on | cited


def main(folder: Path = FACTS) -> None:
    """Convert every therapy file of a folder that is of the old form."""
    for path in sorted((folder / "therapies").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if convert(content):
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
            sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
