"""Citations as RIS."""

from typing import Any

import rispy

_RIS_TYPES = {"article-journal": "JOUR", "webpage": "ELEC", "dataset": "DATA", "document": "GEN", "report": "RPRT"}


def ris(entries: list[dict[str, Any]]) -> bytes:
    """CSL-JSON items as RIS."""
    return str(rispy.dumps([_ris(entry) for entry in entries], implementation=_Unnumbered)).encode()


class _Unnumbered(rispy.RisWriter):  # type: ignore[misc]  # rispy carries no types
    """RIS without the number that rispy writes before each record, which the format does not know."""

    def set_header(self, count: int) -> str:  # noqa: ARG002  # the signature is rispy's
        """Nothing before a record."""
        return ""


def _ris(entry: dict[str, Any]) -> dict[str, Any]:
    issued = entry.get("issued", {}).get("date-parts", [[]])[0]
    found = {
        "type_of_reference": _RIS_TYPES[entry["type"]],
        "id": entry["id"],
        "title": entry["title"],
        "authors": [author["literal"] for author in entry.get("author", [])],
        "journal_name": entry.get("container-title"),
        "year": f"{issued[0]}" if issued else None,
        "date": "/".join(f"{part:02}" for part in issued) if len(issued) == 3 else None,
        "doi": entry.get("DOI"),
        "urls": [entry["URL"]] if "URL" in entry else [],
        "notes": [entry["note"]] if "note" in entry else [],
    }
    return {key: value for key, value in found.items() if value}
