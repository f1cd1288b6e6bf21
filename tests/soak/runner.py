"""Somebody who runs cells in a real kernel of a notebook that is open in a tab."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_ydoc import YNotebook

from tests.kernel.office import answer_to, enter
from tests.outside.story import Story, code, eventually

CELLS = {
    "short": "1 + 1",
    "long": "import time\nfor i in range(8):\n    print(i)\n    time.sleep(0.5)",
    "flood": "for i in range(20000):\n    print(i)",
    "asks": "print(input('?'))",
    "endless": "while True: pass",
}
"""What is run: the ids of the cells, and their sources. The last two end when they are told to."""


class Runner:
    """Runs cells, and puts what they give into the document, as a tab does."""

    def __init__(self, story: Story, kernel_id: str, kernel: AsyncKernelClient) -> None:
        self.story = story
        self.kernel = kernel
        self._kernel_id = kernel_id
        self._request = ""
        self._outputs: asyncio.Task[None] | None = None

    def add_cells(self) -> None:
        """Add the cells that are run to the end of the notebook."""
        for name, source in CELLS.items():
            self.story.client.notebook.append_cell(dict(code(name, source)))

    async def begin(self, name: str) -> None:
        """Press Shift-Enter, and wait until the server says that a cell is running."""
        await self._press(name)
        await self.known("busy")

    async def known(self, state: str) -> None:
        """Wait until the server says how the kernel is."""

        async def said() -> bool:
            return bool((await self.story.status())["kernel"] == state)

        await eventually(said)

    async def end(self) -> None:
        """Wait until the cell is done, and all that it gave is in the document."""
        await answer_to(self.kernel, self._request, 60)
        await self._gather()

    async def run(self, name: str) -> None:
        """Run a cell that ends by itself."""
        await self._press(name)
        await self.end()

    async def answer(self) -> None:
        """Type the line that the cell asks for."""
        await enter(self.kernel, self._request)
        await self._gather()

    async def interrupt(self) -> None:
        """Press the button that stops a cell."""
        path = f"/api/kernels/{self._kernel_id}/interrupt"
        status, _ = await asyncio.to_thread(self.story.server.request, "POST", path, {})
        assert status == 204
        await self.end()

    async def _press(self, name: str) -> None:
        cell = self._cell(name)
        del cell["outputs"][:]
        self._request = self.kernel.execute(CELLS[name], allow_stdin=True)
        self._outputs = asyncio.create_task(self._listen(name, self._request))

    async def _listen(self, name: str, request: str) -> None:
        """Put the outputs where they belong until the kernel has said that it is done."""
        while True:
            message = await self.kernel.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return
            if kind == "execute_input":
                self._cell(name)["execution_count"] = content["execution_count"]
            elif kind in ("stream", "execute_result", "error"):
                self._cell(name)["outputs"].append({"output_type": kind, **_plain(content)})

    async def _gather(self) -> None:
        assert self._outputs is not None
        await self._outputs

    def _cell(self, name: str) -> Any:
        notebook: YNotebook = self.story.client.notebook
        (cell,) = (cell for cell in notebook.ycells if cell["id"] == name)
        return cell


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """What of a message's content belongs into an output."""
    return {key: value for key, value in content.items() if key != "transient"}


@asynccontextmanager
async def at_work(story: Story) -> AsyncIterator[Runner]:
    """Somebody at a kernel of the notebook's own for as long as the block runs."""
    server = story.server
    body = {
        "path": story.name, "name": story.name, "type": "notebook", "kernel": {"name": "python3"}
    }  # fmt: skip
    status, session = await asyncio.to_thread(server.request, "POST", "/api/sessions", body)
    assert status == 201, session
    kernel_id = session["kernel"]["id"]
    file = server.home / "runtime" / f"kernel-{kernel_id}.json"
    kernel = AsyncKernelClient(connection_file=str(file))
    kernel.load_connection_file()
    kernel.start_channels()
    try:
        await kernel.wait_for_ready(timeout=60)
        yield Runner(story, kernel_id, kernel)
    finally:
        kernel.stop_channels()
        await asyncio.to_thread(server.request, "DELETE", f"/api/sessions/{session['id']}")
