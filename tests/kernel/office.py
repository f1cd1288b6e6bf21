"""Real kernels with the server's own managers, and what is known of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

from jupyter_crdt_autosave.kernel import Kernels, Presence
from tests.support.inside import serving

IDLE, BUSY, NONE = Presence.IDLE, Presence.BUSY, Presence.NONE

NOTHING_OF_OURS = {"jupyter_server_fileid": False}


class Office:
    """A server whose kernels are followed, and clients of these kernels on the server itself."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.kernels = self.make_kernels()
        self.turns: list[tuple[float, Presence]] = []
        self._turned = asyncio.Event()
        self._clients: list[AsyncKernelClient] = []

    def make_kernels(self) -> Kernels:
        """What is tested."""
        app = self.app
        return Kernels(app.kernel_manager, app.session_manager, app.event_logger, app.log)

    async def open(
        self, path: str = "nb.ipynb", kernel_id: str | None = None, kind: str = "notebook"
    ) -> str:
        """Begin a session, with a new kernel unless there is one; the kernel's id."""
        session = await self.app.session_manager.create_session(
            path=path, name=path, type=kind, kernel_name="python3", kernel_id=kernel_id
        )
        return str(session["kernel"]["id"])

    async def client(self, kernel_id: str) -> AsyncKernelClient:
        """A client of a kernel that answers."""
        client: AsyncKernelClient = self.app.kernel_manager.get_kernel(kernel_id).client()
        self._clients.append(client)
        client.start_channels()
        await client.wait_for_ready(timeout=30)
        return client

    async def ready(self, path: str = "nb.ipynb") -> tuple[str, AsyncKernelClient]:
        """A notebook with a kernel that has nothing to do, and a client."""
        kernel_id = await self.open(path)
        client = await self.client(kernel_id)
        await self.until(IDLE, path)
        return kernel_id, client

    def watch(self, path: str = "nb.ipynb") -> None:
        """Note every change of a notebook's state, beginning with how it is."""
        self.turns = [(time.monotonic(), self.kernels.state(path))]
        self.kernels.observe(lambda: self._note(path))

    @property
    def states(self) -> list[Presence]:
        """The states that were noted."""
        return [state for _, state in self.turns]

    def _note(self, path: str) -> None:
        state = self.kernels.state(path)
        if state is not self.turns[-1][1]:
            self.turns.append((time.monotonic(), state))

    async def until(self, state: Presence, path: str = "nb.ipynb", timeout: float = 20) -> None:
        """Wait until it is told that a notebook is in a state."""
        told = asyncio.Event()
        end = self.kernels.observe(told.set)

        async def wait() -> None:
            while self.kernels.state(path) is not state:
                await told.wait()
                told.clear()

        try:
            await asyncio.wait_for(wait(), timeout)
        finally:
            end()

    async def close(self) -> None:
        """End the clients."""
        for client in self._clients:
            client.stop_channels()


@asynccontextmanager
async def working(
    home: Path, started: bool = True, **config: dict[str, Any]
) -> AsyncIterator[Office]:
    """An office for as long as the block runs; its kernels are not followed unless `started`."""
    async with serving(home, extensions=NOTHING_OF_OURS, **config) as server:
        office = Office(server.app)
        if started:
            await office.kernels.start()
        try:
            yield office
        finally:
            await office.kernels.stop()
            await office.close()


async def eventually(check: Callable[[], bool], timeout: float = 20) -> None:
    """Wait until something is so that nobody tells of."""
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.02)


async def answer_to(client: AsyncKernelClient, message_id: str, timeout: float = 20) -> None:
    """Wait until a request is done.

    Raises:
        Empty: that took too long.
    """
    while True:
        reply = await client.get_shell_msg(timeout=timeout)
        if reply["parent_header"].get("msg_id") == message_id:
            return


async def enter(client: AsyncKernelClient, message_id: str, timeout: float = 20) -> None:
    """Answer the input that a cell waits for, and wait until it is done.

    What is entered before the kernel waits for it is thrown away.
    """
    deadline = time.monotonic() + timeout
    while True:
        client.input("x")
        try:
            return await answer_to(client, message_id, 0.5)
        except Empty:
            assert time.monotonic() < deadline, "the cell never ended"
