"""Reading the database from an event loop: rows by key at once or in a thread, all else in a thread."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.release.database import (
    BUSY,
    DeadlineError,
    LockedError,
    NotReadyError,
    abort,
    database_path,
    limit_time,
    locked,
    reading_engine,
    timed_out,
)

Value = TypeVar("Value")

READERS, COMPUTERS = 8, 2
"""Threads that wait for the database, and threads that compute what takes long."""


class DatabaseReader:
    """Connections that only read. What goes wrong with one is told as `NotReadyError`, or `DeadlineError`."""

    def __init__(self, url: str, deadline: float) -> None:
        """Read the database of a URL; each call may take `deadline` seconds, 0 disables the timeout."""
        self.engine = reading_engine(url, deadline)
        self.driver_error = self.engine.dialect.loaded_dbapi.Error
        self.errors = DBAPIError, self.driver_error, PoolTimeoutError
        self.is_file = self.engine.dialect.name == "sqlite"
        self.path = database_path(self.engine.url)
        self._deadline = deadline
        self._thread = threading.local()
        event.listen(self.engine, "checkout", self._on_checkout)
        event.listen(self.engine, "checkin", self._on_checkin)
        self.inline: Connection | None = None
        self._inline_outdated = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._computers = ThreadPoolExecutor(COMPUTERS, thread_name_prefix="computer")
        self._observer = ThreadPoolExecutor(1, thread_name_prefix="observer")
        self._opener = ThreadPoolExecutor(1, thread_name_prefix="opener")

    def close(self) -> None:
        """Close every connection."""
        self.close_inline()
        for pool in (self._readers, self._computers, self._observer, self._opener):
            pool.shutdown(wait=False, cancel_futures=True)
        self.engine.dispose()

    async def fetch(self, read: Callable[[Connection], Value]) -> Value:
        """Read some rows by their keys in a thread; from a file, `inline` does it at once."""
        return await self._in_thread(self._readers, partial(self._with_connection, read))

    def open_inline(self) -> Connection:
        """Open the connection of the event loop to a file, unless it is open; anew where another took its place.

        It is kept, since opening one takes as long as a read. To be called in the event loop.
        """
        if self._inline_outdated:
            self.close_inline()
        if self.inline is None:
            self._inline_outdated = False
            self.inline = self.engine.connect()
        return self.inline

    def close_inline(self) -> None:
        """Close the connection of the event loop."""
        if self.inline is not None:
            self.inline.close()
        self.inline = None

    def reopen(self) -> None:
        """Open the database anew from now on: another file has taken its place. May be called in any thread."""
        self.engine.dispose()  # first: what is opened from here on is of the other file
        self._inline_outdated = True

    async def compute(self, work: Callable[[Connection], Value]) -> Value:
        """Read and compute what takes long, in one of a few threads."""
        return await self._in_thread(self._computers, partial(self._with_connection, work))

    async def observe(self, look: Callable[[], Value]) -> Value:
        """Look at the database in a thread of its own, so that probes never wait for those who read or compute."""
        return await self._in_thread(self._observer, look)

    async def open(self, work: Callable[[Connection], Value]) -> Value:
        """Read what many requests need, in a thread of its own, however long that takes."""
        return await asyncio.get_running_loop().run_in_executor(self._opener, partial(self._with_connection, work))

    async def within_deadline(self, task: "asyncio.Task[Value]") -> Value:
        """What a task answers, which goes on where that takes too long. Raises `DeadlineError`."""
        if not task.done():
            await asyncio.wait([task], timeout=self._deadline or None)
        if not task.done():
            raise DeadlineError
        return task.result()

    async def _in_thread(self, pool: Executor, function: Callable[[], Value]) -> Value:
        """Call in a thread. Raises `DeadlineError` where it takes too long; its connections are then cut."""
        held: set[Any] = set()
        running = asyncio.get_running_loop().run_in_executor(pool, partial(self._holding, held, function))
        done, _ = await asyncio.wait([running], timeout=self._deadline or None)
        if not done:
            running.cancel()  # if it waits for a thread; what has begun is ended by its connections
            for connection in list(held):
                abort(connection)
            running.add_done_callback(lambda future: future.cancelled() or future.exception())
            raise DeadlineError
        return running.result()

    def _holding(self, held: set[Any], function: Callable[[], Value]) -> Value:
        """Call, and note in `held` which connections this thread holds meanwhile."""
        self._thread.held = held
        try:
            return function()
        finally:
            self._thread.held = None

    def _on_checkout(self, connection: Any, *_: Any) -> None:
        held = getattr(self._thread, "held", None)
        if held is not None:
            held.add(connection)
            limit_time(connection, self._deadline)

    def _on_checkin(self, connection: Any, *_: Any) -> None:
        held = getattr(self._thread, "held", None)
        if held is not None and connection is not None:  # None: it was invalidated
            held.discard(connection)
            limit_time(connection, 0)

    def _with_connection(self, work: Callable[[Connection], Value]) -> Value:
        with self.connection() as connection:
            return work(connection)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of the calling thread."""
        try:
            with self.engine.connect() as connection:
                try:
                    yield connection
                except self.driver_error:  # of the driver's own cursor: SQLAlchemy does not know that it may be lost
                    connection.invalidate()
                    raise
        except self.errors as error:
            raise self.as_not_ready(error) from error

    def as_not_ready(self, error: Exception) -> NotReadyError:
        """What went wrong with the database, in words that everybody may read."""
        if isinstance(error, PoolTimeoutError):
            return NotReadyError(BUSY)
        if locked(error):
            return LockedError()
        return DeadlineError() if timed_out(error) else NotReadyError("The database cannot be read at the moment.")
