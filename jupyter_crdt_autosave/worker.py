"""A thread that does one thing after another, for what would block the event loop."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Job = tuple[Callable[[], Any], asyncio.Future[Any]]


class Worker:
    """One daemon thread with a queue.

    Each notebook has its own, so that a hanging disk under one delays no other; a daemon, so that
    it never keeps the server from exiting.
    """

    def __init__(self, name: str) -> None:
        """The thread starts with the first job."""
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` on the thread and wait for what it returns or raises.

        A caller that is cancelled stops waiting; the call itself goes on to its end.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put((lambda: function(*args, **kwargs), future))
        return await future

    def stop(self) -> None:
        """End the thread behind the jobs that wait."""
        if self._thread is not None:
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            _finish(*job)
            del job


def _finish(call: Callable[[], Any], future: asyncio.Future[Any]) -> None:
    error: BaseException | None = None
    result: Any = None
    try:
        result = call()
    except BaseException as caught:
        error = caught
    # The loop may be closed while a slow disk still answers: nobody waits for it then.
    with suppress(RuntimeError):
        future.get_loop().call_soon_threadsafe(_settle, future, result, error)


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
