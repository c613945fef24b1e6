"""Citations as RIS, written by rispy."""

from collections.abc import Sequence
from typing import Any

import rispy

from app.api.formats.authors import OTHERS

_RIS_TYPES = {"article-journal": "JOUR", "webpage": "ELEC", "dataset": "DATA", "document": "GEN", "report": "RPRT"}


def ris(items: Sequence[dict[str, Any]]) -> bytes:
    """CSL-JSON items as RIS."""
    return str(rispy.dumps([_entry(item) for item in items], implementation=_Unnumbered)).encode()


class _Unnumbered(rispy.RisWriter):  # type: ignore[misc]  # rispy carries no types
    """RIS without the number that rispy writes before each record, which the format does not know."""

    def set_header(self, count: int) -> str:  # noqa: ARG002  # the signature is rispy's
        """Nothing before a record."""
        return ""


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    issued = item.get("issued", {}).get("date-parts", [[]])[0]
    first, _, last = item.get("page", "").partition("-")
    found = {
        "type_of_reference": _RIS_TYPES[item["type"]],
        "id": item["id"],
        "title": item["title"],
        "authors": [_name(author) for author in item.get("author", []) if author != OTHERS],
        "journal_name": item.get("container-title"),
        "volume": item.get("volume"),
        "number": item.get("issue"),
        "start_page": first,
        "end_page": last,
        "edition": item.get("version"),
        "year": f"{issued[0]}" if issued else None,
        "date": "/".join(f"{part:02}" for part in issued) if len(issued) > 1 else None,
        "access_date": "/".join(f"{part:02}" for part in item.get("accessed", {}).get("date-parts", [[]])[0]),
        "doi": item.get("DOI"),
        "accession_number": item.get("PMID"),
        "urls": [item["URL"]] if "URL" in item else [],
        "notes": [item["note"]] if "note" in item else [],
    }
    return {key: value for key, value in found.items() if value}


def _name(author: dict[str, str]) -> str:
    """An author, family name first. What follows a comma is a given name to RIS, so an organisation has none in it."""
    if "literal" in author:
        return author["literal"].replace(",", "")
    return ", ".join(author[part] for part in ("family", "given", "suffix") if part in author)
