"""Versions that a step leaves behind, so that it can be undone."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence

from ..errors import DiskLow, StorageError
from ..model import Kept, Version
from ..storage.archive import Archive, Draft
from ..storage.journal import Journal
from ..worker import Worker
from .voice import Voice


class Keeping:
    """Keeps versions of one notebook in the archive; without it, in the notebook's journal."""

    def __init__(
        self,
        archive: Archive,
        document: Callable[[], str],
        journal: Journal,
        worker: Worker,
        voice: Voice,
        log: logging.Logger,
    ) -> None:
        """`document` gives the document's id in the store; `voice` tells what was kept."""
        self._archive = archive
        self._document = document
        self._journal = journal
        self._worker = worker
        self._voice = voice
        self._log = log

    async def insist(self, drafts: Sequence[Draft]) -> list[Version]:
        """Keep versions of what is about to be given up; they are durable on return.

        Raises:
            ArchiveUnavailable: they are not kept; nothing may be given up.
        """
        kept = await self._worker.run(self._archive.keep_versions, self._document(), drafts)
        for version in kept:
            self._voice.tell("version", "kept", None, id=version.id, kind=version.kind)
        return kept

    async def keep(self, drafts: Sequence[Draft]) -> None:
        """Keep versions; they are durable on return, as far as the disk lets them be."""
        try:
            await self.insist(drafts)
        except DiskLow as error:
            # What is left belongs to the journals.
            self._voice.tell("version", "refused", str(error))
        except StorageError as error:
            self._log.warning("Versions go into the journal, where no list shows them: %s", error)
            for draft in drafts:
                await self._worker.run(self._journal.keep, _record_of(draft))


def _record_of(draft: Draft) -> Kept:
    reason = draft.kind if draft.side is None else f"{draft.kind}: {draft.side}"
    return Kept(reason, draft.created, json.dumps(draft.content).encode())
