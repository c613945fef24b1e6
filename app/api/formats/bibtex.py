"""Citations as BibTeX, written by pybtex; what means something to TeX is escaped, which latexcodec leaves undone."""

import re
from collections.abc import Sequence
from typing import Any

from pybtex.database import BibliographyData, Entry, Person
from pybtex.database.output.bibtex import Writer

from app.api.formats.authors import OTHERS

_TYPES = {"article-journal": "article", "report": "techreport"}
_CONTAINERS = {"article-journal": "journal", "report": "institution"}
_TEX = str.maketrans(
    {letter: f"\\{letter}" for letter in "&%$#_"}
    | {"\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", '"': "''"}
)


def bibtex(items: Sequence[dict[str, Any]]) -> bytes:
    """CSL-JSON items as BibTeX."""
    entries = {re.sub(r"[^A-Za-z0-9.:-]", "-", item["id"]): _entry(item) for item in items}
    return str(_PlainWriter(encoding="UTF-8").to_string(BibliographyData(entries))).encode()


class _PlainWriter(Writer):  # type: ignore[misc]  # pybtex carries no types
    """pybtex's writer of fields that are escaped already, in which each brace has its other."""

    def _encode(self, text: str) -> str:
        return text

    def check_braces(self, _: str) -> None:
        """Save half of the time."""


def _entry(item: dict[str, Any]) -> Entry:
    year, month, day = (*item.get("issued", {}).get("date-parts", [[]])[0], None, None, None)[:3]
    fields = {
        "title": f"{{{_tex(item['title'])}}}",  # in braces: no style changes its case
        _CONTAINERS.get(item["type"], "howpublished"): _tex(item.get("container-title", "")),
        "volume": _tex(item.get("volume", "")),
        "number": _tex(item.get("issue", "")),
        "pages": _tex(item.get("page", "")).replace("-", "--"),
        "year": year,
        "month": month,
        "day": day,
        "version": _tex(item.get("version", "")),
        "doi": item.get("DOI"),
        "pmid": item.get("PMID"),
        "url": item.get("URL"),
        "urldate": "-".join(f"{part:02}" for part in item.get("accessed", {}).get("date-parts", [[]])[0]),
        "note": _tex(item.get("note", "")),
    }
    given = {key: str(value) for key, value in fields.items() if value}
    persons = [_person(author) for author in item.get("author", [])]
    return Entry(_TYPES.get(item["type"], "misc"), given, {"author": persons} if persons else {})


def _person(author: dict[str, str]) -> Person:
    if author == OTHERS:
        return Person("others")
    if "literal" in author:
        return Person(last=f"{{{_tex(author['literal'])}}}")
    given, suffix = _tex(author.get("given", "")), _tex(author.get("suffix", ""))
    return Person(last=_tex(author["family"]), first=given, lineage=suffix)


def _tex(value: str) -> str:
    """A text with the characters escaped that mean something to TeX."""
    return value.translate(_TEX)
