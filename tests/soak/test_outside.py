"""Typing, and programs at random moments: nothing that either side wrote may be lost.

``SOAK_OUTSIDE`` says how many programs are run, ``SOAK_SEED`` which ones, and when.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.outside import kept
from tests.outside.repository import Repository
from tests.outside.story import OPTIONS, Story, no_alarm, told
from tests.support.client import until
from tests.support.loop import in_loop
from tests.support.server import RealServer

ROUNDS = int(os.environ.get("SOAK_OUTSIDE", "25"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
IN_A_SESSION = 12
"""Programs between two moments of quiet, at which everything is looked at."""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(120 + 15 * ROUNDS)]


Action = Callable[[], Awaitable[None]]


class Crowd:
    """All the programs that somebody runs on one notebook, and what they wrote."""

    def __init__(self, story: Story, dice: random.Random) -> None:
        self.story = story
        self.programs = story.programs
        self.repository = Repository(story.programs)
        self.dice = dice
        self.words: list[str] = []
        self.log: list[str] = []
        self._number = 0

    async def begin(self) -> None:
        """Put the notebook under git, with a branch, and pair it with a script."""
        await self.programs.pair()
        await self.repository.begin()
        await self.repository.branch("other", ("append", "plain", f"# {self.word()}"))
        await self.repository.merge("other")

    def word(self) -> str:
        """A word that no program has written yet."""
        self._number += 1
        self.words.append(f"p{self._number:05d}")
        self.log.append(self.words[-1])
        return self.words[-1]

    async def act(self) -> str:
        """Run some program; its name."""
        actions: list[tuple[int, Action]] = [
            (6, self.edit), (5, self.think), (2, self.clear), (2, self.strip), (2, self.black),
            (2, self.synchronise), (2, self.merge), (1, self.touch), (2, self.add_a_cell),
        ]  # fmt: skip
        weights = [weight for weight, _ in actions]
        action = self.dice.choices([action for _, action in actions], weights)[0]
        name = str(getattr(action, "__name__", action))
        self.log.append(name)
        await action()
        return name

    async def edit(self) -> None:
        """An editor writes at once, or slowly."""
        way = self.dice.choice(["in_place", "rename", "slow"])
        await self.programs.edit(self._append(), way=way)

    async def think(self) -> None:
        """An agent reads, thinks while somebody types and the file is exported, and writes."""
        way = self.dice.choice(["in_place", "rename", "slow"])
        async with self.programs.thinking(self._append(), way=way):
            await asyncio.sleep(self.dice.random() * 4)

    async def clear(self) -> None:
        """A notebook was run elsewhere, and its outputs are removed."""
        await self.programs.edit(("output", "messy", f"{self._number}\n"), self._append())
        await self.programs.clear()

    async def strip(self) -> None:
        """The same with another program."""
        await self.programs.edit(("output", "messy", f"{self._number}\n"), self._append())
        await self.programs.strip()

    async def black(self) -> None:
        """A line in need of being formatted, and the program that does it."""
        await self.programs.edit(("append", "log", f"log.append( '{self.word()}' )"))
        await self.programs.black()

    async def synchronise(self) -> None:
        """The script is edited while the notebook goes on."""
        await self.programs.pull()
        await asyncio.sleep(self.dice.random() * 1.5)
        await self.programs.push("log = []", f"log = []\n# {self.word()}")

    async def merge(self) -> None:
        """A branch got a commit and is merged."""
        await self.in_file()
        await self.repository.save()
        await self.repository.go_on("other", ("append", "plain", f"# {self.word()}"))
        await self.repository.merge("other")

    async def touch(self) -> None:
        """Nothing is changed."""
        os.utime(self.story.path)

    async def add_a_cell(self) -> None:
        """A cell is added, and another is moved."""
        to = str(self.dice.randrange(5))
        await self.programs.edit(("add", "last", self.word()), ("move", "title", to))

    async def in_file(self) -> None:
        """Wait until all that was written so far is in the file."""
        await self.all_in(self._file)

    async def all_in(self, sources: Callable[[], list[str]]) -> None:
        """Wait until every word that was written so far is in these texts."""
        with suppress(AssertionError):
            await until(lambda: set(self.words) <= set(self.found(sources())), 30)
        missing = set(self.words) - set(self.found(sources()))
        assert not missing, f"{sorted(missing)} lost; {self.log[-20:]}"

    def check(self) -> None:
        """Every word of every program is in the document, once."""
        assert sorted(self.found(self.story.sources)) == sorted(self.words)

    async def go_back(self) -> None:
        """An earlier revision is checked out; what it lacks is in a version."""
        typed = [word for place in self.story.typist.places for word in place.words]
        await self.repository.save()
        depth = self.dice.choice([1, 2])
        await self.programs.git("checkout", f"HEAD~{depth}", "--", self.story.path.name)
        await until(lambda: self.story.sources == self._file(), 30)
        await self.story.at_rest()
        old = " ".join(kept.sources(self.story.server.store))
        there = "\n".join(self.story.sources)
        for word in (*typed, *self.words):
            assert word in there or word in old, f"{word} is lost"
        self.words = [word for word in self.words if word in there]
        for place in self.story.typist.places:
            place.words = place.found(self.story.sources)
            # The revision may be of a moment in the middle of a word, which then stands behind the
            # caret.
            place.go_to_end()
            for key in "\n# ":
                place.type(key)

    def _append(self) -> tuple[str, str, str]:
        return "append", "log", f"log.append('{self.word()}')"

    def _file(self) -> list[str]:
        try:
            return self.story.server.sources(self.story.name)
        except ValueError:
            # Half a file, for now.
            return []

    def found(self, sources: list[str]) -> list[str]:
        """The programs' words in these texts."""
        return re.findall(r"p\d{5}", "\n".join(sources))


async def session(crowd: Crowd, count: int) -> None:
    """So many programs while somebody types; then all must be there."""
    async with crowd.story.typist.typing():
        for _ in range(count):
            print(await crowd.act(), end=" ", flush=True)
            await asyncio.sleep(crowd.dice.choice([0, 0, 0.3, 1.2]))
    await crowd.all_in(lambda: crowd.story.sources)
    crowd.check()
    await crowd.story.settled()
    crowd.check()
    print(f"\n{crowd.story.typist.count} words were typed, {len(crowd.words)} written")


@in_loop
async def test_nothing_that_a_person_or_a_program_wrote_is_lost(tmp_path: Path) -> None:
    print(f"SOAK_SEED={SEED}")
    server = RealServer(tmp_path, *OPTIONS)
    server.start()
    try:
        async with told(server, "nb.ipynb") as story:
            story.typist.pause = 0.03
            crowd = Crowd(story, random.Random(SEED))
            await crowd.begin()
            for start in range(0, ROUNDS, IN_A_SESSION):
                await session(crowd, min(IN_A_SESSION, ROUNDS - start))
                await crowd.go_back()
    finally:
        server.close()
    no_alarm(server)
