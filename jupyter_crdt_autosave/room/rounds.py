"""What is looked at from time to time while a notebook is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ..errors import AutosaveError, ExportFailed
from .autosave import Autosave
from .noticing import Noticing
from .surroundings import Surroundings
from .voice import Voice
from .workings import Workings


class Rounds:
    """Looks at other servers, at the file, at what is offered, and at the journal's size."""

    def __init__(
        self,
        lock: asyncio.Lock,
        workings: Workings,
        noticing: Noticing,
        autosave: Autosave,
        voice: Voice,
        around: Surroundings,
    ) -> None:
        """`lock` is the notebook's; `noticing` says when to look."""
        self._lock = lock
        self._workings = workings
        self._mirror, self._exports = workings.mirror, workings.exports
        self._offers = workings.offers
        self._noticing = noticing
        self._autosave = autosave
        self._voice = voice
        self._compact: Callable[[str], None] = around.compact

    async def make(self) -> None:
        """Look at everything once."""
        written_elsewhere = await self._workings.follow()
        await self._noticing.follow()
        try:
            await self._look_at_file()
            await self._look_for_work()
        except AutosaveError as error:
            self._voice.failed(str(error))
        await self._look_at_journal()
        if written_elsewhere or self._exports.presumed or self._left_alone():
            # Nobody else will find out, or not soon, whether the file lacks something.
            async with self._lock:
                await self._exports.snapshot()

    async def _look_at_file(self) -> None:
        if await self._workings.side.moved_on():
            async with self._lock:
                await self._exports.attend()
        if self._exports.untidy:
            # What another server is just writing lies there too. If it takes long: another time.
            with suppress(ExportFailed):
                async with self._lock, self._exports.among_servers():
                    await self._exports.sweep()
        await self._workings.bases.flush()

    async def _look_for_work(self) -> None:
        """There may be work that the file lacks; or what is offered may have become another."""
        if not self._offers.pending and self._offers.standing is None:
            return
        async with self._lock:
            await self._offers.look()
            await self._offers.refresh()
            patience = self._autosave.state.options.max_deferral
            await self._offers.overdue(patience, self._mirror.touched)

    async def _look_at_journal(self) -> None:
        journal = self._workings.journal
        if journal.outgrown():
            await self._workings.side.worker.run(journal.rotate)
            self._compact(journal.folder)

    def _left_alone(self) -> bool:
        """Whether there are changes that no export is going to look at."""
        return self._autosave.stuck and self._mirror.changed
