"""Somebody who watches over a notebook's file while a cell is running."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.outside.editor import edit
from tests.outside.programs import Programs

GLANCE = 0.005
"""Seconds between two looks at the file."""


class Guard:
    """Looks at a file all the time: it must hold what it held, or what one program writes.

    ``looks`` counts the looks, ``strange`` has the sizes of whatever else was seen, in bytes.
    """

    def __init__(self, path: Path) -> None:
        self.looks = 0
        self.strange: set[int] = set()
        self._path = path
        self._rightful = path.read_bytes()
        self._coming = self._rightful

    async def edit(self, programs: Programs, change: tuple[str, str, str], way: str) -> None:
        """Let a program edit the file, whose bytes are known beforehand."""
        notebook = json.loads(self._rightful)
        edit(notebook, *change)
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        self._coming = text.encode()
        await programs.edit(change, way=way)
        assert self._path.read_bytes() == self._coming
        self._rightful = self._coming

    def look(self) -> None:
        """Compare the file with what may be in it; a program may be half way through it."""
        data = self._path.read_bytes()
        self.looks += 1
        half = self._coming is not self._rightful and self._coming.startswith(data)
        if data != self._rightful and not half:
            self.strange.add(len(data))

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(GLANCE)


@asynccontextmanager
async def guarding(path: Path) -> AsyncIterator[Guard]:
    """Nobody but programs that the guard knows of may write the file while the block runs."""
    guard = Guard(path)
    watch = asyncio.create_task(guard.watch())
    try:
        yield guard
        guard.look()
    finally:
        watch.cancel()
        await asyncio.wait([watch])
    assert not guard.strange, (
        f"while a cell was running, the file had {guard.strange} strange bytes"
    )
