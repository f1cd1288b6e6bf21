"""That a running cell never sees its notebook change, with real kernels."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop
from tests.support.server import RealServer
from tests.support.versions import versions_in

pytestmark = pytest.mark.timeout(120)

QUICK = {"interval": 1.0}
TOPIC = "https://schema.jupyter.org/jupyter_crdt_autosave/{}/v1"


@asynccontextmanager
async def kernel_of(server: InnerServer, path: str) -> AsyncIterator[AsyncKernelClient]:
    """A kernel for a notebook, and a client of it on the server itself."""
    session = await server.app.session_manager.create_session(
        path=path, name=path, type="notebook", kernel_name="python3"
    )
    manager = server.app.kernel_manager.get_kernel(session["kernel"]["id"])
    client: AsyncKernelClient = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()


async def done(client: AsyncKernelClient, message_id: str) -> None:
    """Wait until a cell has been run."""
    while True:
        reply = await client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == message_id:
            return


class Onlooker:
    """Notes every state that a file is seen in, and when it was first seen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: list[tuple[float, bytes]] = []
        self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            data = self.path.read_bytes()
            if not self.seen or self.seen[-1][1] != data:
                self.seen.append((time.monotonic(), data))
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Look away."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def running(server: InnerServer, path: str) -> None:
    """Wait until it is known that a cell runs."""
    await until(lambda: server.room(path).live.status().kernel == "busy")


@in_loop
async def test_while_a_cell_runs_no_byte_is_written_and_within_a_second_of_its_end_all_is(
    home: Path,
) -> None:
    async with serving(home, CRDTAutosave=QUICK) as server:
        path = server.write("nb.ipynb", "a")
        before = path.read_bytes()
        events = server.listen(TOPIC.format("autosave"))
        async with (
            Client(server, "nb.ipynb").connected() as client,
            kernel_of(server, "nb.ipynb") as kernel,
        ):
            await until(lambda: server.room("nb.ipynb").live.status().kernel == "idle")
            cell = kernel.execute("import time; time.sleep(3)")
            await running(server, "nb.ipynb")
            onlooker = Onlooker(path)
            client.type(0, "b")
            await until(lambda: server.room("nb.ipynb").live.status().deferred)
            assert (await server.status("nb.ipynb"))["kernel"] == "busy"
            await done(kernel, cell)
            ended = time.monotonic()
            await until(lambda: server.sources("nb.ipynb") == ["ab"])
            await asyncio.sleep(1.5)
            await onlooker.stop()
            (_, first), (when, second) = onlooker.seen
            assert first == before
            assert second == path.read_bytes()
            assert 0 < when - ended < 1.0
            assert (await server.status("nb.ipynb"))["deferred"] is None
        assert [event["event"] for event in events] == ["deferred", "resumed"]


@in_loop
async def test_a_long_cell_gets_a_checkpoint_and_a_save_is_written_at_once(home: Path) -> None:
    config = {**QUICK, "max_deferral": 1.5}
    async with serving(home, CRDTAutosave=config) as server:
        path = server.write("nb.ipynb", "a")
        before = path.read_bytes()
        checkpoint = path.parent / ".autosave" / "nb.ipynb"
        async with (
            Client(server, "nb.ipynb").connected() as client,
            kernel_of(server, "nb.ipynb") as kernel,
        ):
            kernel.execute("while True: pass")
            await running(server, "nb.ipynb")
            client.type(0, "b")
            await until(checkpoint.exists)
            found = nbformat.read(str(checkpoint), as_version=4)
            assert [cell.source for cell in found.cells] == ["ab"]
            assert path.read_bytes() == before
            client.type(0, "c")
            await until(lambda: server.texts("nb.ipynb") == ["abc"])
            assert (await client.save())["status"] == "success"
            assert server.sources("nb.ipynb") == ["abc"]
            assert os.listdir(path.parent) == ["nb.ipynb"]
            await server.app.kernel_manager.interrupt_kernel(
                server.app.kernel_manager.list_kernel_ids()[0]
            )


@in_loop
async def test_a_room_whose_kernel_runs_stays_and_what_is_put_out_meanwhile_is_exported(
    home: Path,
) -> None:
    async with serving(
        home, CRDTAutosave=QUICK, YDocExtension={"document_cleanup_delay": 0.05}
    ) as server:
        path = server.write("nb.ipynb", "a")
        async with kernel_of(server, "nb.ipynb") as kernel:
            async with Client(server, "nb.ipynb").connected():
                cell = kernel.execute("input = None\nimport time; time.sleep(2)")
                await running(server, "nb.ipynb")
            await asyncio.sleep(0.5)
            document = await server.extension.get_document(
                path="nb.ipynb", content_type="notebook", file_format="json", copy=False
            )
            assert document is not None, "the room is there"
            document.ycells[0]["outputs"].append(
                {"output_type": "stream", "name": "stdout", "text": "from the kernel\n"}
            )
            await done(kernel, cell)
            await until(lambda: not server.rooms)
        outputs = nbformat.read(str(path), as_version=4).cells[0].outputs
        assert [output.text for output in outputs] == ["from the kernel\n"]


