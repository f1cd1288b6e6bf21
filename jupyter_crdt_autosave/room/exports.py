"""What passes between a document and its file. Everything here runs under the notebook's lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from ..document.mirror import Mirror
from ..errors import ExportFailed, FileUnavailable, StorageError
from ..file import Exported, Sight
from ..merge.decisions import Content
from ..notebook import digest
from ..schedule import Event, GivenUp, Halted, Ingested, Matched, Written
from ..storage.archive import Draft
from ..worker import Worker
from .bases import Bases
from .clock import utc_now
from .file_side import FileSide, Snapshot
from .ingest import Ingest
from .keeping import Keeping
from .pages import theirs
from .salvage import salvage
from .shared_state import SharedState
from .shelf import Shelf
from .target import Standing
from .voice import Voice

_PATIENCE = 2.0
"""Seconds that somebody who saves waits for another program to finish writing the file."""

_LOOKS = 5
"""After so many looks at a file that is another each time somebody else than a server writes it."""


class Exports:
    """Brings the file up to the document, and what others wrote to the file into the document."""

    def __init__(
        self,
        mirror: Mirror,
        side: FileSide,
        shelf: Shelf,
        state: SharedState,
        bases: Bases,
        keeping: Keeping,
        tell: Callable[[Event], None],
        voice: Voice,
        follow: Callable[[], Awaitable[bool]],
        ingest: Callable[[Callable[[], Awaitable[Snapshot]]], Ingest],
    ) -> None:
        """Nothing is looked at yet.

        Args:
            mirror: the document's content.
            side: the file.
            shelf: the document's place in the store.
            state: what JupyterLab believes about the file.
            bases: what file and document held when they agreed.
            keeping: keeps versions.
            tell: told what makes a difference to when to autosave.
            voice: whom to tell.
            follow: takes in what other servers added to the journal.
            ingest: makes what merges into the document; it is given what gives snapshots.
        """
        self.unsaved = False
        """Whether the document held something that the file lacks, when that was last looked at."""
        self.presumed = False
        """Whether that was not looked at yet, and the journal alone says so."""
        self.untidy = False
        """Whether another program may still be writing what an export replaced."""
        self._mirror = mirror
        self._side = side
        self._shelf = shelf
        self._state = state
        self._bases = bases
        self._keeping = keeping
        self._tell = tell
        self._voice = voice
        self._follow = follow
        self._worker: Worker = side.worker
        self._ingest = ingest(self.snapshot)

    @property
    def touched(self) -> bool:
        """Whether the document was changed since it was opened."""
        return self._mirror.touched

    async def snapshot(self) -> Snapshot:
        """The document as of now; also notes whether the file lacks any of it."""
        content = await self._mirror.settle()
        snapshot = Snapshot(content, self._side.journal.position())
        self.unsaved, self.presumed = not self._current(snapshot), False
        self._tell(Matched(self.unsaved))
        return snapshot

    def presume(self, unsaved: bool) -> None:
        """Go by what the journal tells: to look takes long, and opening does not wait for that."""
        self.unsaved = self.presumed = unsaved

    async def export(self, explicit: bool) -> Written | GivenUp:
        """Bring the file up to the document, if there is anything to write.

        Given up, unless somebody asked for it, while another program is at work on the file.

        Raises:
            ExportFailed: the file was not written, or its hooks objected afterwards.
        """
        await self.snapshot()
        if not explicit and not self.unsaved:
            return Written(False)
        async with self.among_servers():
            return await self.bring_up(explicit)

    async def bring_up(self, explicit: bool) -> Written | GivenUp:
        """What `export` does, for somebody who is alone among servers already."""
        sight, found = await self.look(_PATIENCE if explicit else 0.0)
        if found is Standing.UNSETTLED and not explicit:
            return GivenUp()
        await self._respect(sight, found, explicit)
        if found is Standing.CHANGED:
            await self.meet(sight)
            if self.unsaved and not explicit:
                return GivenUp()
        snapshot = await self.snapshot()
        if self._side.holds(sight) and self._nothing_new(snapshot, explicit):
            return Written(False)
        await self._write(snapshot, sight)
        return Written()

    async def give_up(self, listed: Content | None) -> None:
        """Make the document what the file holds, but for what was typed since it was `listed`.

        Raises:
            FileUnavailable: the file is no notebook, or cannot be read.
            ArchiveUnavailable: what is given up cannot be kept; nothing was changed.
        """
        sight, found = await self.look(_PATIENCE)
        if await self._worker.run(lambda: sight.notebook) is None:
            path = self._side.file.path
            raise FileUnavailable(
                f"{path} is missing." if sight.missing else f"{path} cannot be used: {sight.error}"
            )
        await self._ingest.give_up(sight, listed)
        self.judge(sight, found)
        await self.snapshot()
        await self.note(sight)
        self._state.set_hash(sight.hash)

    async def look(self, patience: float = 0.0) -> tuple[Sight, Standing]:
        """Read the file as `FileSide.look` does; what another server exports is no change.

        It announces an export before the file has it, but may do so between two looks of ours: a
        change counts only if all that was announced is known, and the file is still the same.
        """
        sight, found = await self._side.look(patience)
        for _ in range(_LOOKS):
            if found is not Standing.CHANGED:
                break
            before = sight.fingerprint
            await self._follow()
            sight, found = await self._side.look(patience)
            if before is not None and sight.holds(before):
                break
        return sight, found

    async def attend(self) -> None:
        """Look at a file that may have changed, and take in what another program wrote."""
        sight, found = await self.look()
        if self.judge(sight, found) and found is Standing.UNREADABLE:
            self._voice.tell("file", "unreadable", str(sight.error))
        if found is Standing.CHANGED:
            await self.meet(sight)
        if found is not Standing.UNSETTLED and not sight.missing:
            self._state.set_hash(sight.hash)

    def judge(self, sight: Sight, found: Standing) -> bool:
        """Halt or resume exports by themselves, by what was found; True if they halt from now on.

        A file that is just being written decides nothing yet.
        """
        halts = self._side.judge(sight, found)
        self._tell(Halted(self._side.halt is not None))
        return halts

    async def begin(self, sight: Sight, made_of_file: bool) -> None:
        """Note what the notebook begins with: a file that was not changed by others."""
        if made_of_file and sight.fingerprint is not None:
            content = (await self.snapshot()).content.bare
            await self._ingest.verify(sight, content)
            self._bases.remember(sight.fingerprint, content, content)
            await self._bases.flush()
        if self._side.holds(sight):
            await self.note(sight)

    async def sweep(self, alone: bool = True) -> None:
        """Clear what exports left, and merge what they had found in their way.

        What another server is just writing lies there too: unless it is certain that there is none
        (`alone`), it is left for later.
        """
        if not alone:
            self.untidy = True
            return
        self.untidy = await self._side.sweep()
        await self._rescue()

    async def meet(self, sight: Sight, whole: bool = False) -> None:
        """Another program wrote the file: merge that into the document, or take it `whole`."""
        self._tell(Ingested(await self._ingest.meet(sight, whole)))
        await self.snapshot()
        await self.note(sight)

    async def _rescue(self) -> None:
        """Merge what exports found in their way."""
        displaced, self._side.displaced = self._side.displaced, []
        for data in displaced:
            await self._ingest.rescue(data)
        if displaced:
            await self.snapshot()

    async def welcome(self, content: Content, file_hash: object) -> None:
        """Merge what a client of another history has, which last knew the file by `file_hash`."""
        known = self._state.hash
        await self._ingest.welcome(content, known is not None and known == file_hash)
        await self.snapshot()

    async def note(self, sight: Sight) -> None:
        """Remember which file it is that the document agrees with."""
        if sight.fingerprint is not None:
            await self._worker.run(self._shelf.seen, sight.fingerprint)

    async def _respect(self, sight: Sight, found: Standing, explicit: bool) -> None:
        """Leave alone a file that must not be replaced without being asked, or not at all."""
        self.judge(sight, found)
        halt = self._side.halt
        if found is Standing.UNSETTLED:
            halt = f"{self._side.file.path} is just being written by another program."
        if halt is None or (explicit and found is Standing.MISSING):
            return
        if not explicit or found is Standing.TOO_NEW:
            raise ExportFailed(halt)
        if not await self._side.keep(sight.data, "unreadable"):
            raise ExportFailed(
                f"{self._side.file.path} was not saved: what it holds now cannot be kept."
            )
        await self.keep_damaged([sight.data])

    async def keep_damaged(self, files: Sequence[bytes]) -> None:
        """Let the timeline have what can be read of files that are no notebooks."""
        for data in files:
            found = await self._worker.run(salvage, data, (data,))
            await self._keeping.keep([Draft("damaged", "file", utc_now(), found.content)])

    async def keep_saved(self) -> None:
        """Let the timeline have the notebook as somebody saved it."""
        snapshot = await self.snapshot()
        await self._keeping.keep([Draft("save", None, utc_now(), snapshot.content.bare)])

    async def _write(self, snapshot: Snapshot, sight: Sight) -> None:
        if await self._worker.run(_emptied, snapshot, sight):
            assert sight.notebook is not None
            draft = Draft("loss", "file", utc_now(), sight.notebook.content)
            await self._keeping.keep([draft])
        exported = await self._side.write(snapshot, sight)
        written = exported.sight
        self._state.set_hash(written.hash)
        self.judge(written, Standing.KNOWN)
        self.unsaved = self._mirror.changed
        if not self.unsaved:
            # What was edited before the snapshot is in the file.
            self._tell(Matched(False))
        await self.note(written)
        await self._remember(exported, snapshot)
        await self.sweep()
        if exported.warning is not None:
            raise ExportFailed(exported.warning)

    async def _remember(self, exported: Exported, snapshot: Snapshot) -> None:
        """Note what the file holds now: the document, but for what is left out by design."""
        sight, document = exported.sight, snapshot.content.bare
        content: Content | None = document
        if not exported.whole:
            content = await self._worker.run(_held, sight, document)
        if content is not None and sight.fingerprint is not None:
            self._bases.remember(sight.fingerprint, content, document, exported=True)
            await self._bases.flush()

    @asynccontextmanager
    async def among_servers(self) -> AsyncIterator[None]:
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


def _held(sight: Sight, document: Content) -> Content | None:
    """What a file holds; the document itself if that is the same."""
    if sight.notebook is None:
        return None
    content = theirs(sight.notebook, document["cells"]).content
    return document if digest(content).content == digest(document).content else content


def _emptied(snapshot: Snapshot, sight: Sight) -> bool:
    """Whether a notebook with text is about to be replaced by one without any."""
    # The file is read as a notebook only where that may make a difference.
    if _has_text(snapshot.content.notebook) or sight.notebook is None:
        return False
    return _has_text(sight.notebook.content)


def _has_text(content: dict[str, Any]) -> bool:
    return any(cell["source"].strip() for cell in content["cells"])
