"""What a release holds: every form of every list, and the document that it is answered as."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.queries.catalogue import LISTS


@dataclass(frozen=True)
class Contents:
    """All records of a release, by list, each in the order of its list."""

    forms: Mapping[str, list[Any]]
    documents: Mapping[str, list[str]]

    @classmethod
    def of_forms(cls, forms: Mapping[str, list[Any]]) -> "Contents":
        """Render forms to documents."""
        return cls(
            forms, {spec.name: [form.model_dump_json(by_alias=True) for form in forms[spec.name]] for spec in LISTS}
        )

    @classmethod
    def of_documents(cls, documents: Mapping[str, Iterable[str]]) -> "Contents":
        """Read documents, which stay as they are to the byte, back into forms."""
        kept = {spec.name: list(documents.get(spec.name, ())) for spec in LISTS}
        read = {spec.name: [spec.form.model_validate_json(text) for text in kept[spec.name]] for spec in LISTS}
        return cls(read, kept)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all documents: two releases with the same digest answer the same."""
        digest = hashlib.sha256()
        for name in sorted(self.documents):
            digest.update(f"{name}\0".encode())
            for document in self.documents[name]:
                digest.update(document.encode())
        return digest.hexdigest()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Records per list."""
        return {name: len(documents) for name, documents in self.documents.items()}
