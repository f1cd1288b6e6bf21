"""When to look at a notebook's file: when something happened to it, and from time to time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ..file import NotebookFile
from ..file.watch import Followed, Watch
from ..worker import Worker

_BURST = 0.05
"""Seconds for which changes are gathered: a program that writes a file makes many at a time."""


class Noticing:
    """Waits for what happens to one file, or for time to pass where that cannot be watched."""

    def __init__(self, watch: Watch, file: NotebookFile, worker: Worker) -> None:
        """Nothing is watched before `follow`. Belongs on the event loop."""
        self._watch = watch
        self._file = file
        self._worker = worker
        self._path: str | None = None
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._followed: Followed | None = None

    async def follow(self) -> None:
        """Watch the file where it is now; again, if it could not be watched before."""
        path = self._file.watched
        if self._followed is not None and self._followed.active and path == self._path:
            return
        self.close()
        if path is not None:
            # The disk that the folder is on may hang.
            self._followed = await self._worker.run(self._watch.follow, path, self._told)
            self._path = path

    def wake(self) -> None:
        """Let the next look be now."""
        self._woken.set()

    async def wait(self, timeout: float) -> None:
        """Return when there may be something to see, after `timeout` seconds at the latest."""
        with suppress(TimeoutError, asyncio.TimeoutError):
            await asyncio.wait_for(self._woken.wait(), timeout)
        await asyncio.sleep(_BURST)
        self._woken.clear()

    def close(self) -> None:
        """Watch no more."""
        if self._followed is not None:
            self._followed.close()
            self._followed = None

    def _told(self) -> None:
        """On the thread of the watch; the loop may be gone at the very end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.wake)
