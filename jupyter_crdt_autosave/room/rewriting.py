"""How a document is changed as was decided, while somebody may be typing in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..document.converge import converge
from ..document.mirror import Mirror
from ..document.untracked import UntrackedNotebook
from ..merge.decisions import Content
from ..merge.plan import Plan, changes
from ..merge.revise import revise
from ..worker import Worker
from .alarm import Alarm
from .file_side import Snapshot
from .trust import brings_outputs, carry_over


async def distrusted() -> bool:
    """Of outputs that come from anywhere: they may run no scripts."""
    return False


@dataclass(frozen=True)
class Rewrite:
    """One change of the document.

    ``decide`` makes the plan for the document that it is given, on a thread. ``keep`` keeps what
    the plan replaces: it is awaited before anything is changed. ``trusted`` finds out whether
    outputs that the plan brings may run scripts.
    """

    decide: Callable[[Content], Plan]
    keep: Callable[[Plan, Content], Awaitable[None]]
    trusted: Callable[[], Awaitable[bool]] = distrusted


class Rewriting:
    """Applies plans to one document. All of it runs under the notebook's lock."""

    def __init__(
        self,
        notebook: UntrackedNotebook,
        mirror: Mirror,
        worker: Worker,
        alarm: Alarm,
        snapshot: Callable[[], Awaitable[Snapshot]],
    ) -> None:
        """`snapshot` gives the document as of now."""
        self._notebook = notebook
        self._mirror = mirror
        self._worker = worker
        self._alarm = alarm
        self._snapshot = snapshot

    async def carry_out(self, rewrite: Rewrite) -> tuple[Plan, bool]:
        """Decide, keep what is replaced, and apply; what is typed meanwhile is taken along.

        Returns:
            What was decided, and whether the document had to be changed.

        Raises:
            ContentLoss: text would be lost, and that is to be an error.
        """
        kept, trusted = False, None
        made: Plan | None = None
        while made is None:
            snapshot = await self._snapshot()
            made = await self._worker.run(rewrite.decide, snapshot.content.bare)
            if changes(made.decisions, snapshot.content.notebook) and not kept:
                await rewrite.keep(made, snapshot.content.bare)
                kept = True
            if trusted is None and brings_outputs(snapshot.content.notebook, made.decisions):
                trusted = await rewrite.trusted()
            if self._mirror.changed:
                before, snapshot = snapshot, await self._snapshot()
                made = revise(made, before.content.bare, snapshot.content.bare)
                # Decided anew, it may replace what was not there when that was kept.
                kept = kept and made is not None
                if made and not kept and changes(made.decisions, snapshot.content.notebook):
                    made = None  # what is replaced is to be kept first
        # The document still is this one: nothing may be awaited here.
        return made, self._apply(made, snapshot.content.notebook, bool(trusted))

    def _apply(self, made: Plan, ours: Content, trusted: bool) -> bool:
        self._alarm.heed(made.losses)
        changed = changes(made.decisions, ours)
        if changed:
            decisions = carry_over(ours, made.decisions, trusted)
            converge(self._notebook, ours, decisions, self._mirror.busy())
        return changed
