"""What a release holds: the public forms of every list, and the documents that they are answered as."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.nouns.declaration import Forms
from app.nouns.registry import nouns


@dataclass(frozen=True)
class ReleaseData:
    """All records of a release, by list, each in the order of its list. Lists without records are left out."""

    forms: Forms
    documents: Mapping[str, list[str]]

    @classmethod
    def of_forms(cls, forms: Forms) -> "ReleaseData":
        """Render forms to documents."""
        kept = {name: found for name, found in forms.items() if found}
        return cls(kept, {name: [form.model_dump_json(by_alias=True) for form in kept[name]] for name in kept})

    @classmethod
    def of_documents(cls, documents: Mapping[str, Iterable[str]]) -> "ReleaseData":
        """Read documents, which stay as they are to the byte, back into forms. Raises `ValueError`."""
        public = {noun.name: noun.public for noun in nouns()}
        kept = {name: found for name, texts in documents.items() if (found := list(texts))}
        if unknown := sorted(kept.keys() - public):
            raise ValueError(f"there is no list {unknown[0][:40]!r}")
        return cls({name: [public[name].model_validate_json(text) for text in kept[name]] for name in kept}, kept)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all documents: two releases with the same digest answer the same.

        A list without records is not part of it, so that a noun that comes later changes no digest.
        """
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
