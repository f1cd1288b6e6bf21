"""Whether a notebook that was opened has work that its file lacks, and what becomes of that.

Everything here runs under the notebook's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..errors import NotOffered
from ..file import Sight
from ..merge.base import Base, starting_point
from ..merge.decisions import Content
from ..merge.plan import Plan, measured
from ..schedule import Event, Offered
from ..storage.archive import Draft
from .bases import Bases, base_of
from .checkpoint_side import CheckpointSide
from .clock import utc_now
from .exports import Exports
from .file_side import FileSide
from .keeping import Keeping
from .offer import Offer, Source, offer
from .pages import theirs
from .rewriting import Rewrite, Rewriting
from .voice import Voice


class Offers:
    """The offer that stands for one open notebook, if any.

    As long as it stands, or was not looked for yet, autosave leaves the file alone.
    """

    def __init__(
        self,
        exports: Exports,
        side: FileSide,
        checkpoint: CheckpointSide,
        rewriting: Rewriting,
        bases: Bases,
        keeping: Keeping,
        voice: Voice,
        tell: Callable[[Event], None],
        clock: Callable[[], float],
        document: Callable[[], str],
    ) -> None:
        """Nothing is looked for before `expect`.

        `tell` is told whether an offer stands, `document` gives the document's id in the store.
        """
        self.standing: Offer | None = None
        self._exports = exports
        self._side = side
        self._checkpoint = checkpoint
        self._rewriting = rewriting
        self._bases = bases
        self._keeping = keeping
        self._voice = voice
        self._tell = tell
        self._clock = clock
        self._document = document
        self._expected: tuple[Source, ...] = ()
        self._recovered_at = 0.0
        self._since = 0.0
        self._against: object = None
        self._opened: Callable[[], Content] | None = None
        self._seen = False
        self._merged = False
        self._waived = False
        self._taken = b""

    @property
    def pending(self) -> bool:
        """Whether it was not looked yet for recovered work."""
        return bool(self._expected)

    def expect(
        self, document: bool, merged: bool, at: float, opened: Callable[[], Content]
    ) -> None:
        """The notebook is being opened: there may be recovered work, to be looked for soon.

        Args:
            document: whether the document may hold edits that the file lacks.
            merged: whether the file was changed meanwhile, and merged.
            at: when the document was last changed, in seconds since the epoch.
            opened: gives the document as it was opened; takes long.
        """
        self._expected = (*((Source.DOCUMENT,) if document else ()), Source.CHECKPOINT)
        self._merged, self._recovered_at, self._since = merged, at, self._clock()
        self._opened = None if merged else opened
        self._against = self._side.baseline
        if document:
            self._tell(Offered(True))

    async def look(self) -> None:
        """Find out whether there is recovered work, once."""
        expected, self._expected = self._expected, ()
        found = None
        for source in expected:
            found = found or await self._find(source)
        if found is None and Source.DOCUMENT in expected and not await self._readable():
            # A checkout may be at work: what the file lacks is to be seen once it is back.
            self._expected = (Source.DOCUMENT,)
            return
        self._opened = None
        if expected:
            self._stand(found, "offered")

    def goes_on(self) -> None:
        """Somebody has had the document on the screen all the time: that is nothing recovered."""
        if Source.DOCUMENT in self._expected:
            self._expected = tuple(one for one in self._expected if one is not Source.DOCUMENT)
            self._tell(Offered(False))
        standing = self.standing
        if standing is not None and standing.source is Source.DOCUMENT and not self._seen:
            self._stand(None, "settled")

    async def shown(self) -> Offer | None:
        """The standing offer, which somebody wants to see: from now on it waits for an answer."""
        await self.look()
        await self.refresh()
        self._seen = True
        return self.standing

    async def refresh(self) -> None:
        """The file may have been written: what is offered may be something else, or nothing."""
        before = self.standing
        if before is None or self._against is self._side.baseline:
            return
        found = await self._again(before)
        self._against = self._side.baseline
        self._merged |= found is not None and found.source is Source.DOCUMENT
        if found is None or found.id != before.id:
            self._stand(found, "offered" if found else "settled")

    async def restore(self, id: str) -> None:
        """Keep the recovered work, and write it to the file.

        Raises:
            NotOffered: that is not what is offered.
            ExportFailed: the work is in the document, but not in the file.
        """
        async with self._exports.among_servers():
            standing = await self._meant(id)
            if standing.source is Source.CHECKPOINT:
                await self._merge(standing)
                self._taken = standing.origin
            await self.saving()
            await self._exports.bring_up(explicit=True)
            await self._settle(standing, "restored")

    async def discard(self, id: str) -> None:
        """Take back what is offered, but nothing that was typed since.

        Raises:
            NotOffered: that is not what is offered.
            ArchiveUnavailable: it cannot be kept as a version; nothing was discarded.
        """
        async with self._exports.among_servers():
            standing = await self._meant(id)
            if standing.source is Source.DOCUMENT or standing.origin == self._taken:
                await self._exports.give_up(standing.recovered)
            if standing.source is Source.CHECKPOINT:
                draft = Draft("discard", "checkpoint", utc_now(), standing.recovered)
                await self._keeping.insist([draft])
            await self._settle(standing, "discarded")

    async def saving(self) -> None:
        """The file is about to get the document's work: what it holds is kept before."""
        if Source.DOCUMENT in self._expected:
            await self.look()
        standing = self.standing
        if standing is not None:
            await self._keeping.keep([Draft("restore", "file", utc_now(), standing.file)])

    async def saved(self) -> None:
        """Somebody saved, which answers an offer of the document's work."""
        standing = self.standing
        if standing is None:
            self._expected = tuple(one for one in self._expected if one is not Source.DOCUMENT)
            self._tell(Offered(False))
        elif standing.source is Source.DOCUMENT:
            await self._settle(standing, "restored")

    async def overdue(self, patience: float | None, edited: bool) -> None:
        """Let an offer that no client can show hold up the file no longer.

        Args:
            patience: seconds after which that is so; None: never.
            edited: whether somebody goes on editing.
        """
        standing = self.standing
        if standing is None or self._seen or self._merged or not edited or patience is None:
            return
        if self._clock() - self._since >= patience:
            self._seen = True
            if standing.source is Source.DOCUMENT:
                await self.saving()
                await self._settle(standing, "settled")
            else:
                self._waived = True
                self._tell(Offered(False))

    async def _meant(self, id: str) -> Offer:
        """The standing offer, if it is the one that somebody means, and still what it was.

        Raises:
            NotOffered: it is not.
        """
        await self.look()
        await self._exports.attend()
        await self.refresh()
        standing = self.standing
        if standing is None or standing.id != id:
            raise NotOffered(
                f"What is offered for {self._side.file.path} is something else now, or nothing: it "
                "was answered elsewhere, or the file was changed. Look again."
            )
        return standing

    async def _readable(self) -> bool:
        sight, _ = await self._side.look()
        return await self._side.worker.run(lambda: sight.notebook is not None)

    async def _again(self, before: Offer) -> Offer | None:
        """What of an offer the file still lacks. What was typed since is no part of it."""
        if before.source is Source.CHECKPOINT:
            found = await self._checkpoint.unknown()
            leftovers = await self._side.file.leftovers()
            there = [one.data for one in [*([found] if found else []), *(leftovers or [])]]
            if before.origin not in there:
                return await self._find(before.source)
        await self._exports.snapshot()
        if before.source is Source.DOCUMENT and not self._exports.unsaved:
            return None
        sight, _ = await self._side.look()
        at = self._recovered_at
        return await self._side.worker.run(_rebased, before, sight, at, self._document())

    async def _find(self, source: Source) -> Offer | None:
        found = leftovers = None
        if source is Source.CHECKPOINT:
            found, leftovers = await self._checkpoint.unknown(), await self._side.file.leftovers()
            if found is None and not leftovers:
                return None
        snapshot = await self._exports.snapshot()
        if source is Source.DOCUMENT and not self._exports.unsaved:
            return None
        sight, _ = await self._side.look()
        document, run = snapshot.content.bare, self._side.worker.run
        if source is Source.DOCUMENT:
            same = self._against is self._side.baseline
            if self._opened is not None and self._exports.touched and same:
                document = await run(self._opened)
            return await run(_of_document, document, sight, self._recovered_at, self._document())
        newer = [one for one in leftovers or [] if (one.modified or 0) > (sight.modified or 0)]
        candidates = [*([found] if found else []), *newer]
        baseline = self._side.baseline
        known = await self._bases.known(baseline.file if baseline else None)
        points = [base_of(each) for each in known]
        return await run(_of_files, candidates, document, sight, points, self._document())

    async def _merge(self, standing: Offer) -> None:
        """Let the document have what the checkpoint has beyond the file, untrusted."""
        rewrite = Rewrite(
            lambda ours: measured(standing.file, standing.recovered, ours), self._keep_document
        )
        await self._rewriting.carry_out(rewrite)

    async def _keep_document(self, made: Plan, ours: Content) -> None:
        await self._keeping.keep([Draft("restore", "document", utc_now(), ours)])

    async def _settle(self, standing: Offer, event: str) -> None:
        if standing.source is Source.CHECKPOINT:
            await self._checkpoint.clear_unknown(standing.origin)
            await self._side.file.clear_leftover(standing.origin)
        self._stand(None, event)

    def _stand(self, found: Offer | None, event: str) -> None:
        """Let an offer stand, or none; told if that is news."""
        before, self.standing = self.standing, found
        self._against = self._side.baseline
        self._checkpoint.leave_aside(found is not None and found.source is Source.CHECKPOINT)
        self._tell(Offered(found is not None and not self._waived))
        if found is not None or before is not None:
            self._voice.tell("recovery", event, None, id=found.id if found else None)


