"""One live notebook: document, journal and file, and the lock that orders what happens to them."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import Any

from ..document.statevector import decode
from ..document.untracked import UntrackedNotebook
from ..errors import CheckpointFailed
from ..file import NotebookFile
from ..model import Kept, Status
from ..schedule import Prompted, Released, TabsChanged, Target, Wish
from ..storage.compaction import apply
from ..worker import Worker
from .arrival import arrive
from .autosave import Autosave
from .beginning import Beginning, begin, circumstances, first_look
from .clock import utc_at, utc_now
from .conflicts import Conflicts
from .file_side import Snapshot
from .kernel_side import KernelSide
from .noticing import Noticing
from .recovery import Recovery
from .report import report
from .rounds import Rounds
from .shelf import Shelf
from .surroundings import Surroundings
from .timeline import Timeline
from .voice import Voice
from .workings import Workings
from .writing import Writing

_LONGEST_LAG = 1.0


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
    ) -> None:
        """Nothing is read before `open`.

        `notebook` is empty; `worker` is the notebook's own and ends with it.
        """
        self.notebook = notebook
        self.file = file
        self.settings = around.settings
        self.lineage = 0
        self._around = around
        self._worker = worker
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._shelf = Shelf(around.store, around.disk, self._journal_changed, around.log)
        self._voice = Voice(around.report, lambda: file.path)
        self.noticing = Noticing(around.watch, file, worker)
        self._autosave = Autosave(around.settings, around.clock, around.log)
        self._kernels = KernelSide(around, self._autosave, lambda: file.path)
        self._open = False
        self._edited_at = 0.0

    async def open(self) -> None:
        """Fill the document. What changes it from here on must go through `keep`.

        Raises:
            FileMissing: there is nothing to open.
            FileUnavailable: the file cannot be read now.
            NotebookTooNew: the file must not be touched, and there is no document.
        """
        signature, sight = await first_look(self.file, self._shelf, self._worker)
        facts = await circumstances(self.file, self._shelf, self._around.disk, self._worker, sight)
        steps = partial(begin, sight=sight, path=self.path, **facts)
        start: Beginning = await self._worker.run(
            self._shelf.open, self.file.identity, self.path, sight, steps
        )
        self._start, self._seen, self.lineage = start, sight, start.lineage
        lost = apply(self.notebook.ydoc, start.updates)
        self._workings = Workings(
            self.notebook, self.file, self._worker, self._around, self._shelf, start, self._voice,
            self._autosave.tell,
        )  # fmt: skip
        self._journal, self._state = self._workings.journal, self._workings.state
        self._mirror, self._exports = self._workings.mirror, self._workings.exports
        self._side, self._side.signature = self._workings.side, signature
        self._writing = Writing(self._lock, self._workings, self._autosave, self._voice)
        self._offers = self._workings.offers
        self.recovery = Recovery(self._lock, self._offers, self._exports)
        self.timeline = Timeline(
            self._lock, self._workings.archive, lambda: self.about_id, self._workings.rewriting,
            self._workings.keeping, self._exports, self._worker, self._voice,
        )  # fmt: skip
        self.conflicts = Conflicts(
            self._lock, self._workings.archive, lambda: self.about_id, self.timeline,
            self._exports, self._worker,
        )  # fmt: skip
        self._rounds = Rounds(
            self._lock, self._workings, self.noticing, self._autosave, self._voice, self._around
        )
        self._open = True
        if lost or start.place.damaged or start.place.history.damaged:
            self._voice.tell("journal", "damaged", "Part of what was kept could not be read.")
        self._tell_health()

    async def arrive(self) -> None:
        """The second half of opening, once changes of the document are being kept.

        The file is met half way, and JupyterLab is told what it must know.
        """
        async with self._lock:
            self._state.set_path(self.path)
            sight = await arrive(self._start, self._seen, self._workings)
            if not sight.missing:
                self._state.set_hash(sight.hash)
            self._kernels.begin()
            found = await self._workings.checkpoint.found()
            lacks = self._exports.unsaved or self._mirror.changed
            self._autosave.start(lacks, found, self._writing.carry_out, self._show)
            self._show()
        # All that the journal held; nobody needs it any more.
        del self._start, self._seen

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
        if self._mirror.changed:
            self._autosave.edited()
            self._edited_at = time.time()
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

    def goes_on(self) -> None:
        """A client has had the document for longer than it is open here, and goes on with it."""
        self._offers.goes_on()

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
        """Look around: at other servers, and at the file."""
        if self._open:
            await self._rounds.make()
            self._show()

    def tabs(self, wishes: tuple[Wish, ...]) -> None:
        """Tabs were opened or closed, or want something else; what each that is open now wants."""
        self._autosave.tell(TabsChanged(wishes))

    async def autosave(self) -> Target:
        """Autosave now rather than at the end of the interval, as far as that may be done now.

        Returns:
            Where it went, or would go once there is anything to write. Failures show in `status`.
        """
        self._autosave.tell(Prompted())
        await self._autosave.rest()
        return self._autosave.now_to

    async def remove_checkpoint(self) -> bool:
        """Remove the checkpoint, of which a version stays; False if there is none.

        Raises:
            AutosaveError: no version can be kept, or it cannot be removed: it is still there.
        """
        return await self._writing.remove_checkpoint()

    async def save(self) -> None:
        """Export now because somebody asked for it.

        Raises:
            ExportFailed: the file was not written; the message says why.
        """
        await self._autosave.save()

    @property
    def busy(self) -> bool:
        """Whether a cell is running."""
        return self._kernels.busy

    async def idle(self) -> None:
        """Wait until no cell is running."""
        await self._kernels.idle()

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
        self._kernels.close()
        await self._autosave.close(timeout)
        last = await self._exports.snapshot() if self._mirror.touched else None
        settled = not self._exports.unsaved
        self._mirror.detach()
        self.noticing.close()
        durable = await asyncio.to_thread(self._journal.close, settled, timeout)
        with suppress(TimeoutError, asyncio.TimeoutError):
            await asyncio.wait_for(self._worker.run(self._note_closing, settled, last), timeout)
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
            with suppress(CheckpointFailed):
                # Where it is, it is known by what it holds; the next one is written here.
                await self._workings.checkpoint.follow()
            await self._worker.run(self._shelf.move, self.file.identity, path)
            await self.noticing.follow()
            self._side.signature = await self.file.signature()
            self._state.set_path(path)
        self._kernels.look()

    async def release(self, reason: str) -> None:
        """The notebook is gone from its path: let go of it, and keep what the document holds."""
        if self._open:
            self._side.released = True
            self._autosave.tell(Released())
            async with self._lock:
                await self._worker.run(self._shelf.release, reason)

    def status(self) -> Status:
        """How the notebook stands."""
        return report(
            f"{self.lineage:x}", self._kernels.presence, self._workings, self._writing,
            self._autosave,
        )  # fmt: skip

    def _show(self) -> None:
        """Let JupyterLab say truthfully whether there is something to worry about."""
        self._voice.deferral(self._autosave.state.deferred_since is not None)
        stuck = self._autosave.stuck or self._voice.export_error is not None
        lacks = self._exports.unsaved or self._mirror.changed
        self._state.set_dirty((lacks and stuck) or self._journal.health().lag > _LONGEST_LAG)

    def _journal_changed(self) -> None:
        """Told by the journal, on any thread; the loop may be gone at the very end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._tell_health)

    def _tell_health(self) -> None:
        if self._open:
            self._voice.health(self._journal.health())

    def _note_closing(self, settled: bool, last: Snapshot | None) -> None:
        content = last.content.notebook if last else None
        fresh = self._side.baseline.file.size if self._side.baseline else 0
        self._shelf.closed(settled, self._journal.size, fresh, content, utc_at(self._edited_at))
