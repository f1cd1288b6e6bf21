"""Versions that a step leaves behind, so that it can be undone."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence

from ..errors import StorageError
from ..model import Kept, Version
from ..storage.archive import Archive, Draft
from ..storage.journal import Journal
from ..worker import Worker


class Keeping:
    """Keeps versions of one notebook in the archive; without it, in the notebook's journal."""

    def __init__(
        self,
        archive: Archive,
        document: Callable[[], str],
        journal: Journal,
        worker: Worker,
        log: logging.Logger,
    ) -> None:
        """`document` gives the document's id in the store."""
        self._archive = archive
        self._document = document
        self._journal = journal
        self._worker = worker
        self._log = log

    async def insist(self, drafts: Sequence[Draft]) -> list[Version]:
        """Keep versions of what is about to be given up; they are durable on return.

        Raises:
            ArchiveUnavailable: they are not kept; nothing may be given up.
        """
        return await self._worker.run(self._archive.keep_versions, self._document(), drafts)

    async def keep(self, drafts: Sequence[Draft]) -> None:
        """Keep versions; they are durable on return, as far as the disk lets them be."""
        try:
            await self.insist(drafts)
        except StorageError as error:
            self._log.warning("Versions go into the journal, where no list shows them: %s", error)
            for draft in drafts:
                await self._worker.run(self._journal.keep, _record_of(draft))


def _record_of(draft: Draft) -> Kept:
    reason = draft.kind if draft.side is None else f"{draft.kind}: {draft.side}"
    return Kept(reason, draft.created, json.dumps(draft.content).encode())
