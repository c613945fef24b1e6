"""What a document of a standard says of where it is from: the service, the release, and how that is cited."""

from collections.abc import Iterator
from typing import Any, NamedTuple

Document = dict[str, Any]


class About(NamedTuple):
    """The service and the release that a document is from."""

    at: str
    """Address of the service, without a slash at its end."""
    path: str
    """The answer for good: its path, pinned to the release."""
    version: str
    released_on: str
    digest: str
    """SHA-256 over all documents of the release."""
    title: str
    authors: str
    cite_as: str
    description: str
    licence: str
    """Address of the licence of the facts."""

    def link(self, list_name: str, record_id: str) -> str:
        """The address of a record, whichever release."""
        return f"{self.at}/{list_name}/{record_id}"

    @property
    def permalink(self) -> str:
        """The address of the answer for good."""
        return f"{self.at}{self.path}"

    @property
    def release(self) -> str:
        """The address of the release."""
        return self.link("releases", self.version)


def without_none(document: Document) -> Document:
    """A document without what is not known, not stated or empty."""
    return {key: value for key, value in document.items() if value not in (None, "", [], {})}


def evidence_in(part: Any) -> Iterator[Document]:
    """Where what a document states was read: that of a record first, then those of its parts."""
    if isinstance(part, dict):
        if isinstance(evidence := part.get("evidence"), dict):
            yield evidence
        part = part.values()
    for value in part:
        if isinstance(value, dict | list):
            yield from evidence_in(value)


AGENCIES: dict[str, tuple[str, str, str | None]] = {
    "FDA": ("United States Food and Drug Administration", "United States", "US"),
    "EMA": ("European Medicines Agency", "European Union", None),
    "MHRA": ("Medicines and Healthcare products Regulatory Agency", "United Kingdom", "GB"),
    "PMDA": ("Pharmaceuticals and Medical Devices Agency", "Japan", "JP"),
    "NMPA": ("National Medical Products Administration", "China", "CN"),
    "HC": ("Health Canada", "Canada", "CA"),
    "TGA": ("Therapeutic Goods Administration", "Australia", "AU"),
    "CDSCO": ("Central Drugs Standard Control Organisation", "India", "IN"),
}
"""By agency: its name, where its decisions hold, and the code of that in ISO 3166, which has none for the Union."""
