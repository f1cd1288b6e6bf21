"""When to look at a notebook's file: when something happened to it, and from time to time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ..file import NotebookFile
from ..file.watch import Followed, Watch

_BURST = 0.05
"""Seconds for which changes are gathered: a program that writes a file makes many at a time."""


class Noticing:
    """Waits for what happens to one file, or for time to pass where that cannot be watched."""

    def __init__(self, watch: Watch, file: NotebookFile) -> None:
        """Nothing is watched before `follow`. Belongs on the event loop."""
        self._watch = watch
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._followed: Followed | None = None

    def follow(self) -> None:
        """Watch the file where it is now."""
        self.close()
        path = self._file.watched
        if path is not None:
            self._followed = self._watch.follow(path, self._told)

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
