"""Citations: the sources of a result as CSL-JSON items, and as BibTeX and RIS (see `ris.py`) made of the same items."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from app.api.formats import Format
from app.api.records import records_by_id
from app.nouns.source import NOUN as SOURCES
from app.release.opened import OpenRelease
from app.release.store import BATCH, Store
from app.vocabulary import SourceKind

STEP = 20
"""Documents that are looked through at once: whole therapies take some milliseconds, then others get their turn."""
_CSL_TYPES = {
    SourceKind.TRIAL_PUBLICATION.value: "article-journal",
    SourceKind.REVIEW.value: "article-journal",
    SourceKind.WEB_PAGE.value: "webpage",
    SourceKind.DATABASE.value: "dataset",
    SourceKind.LABEL.value: "document",
    SourceKind.ASSESSMENT_REPORT.value: "report",
    SourceKind.REGISTRY.value: "webpage",
}
_BIBTEX_TYPES = {"article-journal": "article", "report": "techreport"}
_TEX = str.maketrans(
    {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"} | {letter: f"\\{letter}" for letter in "&%$#_"}
)


async def cited_sources(batches: AsyncIterator[list[str]]) -> list[str]:
    """The ids of all sources that documents cite, in the order of their first appearance."""
    found: dict[str, None] = {}
    async for documents in batches:
        for number, document in enumerate(documents, 1):
            record = orjson.loads(document)
            if "evidence" not in record and "standing" in record:  # a source itself
                found[record["id"]] = None
            _add_cited(found, record)
            if number % STEP == 0:
                await asyncio.sleep(0)
    return list(found)


def _add_cited(found: dict[str, None], part: dict[str, Any] | list[Any]) -> None:
    """Add the sources that a part of a document cites: of a record its own first, then those of its parts."""
    if isinstance(part, list):
        values = part
    else:
        values = list(part.values())
        if isinstance(evidence := part.get("evidence"), dict):
            found[evidence["source"]["id"]] = None
    for value in values:
        if isinstance(value, dict | list):
            _add_cited(found, value)


async def citation_items(store: Store, release: OpenRelease, source_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The CSL-JSON items of sources, and that of the fact base itself at its release, last."""
    items = []
    for start in range(0, len(source_ids), BATCH):
        batch = source_ids[start : start + BATCH]
        sources = await records_by_id(store, release, SOURCES, batch)
        items += [_item(sources[source_id]) for source_id in batch]
        await asyncio.sleep(0)
    return [*items, release_item(release)]


def release_item(release: OpenRelease) -> dict[str, Any]:
    """The CSL-JSON item of the fact base at its release."""
    day = release.released_on
    return {
        "id": f"immunofacts-{release.version}",
        "type": "dataset",
        "title": "ImmunoFacts: a cited immunotherapy fact base",
        "author": [{"literal": "ImmunoFacts maintainers"}],
        "version": release.version,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "note": f"SHA-256 {release.digest}",
    }


def _item(source: dict[str, Any]) -> dict[str, Any]:
    note = [source[key] for key in ("revision", "citation") if source[key]]
    note += [f"PMID: {source['pmid']}"] if source["pmid"] else []
    note += [f"SPL set id: {source['set_id']}"] if source["set_id"] else []
    found = {
        "id": source["id"],
        "type": _CSL_TYPES[source["kind"]],
        "title": source["title"],
        "author": [{"literal": author} for author in source["authors"]],
        "container-title": source["container"],
        "issued": _date(source["date"]) or ({"date-parts": [[source["year"]]]} if source["year"] else None),
        "DOI": source["doi"],
        "PMID": source["pmid"],
        "URL": source["url"],
        "accessed": _date(source["accessed_on"]),
        "note": ". ".join(note),
    }
    return {key: value for key, value in found.items() if value}


def _date(value: str | None) -> dict[str, Any] | None:
    return {"date-parts": [[int(part) for part in value.split("-")]]} if value else None


def written(format_: Format, items: Sequence[dict[str, Any]]) -> bytes:
    """CSL-JSON items in one of the formats of citations."""
    if format_ is Format.CSL_JSON:
        return orjson.dumps(items)
    if format_ is Format.RIS:
        from app.api.formats.ris import ris  # imported here: few ask for it, and its library slows the start

        return ris(items)
    return "\n".join(map(_bibtex, items)).encode()


def _bibtex(item: dict[str, Any]) -> str:
    issued = item.get("issued", {}).get("date-parts", [[]])[0]
    note = item.get("note", "")
    if item["type"] != "article-journal" and issued:
        note = ". ".join(filter(None, [note, "-".join(f"{part:02}" for part in issued)]))
    fields = {
        "title": item["title"],
        "author": " and ".join(f"{{{_tex(author['literal'])}}}" for author in item.get("author", [])),
        "journal" if item["type"] == "article-journal" else "howpublished": item.get("container-title"),
        "year": str(issued[0]) if issued else None,
        "doi": item.get("DOI"),
        "url": item.get("URL"),
        "note": note,
    }
    verbatim = {"author", "doi", "url"}
    lines = [f"  {key} = {{{value if key in verbatim else _tex(value)}}}" for key, value in fields.items() if value]
    key = re.sub(r"[^A-Za-z0-9.:-]", "-", item["id"])
    return f"@{_BIBTEX_TYPES.get(item['type'], 'misc')}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _tex(value: str) -> str:
    """A text with the characters escaped that mean something to TeX."""
    return value.translate(_TEX)
