"""A run as the command line asks for it: every register, a report, and drafts of the records that would change."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seed.files import Facts
from seed.refresh import dailymed, ema, labels, purple_book, trials
from seed.refresh.changes import Base, Change, Found, Open
from seed.verify.command import shelf_of
from seed.verify.documents import Shelf
from seed.verify.scope import UnusableOptionError
from seed.verify.web import Web

REPORT, DRAFTS = "report.json", "drafts.json"


@dataclass(frozen=True)
class Result:
    """What a run found."""

    changes: list[Change]
    unknown: list[Open]
    notes: list[str]
    reached: bool


def refresh(facts: Facts, web: Web, therapies: Sequence[str], label_folder: Path | None, out: Path) -> Result:
    """Compare the facts with all registers, and write report and drafts into a folder. Raises `UnusableOptionError`."""
    known = {file.therapy.id for file in facts.therapies}
    if missing := [name for name in therapies if name not in known]:
        raise UnusableOptionError(f"{missing[0]!r} is the id of no therapy.")
    shelf = shelf_of([label_folder] if label_folder else [])
    today = dt.datetime.fromtimestamp(web.clock(), dt.UTC).date()
    changes, unknown = [], []
    for found in _all(Base.of(facts, therapies), web, shelf, today):
        if isinstance(found, Change):
            changes.append(found)
        else:
            unknown.append(found)
    result = Result(changes, unknown, [*shelf.problems, *_of_the_web(web)], not web.unreachable)
    _write(out, result, today)
    return result


def _all(base: Base, web: Web, shelf: Shelf, today: dt.date) -> Found:
    yield from labels.compare(base, web, shelf)
    yield from dailymed.compare(base, web)
    yield from ema.compare(base, web)
    yield from purple_book.compare(base, web, today)
    yield from trials.compare(base, web)


def _of_the_web(web: Web) -> Iterator[str]:
    if web.offline:
        yield "Offline: no request was sent, only cached answers were compared."
    elif web.unreachable:
        yield "The network cannot be reached: only cached answers were compared."
    for failure in web.failures.values():
        yield f"{failure} It got no more requests; run again for the rest."


def drafts(changes: Iterable[Change]) -> dict[str, list[dict[str, Any]]]:
    """The drafts of all changes, by file of facts; each record once."""
    found: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        for file, records in change.draft.items():
            there = found.setdefault(file, [])
            there.extend(record for record in records if record not in there)
    return dict(sorted(found.items()))


def _write(out: Path, result: Result, today: dt.date) -> None:
    counts = Counter(change.kind for change in result.changes)
    report = {
        "compared_on": today.isoformat(),
        "counts": dict(sorted(counts.items())),
        "notes": result.notes,
        "changes": [vars(change) for change in result.changes],
        "not_compared": [vars(item) for item in result.unknown],
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in ((REPORT, report), (DRAFTS, drafts(result.changes))):
            (out / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UnusableOptionError(f"The report cannot be written to {out}: {error.strerror}.") from error


def as_lines(result: Result) -> Iterator[str]:
    """One line a change, then how many records were not compared, by register and reason."""
    for change in sorted(result.changes, key=lambda change: (change.kind, change.record)):
        yield f"{change.kind}: {change.record} ({change.register}; {', '.join(change.therapies)}). {change.says}"
    reasons = Counter((item.register, item.reason) for item in result.unknown)
    for (register, reason), number in reasons.most_common():
        yield f"not compared: {number} x {register}. {reason}"
    yield f"{len(result.changes)} change(s) to look at, {len(result.unknown)} record(s) not compared."
