"""A notebook that is open on a real server while somebody types into it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat

from tests.support.client import Client, until
from tests.support.server import RealServer

from .editor import cell_of
from .programs import Programs
from .typist import Typist

MARKS = {"k": "# typed:", "s": "# shared:"}
"""The letters of the typist's words, and the cells that they are typed into."""

OPTIONS = ("--CRDTAutosave.interval=1",)
"""How the servers are started."""


def no_alarm(server: RealServer) -> None:
    """The server found nothing to complain about."""
    log = server.log.read_text(encoding="utf-8")
    assert "content_loss" not in log
    assert "Traceback" not in log


def code(name: str, source: str, output: str | None = None) -> Any:
    """A code cell, run if it has an output."""
    outputs = [nbformat.v4.new_output("stream", text=output)] if output else []
    return nbformat.v4.new_code_cell(
        source, id=name, outputs=outputs, execution_count=3 if output else None
    )


def write_story(path: Path) -> None:
    """The notebook's file: cells of the typist's, of the programs', and of both."""
    notebook = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
            },
            "language_info": {"name": "python"},
        }
    )
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# A story\n日本 é 😀", id="title"),
        code("messy", "x = {  'a':37,'b':42 }", "an output\n"),
        code("typed", "# typed: "),
        code("plain", "import math"),
        code("shared", "shared = 'p0'\n# quiet\n# shared: "),
        code("log", "log = []"),
        code("last", "last = 1"),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


async def eventually(condition: Callable[[], Awaitable[Any]], timeout: float = 30.0) -> Any:
    """Wait for a condition that has to be asked for; its value once it is true."""
    deadline = asyncio.get_running_loop().time() + timeout
    while not (value := await condition()):
        assert asyncio.get_running_loop().time() < deadline, "The condition was not met in time."
        await asyncio.sleep(0.1)
    return value


class Story:
    """The open notebook: its file, its tab, the person at the keys, and the programs."""

    def __init__(self, server: RealServer, name: str) -> None:
        self.server = server
        self.name = name
        self.path = server.root / name
        self.client = Client(server, name)
        self.typist = Typist(self.client, MARKS)
        self.programs = Programs(self.path, server.environment())

    @property
    def sources(self) -> list[str]:
        """The sources of the cells in the tab."""
        return self.client.sources

    @property
    def ids(self) -> list[str]:
        """The ids of the cells in the tab."""
        return [str(cell["id"]) for cell in self.client.notebook.ycells]

    def cell(self, name: str) -> dict[str, Any]:
        """The cell of a name, as the tab has it."""
        return cell_of(self.client.notebook.source, name)

    def in_file(self) -> Any:
        """The notebook in the file."""
        return nbformat.read(self.path, as_version=4)

    async def status(self) -> dict[str, Any]:
        """`GET status`."""
        status: dict[str, Any] = await asyncio.to_thread(self.server.status, self.name)
        return status

    async def has(self, *texts: str) -> None:
        """Wait until the tab shows each of these texts, and each once."""
        await until(lambda: all("\n".join(self.sources).count(text) == 1 for text in texts), 30)

    async def exports(self, count: int) -> None:
        """Wait until the file has been written so many more times."""
        for _ in range(count):
            earlier = (await self.status())["last_autosave"]

            async def later(earlier: Any = earlier) -> bool:
                return bool((await self.status())["last_autosave"] != earlier)

            await eventually(later)

    async def settled(self, *texts: str) -> None:
        """Wait until all is quiet, and look whether anything is missing.

        `texts` are what programs wrote: each must stand in document and file, once.
        """
        await self.has(*texts)
        await self.at_rest()
        await self.check(*texts)
        async with Client(self.server, self.name).connected() as fresh:
            assert fresh.sources == self.sources

    async def at_rest(self) -> None:
        """Wait until document and file agree."""
        await eventually(self._agrees)

    async def halted(self) -> str:
        """Wait until exports have stopped; the reason that is shown."""

        async def reason() -> str | None:
            error: str | None = (await self.status())["export_error"]
            return error

        return str(await eventually(reason))

    async def _agrees(self) -> bool:
        try:
            same = self.server.sources(self.name) == self.sources
        except ValueError:
            # Half a file, for now.
            return False
        return same and not (await self.status())["unsaved"]

    async def check(self, *texts: str) -> None:
        """Nothing is lost, neither from the document nor from the file, and nobody is disturbed."""
        notebook = self.in_file()
        nbformat.validate(notebook)
        for sources in (self.sources, [cell.source for cell in notebook.cells]):
            self.typist.check(sources)
            for text in texts:
                assert "\n".join(sources).count(text) == 1, text
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        await self.undisturbed()

    async def undisturbed(self) -> None:
        """The tab was not closed, no caret was lost, and JupyterLab has nothing to ask."""
        assert self.client.closed is None
        assert all(place.thrown == 0 for place in self.typist.places)
        await eventually(self._knows_the_file)
        assert (await self.status())["export_error"] is None

    async def _knows_the_file(self) -> bool:
        """Whether the tab knows the file by its hash; else JupyterLab says "File Changed"."""
        query = f"/api/contents/{self.name}?content=0&hash=1"
        model = await asyncio.to_thread(self.server.get, query)
        state = self.client.notebook.ystate.to_py() or {}
        return bool(state["hash"] == model["hash"])


@asynccontextmanager
async def told(server: RealServer, name: str) -> AsyncIterator[Story]:
    """Write the notebook, open it, and close it when the block ends."""
    write_story(server.root / name)
    story = Story(server, name)
    async with story.client.connected():
        assert (await story.status())["path"] == name
        yield story


def half(path: Path) -> bytes:
    """The first half of a file."""
    data = path.read_bytes()
    assert json.loads(data)
    return data[: len(data) // 2]
