"""Few records of long lists, that say all that the whole says."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
import pytest

from app.nouns.registry import noun as noun_of

LONG = 1000
"""Records of a list that is narrowed."""


def said(record: Any) -> set[tuple[str, type]]:
    """Each key of a record at any depth, with the type of its value; a number is whole or not."""
    found, parts = set[tuple[str, type]](), [("", record)]
    while parts:
        path, value = parts.pop()
        if isinstance(value, dict):
            parts += [(f"{path}.{key}", part) for key, part in value.items()]
        else:
            found.add((path, type(value)))
            if isinstance(value, list):
                parts += [(f"{path}[]", part) for part in value]
    return found


@pytest.fixture(scope="session")
def narrowed(texts: dict[str, list[str]]) -> Callable[[str], str]:
    """The filter under which a long list is short, and has each key with each type of value that the whole has."""

    @cache
    def of(name: str) -> str:
        noun = noun_of(name.partition("/")[0])
        if len(texts[noun.name]) < LONG or "therapy" not in noun.by_name:
            return ""
        keys, counts = dict[str, set[tuple[str, type]]](), Counter[str]()
        for record in map(orjson.loads, texts[noun.name]):
            if record["therapy"] is not None:
                keys.setdefault(record["therapy"]["id"], set()).update(said(record))
                counts[record["therapy"]["id"]] += 1
        chosen, left = list[str](), set().union(*keys.values())
        while left:
            chosen.append(max(sorted(keys), key=lambda therapy: len(keys[therapy] & left) / (counts[therapy] + 30)))
            left -= keys[chosen[-1]]
        return f"therapy={','.join(chosen)}"

    return of
