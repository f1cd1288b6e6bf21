"""Every order of what can happen to a notebook: nothing is lost, and the checkpoint is right."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from jupyter_crdt_autosave.kernel import Presence
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(300)

STEPS = ("edit", "run", "idle", "autosave", "save", "clear", "outside", "kill", "restart")
LENGTH = int(os.environ.get("ORDERS", "2"))
"""How many steps, each behind an edit or another; 3 takes a minute or two."""


class Story:
    """One notebook, what has been typed into it, and what has been told to be safe."""

    def __init__(self, desk: Desk, tab: Tab) -> None:
        self.desk = desk
        self.tab = tab
        self.typed: list[str] = []
        self.outside: list[str] = []

    async def play(self, step: str) -> None:
        """Let one thing happen."""
        await getattr(self, f"_{step}")()
        await self.tab.rest()
        self.check()

    def check(self) -> None:
        """All that was typed is there; the checkpoint is there only while the file lacks work."""
        for word in self.typed:
            assert word in self.tab.sources[0], "typed, and lost"
        for word in self.outside:
            assert word in self.tab.sources[1], "written by another program, and lost"
        checkpoint = self.desk.checkpoint()
        if checkpoint is not None:
            assert checkpoint != self.desk.sources(), "it holds nothing that the file lacks"
            assert self.tab.live.status().unsaved

    async def _edit(self) -> None:
        word = f" typed{len(self.typed)}"
        self.typed.append(word)
        self.tab.type(0, word)

    async def _run(self) -> None:
        self.desk.kernels.turn(Presence.BUSY)

    async def _idle(self) -> None:
        ran = self.tab.live.busy
        self.desk.kernels.turn(Presence.IDLE)
        await self.tab.rest()
        if ran and not self.tab.live._autosave.state.outside:
            assert self.desk.sources() == self.tab.sources

    async def _autosave(self) -> None:
        before = (self.desk.root / "nb.ipynb").read_bytes()
        await self.tab.autosave()
        if self.tab.live.busy:
            assert (self.desk.root / "nb.ipynb").read_bytes() == before
            wanted = self.desk.checkpoint() or self.desk.sources()
        else:
            wanted = self.desk.sources()
            assert self.desk.checkpoint() is None
        assert wanted == self.tab.sources

    async def _save(self) -> None:
        await self.tab.live.save()
        assert self.desk.sources() == self.tab.sources
        assert self.desk.checkpoint() is None

    async def _clear(self) -> None:
        await self.tab.live.remove_checkpoint()
        assert self.desk.checkpoint() is None

    async def _outside(self) -> None:
        word = f" outside{len(self.outside)}"
        self.outside.append(word)
        first, second = self.desk.sources()
        self.desk.write(first, second + word)
        await self.tab.live.tick()

    async def _kill(self) -> None:
        assert await self.tab.live.flush(5)
        await self.tab.crash()
        self.desk.kernels.observers.clear()
        await self._reopen()

    async def _restart(self) -> None:
        await self.tab.close()
        await self._reopen()

    async def _reopen(self) -> None:
        self.desk.kernels.presence.clear()
        self.tab = await self.desk.open(max_deferral=60.0)
        if await self.tab.offer() is not None:
            await self.tab.answer("restore")
            assert self.desk.sources() == self.tab.sources


@pytest.mark.parametrize("first", STEPS)
@in_loop
async def test_nothing_is_lost_and_the_checkpoint_is_right_in_every_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    for number, rest in enumerate(itertools.product(STEPS, repeat=LENGTH - 1)):
        desk = Desk(tmp_path / f"{number}")
        desk.write("a", "b")
        story = Story(desk, await desk.open(max_deferral=60.0))
        # An edit between the others makes each of them matter.
        for step in ("edit", first, "edit", *rest):
            await story.play(step)
        await story.play("save")
        await story.tab.close()
