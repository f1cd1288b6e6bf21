"""What is done once it is decided that a notebook is to be written."""

from __future__ import annotations

import asyncio

from ..errors import AutosaveError, CheckpointFailed, ExportFailed
from ..file import Sight
from ..model import Saved
from ..notebook import bare
from ..schedule import Action, CheckpointRemoved, Clear, GivenUp, Released, Target, Write, Written
from ..storage.archive import Draft
from .autosave import Autosave
from .clock import utc_now
from .voice import Voice
from .workings import Workings


class Writing:
    """Exports one notebook, and sets its checkpoint down or removes it, under its lock.

    ``last_autosave`` and ``last_save`` say when that last happened.
    """

    def __init__(
        self, lock: asyncio.Lock, workings: Workings, autosave: Autosave, voice: Voice
    ) -> None:
        """`autosave` is told what is found on the way."""
        self.last_autosave: Saved | None = None
        self.last_save: str | None = None
        self.voice = voice
        self._lock = lock
        self._exports = workings.exports
        self._side = workings.side
        self._checkpoint = workings.checkpoint
        self._offers = workings.offers
        self._shelf = workings.shelf
        self._archive = workings.archive
        self._autosave = autosave

    async def carry_out(self, action: Action) -> Written | GivenUp:
        """Do what was decided.

        Raises:
            AutosaveError: it was not done; the message says why.
        """
        async with self._lock:
            if isinstance(action, Clear):
                return await self._clear()
            if action.target is Target.CHECKPOINT:
                return await self._set_down(action.running)
            try:
                return await self._export(action)
            except AutosaveError as error:
                self.voice.failed(str(error))
                raise

    async def remove_checkpoint(self) -> bool:
        """Remove the checkpoint because somebody wants that; False if there is none.

        Raises:
            ArchiveUnavailable: no version of it can be kept.
            CheckpointFailed: it is still there.
        """
        async with self._lock:
            data = await self._checkpoint.read()
            if data is None:
                return False
            sight = Sight(data)
            notebook = await self._side.worker.run(lambda: sight.notebook)
            if notebook is not None:
                draft = Draft("cleared", None, utc_now(), bare(notebook.content))
                await self._side.worker.run(
                    self._archive.keep_versions, self._shelf.about.id, [draft]
                )
            await self._clear()
            self._autosave.tell(CheckpointRemoved())
        return True

    async def _export(self, action: Write) -> Written | GivenUp:
        if self._side.released:
            if not action.explicit:
                return Written(False)
            await self._reclaim()
        if action.explicit:
            await self._offers.saving()
        outcome = await self._exports.export(action.explicit)
        if action.explicit:
            await self._offers.saved()
            if outcome == Written():
                await self._exports.keep_saved()
            self.last_save = utc_now()
            self.voice.succeeded()
        elif outcome == Written():
            self.last_autosave = Saved(utc_now())
            self.voice.succeeded()
        return outcome

    async def _set_down(self, running: bool) -> Written:
        # What lies in the checkpoint's place may be what is to be offered.
        await self._offers.look()
        snapshot = await self._exports.snapshot()
        if not self._exports.unsaved:
            return Written(False)
        try:
            await self._checkpoint.write(snapshot, running)
        except CheckpointFailed as error:
            self.voice.checkpoint("checkpoint_failing", str(error))
            raise
        self.last_autosave = Saved(utc_now(), "checkpoint")
        self.voice.checkpoint("checkpoint", self._checkpoint.elsewhere)
        return Written()

    async def _clear(self) -> Written:
        try:
            await self._checkpoint.remove()
        except CheckpointFailed as error:
            self.voice.checkpoint("checkpoint_failing", str(error))
            raise
        self.voice.checkpoint("cleared", None)
        return Written()

    async def _reclaim(self) -> None:
        path = self._side.file.path
        if not (await self._side.file.look()).missing:
            raise ExportFailed(
                f"{path} was deleted, and another notebook has its place now. Use Save As."
            )
        await self._side.worker.run(self._shelf.reclaim)
        self._side.released = False
        self._autosave.tell(Released(False))
