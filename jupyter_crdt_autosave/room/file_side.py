"""The file as a live notebook knows it: which of its bytes are ours, and why it may be left alone.

Nothing here touches the document.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial

from ..document.mirror import Content
from ..file import SETTLING, Export, Exported, NotebookFile, Sight
from ..model import Baseline, Fingerprint, Kept, Position
from ..notebook import Digest
from ..storage.journal import Journal
from ..worker import Worker
from .clock import utc_now
from .pages import Pages
from .target import HALTS, Standing, standing

_AGAIN = 0.1
"""Seconds between two looks at a file that is being written."""


_REPLACED = 8
"""How many files that exports replaced are known, for as long as programs have them open."""


@dataclass(frozen=True)
class Snapshot:
    """The document's content, and the journal position that it goes with."""

    content: Content
    position: Position


@dataclass
class FileSide:
    """Reads, judges and writes one notebook's file.

    ``known`` are the baselines whose bytes the file may hold, the newest last; ``displaced`` the
    bytes of others that an export found in its way, and that have been kept; ``halt`` says why
    nothing is exported by itself, ``released`` that the notebook was deleted from its path.
    """

    file: NotebookFile
    journal: Journal
    worker: Worker
    known: tuple[Baseline, ...]
    halt: str | None = None
    displaced: list[bytes] = field(default_factory=list)
    signature: object = None
    released: bool = False
    _replaced: tuple[Fingerprint, ...] = ()
    _pages: Pages = field(default_factory=Pages)
    _broken: tuple[Fingerprint, float] | None = None
    _unsettled: bool = False

    @property
    def baseline(self) -> Baseline | None:
        """The newest point where file and document agreed."""
        return self.known[-1] if self.known else None

    async def look(self, patience: float = 0.0) -> tuple[Sight, Standing]:
        """Read the file, and say how it stands to what we know.

        A file that somebody is just writing is looked at again for `patience` seconds.
        """
        deadline = time.monotonic() + patience
        while True:
            self.signature = await self.file.signature()
            sight = await self.file.look()
            found = self._settled(sight, await self.worker.run(self.stands, sight))
            self._unsettled = found is Standing.UNSETTLED
            if not self._unsettled or time.monotonic() >= deadline:
                return sight, found
            await asyncio.sleep(_AGAIN)

    async def moved_on(self) -> bool:
        """Whether the file may have changed since the last look, or was not whole then."""
        return self._unsettled or await self.file.signature() != self.signature

    def judge(self, sight: Sight, found: Standing) -> bool:
        """Halt or resume exports by themselves, by what was found; True if they halt from now on.

        A file that is just being written decides nothing yet.
        """
        if found is Standing.UNSETTLED:
            return False
        before, reason = self.halt, HALTS.get(found)
        error = f"{sight.error}" if reason and not sight.missing else ""
        self.halt = reason.format(path=self.file.path, error=error) if reason else None
        return self.halt is not None and before is None

    def stands(self, sight: Sight) -> Standing:
        """How the file stands to what we know; reads it as a notebook, so it may take a while."""
        return standing(sight, [baseline.file for baseline in self.known])

    def _settled(self, sight: Sight, found: Standing) -> Standing:
        """Take a file for broken only once its bytes have stood for a while."""
        mark = sight.fingerprint
        if found is not Standing.UNREADABLE or mark is None:
            self._broken = None
            return found
        now = time.monotonic()
        if self._broken is None or not self._broken[0].same_bytes(mark):
            self._broken = mark, now
        return found if now - self._broken[1] >= SETTLING else Standing.UNSETTLED

    def learn(self, baseline: Baseline) -> None:
        """Another server wrote the file, or is about to."""
        newest = self.baseline
        if baseline.intended:
            self.known = (*self.known, baseline)
        elif newest is None or baseline.order >= newest.order:
            self._agreed(baseline)

    async def sweep(self) -> bool:
        """Clear what exports left, or keep it if it is of others; whether some of it is in use."""
        known = (*(baseline.file for baseline in self.known), *self._replaced)
        return await self.file.sweep(known, self.displace)

    def holds(self, sight: Sight) -> bool:
        """Whether the file has the bytes of the newest baseline."""
        return self.baseline is not None and sight.holds(self.baseline.file)

    def _agreed(self, baseline: Baseline) -> None:
        self.known = (baseline,)

    async def agree(self, sight: Sight, snapshot: Snapshot) -> None:
        """Note that the file, as seen, and the document agree."""
        if sight.fingerprint is not None:
            baseline = self._baseline(sight.fingerprint, snapshot, in_place=False)
            self._agreed(await self.worker.run(self.journal.confirm, baseline))

    async def ingested(self, sight: Sight, facts: Digest) -> None:
        """Note what the file holds, which the document has, and edits beyond it.

        The journal position stays that of the baseline before, as it covers none of these edits.
        """
        mark, before = sight.fingerprint, self.baseline
        if mark is not None:
            position = before.position if before is not None else {}
            baseline = Baseline(mark, facts.content, facts.substance, utc_now(), position=position)
            self._agreed(await self.worker.run(self.journal.confirm, baseline))

    async def keep(self, data: bytes, reason: str) -> bool:
        """Set bytes of the file aside; True once they are durable."""
        return await self.worker.run(self.keep_now, data, reason)

    def keep_now(self, data: bytes, reason: str) -> bool:
        """What `keep` does, for a thread that may block."""
        return self.journal.keep(Kept(reason, utc_now(), data))

    def displace(self, data: bytes) -> bool:
        """Keep bytes that an export found in its way, and note that they have to be merged."""
        kept = self.keep_now(data, "displaced")
        if kept:
            self.displaced.append(data)
        return kept

    async def write(self, snapshot: Snapshot, sight: Sight) -> Exported:
        """Export the document over the file as it was seen.

        Raises:
            ExportFailed: the file is as it was.
        """

        async def announce(fingerprint: Fingerprint, in_place: bool) -> None:
            baseline = self._baseline(fingerprint, snapshot, in_place)
            await self.worker.run(self.journal.announce, baseline)
            self.known = (*self.known, baseline)

        content, before = snapshot.content.notebook, self.known
        export = Export(
            content,
            partial(self._pages.render, sight),
            (sight.fingerprint,) if sight.fingerprint else (),
            announce,
            self.displace,
            lambda: not self.released,
        )
        try:
            exported = await self.file.export(export)
        except BaseException:
            # The file may hold what was announced, but document and file did not agree on it.
            self.known = (*self.known[len(before) :], *before)
            raise
        self._replaced = (*self._replaced, *(baseline.file for baseline in before))[-_REPLACED:]
        await self.agree(exported.sight, snapshot)
        self.signature = exported.signature
        return exported

    def _baseline(self, fingerprint: Fingerprint, snapshot: Snapshot, in_place: bool) -> Baseline:
        facts = snapshot.content.digest
        return Baseline(
            fingerprint,
            facts.content,
            facts.substance,
            utc_now(),
            position=snapshot.position,
            in_place=in_place,
        )
