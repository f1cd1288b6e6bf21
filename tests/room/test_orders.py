"""Every order of what can happen to a notebook: nothing is lost, and the checkpoint is right.

``ORDERS`` says how many steps are played, in every order, and ``ORDERS_SHARD=3/16`` that only the
third of sixteen parts of these orders is; ``ORDERS_SAMPLE`` how many orders of six steps are
drawn besides, and ``ORDERS_SEED`` which.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from jupyter_crdt_autosave.kernel import Presence
from tests.support.desk import Desk, Tab
from tests.support.loop import in_loop

STEPS = ("edit", "run", "autosave", "save", "clear", "outside", "kill", "restart")
LENGTH = int(os.environ.get("ORDERS", "3"))
SHARD, SHARDS = map(int, os.environ.get("ORDERS_SHARD", "1/1").split("/"))
SAMPLE = int(os.environ.get("ORDERS_SAMPLE", "120"))
SEED = int(os.environ.get("ORDERS_SEED", "1"))
LONGEST = 6
MEMORY = Path("/dev/shm")
"""Where there is such a thing, files that live for milliseconds need no disk."""

Order = tuple[str, ...]

pytestmark = pytest.mark.timeout(60 + len(STEPS) ** LENGTH // SHARDS // 50)


class Story:
    """One notebook, what was written into it, and what was told to be safe in files."""

    def __init__(self, desk: Desk, tab: Tab) -> None:
        self.desk = desk
        self.tab = tab
        self.path = desk.root / "nb.ipynb"
        self.typed: list[str] = []
        self.outside: list[str] = []
        self.safe: set[str] = set()
        self.dismissed: list[str] | None = None
        self.running: bytes | None = None
        """The file, if a cell was running before the last step."""

    async def play(self, step: str) -> None:
        """Let one thing happen."""
        self.running = self.path.read_bytes() if self.tab.live.busy else None
        await getattr(self, f"_{step}")()
        await self.tab.rest()
        if step not in ("run", "save", "outside", "kill", "restart"):
            self._check_left_alone()
        self.check()

    async def end(self) -> None:
        """Save, and look whether everything is in the file and nothing beside it."""
        await self.play("save")
        await self.tab.close()
        assert [entry.name for entry in self.desk.root.iterdir()] == ["nb.ipynb"]
        assert self.tab.sources == self.desk.sources()

    def check(self) -> None:
        """Nothing is lost or doubled, what was told is true, and the checkpoint is right."""
        typed, outside = (source.split()[1:] for source in self.tab.sources)
        assert (typed, outside) == (self.typed, self.outside), "lost, doubled, or in disorder"
        unsaved = self.desk.sources() != self.tab.sources
        assert self.tab.live.status().unsaved == unsaved, "the user is told something else"
        if not unsaved:
            self.safe = {*self.typed, *self.outside}
        self._check_files()

    def _check_left_alone(self) -> None:
        if self.running is not None:
            assert self.path.read_bytes() == self.running, "written while a cell was running"

    def _check_files(self) -> None:
        """What was told to be safe is in the files; a checkpoint has what the file lacks."""
        self._check_safe()
        checkpoint = self.desk.checkpoint()
        useful = words(checkpoint) - words(self.desk.sources())
        assert checkpoint is None or useful, "a checkpoint without a use"
        assert checkpoint is not None or not self._told_of_checkpoint()

    def _check_safe(self) -> None:
        in_files = words(self.desk.sources()) | words(self.desk.checkpoint())
        assert self.safe <= in_files, "told to be safe, and in no file"

    def _unwanted(self) -> bool:
        """Whether a cell runs, and somebody removed the checkpoint of what the document holds.

        Only the next edit makes a new one.
        """
        return self.tab.live.busy and self.tab.sources == self.dismissed

    def _told_of_checkpoint(self) -> bool:
        """Whether the last that was told of the checkpoint is that there is one."""
        events = [event for _, event in self.desk.topics() if event in ("checkpoint", "cleared")]
        return events[-1:] == ["checkpoint"]

    async def _edit(self) -> None:
        self.typed.append(f"typed{len(self.typed)}")
        self.tab.type(0, f" {self.typed[-1]}")

    async def _run(self) -> None:
        """A cell begins to run, or the one that runs ends: an occasion to write the file."""
        ending = self.tab.live.busy
        self.desk.kernels.turn(Presence.IDLE if ending else Presence.BUSY)
        await self.tab.rest()
        if ending and not self.tab.live._autosave.state.outside:
            assert self.desk.sources() == self.tab.sources

    async def _autosave(self) -> None:
        await self.tab.autosave()
        checkpoint = self.desk.checkpoint()
        assert checkpoint is None or self.tab.live.busy
        if not self._unwanted():
            assert (checkpoint or self.desk.sources()) == self.tab.sources
            self.safe = {*self.typed, *self.outside}

    async def _save(self) -> None:
        await self.tab.live.save()
        assert self.desk.sources() == self.tab.sources
        assert self.desk.checkpoint() is None

    async def _clear(self) -> None:
        there = self.desk.checkpoint() is not None
        assert await self.tab.live.remove_checkpoint() == there
        assert self.desk.checkpoint() is None
        if there:
            self.safe &= words(self.desk.sources())
            self.dismissed = self.tab.sources

    async def _outside(self) -> None:
        self.outside.append(f"outside{len(self.outside)}")
        notebook = json.loads(self.path.read_text(encoding="utf-8"))
        notebook["cells"][1]["source"][-1] += f" {self.outside[-1]}"
        self.path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
        await self.tab.live.tick()

    async def _kill(self) -> None:
        await self.desk.kill(self.tab)
        self._check_safe()
        await self._reopen()

    async def _restart(self) -> None:
        if not self._unwanted():
            self.safe = {*self.typed, *self.outside}
        await self.tab.close()
        self._check_safe()
        await self._reopen()

    async def _reopen(self) -> None:
        self._check_left_alone()
        before = self.path.read_bytes()
        self.desk.kernels.presence.clear()
        self.desk.events.clear()
        self.tab = await self.desk.open(max_deferral=60.0)
        await self.tab.live.tick()
        await self.tab.rest()
        assert self.path.read_bytes() == before, "opening changed the file"
        self.check()
        offer = await self.tab.offer()
        assert (offer is not None) == self.tab.live.status().unsaved
        if offer is not None:
            await self.tab.answer("restore")
            await self.tab.rest()
            assert self.desk.sources() == self.tab.sources


def words(sources: list[str] | None) -> set[str]:
    """What was typed and written into these cells."""
    return {word for source in sources or [] for word in source.split()[1:]}


async def played(home: Path, orders: Iterable[Order]) -> int:
    """Play each of these orders on a new notebook; how many these were."""
    desk, count = Desk(home), 0
    first = desk.write("a", "b").read_bytes()
    for order in orders:
        (desk.root / "nb.ipynb").write_bytes(first)
        story = Story(desk, await desk.open(max_deferral=60.0))
        for at, step in enumerate(order):
            try:
                await story.play(step)
            except Exception as error:
                raise AssertionError(f"{', '.join(order[: at + 1])}: {error}") from error
        await story.end()
        desk.clear()
        count += 1
    return count


def in_shard(order: Order) -> bool:
    """Whether it is this run that plays the order."""
    return zlib.crc32(" ".join(order).encode()) % SHARDS == SHARD - 1


@pytest.fixture
def quick_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory, if there is such a thing."""
    home = Path(tempfile.mkdtemp(dir=MEMORY if os.access(MEMORY, os.W_OK) else tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(home / "data"))
    yield home
    shutil.rmtree(home)


@pytest.mark.parametrize("first", STEPS)
@in_loop
async def test_nothing_is_lost_and_the_checkpoint_is_right_in_every_order(
    quick_home: Path, first: str
) -> None:
    orders = ((first, *rest) for rest in itertools.product(STEPS, repeat=LENGTH - 1))
    print(await played(quick_home, filter(in_shard, orders)), "orders were played")


@in_loop
async def test_nothing_is_lost_and_the_checkpoint_is_right_in_some_long_orders(
    quick_home: Path,
) -> None:
    print(f"ORDERS_SEED={SEED}")
    dice = random.Random(SEED)
    orders = (tuple(dice.choices(STEPS, k=LONGEST)) for _ in range(SAMPLE))
    assert await played(quick_home, orders) == SAMPLE
