"""What the host's rooms do for others goes on: forks, timeline, text files, events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_ws import AsyncWebSocketSession, aconnect_ws
from jupyter_server_ydoc.utils import SERVER_SESSION
from jupyter_ydoc import YNotebook, YUnicode
from pycrdt import Provider
from pycrdt.websocket.websocket import HttpxWebsocket

from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop
from tests.support.server import TOKEN

AWARENESS = "https://schema.jupyter.org/jupyter_collaboration/awareness/v1"
FORK = "https://schema.jupyter.org/jupyter_collaboration/fork/v1"
HEADERS = {"Authorization": f"token {TOKEN}"}


@asynccontextmanager
async def joined(server: InnerServer, room_id: str, document: Any) -> AsyncIterator[Any]:
    """Connect a document to any room by pycrdt's own provider."""
    url = f"{server.url}/api/collaboration/room/{room_id}?sessionId={SERVER_SESSION}"
    socket: AsyncWebSocketSession
    async with (
        httpx.AsyncClient(headers=HEADERS, timeout=30) as http,
        aconnect_ws(url, http) as socket,
        Provider(document.ydoc, HttpxWebsocket(socket, room_id)),
    ):
        yield document


def texts(document: YNotebook) -> list[str]:
    return [str(cell["source"]) for cell in document.ycells]


async def fork(server: InnerServer, room_id: str, synchronize: bool) -> str:
    """Fork a room; the fork's id."""
    path = f"/api/collaboration/fork/{room_id}"
    answer = await server.request("PUT", path, {"synchronize": synchronize, "title": "mine"})
    assert answer.status_code == 201
    forked: str = answer.json()["fork_roomid"]
    return forked


