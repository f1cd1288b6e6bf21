"""What an open notebook works with, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..document.mirror import Mirror
from ..document.untracked import UntrackedNotebook
from ..errors import StorageError
from ..file import NotebookFile, Sight
from ..notebook import bare
from ..schedule import Event
from ..storage.archive import Draft, Keep, archive_in
from ..storage.compaction import apply
from ..worker import Worker
from .alarm import Alarm
from .bases import Bases
from .beginning import Beginning
from .checkpoint_side import CheckpointSide
from .clock import utc_now
from .exports import Exports
from .file_side import FileSide, Snapshot
from .ingest import Ingest
from .keeping import Keeping
from .offers import Offers
from .rewriting import Rewriting
from .shared_state import SharedState
from .shelf import Shelf
from .surroundings import Surroundings
from .voice import Voice


class Workings:
    """The parts of one open notebook, each made once and knowing only what it needs."""

    def __init__(
        self,
        notebook: UntrackedNotebook,
        file: NotebookFile,
        worker: Worker,
        around: Surroundings,
        shelf: Shelf,
        start: Beginning,
        voice: Voice,
        tell: Callable[[Event], None],
    ) -> None:
        """`notebook` has the document's content; `tell` is what `Exports` takes."""
        self._notebook = notebook
        self._worker = worker
        self._log = around.log
        self.shelf = shelf
        self.journal = start.place.journal
        self.state = SharedState(notebook)
        self.mirror = Mirror(notebook)
        self.side = FileSide(file, self.journal, worker, start.baselines)
        self.checkpoint = CheckpointSide(
            around.disk, file, self.journal, worker, start.place.history.checkpoints,
            self._keep_checkpoint,
        )  # fmt: skip
        self._make_archive(around, voice)
        self._make_exports(around, voice, tell)
        self.offers = Offers(
            self.exports, self.side, self.checkpoint, self.rewriting, self.bases, self.keeping,
            voice, tell, around.clock, lambda: shelf.about.id,
        )  # fmt: skip

    def _make_archive(self, around: Surroundings, voice: Voice) -> None:
        """What is kept of the notebook beside its journal."""
        kept, shelf = Keep(around.settings.keep_versions, around.settings.keep_days), self.shelf
        self.archive = archive_in(around.store.root, kept)
        self.bases = Bases(self.archive, lambda: shelf.about.id, self._worker, around.log)
        self.keeping = Keeping(
            self.archive, lambda: shelf.about.id, self.journal, self._worker, voice, around.log
        )

    def _make_exports(
        self, around: Surroundings, voice: Voice, tell: Callable[[Event], None]
    ) -> None:
        """What passes between the document and its file."""
        file, settings = self.side.file, around.settings
        alarm = Alarm(lambda: file.path, around.log, settings.strict_merge, settings.log_content)

        def ingest(snapshot: Callable[[], Awaitable[Snapshot]]) -> Ingest:
            self.rewriting = Rewriting(self._notebook, self.mirror, self._worker, alarm, snapshot)
            return Ingest(
                self.rewriting, self.side, self.bases, self.keeping, alarm, voice, snapshot
            )

        self.exports = Exports(
            self.mirror, self.side, self.shelf, self.state, self.bases, self.keeping, tell, voice,
            self.follow, ingest,
        )  # fmt: skip

    def _keep_checkpoint(self, data: bytes) -> bool:
        """Keep a checkpoint that is not ours and is about to go; True once that is durable."""
        notebook = Sight(data).notebook
        if notebook is not None:
            draft = Draft("cleared", "checkpoint", utc_now(), bare(notebook.content))
            try:
                self.archive.keep_versions(self.shelf.about.id, [draft])
            except StorageError as error:
                self._log.warning("A checkpoint goes into the journal only: %s", error)
        return self.side.keep_now(data, "checkpoint")

    async def follow(self) -> bool:
        """Take in what other servers added; True if one of them wrote the file."""
        try:
            followed = await self._worker.run(self.journal.follow)
        except OSError as error:
            self._log.debug("Other servers' edits to %s: %s", self.side.file.path, error)
            return False
        if followed.updates:
            apply(self._notebook.ydoc, followed.updates)
        self.journal.took_in(followed)
        for baseline in followed.baselines:
            self.side.learn(baseline)
        self.checkpoint.learn(followed.checkpoints)
        return bool(followed.baselines)
