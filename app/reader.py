"""Reading one release, and remembering what was computed from it: a release never changes."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, text

Value = TypeVar("Value")

REMEMBERED = 16_777_216
"""Bytes of values computed from releases that a worker remembers: what filters find, orders, documents."""
A_RECORD = 16
"""Bytes more for each record of the current release: a set has a bit for each, and an order some numbers."""
SMALL = 20_000
"""Records of a list that is read at once; longer ones would take too much time and memory."""
OVERHEAD = 500
"""Bytes that remembering a value takes beside the value."""


class NotReadyError(Exception):
    """The database cannot answer; the message says why, and what to run."""


class NotRememberedError(Exception):
    """The database must be asked, where only what is remembered may be used."""


class Reader:
    """The release that everything read through it belongs to, and a connection to its database, if it has one."""

    def __init__(
        self,
        row: RowMapping,
        remembered: "Remembered",
        connection: Connection | None = None,
        aside: Callable[[], Connection] | None = None,
    ) -> None:
        self.row = row
        self.release_id: int = row["id"]
        self.version: str = row["version"]
        self.released_on: date = row["released_on"]
        self.digest: str = row["digest"]
        self.counts: dict[str, int] = row["counts"]
        self._remembered = remembered
        self._connection = connection
        self._aside = aside

    def is_small(self, name: str) -> bool:
        """Whether a list is so short that everything of a kind is read at once, rather than one by one."""
        return self.counts[name] <= SMALL

    @property
    def connection(self) -> Connection:
        """The connection. Raises `NotRememberedError` where there is none."""
        if self._connection is None:
            raise NotRememberedError
        return self._connection

    def near(self, query: str, **parameters: Any) -> Sequence[Any]:
        """A few rows by their keys, which take less time than a thread where the database is a file.

        Raises `NotRememberedError` where nothing is found and there is no connection of our own to be sure.
        """
        connection = self._connection or (self._aside() if self._aside else self.connection)
        if connection.dialect.name == "sqlite":  # what would be wrapped takes longer to wrap than to read
            driver: Any = connection.connection.driver_connection
            rows: Sequence[Any] = driver.execute(query, parameters).fetchall()
        else:
            rows = connection.execute(text(query), parameters).all()
        if not rows and self._connection is None:
            raise NotRememberedError
        return rows

    def once(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Compute what depends on the release and the key alone, once: a release never changes."""
        return self._remembered.get((self.digest, key), compute)

    def each(self, kind: Hashable, keys: Sequence[int], load: Callable[[list[int]], dict[int, Value]]) -> list[Value]:
        """The same for many keys of a kind: `load` is given those that are not known."""
        known = self._remembered.known([(self.digest, kind, key) for key in keys])
        missing = [key for key, value in zip(keys, known, strict=True) if value is None]
        if missing:
            loaded = load(missing)
            if len(loaded) < len(missing):
                if self._connection is None:
                    raise NotRememberedError
                raise NotReadyError("The release that was read is being removed.")
            self._remembered.add({(self.digest, kind, key): value for key, value in loaded.items()})
            known = [loaded[key] if value is None else value for key, value in zip(keys, known, strict=True)]
        return known


class Remembered:
    """Values computed from releases, up to a number of bytes; the least recently used go first."""

    def __init__(self) -> None:
        self._capacity = REMEMBERED
        self._bytes = 0
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def make_room(self, records: int) -> None:
        """Remember as much as a release of so many records needs."""
        self._capacity = REMEMBERED + A_RECORD * records

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._bytes = 0

    def known(self, keys: Sequence[Hashable]) -> list[Any]:
        """The values of keys; None for those that are not known."""
        with self._lock:
            found = [self._values.get(key) for key in keys]
            for key, value in zip(keys, found, strict=True):
                if value is not None:
                    self._values.move_to_end(key)
        return [value[0] if value is not None else None for value in found]

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The value of a key, computed where it is not known."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                known: Value = self._values[key][0]
                return known
        value = compute()
        self.add({key: value})
        return value

    def add(self, values: Mapping[Hashable, Any]) -> None:
        """Remember values."""
        weighed = [(key, (value, _weight(value) + OVERHEAD)) for key, value in values.items()]
        with self._lock:
            for key, found in weighed:
                if key not in self._values:
                    self._values[key] = found
                    self._bytes += found[1]
            while self._bytes > self._capacity:
                self._bytes -= self._values.popitem(last=False)[1][1]


def _weight(value: object) -> int:
    """About how many bytes a value takes."""
    if isinstance(value, dict):
        parts: Iterable[object] = chain(value.keys(), value.values())
    elif isinstance(value, list | tuple):
        parts = value
    else:
        parts = ()
    return sys.getsizeof(value) + sum(map(_weight, parts))
