"""One live notebook: document, journal and file, and the lock that orders what happens to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from ..document.statevector import decode
from ..document.untracked import UntrackedNotebook
from ..errors import AutosaveError, ExportFailed
from ..file import NotebookFile
from ..model import Kept, Saved, Status
from ..storage.compaction import apply
from ..worker import Worker
from .beginning import Beginning, begin, circumstances, first_look
from .clock import utc_now
from .noticing import Noticing
from .opening import Opening
from .shelf import Shelf
from .surroundings import Surroundings
from .timing import Timing
from .voice import Voice
from .workings import Workings

_LONGEST_LAG = 1.0
_MADE_OF_FILE = (Opening.BOOTSTRAP, Opening.SALVAGE)


class LiveNotebook:
    """Everything about one open notebook that is not the wire.

    Its methods belong on the event loop; what blocks goes to the notebook's own worker thread.
    """

    def __init__(
        self,
        notebook: UntrackedNotebook,
        file: NotebookFile,
        worker: Worker,
        around: Surroundings,
        autosaves: Callable[[], bool],
    ) -> None:
        """Nothing is read before `open`.

        `notebook` is empty; `worker` is the notebook's own and ends with it; `autosaves` says
        whether any open tab wants the file written by itself.
        """
        self.notebook = notebook
        self.file = file
        self.settings = around.settings
        self.lineage = 0
        self._around = around
        self._worker = worker
        self._autosaves = autosaves
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._shelf = Shelf(around.store, around.disk, self._journal_changed, around.log)
        self._voice = Voice(around.report, lambda: file.path)
        self.noticing = Noticing(around.watch, file, worker)
        self._timing = Timing(around.settings.interval)
        self._open = False
        self._last_save: str | None = None
        self._last_autosave: Saved | None = None

    async def open(self) -> None:
        """Fill the document. What changes it from here on must go through `keep`.

        Raises:
            FileMissing: there is nothing to open.
            FileUnavailable: the file cannot be read now.
            NotebookTooNew: the file must not be touched, and there is no document.
        """
        signature, sight = await first_look(self.file, self._shelf, self._worker)
        steps = partial(
            begin,
            sight=sight,
            path=self.path,
            **await circumstances(self.file, self._shelf, self._worker, sight),
        )
        start: Beginning = await self._worker.run(
            self._shelf.open, self.file.identity, self.path, sight, steps
        )
        self._start, self._seen, self.lineage = start, sight, start.lineage
        lost = apply(self.notebook.ydoc, start.updates)
        around, shelf, worker = self._around, self._shelf, self._worker
        self._workings = Workings(
            self.notebook, self.file, worker, around, shelf, start, self._timing, self._voice,
        )  # fmt: skip
        self._journal, self._state = self._workings.journal, self._workings.state
        self._mirror, self._exports = self._workings.mirror, self._workings.exports
        self._side, self._side.signature = self._workings.side, signature
        self._open = True
        if lost or start.place.damaged or start.place.history.damaged:
            self._voice.tell("journal", "damaged", "Part of what was kept could not be read.")
        self._tell_health()

    async def arrive(self) -> None:
        """The second half of opening, once changes of the document are being kept.

        The file is met half way, and JupyterLab is told what it must know.
        """
        async with self._lock:
            sight, start = self._seen, self._start
            self._side.judge(sight, await self._worker.run(self._side.stands, sight))
            self._state.set_path(self.path)
            if start.opening in (Opening.INGEST, Opening.KEEP_BOTH):
                self._exports.unsaved = start.opening is Opening.KEEP_BOTH
                await self._exports.meet(sight, whole=start.opening is Opening.INGEST)
            else:
                fresh = start.opening is Opening.BOOTSTRAP
                self._exports.unsaved = not (fresh or start.place.history.settled)
                await self._exports.begin(sight, start.opening in _MADE_OF_FILE)
            await self._exports.sweep()
            if not sight.missing:
                self._state.set_hash(sight.hash)
            self._timing.begins()
            if self._exports.unsaved:
                self._timing.changed(time.monotonic())
            self._show()

    @property
    def path(self) -> str:
        """The path by which Jupyter knows the notebook."""
        return self.file.path

    @property
    def released(self) -> bool:
        """Whether the notebook was deleted from its path."""
        return self._open and self._side.released

    @property
    def folder(self) -> str:
        """Where the journal lies, once the notebook is open."""
        return self._journal.folder

    @property
    def crowded(self) -> bool:
        """Whether the journal is worth compacting."""
        return self._journal.crowded

    @property
    def about_id(self) -> str:
        """The document's id in the store."""
        return self._shelf.about.id

    async def updates(self) -> list[tuple[bytes, float]]:
        """Every update that is kept, and when it was (seconds since the epoch)."""
        return await self._worker.run(self._journal.stored)

    def keep(self, update: bytes) -> int:
        """Keep one update of the document, and give its number. Never raises."""
        self._timing.changed(time.monotonic())
        return self._journal.update(update)

    def may_be_seen(self, seq: int) -> bool:
        """Whether others may be shown an update: it is kept, or failing to keep it is known."""
        return self._journal.outlives_us(seq) or not self._journal.health().healthy

    def shares_history(self, state_vector: bytes) -> bool:
        """Whether a client with this state may meet the document as Y updates.

        Raises:
            ValueError: the bytes are no state vector.
        """
        clocks = decode(state_vector)
        return not any(clocks.values()) or clocks.get(self.lineage, 0) > 0

    async def welcome(self, content: dict[str, Any], file_hash: object) -> None:
        """Merge what a client of another history has, in normal form.

        `file_hash` is the hash by which the client last knew the file.

        Raises:
            ContentLoss: text would be lost, and that is to be an error.
        """
        async with self._lock:
            await self._exports.welcome(content, file_hash)

    async def set_aside(self, data: bytes, reason: str) -> bool:
        """Keep content that cannot be part of the document; True once it is durable."""
        kept = Kept(reason, utc_now(), data)
        self._voice.tell("document", "set_aside", reason)
        return await self._worker.run(self._journal.keep, kept)

    async def content(self) -> dict[str, Any]:
        """The document's content as of now; not to be changed."""
        async with self._lock:
            return (await self._exports.snapshot()).content.notebook

    async def tick(self) -> None:
        """Look around: other servers, the file, and whether an autosave is due."""
        if not self._open:
            return
        await self._workings.follow()
        await self.noticing.follow()
        try:
            if await self._side.moved_on():
                async with self._lock:
                    await self._exports.attend()
                if self._exports.unsaved:
                    self._timing.changed(time.monotonic())
            if self._exports.untidy:
                async with self._lock:
                    await self._exports.sweep()
            await self._workings.bases.flush()
        except AutosaveError as error:
            self._voice.failed(str(error))
        if self._may_autosave() and self._timing.due(time.monotonic()):
            await self.autosave()
        if self._journal.outgrown():
            await self._worker.run(self._journal.rotate)
            self._around.compact(self._journal.folder)
        if not self._may_autosave() and self._mirror.changed:
            # Nobody else will find out whether the file lacks something.
            async with self._lock:
                await self._exports.snapshot()
        self._show()

    async def autosave(self) -> None:
        """Export what the file lacks, if that may be done now. Failures show in `status`."""
        try:
            async with self._lock:
                self._timing.begins()
                if self._may_autosave() and await self._exports.export(explicit=False):
                    self._last_autosave = Saved(utc_now())
                    self._voice.succeeded()
        except AutosaveError as error:
            self._timing.failed(time.monotonic())
            self._voice.failed(str(error))
        self._show()

    async def save(self) -> None:
        """Export now because somebody asked for it.

        Raises:
            ExportFailed: the file was not written; the message says why.
        """
        try:
            async with self._lock:
                self._timing.begins()
                if self._side.released:
                    await self._reclaim()
                await self._exports.export(explicit=True)
        except AutosaveError as error:
            self._timing.failed(time.monotonic())
            self._voice.failed(str(error))
            raise ExportFailed(str(error)) from error
        finally:
            self._show()
        self._last_save = utc_now()
        self._voice.succeeded()

    async def flush(self, timeout: float) -> bool:
        """Wait until every update is durable; False if that took over `timeout` seconds."""
        return await asyncio.to_thread(self._journal.flush, timeout)

    async def close(self, timeout: float) -> bool:
        """Export a last time, if that may be done, and stop keeping.

        Returns:
            Whether everything is durable.
        """
        if not self._open:
            self._worker.stop()
            return True
        self._open = False
        if self._may_autosave():
            with suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(self.autosave(), timeout)
        settled = not self._exports.unsaved and not self._mirror.touched
        if self._mirror.touched:
            await self._exports.snapshot()
            settled = not self._exports.unsaved
        self._mirror.detach()
        self.noticing.close()
        durable = await asyncio.to_thread(self._journal.close, settled, timeout)
        with suppress(TimeoutError, asyncio.TimeoutError):
            await asyncio.wait_for(self._worker.run(self._note_closing, settled), timeout)
            await asyncio.wait_for(self._worker.run(self._workings.archive.close), timeout)
        self._worker.stop()
        return durable

    async def move(self, path: str) -> None:
        """Follow the notebook to the path that Jupyter gave it."""
        self.file.path = path
        if not self._open:
            return
        async with self._lock:
            self._journal.moved(path)
            await self._worker.run(self._shelf.move, self.file.identity, path)
            await self.noticing.follow()
            self._side.signature = await self.file.signature()
            self._state.set_path(path)

    async def release(self, reason: str) -> None:
        """The notebook is gone from its path: let go of it, and keep what the document holds."""
        if not self._open:
            return
        self._side.released = True
        async with self._lock:
            await self._worker.run(self._shelf.release, reason)

    def status(self) -> Status:
        """How the notebook stands."""
        return Status(
            path=self.path,
            lineage=f"{self.lineage:x}",
            unsaved=self._exports.unsaved or self._mirror.changed,
            last_autosave=self._last_autosave,
            last_save=self._last_save,
            journal=self._journal.health(),
            export_error=self._voice.export_error or self._side.halt,
        )

    async def _reclaim(self) -> None:
        if not (await self.file.look()).missing:
            raise ExportFailed(
                f"{self.path} was deleted, and another notebook has its place now. Use Save As."
            )
        await self._worker.run(self._shelf.reclaim)
        self._side.released = False

    def _may_autosave(self) -> bool:
        return self._autosaves() and self._side.halt is None and not self._side.released

    def _show(self) -> None:
        """Let JupyterLab say truthfully whether there is something to worry about."""
        stuck = not self._may_autosave() or self._voice.export_error is not None
        lacks = self._exports.unsaved or self._mirror.changed
        self._state.set_dirty((lacks and stuck) or self._journal.health().lag > _LONGEST_LAG)

    def _journal_changed(self) -> None:
        """Told by the journal, on any thread; the loop may be gone at the very end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._tell_health)

    def _tell_health(self) -> None:
        if self._open:
            self._voice.health(self._journal.health())

    def _note_closing(self, settled: bool) -> None:
        baseline = self._side.baseline
        fresh = baseline.file.size if baseline else 0
        self._shelf.closed(settled, self._journal.size, fresh)
