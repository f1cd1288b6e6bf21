"""What passes between a document and its file. Everything here runs under the notebook's lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from ..document.converge import converge
from ..document.mirror import Mirror
from ..document.untracked import UntrackedNotebook
from ..errors import ExportFailed, StorageError
from ..file import Sight
from ..notebook import digest
from ..worker import Worker
from .file_side import FileSide, Snapshot, theirs
from .shared_state import SharedState
from .shelf import Shelf
from .target import Standing
from .trust import carry_over

Tell = Callable[[str, str, str | None], None]
"""Called with a topic, what happened, and why."""


class Exports:
    """Brings the file up to the document, and what others wrote to the file into the document."""

    def __init__(
        self,
        notebook: UntrackedNotebook,
        mirror: Mirror,
        side: FileSide,
        shelf: Shelf,
        state: SharedState,
        follow: Callable[[], Awaitable[None]],
        tell: Tell,
    ) -> None:
        """`follow` takes in what other servers added to the journal."""
        self.unsaved = False
        """Whether the document held something that the file lacks, when that was last looked at."""
        self._notebook = notebook
        self._mirror = mirror
        self._side = side
        self._shelf = shelf
        self._state = state
        self._follow = follow
        self._tell = tell
        self._worker: Worker = side.worker

    async def snapshot(self) -> Snapshot:
        """The document as of now; also notes whether the file lacks any of it."""
        content = await self._mirror.settle()
        snapshot = Snapshot(content, self._side.journal.position())
        self.unsaved = not self._current(snapshot)
        return snapshot

    async def export(self, explicit: bool) -> bool:
        """Bring the file up to the document; False if there was nothing to write.

        Raises:
            ExportFailed: the file was not written, or its hooks objected afterwards.
        """
        await self.snapshot()
        if not explicit and not self.unsaved:
            return False
        async with self._among_servers():
            sight, found = await self._side.look()
            await self._respect(sight, found, explicit)
            if found is Standing.CHANGED:
                await self.meet(sight)
            snapshot = await self.snapshot()
            if self._side.holds(sight) and self._nothing_new(snapshot, explicit):
                return False
            await self._write(snapshot, sight)
        return True

    async def attend(self) -> None:
        """Look at a file that may have changed, and take in what another program wrote."""
        sight, found = await self._side.look()
        self._side.judge(sight, found)
        if found is Standing.CHANGED:
            await self.meet(sight)
        if not sight.missing:
            self._state.set_hash(sight.hash)

    async def meet(self, sight: Sight) -> None:
        """Another program wrote the file: take its content over, or set it aside."""
        notebook, mark = sight.notebook, sight.fingerprint
        assert notebook is not None and mark is not None
        snapshot = await self.snapshot()
        cells = snapshot.content.notebook["cells"]
        content = (await self._worker.run(theirs, notebook, cells)).content
        facts = await self._worker.run(digest, content)
        if facts.content == snapshot.content.digest.content:
            await self._side.agree(sight, snapshot)
            await self.note(sight)
        elif not self.unsaved:
            await self._take_over(sight, content)
        elif await self._side.keep(sight.data, "external"):
            self._side.aside.append(mark)
            self._tell("file", "set_aside", None)
        await self.snapshot()

    async def note(self, sight: Sight) -> None:
        """Remember which file it is that the document agrees with."""
        if sight.fingerprint is not None:
            await self._worker.run(self._shelf.seen, sight.fingerprint)

    async def _take_over(self, sight: Sight, content: dict[str, Any]) -> None:
        trusted = await self._side.file.trusted(sight)
        snapshot = await self.snapshot()
        if self.unsaved:
            # Somebody typed while the signature was looked up: the next look decides anew.
            self._side.signature = None
            return
        ours = snapshot.content.notebook
        converge(self._notebook, ours, carry_over(ours, content, trusted))
        await self._side.agree(sight, await self.snapshot())
        await self.note(sight)
        self._tell("file", "ingested", None)

    async def _respect(self, sight: Sight, found: Standing, explicit: bool) -> None:
        """Leave alone a file that must not be replaced without being asked, or not at all."""
        self._side.judge(sight, found)
        halt = self._side.halt
        if halt is None or (explicit and found is Standing.MISSING):
            return
        if not explicit or found is Standing.TOO_NEW:
            raise ExportFailed(halt)
        if not await self._side.keep(sight.data, "unreadable"):
            raise ExportFailed(
                f"{self._side.file.path} was not saved: what it holds now cannot be kept."
            )

    async def _write(self, snapshot: Snapshot, sight: Sight) -> None:
        if _emptied(snapshot, sight):
            await self._side.keep(sight.data, "emptied")
        written, warning = await self._side.write(snapshot, sight)
        self._state.set_hash(written.hash)
        self._side.judge(written, Standing.KNOWN)
        self.unsaved = self._mirror.changed
        await self.note(written)
        if warning is not None:
            raise ExportFailed(warning)

    @asynccontextmanager
    async def _among_servers(self) -> AsyncIterator[None]:
        """Hold the lock between servers, and know all that they did."""
        lock = self._shelf.lock()
        try:
            await self._worker.run(lock.__enter__)
        except StorageError as error:
            raise ExportFailed(f"{self._side.file.path} was not saved: {error}") from error
        try:
            await self._follow()
            yield
        finally:
            await self._worker.run(lock.__exit__, None, None, None)

    def _current(self, snapshot: Snapshot) -> bool:
        baseline = self._side.baseline
        return baseline is not None and baseline.substance == snapshot.content.digest.substance

    def _nothing_new(self, snapshot: Snapshot, explicit: bool) -> bool:
        """An explicit save also writes what JupyterLab fills in by itself."""
        baseline = self._side.baseline
        if explicit and baseline is not None:
            return baseline.content == snapshot.content.digest.content
        return not self.unsaved


def _emptied(snapshot: Snapshot, sight: Sight) -> bool:
    """Whether a notebook with text is about to be replaced by one without any."""
    if sight.notebook is None or _has_text(snapshot.content.notebook):
        return False
    return _has_text(sight.notebook.content)


def _has_text(content: dict[str, Any]) -> bool:
    return any(cell["source"].strip() for cell in content["cells"])
