"""`python -m app.tabular.write FORMAT FILE`: writes the rows of standard input as a file.

The first line is JSON that says what the columns are and what the file says of itself, each further one the record of a
row. It is a process of its own: what writes these formats takes memory and time, which a server has for its clients.
"""

import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from app.tabular.columns import RELEASE, Key, as_json, columns, fill

LIBRARIES = {"parquet": "pyarrow", "xlsx": "xlsxwriter"}
"""By format, the distribution that writes it: with its version, files of the same rows can differ."""


def first_line(keys: Sequence[Key], release: str, about: Mapping[str, str]) -> bytes:
    """What the process reads first."""
    return orjson.dumps({"keys": as_json(keys), "release": release, "about": about}) + b"\n"


def main() -> None:
    """Write standard input as a file; where it cannot be written, end with a sentence."""
    gc.disable()  # rows are no garbage: looking through them took a fifth of the time
    format_, path = sys.argv[1:]
    head = orjson.loads(sys.stdin.buffer.readline())
    keys = [Key.read(key) for key in head["keys"]]
    rows = _rows(keys, head["release"])
    try:
        import_module(f"app.tabular.{format_}").write(Path(path), list(columns([*keys, RELEASE])), rows, head["about"])
    except OSError as error:
        sys.exit(f"The file cannot be written: {error}")


def _rows(keys: Sequence[Key], release: str) -> Iterator[list[Any]]:
    for line in sys.stdin.buffer:
        yield [*fill([], keys, orjson.loads(line)), release]


if __name__ == "__main__":
    main()
