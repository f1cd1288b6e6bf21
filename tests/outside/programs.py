"""The programs that people run on notebooks, each a process of its own."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ATTEMPTS = 10
"""How often somebody tries again when the file changes at the wrong moment."""
_EDITOR = Path(__file__).with_name("editor.py")
_BLACK = """
import sys, black, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
for cell in notebook.cells:
    if cell.cell_type == "code":
        cell.source = black.format_str(cell.source, mode=black.Mode()).rstrip()
nbformat.write(notebook, sys.argv[1])
"""
_PERSON = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}


class ProgramFailed(AssertionError):
    """A program ended with an error; the message is what it printed."""


class Programs:
    """Runs programs on one notebook, in the folder where it lies."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self.path = path
        self.environment = {**environment, **_PERSON}

    async def run(self, *command: str) -> str:
        """Run a program to its end; what it printed.

        Raises:
            ProgramFailed: it ended with an error.
        """
        process = await self._start(*command)
        output, _ = await process.communicate()
        if process.returncode:
            raise ProgramFailed(f"{' '.join(command)}: {output.decode()}")
        return output.decode()

    async def module(self, name: str, *arguments: str) -> str:
        """Run a Python program by the name of its module."""
        return await self.run(sys.executable, "-m", name, *arguments)

    async def git(self, *arguments: str) -> str:
        """Run git."""
        return await self.run("git", *arguments)

    async def edit(self, *edits: tuple[str, str, str], way: str = "in_place") -> None:
        """Edit the file with a program that reads it and writes it back at once."""
        await self.run(*self._editor(edits), "--way", way)

    @asynccontextmanager
    async def thinking(
        self, *edits: tuple[str, str, str], way: str = "in_place"
    ) -> AsyncIterator[None]:
        """A program that has read the file by now, and writes it back when the block ends."""
        process = await self._start(*self._editor(edits), "--way", way, "--wait")
        assert process.stdin is not None and process.stdout is not None
        assert await process.stdout.readline() == b"read\n"
        yield
        output, _ = await process.communicate(b"\n")
        assert process.returncode == 0, output.decode()

    async def black(self) -> None:
        """Format the cells."""
        if importlib.util.find_spec("tokenize_rt"):
            await self.module("black", "--quiet", self.path.name)
        else:
            await self.run(sys.executable, "-c", _BLACK, self.path.name)

    async def strip(self) -> None:
        """Remove the outputs."""
        await self.module("nbstripout", self.path.name)

    async def clear(self) -> None:
        """Remove the outputs, as nbconvert does it."""
        await self.module(
            "nbconvert", "--to", "notebook", "--inplace", "--log-level=ERROR",
            "--ClearOutputPreprocessor.enabled=True", self.path.name,
        )  # fmt: skip

    async def papermill(self, **parameters: str) -> None:
        """Run the notebook with parameters."""
        chosen = [part for name, value in parameters.items() for part in ("-p", name, value)]
        await self.module(
            "papermill", "--no-progress-bar", self.path.name, self.path.name, *chosen
        )  # fmt: skip

    async def pair(self) -> None:
        """Pair the notebook with a script."""
        await self.module(
            "jupytext", "--quiet", "--set-formats", "ipynb,py:percent", self.path.name
        )

    async def pull(self) -> None:
        """Bring the script up to the notebook; again if that is just being written."""
        for _ in range(ATTEMPTS):
            try:
                await self.module("jupytext", "--quiet", "--sync", self.path.name)
                return
            except ProgramFailed as failure:
                if "SynchronousModificationError" not in str(failure):
                    raise
        raise AssertionError("The file was never still.")

    async def push(self, old: str, new: str) -> None:
        """Edit the script, and bring the notebook up to it."""
        script = self.path.with_suffix(".py")
        text = script.read_text(encoding="utf-8")
        assert old in text
        script.write_text(text.replace(old, new), encoding="utf-8")
        # The younger of the two files counts, and the notebook's is written all the time.
        os.utime(script, (time.time() + 60, time.time() + 60))
        await self.pull()

    def _editor(self, edits: tuple[tuple[str, str, str], ...]) -> list[str]:
        asked = [part for one in edits for part in ("--edit", *one)]
        return [sys.executable, "-I", "-S", str(_EDITOR), self.path.name, *asked]

    async def _start(self, *command: str) -> Process:
        return await asyncio.create_subprocess_exec(
            *command, cwd=self.path.parent, env=self.environment,
            stdin=PIPE, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip
