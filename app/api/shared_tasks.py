"""Work that several requests wait for: the first of them starts it."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class SharedTasks(Generic[Key, Result]):
    """Tasks by key; the results are kept, or else the task is started again at the next request after it is done.

    One that failed is started again in any case. A client that disconnects cancels no task.
    """

    def __init__(self, *, keep_results: bool) -> None:
        self._tasks: dict[Key, asyncio.Task[Result]] = {}
        self._keep_results = keep_results

    async def result(self, key: Key, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """The result of the task, which is started where there is none. Raises what the work raises."""
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(work())
            self._tasks[key].add_done_callback(partial(self._done, key))
        return await asyncio.shield(self._tasks[key])

    def peek(self, key: Key) -> Result | None:
        """The result, where it is known already."""
        task = self._tasks.get(key)
        return task.result() if task and task.done() and not _failed(task) else None

    def _done(self, key: Key, task: "asyncio.Task[Result]") -> None:
        if _failed(task) or not self._keep_results:
            del self._tasks[key]


def _failed(task: "asyncio.Task[Any]") -> bool:
    return task.cancelled() or task.exception() is not None
