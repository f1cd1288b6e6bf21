"""The kernels of one notebook as it knows them: whether a cell of theirs is running."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..kernel import Presence
from ..schedule import KernelTurned
from .autosave import Autosave
from .surroundings import Surroundings


class KernelSide:
    """Lets autosave know when cells begin to run, and when all are done."""

    def __init__(self, around: Surroundings, autosave: Autosave, path: Callable[[], str]) -> None:
        """Nothing is known before `begin`; `path` gives that of the notebook."""
        self._around = around
        self._autosave = autosave
        self._path = path
        self._turned = asyncio.Event()
        self._ends: Callable[[], None] | None = None

    def begin(self) -> None:
        """Follow what the kernels do."""
        self._ends = self._around.kernels().observe(self.look)
        self.look()

    @property
    def presence(self) -> Presence:
        """How the notebook stands with its kernels."""
        return self._around.kernels().state(self._path())

    @property
    def busy(self) -> bool:
        """Whether a cell is running, as far as autosave was told."""
        return self._ends is not None and self._autosave.state.busy

    def look(self) -> None:
        """A kernel may have begun to run a cell of this notebook, or be done with it."""
        busy = self.presence is Presence.BUSY
        if busy != self._autosave.state.busy:
            self._autosave.tell(KernelTurned(busy))
            self._turned.set()

    async def idle(self) -> None:
        """Wait until no cell is running, or nobody follows that any more."""
        while self.busy:
            self._turned.clear()
            await self._turned.wait()

    def close(self) -> None:
        """Follow them no more, and let nobody wait."""
        if self._ends is not None:
            self._ends()
            self._ends = None
        self._turned.set()
