"""The file as a live notebook knows it: which of its bytes are ours, and why it may be left alone.

Nothing here touches the document.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..document.mirror import Content
from ..file import Export, NotebookFile, Sight
from ..merge.pairing import with_ids_of
from ..model import Baseline, Fingerprint, Kept, Position
from ..notebook import Notebook
from ..storage.journal import Journal
from ..worker import Worker
from .clock import utc_now
from .target import HALTS, Standing, standing


@dataclass(frozen=True)
class Snapshot:
    """The document's content, and the journal position that it goes with."""

    content: Content
    position: Position


@dataclass
class FileSide:
    """Reads, judges and writes one notebook's file.

    ``known`` are the baselines whose bytes the file may hold, the newest last; ``aside`` the bytes
    of others that were kept; ``halt`` says why nothing is exported by itself, ``released`` that the
    notebook was deleted from its path.
    """

    file: NotebookFile
    journal: Journal
    worker: Worker
    known: tuple[Baseline, ...]
    halt: str | None = None
    aside: list[Fingerprint] = field(default_factory=list)
    signature: object = None
    released: bool = False

    @property
    def baseline(self) -> Baseline | None:
        """The newest point where file and document agreed."""
        return self.known[-1] if self.known else None

    async def look(self) -> tuple[Sight, Standing]:
        """Read the file, and say how it stands to what we know."""
        self.signature = await self.file.signature()
        sight = await self.file.look()
        return sight, await self.worker.run(self.stands, sight)

    async def moved_on(self) -> bool:
        """Whether the file may have changed since the last look."""
        return await self.file.signature() != self.signature

    def judge(self, sight: Sight, found: Standing) -> None:
        """Halt or resume exports by themselves, by what was found."""
        reason = HALTS.get(found)
        error = f"{sight.error}" if reason and not sight.missing else ""
        self.halt = reason.format(path=self.file.path, error=error) if reason else None

    def stands(self, sight: Sight) -> Standing:
        """How the file stands to what we know; reads it as a notebook, so it may take a while."""
        return standing(sight, self._replaceable())

    def learn(self, baseline: Baseline) -> None:
        """Another server wrote the file, or is about to."""
        newest = self.baseline
        if baseline.intended:
            self.known = (*self.known, baseline)
        elif newest is None or baseline.order >= newest.order:
            self._agreed(baseline)

    def holds(self, sight: Sight) -> bool:
        """Whether the file has the bytes of the newest baseline."""
        return self.baseline is not None and sight.holds(self.baseline.file)

    def _agreed(self, baseline: Baseline) -> None:
        self.known, self.aside = (baseline,), []

    async def agree(self, sight: Sight, snapshot: Snapshot) -> None:
        """Note that the file, as seen, and the document agree."""
        if sight.fingerprint is not None:
            baseline = self._baseline(sight.fingerprint, snapshot, in_place=False)
            self._agreed(await self.worker.run(self.journal.confirm, baseline))

    async def keep(self, data: bytes, reason: str) -> bool:
        """Set bytes of the file aside; True once they are durable."""
        return await self.worker.run(self.keep_now, data, reason)

    def keep_now(self, data: bytes, reason: str) -> bool:
        """What `keep` does, for a thread that may block."""
        return self.journal.keep(Kept(reason, utc_now(), data))

    async def write(self, snapshot: Snapshot, sight: Sight) -> tuple[Sight, str | None]:
        """Export the document over the file as it was seen.

        Returns:
            The file as read back, and what went wrong after it was whole.

        Raises:
            ExportFailed: the file is as it was.
        """

        async def announce(fingerprint: Fingerprint, in_place: bool) -> None:
            baseline = self._baseline(fingerprint, snapshot, in_place)
            await self.worker.run(self.journal.announce, baseline)
            self.known = (*self.known, baseline)

        content = snapshot.content.notebook
        exported = await self.file.export(
            Export(
                content,
                await self.worker.run(_base, sight, content["cells"]),
                (sight.fingerprint,) if sight.fingerprint else (),
                announce,
                lambda data: self.keep_now(data, "displaced"),
                lambda: not self.released,
            )
        )
        await self.agree(exported.sight, snapshot)
        self.signature = await self.file.signature()
        return exported.sight, exported.warning

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

    def _replaceable(self) -> list[Fingerprint]:
        return [baseline.file for baseline in self.known] + self.aside


def theirs(notebook: Notebook, ours: list[dict[str, object]]) -> Notebook:
    """The notebook in a file, whose nameless cells have the ids of their counterparts."""
    nameless = {place for place, own in enumerate(notebook.own_ids) if own is None}
    nameless |= set(range(len(notebook.own_ids), len(notebook.content["cells"])))
    if not nameless:
        return notebook
    cells = with_ids_of(ours, notebook.content["cells"], nameless)
    return notebook.with_ids([cell["id"] for cell in cells])


def _base(sight: Sight, ours: list[dict[str, object]]) -> Notebook | None:
    return theirs(sight.notebook, ours) if sight.notebook is not None else None
