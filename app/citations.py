"""Citations: sources as CSL-JSON items, and as BibTeX and RIS (see `ris.py`) made of the same items."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import select

from app.formats import Format
from app.models.base import table_of
from app.models.source import Source
from app.reader import Reader
from app.vocabulary import SourceKind

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


def sources_of(documents: Iterable[str]) -> list[str]:
    """The ids of all sources that documents cite, in the order of their first appearance."""
    found: dict[str, None] = {}
    for document in documents:
        record = orjson.loads(document)
        if "evidence" not in record and "standing" in record:
            found[record["id"]] = None
        found.update(dict.fromkeys(_cited(record)))
    return list(found)


def _cited(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        evidence = part.get("evidence")
        if isinstance(evidence, dict):
            yield evidence["source"]["id"]
        for value in part.values():
            yield from _cited(value)
    elif isinstance(part, list):
        for value in part:
            yield from _cited(value)


def items(reader: Reader, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The CSL-JSON items of sources, and that of the fact base itself at its release, last."""
    table = table_of(Source)
    query = select(table.c.id, table.c.document).where(table.c.release_id == reader.release_id)
    known = {row.id: row.document for row in reader.connection.execute(query.where(table.c.id.in_(list(ids))))}
    return [*(_item(orjson.loads(known[source_id])) for source_id in ids), base_item(reader)]


def base_item(reader: Reader) -> dict[str, Any]:
    """The CSL-JSON item of the fact base at its release."""
    day = reader.released_on
    return {
        "id": f"immunofacts-{reader.version}",
        "type": "dataset",
        "title": "ImmunoFacts: a cited immunotherapy fact base",
        "author": [{"literal": "ImmunoFacts maintainers"}],
        "version": reader.version,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "note": f"SHA-256 {reader.digest}",
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


def written(format_: Format, entries: list[dict[str, Any]]) -> bytes:
    """Citations in a format."""
    if format_ is Format.CSL_JSON:
        return bytes(orjson.dumps(entries))
    if format_ is Format.RIS:
        from app.ris import ris  # imported here: few ask for it, and its library takes a tenth of the time to start

        return ris(entries)
    return "\n".join(_bibtex(entry) for entry in entries).encode()


_TEX = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"} | {letter: f"\\{letter}" for letter in "&%$#_"}


def _bibtex(entry: dict[str, Any]) -> str:
    issued = entry.get("issued", {}).get("date-parts", [[]])[0]
    note = entry.get("note", "")
    if entry["type"] != "article-journal" and issued:
        note = ". ".join(filter(None, [note, "-".join(f"{part:02}" for part in issued)]))
    fields = {
        "title": entry["title"],
        "author": " and ".join(f"{{{_tex(author['literal'])}}}" for author in entry.get("author", [])),
        "journal" if entry["type"] == "article-journal" else "howpublished": entry.get("container-title"),
        "year": str(issued[0]) if issued else None,
        "doi": entry.get("DOI"),
        "url": entry.get("URL"),
        "note": note,
    }
    verbatim = {"author", "doi", "url"}
    lines = [f"  {key} = {{{value if key in verbatim else _tex(value)}}}" for key, value in fields.items() if value]
    key = re.sub(r"[^A-Za-z0-9.:-]", "-", entry["id"])
    return f"@{_BIBTEX_TYPES.get(entry['type'], 'misc')}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _tex(value: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in value)
