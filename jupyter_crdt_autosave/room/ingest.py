"""How what came from outside gets into the document. All of it runs under the notebook's lock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..file import Sight
from ..merge.copied import differences
from ..merge.decisions import Content
from ..merge.plan import Named, Plan, is_same_notebook, measured, plan
from ..notebook import Notebook, digest
from ..storage.archive import Draft, StoredBaseline
from .alarm import Alarm
from .bases import Bases, base_of
from .clock import utc_now
from .file_side import FileSide, Snapshot
from .keeping import Keeping
from .pages import theirs
from .rewriting import Rewrite, Rewriting, distrusted
from .voice import Voice


@dataclass(frozen=True)
class Arrival:
    """Something from outside.

    ``named`` and ``whole`` are what `merge.plan.plan` takes; ``side`` says whose it is, ``trusted``
    finds out whether its outputs may run scripts.
    """

    named: Named
    side: str
    trusted: Callable[[], Awaitable[bool]] = distrusted
    whole: bool = False


class Ingest:
    """Merges into one document what other programs wrote to its file, or what a client brought."""

    def __init__(
        self,
        rewriting: Rewriting,
        side: FileSide,
        bases: Bases,
        keeping: Keeping,
        alarm: Alarm,
        voice: Voice,
        snapshot: Callable[[], Awaitable[Snapshot]],
    ) -> None:
        """`snapshot` gives the document as of now."""
        self._rewriting = rewriting
        self._side = side
        self._bases = bases
        self._keeping = keeping
        self._alarm = alarm
        self._voice = voice
        self._snapshot = snapshot

    async def meet(self, sight: Sight, whole: bool = False) -> bool:
        """Another program wrote the file: merge that, and note where both stand then.

        Args:
            sight: the file.
            whole: whether the document was not edited, and becomes the file exactly.

        Returns:
            Whether the document holds edits beyond what the file has.

        Raises:
            ContentLoss: text would be lost, and that is to be an error.
        """
        notebook, mark = sight.notebook, sight.fingerprint
        assert notebook is not None and mark is not None
        bases = await self._points()
        # Again what it was at an earlier point: an undo, a checkout, a stash. Somebody wanted that.
        whole |= any(sight.holds(baseline.file) for baseline in bases[1:])
        trust = partial(self._side.file.trusted, sight)
        made, changed = await self._take_in(Arrival(_naming(notebook), "file", trust, whole), bases)
        ahead = await self._note(sight, made)
        self._bases.remember(mark, made.file, made.theirs)
        await self._bases.flush()
        self._tell(made, changed, "merged" if ahead else "ingested")
        return ahead

    async def give_up(self, sight: Sight, listed: Content | None) -> None:
        """Make the document what the file holds: somebody gives up what it has beyond that.

        Args:
            sight: the file.
            listed: what was shown to them; what was typed since stays. None: nothing stays.

        Raises:
            ArchiveUnavailable: what is given up cannot be kept; nothing was changed.
        """
        notebook, mark = sight.notebook, sight.fingerprint
        assert notebook is not None and mark is not None
        named = _naming(notebook)

        async def keep(made: Plan, ours: Content) -> None:
            await self._keeping.insist([Draft("discard", "document", utc_now(), ours)])

        def decide(ours: Content) -> Plan:
            since = listed or ours
            return measured(since, named(since["cells"]), ours)

        trust = partial(self._side.file.trusted, sight)
        made, changed = await self._rewriting.carry_out(Rewrite(decide, keep, trust))
        if made.conflicts:
            # Typed on in the very words: they stay, and whoever gave them up is told.
            await self._keep_conflicts("file", made)
            self._tell(made, changed, "ingested")
        await self._note(sight, made)
        self._bases.remember(mark, made.file, made.theirs)
        await self._bases.flush()

    async def verify(self, sight: Sight, held: Content) -> None:
        """Make sure that a document which was just made of a file has all that is in it."""
        notebook = sight.notebook
        if notebook is not None:
            self._alarm.heed(await self._side.worker.run(differences, notebook.content, held))

    async def rescue(self, data: bytes) -> None:
        """Merge what another program wrote just before its file was replaced."""
        sight = Sight(data)
        notebook = await self._side.worker.run(lambda: sight.notebook)
        if notebook is not None:
            arrival = Arrival(_naming(notebook), "file")
            self._tell(*await self._take_in(arrival, await self._points()), "merged")

    async def welcome(self, content: Content, of_this_file: bool) -> None:
        """Merge what a client of another history has.

        Args:
            content: that, in normal form.
            of_this_file: whether the client last agreed with the file as it is now.
        """
        bases = await self._points() if of_this_file else []
        arrival = Arrival(lambda _: content, "client")
        self._tell(*await self._take_in(arrival, bases[:1]), "merged")

    async def _take_in(
        self, arrival: Arrival, bases: Sequence[StoredBaseline]
    ) -> tuple[Plan, bool]:
        """Decide, keep both sides, and apply.

        Returns:
            What was decided, and whether the document had to be changed.
        """
        points = [base_of(baseline) for baseline in bases]
        rewrite = Rewrite(
            lambda ours: plan(arrival.named, points, ours, arrival.whole),
            lambda made, ours: self._keep_both(arrival, made, ours),
            arrival.trusted,
        )
        made, changed = await self._rewriting.carry_out(rewrite)
        if made.conflicts:
            await self._keep_conflicts(arrival.side, made)
        return made, changed

    async def _note(self, sight: Sight, made: Plan) -> bool:
        """Note what the file holds; True if the document, as it is now, holds edits beyond that."""
        snapshot = await self._snapshot()
        held = snapshot.content.bare
        ahead = not await self._side.worker.run(is_same_notebook, made.theirs, held)
        if ahead:
            facts = await self._side.worker.run(digest, made.theirs)
            await self._side.ingested(sight, facts)
        else:
            await self._side.agree(sight, snapshot)
        return ahead

    async def _points(self) -> list[StoredBaseline]:
        """What a change of the file may have started from, newest first.

        Where nobody knows any more what the file held last, but the document was not edited since,
        the document itself is that.
        """
        newest = self._side.baseline
        found = await self._bases.known(newest.file if newest else None)
        if newest is None or (found and newest.file.same_bytes(found[0].file)):
            return found
        snapshot = await self._snapshot()
        if newest.substance != snapshot.content.digest.substance:
            return found
        ours = snapshot.content.bare
        return [StoredBaseline(newest.file, newest.at, ours, ours), *found]

    async def _keep_both(self, arrival: Arrival, made: Plan, ours: Content) -> None:
        now, kind = utc_now(), "loss" if made.losses else "external"
        await self._keeping.keep(
            [Draft(kind, "document", now, ours), Draft(kind, arrival.side, now, made.file)]
        )

    async def _keep_conflicts(self, side: str, made: Plan) -> None:
        marks = [{"cell": mark.cell, "kind": mark.kind} for mark in made.conflicts]
        draft = Draft("conflict", side, utc_now(), made.file, details={"cells": marks})
        await self._keeping.keep([draft])

    def _tell(self, made: Plan, changed: bool, event: str) -> None:
        cells = [mark.cell for mark in made.conflicts if mark.kind != "kept"]
        if cells:
            self._voice.tell("file", "conflict", None, cells=cells)
        elif changed:
            self._voice.tell("file", event, None)


def _naming(notebook: Notebook) -> Named:
    return lambda cells: theirs(notebook, cells).content