@in_loop
async def test_a_fork_of_a_notebook_is_listed_with_its_title(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            root = server.room_id("nb.ipynb")
            forked = await fork(server, root, synchronize=False)
            listed = await server.get(f"/api/collaboration/fork/{root}")
            assert listed[forked]["title"] == "mine"


@in_loop
async def test_a_fork_goes_its_own_way_until_it_is_merged(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            forked = await fork(server, server.room_id("nb.ipynb"), synchronize=False)
            async with joined(server, forked, YNotebook()) as document:
                await until(lambda: texts(document) == ["a"])
                source = document.ycells[0]["source"]
                source += " in the fork"
                fork_room = server.rooms[forked]
                await until(lambda: "in the fork" in str(fork_room.ydoc.get_update()))
            assert client.sources == ["a"]
            path = f"/api/collaboration/fork/{forked}?merge=true"
            assert (await server.request("DELETE", path)).status_code == 200
            await until(lambda: client.sources == ["a in the fork"])
            assert (await client.save())["status"] == "success"
            assert server.sources("nb.ipynb") == ["a in the fork"]


@in_loop
async def test_a_synchronized_fork_follows_the_notebook(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            forked = await fork(server, server.room_id("nb.ipynb"), synchronize=True)
            async with joined(server, forked, YNotebook()) as document:
                await until(lambda: texts(document) == ["a"])
                client.type(0, "bc")
                await until(lambda: texts(document) == ["abc"])


@in_loop
async def test_forks_say_that_they_were_made_and_deleted(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        events = server.listen(FORK)
        async with Client(server, "nb.ipynb").connected():
            forked = await fork(server, server.room_id("nb.ipynb"), synchronize=False)
            await server.request("DELETE", f"/api/collaboration/fork/{forked}?merge=false")
            await until(lambda: len(events) == 2)
        assert [event["action"] for event in events] == ["create", "delete"]


@in_loop
async def test_the_hosts_timeline_of_a_notebook_goes_back_and_forth(home: Path) -> None:
    query = "format=json&type=notebook"
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "b")
            room = server.room("nb.ipynb")
            await until(lambda: texts(room._document) == ["ab"])
            timeline = await server.get(f"/api/collaboration/timeline/nb.ipynb?{query}")
            assert timeline["roomId"] == server.room_id("nb.ipynb")
            assert timeline["timestamps"] == sorted(timeline["timestamps"])
            assert len(timeline["timestamps"]) >= 2
            forked = timeline["forkRoom"]
            async with joined(server, forked, YNotebook()) as document:
                await until(lambda: texts(document) == ["ab"])
                path = f"/api/collaboration/undo_redo/{server.room_id('nb.ipynb')}"
                path += f"?steps=1&forkRoom={forked}&action="
                assert (await server.request("PUT", f"{path}undo")).status_code == 200
                await until(lambda: texts(document) == ["a"])
                assert (await server.request("PUT", f"{path}redo")).status_code == 200
                await until(lambda: texts(document) == ["ab"])
            assert client.sources == ["ab"]


@in_loop
async def test_the_timeline_of_a_notebook_that_is_not_open_is_not_found(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        server.room_id("nb.ipynb")
        path = "/api/collaboration/timeline/nb.ipynb?format=json&type=notebook"
        assert (await server.request("GET", path)).status_code == 404


@in_loop
async def test_a_text_file_is_edited_together_and_saved(home: Path) -> None:
    async with serving(home, YDocExtension={"document_save_delay": 0.1}) as server:
        path = server.root / "a.txt"
        path.write_text("one")
        room_id = server.room_id("a.txt", "text:file")
        async with (
            joined(server, room_id, YUnicode()) as first,
            joined(server, room_id, YUnicode()) as second,
        ):
            await until(lambda: first.source == second.source == "one")
            first.ydoc.get("source", type=first._ysource.__class__).insert(3, " two")
            await until(lambda: second.source == "one two")
            await until(lambda: path.read_text() == "one two")


@pytest.mark.parametrize("kind", ["json:notebook", "text:file"])
@in_loop
async def test_who_comes_and_goes_is_told(home: Path, kind: str) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        (server.root / "a.txt").write_text("text")
        events = server.listen(AWARENESS)
        room_id = server.room_id("nb.ipynb" if kind == "json:notebook" else "a.txt", kind)
        async with joined(server, room_id, YNotebook()):
            await until(lambda: len(events) == 1)
        await until(lambda: len(events) == 2)
        assert [event["action"] for event in events] == ["join", "leave"]
        assert {event["roomid"] for event in events} == {room_id}
        assert all(event["username"] for event in events)


@in_loop
async def test_the_global_awareness_knows_its_users(home: Path) -> None:
    async with serving(home) as server:
        document = YNotebook()
        async with joined(server, "JupyterLab:globalAwareness", document):
            await until(lambda: "JupyterLab:globalAwareness" in server.rooms)
            await until(lambda: server.rooms["JupyterLab:globalAwareness"].clients)


@in_loop
async def test_nothing_of_the_host_is_left_beside_the_notebooks_or_where_it_was_started(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        (server.root / "a.txt").write_text("text")
        await server.extension.get_document(path="b.txt", content_type="file", file_format="text")
        async with (
            Client(server, "nb.ipynb").connected(),
            joined(server, server.room_id("a.txt", "text:file"), YUnicode()) as text,
        ):
            await until(lambda: text.source == "text")
        (server.root / "c.txt").write_text("text")
        await server.extension.get_document(
            path="c.txt", content_type="file", file_format="text", create=True
        )
        await until((server.store / "collaboration_sessions.json").exists)
        await until((server.store / "text_files.db").exists)
    assert sorted(path.name for path in (home / "notebooks").iterdir()) == [
        "a.txt",
        "c.txt",
        "nb.ipynb",
    ]
    assert list((home / "cwd").iterdir()) == []
    assert json.loads((server.store / "collaboration_sessions.json").read_text())


@in_loop
async def test_only_the_owner_may_look_into_the_store(home: Path) -> None:
    async with serving(home) as server:
        (server.root / "a.txt").write_text("text")
        async with joined(server, server.room_id("a.txt", "text:file"), YUnicode()) as text:
            await until(lambda: text.source == "text")
    assert server.store.stat().st_mode & 0o077 == 0


@in_loop
async def test_without_a_usable_store_text_files_open_all_the_same(home: Path) -> None:
    (home / "file").write_text("in the way")
    async with serving(home, CRDTAutosave={"store_path": str(home / "file")}) as server:
        (server.root / "a.txt").write_text("text")
        async with joined(server, server.room_id("a.txt", "text:file"), YUnicode()) as text:
            await until(lambda: text.source == "text")
    assert list((home / "cwd").iterdir()) == []
