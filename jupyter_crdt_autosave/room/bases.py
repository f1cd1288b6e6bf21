"""What file and document held when they agreed: what an outside edit is measured against."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from ..errors import StorageError
from ..merge.base import Base
from ..merge.decisions import Content
from ..model import Fingerprint
from ..storage.archive import Archive, StoredBaseline
from ..worker import Worker
from .clock import utc_ago, utc_now

HOUR = 3600.0
"""Seconds that a program may take from reading a notebook to writing it back."""


class Bases:
    """The contents of one notebook's baselines of the last hour.

    They lie in the archive, also those that other servers made; the newest one of ours is known
    without it, too.
    """

    def __init__(
        self, archive: Archive, document: Callable[[], str], worker: Worker, log: logging.Logger
    ) -> None:
        """`document` gives the document's id in the store."""
        self._archive = archive
        self._document = document
        self._worker = worker
        self._log = log
        self._made: list[StoredBaseline] = []
        self._waiting: list[StoredBaseline] = []
        self._older: list[StoredBaseline] | None = None

    def remember(
        self, file: Fingerprint, content: Content, document: Content, exported: bool = False
    ) -> None:
        """Note what a file holds and what the document then held; `flush` stores it.

        `exported` says that it was we who wrote the file.
        """
        baseline = StoredBaseline(file, utc_now(), content, document, exported)
        self._waiting = [*self._waiting[-9:], baseline]
        self._made = [baseline, *(one for one in self._made if one.at >= utc_ago(HOUR))]

    async def flush(self) -> None:
        """Store what was noted; where the archive cannot be used, later."""
        waiting, self._waiting = self._waiting, []
        for number, baseline in enumerate(waiting):
            try:
                await self._worker.run(self._archive.keep_baseline, self._document(), baseline)
            except StorageError as error:
                self._log.warning("An outside edit will be harder to merge: %s", error)
                self._waiting = [*waiting[number:], *self._waiting]
                return

    async def known(self, newest: Fingerprint | None) -> list[StoredBaseline]:
        """Those of the last hour, newest first.

        `newest` is what the file's newest baseline is known by. What is in memory is enough, unless
        another server made that one, or this one was started within the hour.
        """
        since = utc_ago(HOUR)
        mine = bool(self._made) and self._made[0].file.same_bytes(newest)
        if self._older is None or not mine:
            await self.flush()
            with suppress(StorageError):
                found = await self._worker.run(self._archive.baselines, self._document(), since)
                if not mine and found and found[0].file.same_bytes(newest):
                    return found
                made = {(one.file.hash, one.at) for one in self._made}
                self._older = [one for one in found if (one.file.hash, one.at) not in made]
        return [*self._made, *(one for one in self._older or () if one.at >= since)]


def base_of(baseline: StoredBaseline) -> Base:
    """A baseline as merging takes it."""
    return Base(baseline.content, baseline.document, baseline.file.hash, baseline.exported)
