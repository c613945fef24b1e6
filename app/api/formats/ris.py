"""Citations as RIS."""

from collections.abc import Sequence
from typing import Any

import rispy

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
    found = {
        "type_of_reference": _RIS_TYPES[item["type"]],
        "id": item["id"],
        "title": item["title"],
        "authors": [author["literal"] for author in item.get("author", [])],
        "journal_name": item.get("container-title"),
        "year": f"{issued[0]}" if issued else None,
        "date": "/".join(f"{part:02}" for part in issued) if len(issued) == 3 else None,
        "doi": item.get("DOI"),
        "urls": [item["URL"]] if "URL" in item else [],
        "notes": [item["note"]] if "note" in item else [],
    }
    return {key: value for key, value in found.items() if value}
