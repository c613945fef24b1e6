"""Labels as openFDA serves them now: whether a source is the current revision, and its text where it is."""

from typing import Any
from urllib.parse import quote

from app.nouns.source import SourceRecord
from app.vocabulary import Standing
from seed.openfda import URL, query_for
from seed.verify.documents import Shelf, revision_of
from seed.verify.verdicts import Verdict
from seed.verify.web import Web


def served(web: Web, set_id: str) -> Any:
    """The label record that openFDA serves for a set id; None where it has none. Raises `NoAnswerError`."""
    answer = web.get(f"{URL}?search={quote(query_for(set_id))}&limit=1", _is_label)
    return answer["results"][0] if answer else None


def _is_label(answer: Any) -> bool:
    return bool(revision_of(answer["results"][0]))


def compared(source: SourceRecord, record: Any, shelf: Shelf) -> tuple[Verdict, str]:
    """Whether a source is the revision served; if so, its text goes on the shelf."""
    if record is None:
        return Verdict.NOT_JUDGED, "openFDA serves no label of this set id."
    set_id, effective = revision_of(record)
    if set_id != source.set_id:
        return Verdict.NOT_JUDGED, f"openFDA answered with another set id, {set_id}."
    if source.date is None:
        return Verdict.NOT_JUDGED, f"The source names no date; openFDA serves the revision of {effective}."
    if effective == source.date:
        shelf.put(record, "openFDA")
        return Verdict.FOUND, "openFDA serves this revision."
    if effective < source.date:
        return Verdict.NOT_JUDGED, f"openFDA serves an older revision, of {effective}."
    if source.standing is Standing.SUPERSEDED:
        return Verdict.FOUND, f"It is said to be superseded; openFDA serves the revision of {effective}."
    return Verdict.NEWER, f"openFDA serves the revision of {effective}."
