"""The index of a list as it is stored: written by a load, read when a release is opened.

It carries a fingerprint of the code that it follows from; where that has changed since, the index is derived anew.
"""

import hashlib
import sys
from array import array
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import orjson
from pyroaring import BitMap

from app.nouns.declaration import Noun
from app.release.columns import Column, Periods
from app.release.fulltext import TextIndex
from app.release.index import ListIndex
from app.release.naming import Name

_CODE = Path(__file__).parent
INPUTS = [
    *sorted(_CODE.parent.glob("nouns/*.py")),
    *sorted(_CODE.parent.glob("vocabulary/*.py")),
    _CODE.parent / "statistics.py",
    *(
        _CODE / f"{name}.py"
        for name in ("columns", "declared_values", "fulltext", "index", "indexing", "naming", "pairs")
    ),
    Path(__file__),
]
"""The code that an index follows from: itself, and whatever it imports of ours."""


@cache
def fingerprint() -> str:
    """SHA-256 over the declarations and the code that an index follows from, and the machine's order of bytes."""
    digest = hashlib.sha256(f"{sys.byteorder} {array('I').itemsize}".encode())
    for path in INPUTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def serialize(index: ListIndex) -> bytes:
    """The index as it is stored: a header in JSON that says where each part stands, and the parts."""
    parts: list[bytes] = []
    length = 0

    def part(content: bytes) -> tuple[int, int]:
        """Where a part begins, and its length."""
        nonlocal length
        parts.append(content)
        length += len(content)
        return length - len(content), len(content)

    def text(of: TextIndex) -> list[tuple[int, int]]:
        parts_of_text = (
            "\n".join(of.words).encode(),
            "\n".join(spelling for spelling, _ in of.spellings).encode(),
            bytes(array("I", [number for _, number in of.spellings])),
            bytes(of.offsets),
            of.postings,
            bytes(of.tokens),
            bytes(of.starts),
        )
        return list(map(part, parts_of_text))

    def column(of: Column) -> list[tuple[int, int]]:
        return [part(bytes(item)) for item in of]

    def postings(of: Mapping[str, Mapping[str, BitMap]]) -> dict[str, list[tuple[str, tuple[int, int]]]]:
        return {
            name: [(value, part(records.serialize())) for value, records in found.items()] for name, found in of.items()
        }

    header = {
        "size": index.size,
        "postings": postings(index.postings),
        "columns": {path: column(known) for path, known in index.columns.items()},
        "periods": {
            name: {
                "columns": [column(known.since), column(known.until)],
                "owners": part(bytes(known.owners)),
                "postings": postings(known.postings),
            }
            for name, known in index.periods.items()
        },
        "owners": {name: part(bytes(owners)) for name, owners in index.owners.items()},
        "texts": [text(index.text), text(index.titles)],
        "names": [(name.folded, name.id, name.how, name.name, name.also) for name in index.names],
    }
    head = orjson.dumps(header)
    return len(head).to_bytes(8, "little") + head + b"".join(parts)


def deserialize(noun: Noun, content: bytes) -> ListIndex:
    """The index that was stored."""
    begin = 8 + int.from_bytes(content[:8], "little")
    header = orjson.loads(content[8:begin])
    shared: dict[str, str] = {}

    def share(text: str) -> str:
        """One and the same string for equal ones: an id is there once for each of its names."""
        return shared.setdefault(text, text)

    def part(place: tuple[int, int]) -> bytes:
        return content[begin + place[0] : begin + place[0] + place[1]]

    def text(places: list[tuple[int, int]]) -> TextIndex:
        words, spellings, spelled, offsets, postings, tokens, starts = map(part, places)
        spelled_so = list(zip(_lines(spellings), array("I", spelled), strict=True))
        tables = (array("I", offsets), postings, array("I", tokens), array("I", starts))
        return TextIndex(_lines(words), spelled_so, *tables)

    def column(places: list[tuple[int, int]]) -> Column:
        return Column(array("d", part(places[0])), array("I", part(places[1])))

    def postings(stored: dict[str, list[tuple[str, tuple[int, int]]]]) -> dict[str, dict[str, BitMap]]:
        return {
            name: {value: BitMap.deserialize(part(place)) for value, place in found} for name, found in stored.items()
        }

    return ListIndex(
        noun,
        header["size"],
        postings(header["postings"]),
        {path: column(places) for path, places in header["columns"].items()},
        {
            name: Periods(
                column(stored["columns"][0]),
                column(stored["columns"][1]),
                array("I", part(stored["owners"])),
                postings(stored["postings"]),
            )
            for name, stored in header["periods"].items()
        },
        {name: array("I", part(place)) for name, place in header["owners"].items()},
        text(header["texts"][0]),
        text(header["texts"][1]),
        [
            Name(share(key), noun.name, share(of), share(how), share(name), tuple(also))
            for key, of, how, name, also in header["names"]
        ],
    )


def _lines(content: bytes) -> list[str]:
    return content.decode().split("\n") if content else []
