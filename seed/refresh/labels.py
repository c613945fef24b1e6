"""US labels as openFDA serves them: newer revisions, and what they changed in indications and boxed warning."""

import datetime as dt
import re
from typing import Any

from app.nouns.dates import days_of
from app.nouns.source import SourceRecord
from app.vocabulary import Agency, SourceKind, WarningLevel
from seed.draft.labels import source_of, subsections
from seed.draft.tables import squeezed
from seed.refresh.changes import Base, Change, Found, Kind, Open, last_known, superseding
from seed.verify import revisions
from seed.verify.documents import Shelf, revision_of
from seed.verify.web import NoAnswerError, Web

NAME = "openFDA"
_MAJOR = re.compile(
    r"(?P<what>(?:Indications and Usage|Boxed Warning)[^()/]*?)(?:\([^)]*\)[^()/]*?)?"
    r"\b(?P<month>\d{1,2})/(?P<year>\d{4})",
    re.IGNORECASE,
)
"""A line of the recent major changes: `Indications and Usage, Melanoma ( 1.1 ) 12/2023`, `… Removed 3/2024`."""


def compare(base: Base, web: Web, shelf: Shelf) -> Found:
    """Every label with a set id, once, at its newest revision here, against the one that is served."""
    newest: dict[str, tuple[SourceRecord, tuple[str, ...]]] = {}
    for source, therapies in base.sources():
        if source.kind not in {SourceKind.LABEL, SourceKind.LABEL_COPY} or not source.set_id:
            continue
        held, used = newest.get(source.set_id, (source, ()))
        later = max((held, source), key=lambda label: last_known(label) or "")
        newest[source.set_id] = later, tuple(sorted({*used, *therapies}))
    for set_id, (source, therapies) in newest.items():
        try:
            record = revisions.served(web, set_id)
        except NoAnswerError as error:
            yield Open(NAME, source.id, str(error))
            continue
        if record is None:
            says = f"openFDA serves no label of the set id {set_id} any more."
            yield Change(Kind.WITHDRAWAL, NAME, source.id, says, therapies)
        else:
            yield from _compared(base, source, record, therapies, shelf)


def _compared(base: Base, source: SourceRecord, record: Any, therapies: tuple[str, ...], shelf: Shelf) -> Found:
    _, effective = revision_of(record)
    known = last_known(source)
    if known and days_of(known)[1] >= effective:
        return
    if known is None:
        yield Open(NAME, source.id, f"The source names no date; openFDA serves the revision of {effective}.")
    elif source.kind is SourceKind.LABEL:
        new = source_of(record)
        says = f"openFDA serves the revision of {effective}; the facts are of {known}."
        yield Change(Kind.REVISION, NAME, source.id, says, therapies, superseding(source, new))
    yield from _major_changes(source, record, therapies)
    yield from _boxed(base, source, record, therapies, shelf)
    yield from _indications(base, record, therapies)


def _text(record: Any, section: str) -> str:
    """A section of a record as text; empty where the label has none."""
    return squeezed(" ".join(map(str, record.get(section) or [])))


def _major_changes(source: SourceRecord, record: Any, therapies: tuple[str, ...]) -> Found:
    """What the label itself lists as changed in indications and boxed warning since the source was made."""
    since = days_of(known)[1] if (known := last_known(source)) else dt.date.max
    for line in _MAJOR.finditer(_text(record, "recent_major_changes")):
        changed = days_of(f"{line['year']}-{int(line['month']):02}")[1]
        if changed <= since:
            continue
        kind = Kind.BOXED_WARNING if line["what"].lower().startswith("boxed") else Kind.INDICATION
        if kind is Kind.INDICATION and re.search(r"remov|delet|withdr", line[0], re.IGNORECASE):
            kind = Kind.WITHDRAWAL
        says = f"The label lists as a major change: {squeezed(line[0])}."
        yield Change(kind, NAME, source.id, says, therapies)


def _boxed(base: Base, source: SourceRecord, record: Any, therapies: tuple[str, ...], shelf: Shelf) -> Found:
    """A boxed warning that came or went; with the older text at hand, one of other words."""
    now = _text(record, "boxed_warning")
    warned = [
        fact
        for file in base.files()
        if file.therapy.id in therapies
        for fact in file.facts("warnings")
        if fact.level is WarningLevel.BOXED and fact.source == source.id
    ]
    reported_none = any(
        item.kind == "boxed_warning" and item.source == source.id
        for file in base.files()
        for item in file.therapy.none_reported
    )
    document = shelf.find(source)
    before = document.sections.get("boxed_warning", "") if document else None
    says = None
    if warned and not now:
        says = "The label served has no boxed warning any more."
    elif reported_none and now:
        says = f"The label served has a boxed warning: {now[:200]}"
    elif before is not None and squeezed(before) != now:
        says = f"The boxed warning has other words: {now[:200]}"
    if says:
        yield Change(Kind.BOXED_WARNING, NAME, source.id, says, therapies)


def _indications(base: Base, record: Any, therapies: tuple[str, ...]) -> Found:
    """Conditions that section 1 of the label names, and no FDA indication of the therapies is for."""
    for file in base.files():
        if file.therapy.id not in therapies:
            continue
        pieces = subsections(_text(record, "indications_and_usage"), "1")
        pieces = pieces[1:] or pieces  # what precedes the first heading repeats all of them
        for number, piece in pieces:
            for condition in base.conditions_without(file, Agency.FDA, piece):
                draft = {
                    "condition": condition,
                    "agency": Agency.FDA.value,
                    "text": "",
                    "source": source_of(record).id,
                    "locator": number,
                }
                says = f"Section {number} names {condition}, for which there is no FDA indication: {piece[:200]}"
                where = f"{file.therapy.id}: {condition}"
                yield Change(Kind.INDICATION, NAME, where, says, (file.therapy.id,), {file.file: [draft]})
