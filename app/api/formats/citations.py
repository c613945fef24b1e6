"""Citations: the sources of a result as CSL-JSON items, which `bibtex.py` and `ris.py` write in their formats."""

import asyncio
import calendar
import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import orjson

from app.api.descriptions import AUTHORS, CITED_TITLE
from app.api.formats import Format
from app.api.records import records_by_id
from app.nouns.dates import known_date
from app.nouns.source import NOUN as SOURCES
from app.release.opened import OpenRelease
from app.release.store import BATCH, Store
from app.standards.about import evidence_in
from app.vocabulary import SourceKind

STEP = 20
"""Documents that are read between two yields to the event loop: with whole therapies, some milliseconds."""
_CSL_TYPES = {
    SourceKind.TRIAL_PUBLICATION.value: "article-journal",
    SourceKind.REVIEW.value: "article-journal",
    SourceKind.WEB_PAGE.value: "webpage",
    SourceKind.DATABASE.value: "dataset",
    SourceKind.LABEL.value: "document",
    SourceKind.LABEL_COPY.value: "document",
    SourceKind.ASSESSMENT_REPORT.value: "report",
    SourceKind.REGISTRY.value: "webpage",
}
_NUMBER, _ISSUE, _PAGE = r"(?P<volume>\d+)", r"(?P<issue>[^)]+|Suppl \d+)", r"(?P<page>[A-Za-z]*\d+(?:-[A-Za-z]*\d+)?)"
_VOLUMES = [
    re.compile(rf"(?:(?P<year>\d{{4}})(?: [A-Z][a-z]{{2}})?[;,]\s*)?{_NUMBER}(?: ?\({_ISSUE}\))?(?:: ?{_PAGE})?"),
    re.compile(rf"{_NUMBER} (?P<issue>Suppl \d+):{_PAGE}"),
    re.compile(rf"{_NUMBER} \((?P<year>\d{{4}})\) {_PAGE}"),
    re.compile(rf"(?P<year>\d{{4}}):{_NUMBER} {_PAGE}"),
]
"""How volume, issue and pages are listed: `2020;43(5):409-425`, `5 Suppl 1:S440-3`, `6 (2007) 469`, `2014:7 101`."""
MONTHS = ["", *calendar.month_name[1:]]
OF_DATES = frozenset(
    {"change", "changes", "copy", "effective", "fetched", "is", "last", "latest", "major", "medically", "recent"}
    | {"reviewed", "revised", "revision", "updated", "whose"}
)
"""Words of the name of a revision that say nothing without its date."""


async def cited_sources(
    batches: AsyncIterator[list[bytes]], used: Callable[[dict[str, Any]], Any] = lambda record: record
) -> list[str]:
    """The ids of all sources that what is used of documents cites, in the order of their first appearance."""
    found: dict[str, None] = {}
    async for documents in batches:
        for number, document in enumerate(documents, 1):
            record = orjson.loads(document)
            if "evidence" not in record and "standing" in record:  # a source itself
                found[record["id"]] = None
            found.update((evidence["source"]["id"], None) for evidence in evidence_in(used(record)))
            if number % STEP == 0:
                await asyncio.sleep(0)
    return list(found)


async def citation_items(
    store: Store, release: OpenRelease, source_ids: Sequence[str], address: str
) -> AsyncIterator[list[dict[str, Any]]]:
    """The CSL-JSON items of sources, a batch at a time; last that of the fact base at its release, at an address."""
    for start in range(0, len(source_ids), BATCH):
        batch = source_ids[start : start + BATCH]
        sources = await records_by_id(store, release, SOURCES, batch)
        yield [_item(sources[source_id]) for source_id in batch]
    yield [release_item(release, address)]


def release_item(release: OpenRelease, address: str) -> dict[str, Any]:
    """The CSL-JSON item of the fact base at its release, which is at an address."""
    day = release.released_on
    return {
        "id": f"immunofacts-{release.version}",
        "type": "dataset",
        "title": CITED_TITLE,
        "author": [{"literal": AUTHORS}],
        "version": release.version,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "URL": address,
        "note": f"SHA-256 {release.digest}",
    }


def _item(source: dict[str, Any]) -> dict[str, Any]:
    from app.api.formats.authors import csl_names  # imported here: few cite, and its library takes its time

    date = known_date(source["date"], source["year"], source.get("month"))
    listed = _listed(source["citation"], date) if source["citation"] else {}
    note = [source["citation"]] if source["citation"] and not listed else []
    note += filter(None, [_without_date(source["revision"] or "", date)])
    note += [f"SPL set id: {source['set_id']}"] if source["set_id"] else []
    found = {
        "id": source["id"],
        "type": _CSL_TYPES[source["kind"]],
        "title": source["title"],
        "author": csl_names(source),
        "container-title": source["container"],
        **listed,
        "issued": _date(date),
        "DOI": source["doi"],
        "PMID": source["pmid"],
        "URL": source["url"],
        "accessed": _date(source["accessed_on"]),
        "note": ". ".join(note),
    }
    return {key: value for key, value in found.items() if value}


def _listed(citation: str, date: str | None) -> dict[str, str]:
    """Volume, issue and pages as they are listed; nothing where they are listed otherwise, or of another year."""
    found = next(filter(None, (pattern.fullmatch(citation) for pattern in _VOLUMES)), None)
    parts = {key: value for key, value in found.groupdict().items() if value} if found else {}
    return parts if parts.pop("year", (date or "")[:4]) == (date or "")[:4] else {}


def _without_date(revision: str, date: str | None) -> str:
    """The name of a revision without the date that it shares with its source: nothing of `last updated 2025-01-06`."""
    year, month, day = (*(date or "").split("-"), "", "")[:3]
    if not year:
        return revision
    named = f"{MONTHS[int(month)]} {int(day)}, {year}" if day else f"{MONTHS[int(month)]} {year}" if month else None
    forms = {date, year, month and f"{int(month)}/{year}", month and f"{month}/{year}", named}
    dated = "|".join(re.escape(form) for form in sorted(filter(None, forms), key=len, reverse=True))
    before = r"[,\s]*(?:\b(?:on|of|in|to|as of|year)\s+)*(?<![\d/.-])"
    left = re.sub(rf"{before}(?:{dated})(?![\d/-]|\.\d)", "", revision).strip(" ,")
    if left == revision:
        return revision
    words = left.split()
    while words and words[-1].lower() in OF_DATES:
        words.pop()
    return " ".join(words).rstrip(" ,")


def _date(value: str | None) -> dict[str, Any] | None:
    return {"date-parts": [[int(part) for part in value.split("-")]]} if value else None


def written(format_: Format, items: Sequence[dict[str, Any]]) -> bytes:
    """CSL-JSON items in one of the formats of citations."""
    if format_ is Format.CSL_JSON:
        return orjson.dumps(items)
    if format_ is Format.RIS:
        from app.api.formats.ris import ris  # imported here: few ask for it, and its library slows the start

        return ris(items)
    from app.api.formats.bibtex import bibtex  # as above

    return bibtex(items)


def joined(format_: Format, batches: Sequence[bytes]) -> bytes:
    """Batches as they were written, as one document: thousands of items, as objects, would take 10 MB at once."""
    if format_ is Format.CSL_JSON:
        return b"[%s]" % b",".join(batch[1:-1] for batch in batches)
    return b"\n".join(batches)
