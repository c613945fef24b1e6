"""The current release of a database, opened for a few tests: they read it without a server."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from app.release.opened import OpenRelease
from app.release.store import Store


class Opened(NamedTuple):
    """A store, its current release, and what runs coroutines on the one loop that may use the store."""

    store: Store
    release: OpenRelease
    run: Callable[[Coroutine[Any, Any, Any]], Any]


@contextmanager
def opened(database: str) -> Iterator[Opened]:
    """Open the current release of a database."""
    with asyncio.Runner() as runner:
        store = Store(database, check_seconds=3600)
        try:
            yield Opened(store, runner.run(store.current()), runner.run)
        finally:
            store.close()
