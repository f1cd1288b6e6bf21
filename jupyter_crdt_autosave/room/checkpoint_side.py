"""The checkpoint as a live notebook knows it: which of its bytes are ours, and what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ..disk import Disk
from ..file import Keep, NotebookFile, Sight, fingerprint
from ..file.checkpoint import CheckpointFile
from ..model import Checkpoint, Fingerprint
from ..notebook import Sheet
from ..storage.journal import Journal
from ..worker import Worker
from .clock import utc_now
from .file_side import Snapshot

_REMEMBERED = 4
"""How many of the latest checkpoints are known to be ours; servers may write in turn."""


class CheckpointSide:
    """Writes and removes one notebook's checkpoint, and has the journal say so.

    All of it runs under the notebook's lock.
    """

    def __init__(
        self,
        disk: Disk,
        file: NotebookFile,
        journal: Journal,
        worker: Worker,
        known: Iterable[Checkpoint],
        keep: Keep,
    ) -> None:
        """`known` are those that the journal tells of; bytes of others go to `keep` first."""
        self._notebook_file = file
        self._journal = journal
        self._worker = worker
        self._keep = keep
        self._sheet = Sheet()
        self._known: tuple[Fingerprint, ...] = ()
        self._last: tuple[Fingerprint, bool] | None = None
        self._foreign: Sight | None = None
        stored = os.path.join(journal.folder, "checkpoint.ipynb")
        self._file = CheckpointFile(disk, file.watched, stored)
        self.learn(known)

    @property
    def elsewhere(self) -> str | None:
        """Why the checkpoint lies in the store and not beside the file, though it could."""
        return self._file.trouble

    def learn(self, checkpoints: Iterable[Checkpoint]) -> None:
        """The journal tells of these."""
        marks = [checkpoint.file for checkpoint in checkpoints if checkpoint.file is not None]
        self._known = (*self._known, *marks)[-_REMEMBERED:]

    async def found(self) -> bool:
        """Whether there is one of ours. That of somebody else is left where it is."""
        return await self._worker.run(self._found)

    async def unknown(self) -> Sight | None:
        """What lies in its place and is not ours: of another machine, or of a lost store."""
        self._foreign = await self._worker.run(self._file.unknown, self._known)
        return self._foreign

    def leave_aside(self, aside: bool) -> None:
        """Leave what is unknown where it is: as long as it is offered nothing may replace it."""
        self._file.aside = aside

    async def clear_unknown(self, data: bytes) -> None:
        """Remove what was `unknown`, if it is what has been dealt with.

        Raises:
            CheckpointFailed: it is still there.
        """
        foreign, self._foreign = self._foreign, None
        if foreign is not None and foreign.data == data:
            await self._worker.run(self._file.clear_unknown, foreign.data, self._keep)

    async def read(self) -> bytes | None:
        """The checkpoint, whoever wrote it; None if there is none."""
        return await self._worker.run(self._file.read, self._known)

    async def write(self, snapshot: Snapshot, running: bool) -> None:
        """Let the checkpoint hold the document; `running` says that a cell is not done yet.

        Raises:
            CheckpointFailed: it is as it was.
        """
        await self._worker.run(self._write, snapshot, running)

    async def remove(self) -> None:
        """Remove it, if it is there.

        Raises:
            CheckpointFailed: it is still there.
        """
        await self._worker.run(self._remove)

    async def follow(self) -> None:
        """Bring it to where the notebook is now.

        Raises:
            CheckpointFailed: it could not be brought along.
        """
        await self._worker.run(
            self._file.follow, self._notebook_file.watched, self._known, self._keep
        )

    def _found(self) -> bool:
        data = self._file.read(self._known)
        return data is not None and any(fingerprint(data).same_bytes(one) for one in self._known)

    def _write(self, snapshot: Snapshot, running: bool) -> None:
        data = self._sheet.render(snapshot.content.notebook).data
        mark, substance = fingerprint(data), snapshot.content.digest.substance
        if self._last != (mark, running):
            note = Checkpoint(mark, utc_now(), substance, snapshot.position, running)
            self._journal.note_checkpoint(note)
            self.learn([note])
            self._last = mark, running
        self._file.write(data, self._known, self._keep)

    def _remove(self) -> None:
        self._file.remove(self._known, self._keep)
        self._last = None
        self._journal.note_checkpoint(Checkpoint(None, utc_now()))
