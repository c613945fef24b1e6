"""A release in JSON Lines: a line that tells of it, then a line a record, list by list."""

import datetime as dt
from collections.abc import Iterable

import orjson

from app.nouns.registry import nouns

_BEGINNING, _MIDDLE, _END = '{"list":"', '","record":', "}\n"


def header(version: str, day: dt.date, activated_at: dt.datetime, digest: str, counts: dict[str, int]) -> str:
    """The first line of a release in JSON Lines."""
    release = {"version": version, "released_on": day, "activated_at": activated_at, "digest": digest, "counts": counts}
    return orjson.dumps({"release": release}).decode() + "\n"


def record_line(list_name: str, document: str) -> str:
    """A line of one record, which stands in it as it is."""
    return f"{_BEGINNING}{list_name}{_MIDDLE}{document}{_END}"


def read_line(line: str) -> tuple[str, str]:
    """The list and the document of a line that `record_line` wrote. Raises `ValueError` where it is none."""
    name, found, rest = line.removeprefix(_BEGINNING).partition(_MIDDLE)
    if not (line.startswith(_BEGINNING) and found and rest.endswith(_END)):
        raise ValueError(f"no record: {line[:40]!r}")
    return name, rest.removesuffix(_END)


def lists_in_order(names: Iterable[str]) -> list[str]:
    """Lists in the order in which files hold them: that of the documentation."""
    rank = {noun.name: noun.order for noun in nouns()}
    return sorted(names, key=lambda name: (rank.get(name, max(rank.values()) + 1), name))
