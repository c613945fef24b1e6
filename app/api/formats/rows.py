"""The rows of a table: a record of a list each, or a part of one each."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel

from app.nouns.declaration import Noun
from app.tabular.columns import Key
from app.tabular.forms import keys_of


class Rows(NamedTuple):
    """What a table has rows of."""

    name: str
    """The path of its list: `adverse-events`, `adverse-events/rates`."""
    noun: Noun
    form: type[BaseModel]
    """Of a row."""
    parts: Callable[[dict[str, Any]], list[dict[str, Any]]] | None = None
    """The rows of a record; by default the record is the row."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of a row."""
        return keys_of(self.form)

    def of(self, document: bytes) -> list[dict[str, Any]]:
        """The rows of a document."""
        record = orjson.loads(document)
        return self.parts(record) if self.parts else [record]

    def as_lines(self, documents: Iterable[bytes]) -> list[bytes]:
        """The rows of each document as JSON, each a line."""
        if self.parts is None:
            return [b"%s\n" % document for document in documents]
        return [b"".join(b"%s\n" % orjson.dumps(row) for row in self.of(document)) for document in documents]


def rows_of(noun: Noun) -> Rows:
    """The records of a list."""
    return Rows(noun.name, noun, noun.listed)
