"""JSON Lines: one JSON document a line."""

from collections.abc import AsyncIterator

from app.nouns.declaration import Noun


async def as_json_lines(_: Noun, batches: AsyncIterator[list[str]]) -> AsyncIterator[bytes]:
    """The documents of a list, a chunk for each batch."""
    async for documents in batches:
        if documents:
            yield ("\n".join(documents) + "\n").encode()
