"""Servers that are stopped or killed, in processes of their own."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from httpx_ws import AsyncWebSocketSession, aconnect_ws
from jupyter_nbmodel_client import NbModelClient, get_jupyter_notebook_websocket_url
from jupyter_ydoc import YUnicode
from pycrdt import Provider, Text
from pycrdt.websocket.websocket import HttpxWebsocket

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.storage.history import History, read_history
from tests.support.client import Client, until
from tests.support.loop import in_loop
from tests.support.server import TOKEN, RealServer
from tests.support.versions import versions_in

AT_ONCE = 5.0
"""Seconds that a server may take to exit."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A running server."""
    server = RealServer(tmp_path)
    yield server.start()
    server.close()


def documents(server: RealServer) -> list[History]:
    """What the journals hold, read as after a crash."""
    folders = (server.store / "documents").iterdir()
    return [read_history(OSDisk(), str(folder)) for folder in folders]


@asynccontextmanager
async def text_client(server: RealServer, path: str) -> AsyncIterator[YUnicode]:
    """A text file that is open in a tab."""
    document = YUnicode()
    headers = {"Authorization": f"token {TOKEN}"}
    socket: AsyncWebSocketSession
    async with httpx.AsyncClient(headers=headers, timeout=30) as http:
        answer = await http.put(
            f"{server.url}/api/collaboration/session/{path}",
            content=json.dumps({"format": "text", "type": "file"}),
        )
        session = answer.json()
        room = f"text:file:{session['fileId']}"
        url = f"{server.url}/api/collaboration/room/{room}?sessionId={session['sessionId']}"
        async with (
            aconnect_ws(url, http) as socket,
            Provider(document.ydoc, HttpxWebsocket(socket, room)),
        ):
            yield document


@asynccontextmanager
async def nbmodel(server: RealServer, path: str) -> AsyncIterator[NbModelClient]:
    """A client that is no browser."""
    url = await asyncio.to_thread(
        get_jupyter_notebook_websocket_url, server_url=server.url, token=TOKEN, path=path
    )
    async with NbModelClient(url) as client:
        yield client


async def seen_by_another(client: Client) -> None:
    """Wait until the server has all that a tab typed."""
    async with Client(client.server, client.path).connected() as witness:
        await until(lambda: witness.sources == client.sources)


@in_loop
async def test_a_killed_server_has_lost_nothing_and_goes_on_with_its_tabs(
    server: RealServer,
) -> None:
    server.write("nb.ipynb", "a", "b")
    client = Client(server, "nb.ipynb")
    async with client.connected():
        client.type(0, "seen by the server")
        await seen_by_another(client)
        server.kill()
    client.type(1, "typed while it was away")
    server.start()
    async with client.connected(), Client(server, "nb.ipynb").connected() as fresh:
        expected = ["aseen by the server", "btyped while it was away"]
        await until(lambda: fresh.sources == expected)
        assert client.sources == expected
        assert client.closed is None


@in_loop
async def test_after_the_store_was_lost_a_tab_with_another_history_is_turned_away(
    server: RealServer,
) -> None:
    server.write("nb.ipynb", "old")
    client = Client(server, "nb.ipynb")
    async with client.connected():
        client.type(0, "er")
        server.kill()
    shutil.rmtree(server.store)
    server.write("nb.ipynb", "new")
    client.received.clear()
    server.start()
    async with client.connected(wait=False):
        await until(lambda: client.closed)
    assert client.closed is not None
    assert client.closed[0] == 1003
    assert json.loads(client.closed[1])["reloadable"] is True
    assert {message[1] for message in client.received} == {0}
    async with Client(server, "nb.ipynb").connected() as fresh:
        assert fresh.sources == ["new"]
    server.kill()
    assert [(entry.side, entry.sources) for entry in versions_in(server.store)] == [
        ("client", ["older"])
    ]


@in_loop
async def test_a_client_that_is_no_browser_outlives_a_restart_and_a_lost_store(
    server: RealServer,
) -> None:
    server.write("nb.ipynb", "a")
    async with nbmodel(server, "nb.ipynb") as client:
        client.add_code_cell("from a client")
        async with Client(server, "nb.ipynb").connected() as witness:
            await until(lambda: witness.sources == ["a", "from a client"])
            assert (await witness.save())["status"] == "success"
    server.kill()
    server.start()
    async with nbmodel(server, "nb.ipynb") as client:
        assert [cell["source"] for cell in client.as_dict()["cells"]] == ["a", "from a client"]
        client.set_cell_source(0, "changed")
        async with Client(server, "nb.ipynb").connected() as witness:
            await until(lambda: witness.sources == ["changed", "from a client"])
            assert (await witness.save())["status"] == "success"
    server.kill()
    shutil.rmtree(server.store)
    server.start()
    async with nbmodel(server, "nb.ipynb") as client:
        assert [cell["source"] for cell in client.as_dict()["cells"]] == [
            "changed",
            "from a client",
        ]


@in_loop
async def test_a_stopped_server_leaves_every_edit_in_journal_and_file(server: RealServer) -> None:
    clients = []
    for name in ("one.ipynb", "two.ipynb"):
        server.write(name, "a")
        clients.append(Client(server, name))
    async with clients[0].connected(), clients[1].connected():
        for client in clients:
            client.type(0, "not saved")
            await seen_by_another(client)
        assert server.sources("one.ipynb") == server.sources("two.ipynb") == ["a"]
        took = await asyncio.to_thread(server.terminate)
    assert took < AT_ONCE
    assert server.sources("one.ipynb") == server.sources("two.ipynb") == ["anot saved"]
    assert [history.settled for history in documents(server)] == [True, True]


@in_loop
async def test_a_server_with_a_text_file_open_stops(server: RealServer) -> None:
    path = server.root / "a.txt"
    path.write_text("text")
    async with text_client(server, "a.txt") as document:
        await until(lambda: document.source == "text")
        document.ydoc.get("source", type=Text).insert(0, "more ")
        await until(lambda: path.read_text() == "more text")
        took = await asyncio.to_thread(server.terminate)
    assert took < AT_ONCE


@in_loop
async def test_a_server_whose_notebooks_are_kept_by_another_manager_stops(tmp_path: Path) -> None:
    server = RealServer(tmp_path, jupytext=True).start()
    try:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "b")
            assert (await client.save())["status"] == "success"
            client.type(0, "c")
            async with Client(server, "nb.ipynb").connected() as witness:
                await until(lambda: witness.sources == ["abc"])
            took = await asyncio.to_thread(server.terminate)
    finally:
        server.close()
    assert took < AT_ONCE
    assert server.sources("nb.ipynb") == ["abc"]


def test_a_server_that_was_never_used_stops_without_complaint(server: RealServer) -> None:
    assert server.terminate() < AT_ONCE
    assert "Traceback" not in server.log.read_text()