def _of_document(document: Content, sight: Sight, at: float, name: str) -> Offer | None:
    if sight.notebook is None:
        return None
    file = theirs(sight.notebook, document["cells"]).content
    return offer(Source.DOCUMENT, document, file, at, sight, name)


def _rebased(before: Offer, sight: Sight, at: float, name: str) -> Offer | None:
    """An offer, now that the file is another one: what the file got is no part of it."""
    if sight.notebook is None:
        return None
    file = theirs(sight.notebook, before.recovered["cells"]).content
    recovered = measured(before.file, file, before.recovered).decisions.content
    return offer(before.source, recovered, file, at, sight, name, before.origin)


def _of_files(
    candidates: Iterable[Sight],
    document: Content,
    sight: Sight,
    points: Sequence[Base],
    name: str,
) -> Offer | None:
    """The first of some files that is a notebook with text which the notebook's own file lacks.

    What was saved since it was made is no part of it, as far as `points`, at which file and
    document agreed, tell that.
    """
    if sight.notebook is None:
        return None
    file = theirs(sight.notebook, document["cells"]).content
    for one in candidates:
        if one.notebook is not None:
            recovered = theirs(one.notebook, file["cells"]).content
            start = starting_point(recovered, points) if points else 0
            if start > 0:
                base = points[start].content
                recovered = measured(base, recovered, file).decisions.content
            made = offer(Source.CHECKPOINT, recovered, file, one.modified, sight, name, one.data)
            if made is not None and _has_text(made):
                return made
    return None


def _has_text(made: Offer) -> bool:
    """Whether there is anything to be recovered but that cells are missing."""
    return any(
        change.after is not None
        and change.after["source"].strip()
        and (change.before is None or change.before["source"] != change.after["source"])
        for change in made.listed
    )
