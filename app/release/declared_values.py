"""What the functions of a declaration give of a document, as it is indexed; what cannot be is refused in a sentence."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from app.nouns.declaration import Noun, title_of
from app.nouns.filters import FlagFilter, RangeFilter, TermFilter
from app.nouns.paths import Document, reader
from app.release.columns import number

Carrying = defaultdict[tuple[str, ...], list[int]]
"""By the values of a filter that records carry together: the positions of these records."""


def texts_of(noun: Noun, document: Document) -> list[str | None]:
    """What `q` searches in. Raises `TypeError` where that is one text, whose letters would be taken for texts."""
    found = noun.text(document)
    if isinstance(found, str):
        raise TypeError("`text` gives one text; it is to give several, such as `(one,)`")
    texts = list(found)
    for text in texts:
        if type(text) is not str and text is not None:
            raise TypeError(f"`text` gives {text!r}, which is no text")
    return texts


def title_of_hit(noun: Noun, document: Document) -> str:
    """What a hit is called. Raises `TypeError` where that is no text."""
    title: Any = title_of(noun, document)
    if type(title) is not str:
        raise TypeError(f"`title` gives {title!r}, which is no text")
    return title


def compared(values: Sequence[Any], of: str) -> float | None:
    """What a range or a sort, `of` some name, compares.

    Raises `ValueError` where that is several values, or no number and no day.
    """
    if not values:
        return None
    if len(values) > 1:
        raise ValueError(f"the function of {of} gives several values, of which one is compared")
    try:
        return number(values[0])
    except (TypeError, ValueError):
        raise ValueError(f"{of} compares {values[0]!r}, which is no number and no day") from None


def as_queried(value: Any) -> str:
    """A value as a query names it."""
    if type(value) is str:
        return value
    if isinstance(value, dict | list):
        raise TypeError(f"a filter reads {str(value)[:60]}, which is no value but an object")
    return str(value).lower() if type(value) is bool else str(value)


def check_range(wanted: RangeFilter, documents: Sequence[str], column: Sequence[float | None]) -> None:
    """Raise `ValueError` where a function gives days for numbers, or numbers for days: the first value tells."""
    place = next((place for place, value in enumerate(column) if value is not None), None)
    if isinstance(wanted.values, str) or place is None:
        return  # the type of a path is known
    [value] = reader(wanted.values)(orjson.loads(documents[place]))
    if isinstance(value, str | dt.date) is not (wanted.type is dt.date):
        raise ValueError(f"the function of {wanted.name!r} gives {value!r}, which is no {wanted.type.__name__}")


def check_values(wanted: TermFilter | FlagFilter, carrying: Carrying) -> None:
    """Raise `ValueError` where a function gives a value that its filter does not take."""
    if isinstance(wanted.values, str):
        return  # its type is known
    if isinstance(wanted, FlagFilter) and () in carrying:
        raise ValueError(f"the function of {wanted.name!r} gives no value for a record; a flag is true or false")
    words = {"true", "false"} if isinstance(wanted, FlagFilter) else {*map(str, wanted.vocabulary or ())}
    if words and (wrong := set().union(*carrying) - words):
        raise ValueError(f"the function of {wanted.name!r} gives {min(wrong)!r}, which the filter does not take")
