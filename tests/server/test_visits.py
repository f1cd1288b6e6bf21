"""A notebook that a request opens for a moment, and how it is let go."""

from __future__ import annotations

from pathlib import Path

import pytest
from tornado.web import HTTPError

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.errors import FileMissing
from jupyter_crdt_autosave.room.room import NotebookRoom
from jupyter_crdt_autosave.storage.history import read_history
from tests.server.gate import Gate
from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

SOON = {"document_cleanup_delay": 0.05}


def open_rooms(server: InnerServer) -> list[NotebookRoom]:
    """The rooms of notebooks, each once."""
    return list(server.extension.notebook_rooms)


def type_into(room: NotebookRoom, text: str) -> None:
    """Change the document as a request would."""
    source = room.live.notebook.ycells[0]["source"]
    source.insert(len(source), text)


@in_loop
async def test_a_visit_leaves_the_file_up_to_date_and_the_notebook_closed(home: Path) -> None:
    async with serving(home, YDocExtension=SOON, CRDTAutosave={"interval": 600.0}) as server:
        server.write("nb.ipynb", "a")
        async with server.extension.visits.visit("nb.ipynb") as room:
            assert server.texts("nb.ipynb") == ["a"]
            type_into(room, "b")
            folder = room.live.folder
        await until(lambda: not open_rooms(server))
        assert server.rooms == {}
        assert server.sources("nb.ipynb") == ["ab"]
        assert read_history(OSDisk(), folder).settled


@in_loop
async def test_a_visit_joins_the_notebook_that_is_open_and_leaves_it_open(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            async with server.extension.visits.visit("nb.ipynb") as room:
                assert room is server.room("nb.ipynb")
                type_into(room, "b")
            await until(lambda: client.sources == ["ab"])
            assert room.cleaner is None
            client.type(0, "c")
            await until(lambda: server.texts("nb.ipynb") == ["abc"])
        await until(lambda: not open_rooms(server))
        assert server.sources("nb.ipynb") == ["abc"]


@in_loop
async def test_a_visit_keeps_the_notebook_open_when_the_last_client_leaves(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            visit = server.extension.visits.visit("nb.ipynb")
            room = await visit.__aenter__()
        visitors = server.extension.ywebsocket_server.visitors(room)
        await until(lambda: len(visitors) == 1)
        type_into(room, "b")
        assert room.cleaner is None
        await visit.__aexit__(None, None, None)
        await until(lambda: not open_rooms(server))
        assert server.sources("nb.ipynb") == ["ab"]


@in_loop
async def test_a_client_that_comes_after_a_visit_keeps_the_room(home: Path) -> None:
    async with serving(home, YDocExtension={"document_cleanup_delay": 30.0}) as server:
        server.write("nb.ipynb", "a")
        async with server.extension.visits.visit("nb.ipynb") as room:
            type_into(room, "b")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            assert server.room("nb.ipynb") is room
            assert client.sources == ["ab"]
            await until(room.cleaner.cancelled)


@in_loop
async def test_a_visit_during_the_eviction_gets_a_room_that_lives(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        gate = Gate(monkeypatch, "stop")
        async with server.extension.visits.visit("nb.ipynb") as first:
            type_into(first, "b")
        await gate.reached.wait()
        gate.opened.set()
        async with server.extension.visits.visit("nb.ipynb") as second:
            assert second is not first
            assert server.texts("nb.ipynb") == ["ab"]


@in_loop
async def test_what_a_visit_raises_leaves_the_notebook_as_a_visit_does(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        with pytest.raises(ZeroDivisionError):
            async with server.extension.visits.visit("nb.ipynb") as room:
                type_into(room, "b")
                raise ZeroDivisionError
        await until(lambda: not open_rooms(server))
        assert server.sources("nb.ipynb") == ["ab"]


@in_loop
async def test_a_server_that_stops_after_a_visit_leaves_the_file_up_to_date(home: Path) -> None:
    async with serving(home, YDocExtension={"document_cleanup_delay": 30.0}) as server:
        server.write("nb.ipynb", "a")
        async with server.extension.visits.visit("nb.ipynb") as room:
            type_into(room, "b")
    assert server.sources("nb.ipynb") == ["ab"]
    assert read_history(OSDisk(), room.live.folder).settled


@pytest.mark.parametrize("path", ["missing.ipynb", ".hidden/nb.ipynb", "../outside.ipynb"])
@in_loop
async def test_what_jupyter_would_not_show_is_not_visited(home: Path, path: str) -> None:
    async with serving(home) as server:
        server.write(".hidden/nb.ipynb", "secret")
        server.write("../outside.ipynb", "secret")
        with pytest.raises((HTTPError, FileMissing)):
            async with server.extension.visits.visit(path):
                raise AssertionError("It was opened.")
        assert open_rooms(server) == []
