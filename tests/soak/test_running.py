"""Typing, running cells and programs at random moments, for as long as one likes.

``SOAK_MINUTES`` says how long, ``SOAK_SEED`` what happens. Every round ends at rest: nobody types,
no cell runs, and what was due is written. Then document, file and status must agree exactly, and
the memory that the server needs is noted.

Of memory is asked that it does not grow by a quarter of a document per round. A document is taken
to need the bytes of its file, which `BALLAST` makes more than a megabyte and a half. If each round
keeps a document, that shows once three quarters of it have added up to `FLUCTUATION` in a third of
the rounds: after some hundred rounds, or seven minutes. A minute shows only what is much worse.
Compared are the lowest figures of the second and of the last third of the rounds: in the first
third, Python and SQLite get the room that they keep, and a single figure may be one of a moment
just after a merge. So that memory which was freed does not count, malloc is told to return it.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from tests.outside.story import Story, eventually, no_alarm, told
from tests.support.client import Client, until
from tests.support.loop import in_loop
from tests.support.server import RealServer

from .guard import guarding
from .runner import Runner, at_work
from .test_outside import Crowd

MINUTES = float(os.environ.get("SOAK_MINUTES", "1"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
BALLAST = 1_500_000
"""Bytes of an output that makes the notebook large."""
FLUCTUATION = 40_000_000
"""Bytes by which the memory of a server goes up and down where nothing is kept."""
LEAST_ROUNDS = 3
WATCHED = 2.0
"""Seconds of a cell for which the file is watched; the interval and the pause are shorter."""
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
"""Without these, glibc keeps what was freed for later: a hundred megabytes more, in steps."""
OPTIONS = ("--CRDTAutosave.interval=1", "--CRDTAutosave.max_deferral=2")

pytestmark = [pytest.mark.soak, pytest.mark.timeout(180 + 90 * MINUTES)]


class Day:
    """Somebody's day at one notebook."""

    def __init__(self, story: Story, runner: Runner, dice: random.Random) -> None:
        self.story = story
        self.runner = runner
        self.dice = dice
        self.crowd = Crowd(story, dice)
        self.log: list[str] = []
        self.looks = 0
        self._checkpoint = story.path.parent / ".autosave" / story.path.name

    async def begin(self) -> None:
        """Add the cells that are run, and an output that makes the notebook large."""
        self.runner.add_cells()
        line = "".join(self.dice.choices("abcdefghijklmnop ", k=99)) + "\n"
        output = nbformat.v4.new_output("stream", text=line * (BALLAST // 100))
        cells = self.story.client.notebook.ycells
        (cell,) = (cell for cell in cells if cell["id"] == "plain")
        cell["outputs"].append(dict(output))
        await self.rest()

    async def round(self) -> None:
        """Type while this and that happens, and rest."""
        actions: list[Callable[[], Awaitable[None]]] = [
            self.short, self.long, self.flood, self.asks, self.endless, self.crowd.edit, self.pause,
        ]  # fmt: skip
        async with self.story.typist.typing():
            for action in self.dice.choices(actions, k=self.dice.randint(2, 4)):
                self.log.append(getattr(action, "__name__", ""))
                await action()
        self.log.append("rest")
        await self.rest()

    async def short(self) -> None:
        """Cells that are done at once."""
        for _ in range(self.dice.randint(1, 5)):
            await self.runner.run("short")

    async def flood(self) -> None:
        """A cell that gives more than anybody reads."""
        await self.runner.run("flood")

    async def pause(self) -> None:
        """Only typing."""
        await asyncio.sleep(self.dice.random() * 2)

    async def long(self) -> None:
        """A cell that runs for some seconds; the file is not touched meanwhile."""
        await self._begin("long")
        async with guarding(self.story.path) as guard:
            await asyncio.sleep(WATCHED)
        self.looks += guard.looks
        await self.runner.end()

    async def asks(self) -> None:
        """A cell that waits for a line, while a program edits the file."""
        await self._begin("asks")
        await self._edit_under_guard()
        await self.runner.answer()

    async def endless(self) -> None:
        """A cell that gets a checkpoint, and is interrupted."""
        await self._begin("endless")
        await self._edit_under_guard()
        await until(self._checkpoint.exists)
        await self.runner.interrupt()

    async def rest(self) -> None:
        """Wait until all is done, and look whether anything is amiss."""
        await eventually(self._agrees, 30)
        status = await self.story.status()
        assert (status["deferred"], status["due_at"], status["export_error"]) == (None, None, None)
        assert status["journal"]["healthy"]
        # The checkpoint goes right after the file was written.
        await until(lambda: os.listdir(self.story.path.parent) == [self.story.name], 2)
        self.crowd.check()
        await self.story.check()
        async with Client(self.story.server, self.story.name).connected() as fresh:
            assert content(fresh.notebook.source) == content(self.story.in_file())

    async def _begin(self, name: str) -> None:
        """Run a cell; what was being written before is written."""
        await self.runner.begin(name)
        path = f"/api/crdt-autosave/autosave/{self.story.name}"
        status, answer = await asyncio.to_thread(self.story.server.request, "POST", path)
        assert status == 200 and answer["target"] != "notebook", answer

    async def _edit_under_guard(self) -> None:
        change = "append", "log", f"log.append('{self.crowd.word()}')"
        async with guarding(self.story.path) as guard:
            await asyncio.sleep(WATCHED)
            way = self.dice.choice(["in_place", "rename", "slow"])
            await guard.edit(self.story.programs, change, way)
        self.looks += guard.looks

    async def _agrees(self) -> bool:
        status = await self.story.status()
        if status["unsaved"] or status["kernel"] != "idle":
            return False
        return content(self.story.in_file()) == content(self.story.client.notebook.source)


def content(notebook: Any) -> list[dict[str, Any]]:
    """All that is in the cells, but whether their outputs are trusted, which no file says."""
    cells = [dict(nbformat.from_dict(cell)) for cell in notebook["cells"]]
    for cell in cells:
        cell["metadata"] = {**cell["metadata"], "trusted": None}
    return cells


def held_flat(memory: list[int], document: int) -> None:
    """The server's memory does not grow by a quarter of a document per round."""
    third = len(memory) // 3
    early, late = min(memory[third : 2 * third]), min(memory[-third:])
    allowed = FLUCTUATION + third * document / 4
    figures = " to ".join(f"{figure / 1e6:.1f} MB" for figure in (early, late))
    print(f"{len(memory)} rounds: {figures}, and {allowed / 1e6:.1f} MB more are allowed")
    assert late - early < allowed, memory


@in_loop
async def test_hours_of_typing_and_running_leave_nothing_behind_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in MALLOC.items():
        monkeypatch.setenv(name, value)
    print(f"SOAK_SEED={SEED}")
    server = RealServer(tmp_path, *OPTIONS)
    server.start()
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    memory: list[int] = []
    try:
        async with told(server, "nb.ipynb") as story, at_work(story) as runner:
            story.typist.pause = 0.03
            day = Day(story, runner, random.Random(SEED))
            await day.begin()
            end = time.monotonic() + 60 * MINUTES
            while time.monotonic() < end or len(memory) < LEAST_ROUNDS:
                await day.round()
                memory.append(process.memory_info().rss)
                print(*day.log, f"{memory[-1] / 1e6:.1f} MB", flush=True)
                day.log.clear()
            held_flat(memory, story.path.stat().st_size)
            print(f"{story.typist.count} words typed, {len(day.crowd.words)} written by programs")
            print(f"{day.looks} looks at the file while a cell ran")
    finally:
        server.close()
    no_alarm(server)