@in_loop
async def test_a_tab_says_by_awareness_what_it_wants_and_that_holds_at_once(home: Path) -> None:
    async with serving(home, CRDTAutosave={"interval": 600.0}) as server:
        path = server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected() as client:
            room = server.room("nb.ipynb")
            client.type(0, "b")
            await until(lambda: server.texts("nb.ipynb") == ["ab"])
            room.awareness.set_local_state(
                {"autosave": True, "crdt_autosave": {"interval": 1, "target": "checkpoint"}}
            )
            await until((path.parent / ".autosave" / "nb.ipynb").exists)
            assert server.sources("nb.ipynb") == ["a"]
            room.awareness.set_local_state({"autosave": True, "crdt_autosave": {"interval": 1}})
            await until(lambda: server.sources("nb.ipynb") == ["ab"])
            await until(lambda: os.listdir(path.parent) == ["nb.ipynb"])


@in_loop
async def test_an_autosave_can_be_asked_for(home: Path) -> None:
    async with serving(home, CRDTAutosave={"interval": 600.0}) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected() as client:
            client.type(0, "b")
            await until(lambda: server.texts("nb.ipynb") == ["ab"])
            answer = await server.request("POST", "/api/crdt-autosave/autosave/nb.ipynb")
            assert answer.json() == {"target": "notebook", "deferred": None}
            assert server.sources("nb.ipynb") == ["ab"]
        answer = await server.request("POST", "/api/crdt-autosave/autosave/other.ipynb")
        assert (answer.status_code, answer.json()["reason"]) == (404, "not_open")


@in_loop
async def test_a_checkpoint_can_be_removed_and_a_version_stays(home: Path) -> None:
    config = {"interval": 1.0, "autosave_target": "checkpoint"}
    async with serving(home, CRDTAutosave=config) as server:
        path = server.write("nb.ipynb", "a")
        checkpoint = path.parent / ".autosave" / "nb.ipynb"
        async with Client(server, "nb.ipynb").connected() as client:
            client.type(0, "b")
            await until(checkpoint.exists)
            url = "/api/crdt-autosave/autosave/nb.ipynb"
            assert (await server.request("DELETE", url)).json() == {"removed": True}
            assert not checkpoint.exists()
            assert [entry[:3] for entry in versions_in(server.store)] == [("cleared", None, ["ab"])]
            assert (await server.request("DELETE", url)).json() == {"removed": False}
            client.type(0, "c")
            await until(checkpoint.exists)
            found = nbformat.read(str(checkpoint), as_version=4)
            assert [cell.source for cell in found.cells] == ["abc"]
            answer = await server.request("DELETE", url, token=None)
            assert answer.status_code == 403
            assert checkpoint.exists()


@in_loop
async def test_a_server_that_stops_while_a_cell_runs_leaves_a_checkpoint(home: Path) -> None:
    async with serving(home, CRDTAutosave={"interval": 600.0}) as server:
        path = server.write("nb.ipynb", "a")
        before = path.read_bytes()
        async with (
            kernel_of(server, "nb.ipynb") as kernel,
            Client(server, "nb.ipynb").connected() as client,
        ):
            kernel.execute("import time; time.sleep(60)")
            await running(server, "nb.ipynb")
            client.type(0, "b")
            await until(lambda: server.texts("nb.ipynb") == ["ab"])
            await server.extension.stop_extension()
    assert path.read_bytes() == before
    found = nbformat.read(str(path.parent / ".autosave" / "nb.ipynb"), as_version=4)
    assert [cell.source for cell in found.cells] == ["ab"]


@in_loop
async def test_after_a_kill_the_checkpoint_is_right_once_the_notebook_was_opened(
    home: Path,
) -> None:
    server = RealServer(
        home, "--CRDTAutosave.interval=1", "--CRDTAutosave.autosave_target=checkpoint"
    )
    path = server.write("nb.ipynb", "a")
    checkpoint = path.parent / ".autosave" / "nb.ipynb"

    def held() -> Any:
        if not checkpoint.exists():
            return None
        return [cell.source for cell in nbformat.read(str(checkpoint), as_version=4).cells]

    try:
        server.start()
        async with Client(server, "nb.ipynb").connected() as client:
            client.type(0, "b")
            await until(lambda: held() == ["ab"])
            client.type(0, "c")
            await until(lambda: client.sources == ["abc"])
            await asyncio.to_thread(until_kept, server)
            server.kill()
        server.start()
        async with Client(server, "nb.ipynb").connected() as client:
            assert client.sources == ["abc"]
            await until(lambda: held() == ["abc"])
            assert (await client.save())["status"] == "success"
            assert held() is None
            assert server.sources("nb.ipynb") == ["abc"]
    finally:
        server.close()


@in_loop
async def test_after_a_kill_what_a_file_lacks_is_in_a_checkpoint_though_nobody_opens_it(
    home: Path,
) -> None:
    server = RealServer(home, "--CRDTAutosave.interval=600")
    path = server.write("nb.ipynb", "a")
    before = path.read_bytes()
    checkpoint = path.parent / ".autosave" / "nb.ipynb"
    try:
        server.start()
        async with Client(server, "nb.ipynb").connected() as client:
            client.type(0, "b")
            await asyncio.to_thread(until_kept, server)
            server.kill()
        assert not checkpoint.exists()
        server.start()
        await until(checkpoint.exists)
        found = nbformat.read(str(checkpoint), as_version=4)
        assert [cell.source for cell in found.cells] == ["ab"]
        assert path.read_bytes() == before
    finally:
        server.close()


def until_kept(server: RealServer) -> None:
    """Wait until the server has what was typed: it is due, and thereby known."""
    deadline = time.monotonic() + 20
    while server.status("nb.ipynb")["due_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
