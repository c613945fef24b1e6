"""DailyMed: versions of a label that were published after it was read."""

from datetime import datetime
from typing import Any

from app.vocabulary import SourceKind
from seed.refresh.changes import Base, Change, Found, Kind, Open
from seed.verify.web import NoAnswerError, Web

NAME = "DailyMed"
URL = "https://dailymed.nlm.nih.gov/dailymed/services/v2/spls/{}/history.json"


def compare(base: Base, web: Web) -> Found:
    """The history of every label with a set id against the day on which the label was last read."""
    read: dict[str, tuple[str, Any, tuple[str, ...]]] = {}
    for source, therapies in base.sources():
        if source.kind in {SourceKind.LABEL, SourceKind.LABEL_COPY} and source.set_id:
            day = source.date or source.accessed_on  # an effective date is older than its publication by days
            held = read.get(source.set_id)
            if day and (held is None or day > held[1]):
                read[source.set_id] = source.id, max(day, source.accessed_on or day), therapies
    for set_id, (record, day, therapies) in read.items():
        try:
            answer = web.get(URL.format(set_id), _is_history)
        except NoAnswerError as error:
            yield Open(NAME, record, str(error))
            continue
        if answer is None:
            says = f"DailyMed has no label of the set id {set_id} any more."
            yield Change(Kind.WITHDRAWAL, NAME, record, says, therapies)
            continue
        published = max((_day(version), str(version["spl_version"])) for version in answer["data"]["history"])
        if published[0] > day:
            says = f"DailyMed published version {published[1]} on {published[0]}; the label was read on {day}."
            yield Change(Kind.REVISION, NAME, record, says, therapies)


def _day(version: Any) -> Any:
    return datetime.strptime(version["published_date"], "%b %d, %Y").date()  # noqa: DTZ007  # a day has no zone


def _is_history(answer: Any) -> bool:
    history = answer["data"]["history"]
    return bool(history) and all(_day(version) and version["spl_version"] for version in history)
