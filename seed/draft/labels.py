"""A label record of openFDA: its source, its therapy, and its sections as running text."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from app.nouns.base import slugged
from app.nouns.source import SourceRecord
from app.vocabulary import Level, SourceKind
from seed.draft.tables import squeezed


class NotALabelError(ValueError):
    """The JSON is no label record."""


def only_result(document: Any) -> Mapping[str, Any]:
    """The one record of an openFDA answer, or the record itself."""
    if isinstance(document, Mapping) and "results" in document:
        results = document["results"]
        if not isinstance(results, list) or len(results) != 1:
            raise NotALabelError("the answer must hold exactly one result")
        document = results[0]
    if not isinstance(document, Mapping) or "effective_time" not in document or "openfda" not in document:
        raise NotALabelError("no `effective_time` or `openfda`: not a label record")
    return document


def first(label: Mapping[str, Any], key: str) -> str:
    """The first entry of a list field of the record's `openfda` block, or nothing."""
    values = label["openfda"].get(key) or []
    return str(values[0]) if values else ""


def section(label: Mapping[str, Any], key: str) -> str:
    """A section as one running text."""
    return squeezed(" ".join(str(part) for part in label.get(key) or []))


def brand_of(label: Mapping[str, Any]) -> str:
    """The brand, without further words of the licence (`PADCEV EJFV` is `PADCEV`)."""
    return re.sub(r" [A-Z]{4}$", "", squeezed(first(label, "brand_name")))


def inn_of(label: Mapping[str, Any]) -> str:
    """The non-proprietary name without its prefix (`fam-`, `ado-`) and suffix (`-nxki`)."""
    name = squeezed(first(label, "generic_name")).lower()
    name = re.sub(r"^(?:fam|ado)-", "", name)
    return re.sub(r"(?<=[a-z]{5})-[a-z]{4}\b(?!-)", "", name)


def source_of(label: Mapping[str, Any]) -> SourceRecord:
    """The label at its revision, as a source."""
    effective = str(label["effective_time"])
    if not re.fullmatch(r"\d{8}", effective):
        raise NotALabelError(f"`effective_time` is no date: {effective}")
    date = dt.date(int(effective[:4]), int(effective[4:6]), int(effective[6:]))
    brand, inn = brand_of(label), inn_of(label)
    set_id = str(label.get("set_id") or "")
    return SourceRecord(
        id=f"label.{slugged(brand)}.{date.isoformat()}",
        kind=SourceKind.LABEL,
        level=Level.REGULATORY_LABEL,
        title=f"{brand} ({inn}): US prescribing information",
        authors=[name] if (name := first(label, "manufacturer_name")) else [],
        date=date,
        revision=f"effective {date.isoformat()}",
        set_id=set_id or None,
        url=f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={set_id}" if set_id else None,
    )


def therapy_hints(label: Mapping[str, Any], source: str) -> dict[str, Any]:
    """What the `openfda` block says of therapy and product, each under the name of the record's field."""
    block = label["openfda"]
    identifiers = [f"unii:{code}" for code in block.get("unii") or []]
    identifiers += [f"rxnorm:{code}" for code in block.get("rxcui") or []]
    return {
        "name": inn_of(label),
        "id": slugged(inn_of(label)),
        "generic_name": first(label, "generic_name"),
        "brand": brand_of(label),
        "application": first(label, "application_number"),
        "holder": first(label, "manufacturer_name"),
        "routes": [slugged(route) for route in block.get("route") or []],
        "identifiers": identifiers,
        "set_id": str(label.get("set_id") or ""),
        "pharm_class": list(block.get("pharm_class_epc") or []),
        "source": source,
    }


_SUBSECTION = re.compile(r"(?<![(.,\d])(?<![(,] )(?P<number>\d{1,2}\.\d{1,2})\s+(?=[A-Z“\"(≥])")


def subsections(text: str, chapter: str) -> list[tuple[str, str]]:
    """A section split at its numbered headings: (number, text). What precedes them has the chapter's."""
    starts = []
    last = 0
    for found in _SUBSECTION.finditer(text):
        number = found["number"]
        head, _, tail = number.partition(".")
        before = text[: found.start()].rstrip()
        if (
            head == chapter
            and int(tail) == last + 1
            and not re.search(r"(?:\(|see|and|,|Precautions|Studies|Section)$", before)
        ):
            starts.append((number, found.start()))
            last = int(tail)
    pieces = [(chapter, text[: starts[0][1]] if starts else text)]
    for position, (number, start) in enumerate(starts):
        end = starts[position + 1][1] if position + 1 < len(starts) else len(text)
        pieces.append((number, text[start:end]))
    return [(number, squeezed(piece)) for number, piece in pieces if squeezed(piece)]


def section_at(text: str, chapter: str, position: int) -> str:
    """The number of the subsection that holds a position of the section's text."""
    number = chapter
    at = 0
    for name, piece in subsections(text, chapter):
        found = text.find(piece[:60], at)
        if found < 0 or found > position:
            break
        number, at = name, found
    return number
