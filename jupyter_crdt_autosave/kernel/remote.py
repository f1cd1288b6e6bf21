"""A kernel that nobody here can listen to, such as a gateway's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from .requests import SILENCE, Requests, Status

_WORK = "work"


class Remote:
    """Goes by the state that the kernel's manager has, which must be refreshed before each look."""

    def __init__(self, kernel: Any, changed: Callable[[], None]) -> None:
        """`changed` is called when `busy` may have changed by itself."""
        self._kernel = kernel
        self._changed = changed
        self._requests = Requests()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a cell is running, or ended only just now."""
        return self._requests.busy(time.monotonic())

    def look(self, answered: bool) -> None:
        """Take in the refreshed state; a gateway that does not answer is believed for a while."""
        now = time.monotonic()
        if answered:
            busy = getattr(self._kernel, "execution_state", None) == "busy"
            status = Status("busy" if busy else "idle", _WORK, "execute_request")
            self._become(self._requests.heard(status, now))
        elif now - self._requests.heard_at >= SILENCE:
            self._become(self._requests.over(now))

    def _become(self, requests: Requests) -> None:
        was, self._requests = self._requests, requests
        if was.open and not requests.open:
            wait = requests.quiet_at - time.monotonic() + 0.002
            self._timer = asyncio.get_running_loop().call_later(wait, self._changed)
