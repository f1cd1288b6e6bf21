"""What can be done in one open notebook with what it was before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from ..errors import VersionMissing
from ..merge.decisions import Content
from ..merge.partial import with_cells
from ..merge.plan import Plan, measured
from ..model import Version
from ..notebook import normalise
from ..storage.archive import Archive, Draft
from ..worker import Worker
from .clock import utc_now
from .exports import Exports
from .keeping import Keeping
from .rewriting import Rewrite, Rewriting
from .voice import Voice


class Timeline:
    """Names versions of one open notebook, and brings them back, in turn with everything else."""

    def __init__(
        self,
        lock: asyncio.Lock,
        archive: Archive,
        document: Callable[[], str],
        rewriting: Rewriting,
        keeping: Keeping,
        exports: Exports,
        worker: Worker,
        voice: Voice,
    ) -> None:
        """`lock` is the notebook's, `document` gives its id in the store."""
        self._lock = lock
        self._archive = archive
        self._document = document
        self._rewriting = rewriting
        self._keeping = keeping
        self._exports = exports
        self._worker = worker
        self._voice = voice

    async def name(self, name: str) -> Version:
        """Keep the notebook as it is now, for ever, under a name.

        Raises:
            ArchiveUnavailable: it cannot be kept now.
        """
        async with self._lock:
            snapshot = await self._exports.snapshot()
            draft = Draft("named", None, utc_now(), snapshot.content.bare, name=name)
            (version,) = await self._keeping.insist([draft])
        return version

    async def restore(self, id: str, cells: Collection[str] | None = None) -> None:
        """Make the document what a version is; what it was before is a version from then on.

        Args:
            id: The version.
            cells: The ids of the cells that are to be as they are there; None: all is.

        Raises:
            VersionMissing: this notebook has no such version.
            ArchiveUnavailable: it cannot be read, or what it replaces cannot be kept.
        """
        version, content = await self._read(id)
        details = {"version": version.id, "of": version.kind}

        def become(ours: Content) -> Content:
            return content if cells is None else with_cells(ours, content, cells)

        await self._rewrite(become, details)
        self._voice.tell("version", "restored", None, id=version.id)

    async def _read(self, id: str) -> tuple[Version, Content]:
        version, stored = await self._worker.run(self._archive.read_version, id)
        if version.document != self._document():
            raise VersionMissing(f"There is no version {id} of this notebook.")
        return version, await self._worker.run(normalise, stored)

    async def _rewrite(self, become: Callable[[Content], Content], details: dict[str, Any]) -> None:
        async def keep(made: Plan, ours: Content) -> None:
            draft = Draft("restore", "document", utc_now(), ours, details=details)
            await self._keeping.insist([draft])

        def decide(ours: Content) -> Plan:
            return measured(ours, become(ours), ours)

        async with self._lock:
            await self._rewriting.carry_out(Rewrite(decide, keep))
            await self._exports.snapshot()
