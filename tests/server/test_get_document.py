"""What other extensions get from `get_document`, and that it is the document which is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tornado.web import HTTPError

from jupyter_crdt_autosave.room.room import NotebookRoom
from tests.server.gate import Gate
from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

BY_PATH = {"path": "nb.ipynb", "content_type": "notebook", "file_format": "json"}


def sources(document: Any) -> list[str]:
    return [cell["source"] for cell in document.get()["cells"]]


def by_id(server: InnerServer) -> dict[str, str]:
    return {"room_id": server.room_id("nb.ipynb")}


@in_loop
async def test_a_notebook_that_is_not_open_has_no_document(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        assert await server.extension.get_document(**BY_PATH) is None
        assert await server.extension.get_document(**by_id(server)) is None
        assert server.rooms == {}


@pytest.mark.parametrize("copy", [True, False])
@in_loop
async def test_an_open_notebook_is_found_by_path_and_by_room_id(home: Path, copy: bool) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a", "b")
        async with Client(server, "nb.ipynb").connected():
            for key in (BY_PATH, by_id(server)):
                document = await server.extension.get_document(**key, copy=copy)
                assert sources(document) == ["a", "b"]


@in_loop
async def test_a_copy_goes_its_own_way(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            copied = await server.extension.get_document(**BY_PATH, copy=True)
            cell = copied.get_cell(0)
            copied.set_cell(0, {**cell, "source": "other"})
            assert sources(await server.extension.get_document(**BY_PATH)) == ["a"]
            assert client.sources == ["a"]


@in_loop
async def test_an_edit_of_the_live_document_reaches_the_tabs_and_the_journal(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            live = await server.extension.get_document(**BY_PATH, copy=False)
            source = live.ycells[0]["source"]
            source += "!"
            await until(lambda: client.sources == ["a!"])
            assert live is server.room("nb.ipynb")._document
            updates = await server.room("nb.ipynb").live.updates()
            assert len(updates) > 1


@pytest.mark.parametrize("key", ["path", "id"])
@in_loop
async def test_a_notebook_is_opened_where_that_is_asked_for(home: Path, key: str) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        chosen = BY_PATH if key == "path" else by_id(server)
        document = await server.extension.get_document(**chosen, create=True)
        assert sources(document) == ["a"]
        assert isinstance(server.room("nb.ipynb"), NotebookRoom)


@in_loop
async def test_what_is_edited_without_a_tab_is_in_the_file_when_the_server_stops(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        live = await server.extension.get_document(**BY_PATH, create=True, copy=False)
        source = live.ycells[0]["source"]
        source += "!"
    assert server.sources("nb.ipynb") == ["a!"]


@in_loop
async def test_all_who_ask_at_once_get_one_document(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        asked = [
            server.extension.get_document(**BY_PATH, create=True, copy=False) for _ in range(5)
        ]
        assert len({id(document) for document in await asyncio.gather(*asked)}) == 1


@in_loop
async def test_a_document_is_not_handed_out_before_it_is_filled(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", *["a"] * 200)
        opening = asyncio.create_task(server.extension.get_document(**BY_PATH, create=True))
        await until(lambda: server.rooms)
        assert not server.room("nb.ipynb").ready
        document = await server.extension.get_document(**BY_PATH)
        assert len(sources(document)) == 200
        await opening


@in_loop
async def test_a_notebook_whose_room_ends_meanwhile_gets_no_room_of_the_host(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's room would let the file override the document."""
    async with serving(home, YDocExtension={"document_cleanup_delay": 0.01}) as server:
        server.write("nb.ipynb", "a")
        gate = Gate(monkeypatch, "_close")
        async with Client(server, "nb.ipynb").connected():
            pass
        await gate.reached.wait()
        asked = asyncio.create_task(server.extension.get_document(**BY_PATH, create=True))
        gate.opened.set()
        assert sources(await asked) == ["a"]
        assert isinstance(server.room("nb.ipynb"), NotebookRoom)


@in_loop
async def test_a_notebook_that_is_missing_is_answered_as_by_the_host_and_leaves_no_room(
    home: Path,
) -> None:
    async with serving(home) as server:
        with pytest.raises(HTTPError) as caught:
            await server.extension.get_document(**BY_PATH, create=True)
        assert caught.value.status_code == 404
        assert server.rooms == {}
        server.write("nb.ipynb", "a")
        assert sources(await server.extension.get_document(**BY_PATH, create=True)) == ["a"]


@pytest.mark.parametrize(
    "wrong", [{}, {"path": "nb.ipynb"}, {"room_id": "json:notebook:x", **BY_PATH}]
)
@in_loop
async def test_a_question_that_makes_no_sense_is_refused(home: Path, wrong: dict[str, str]) -> None:
    async with serving(home) as server:
        with pytest.raises(ValueError, match="You need to provide"):
            await server.extension.get_document(**wrong, create=True)
        assert server.rooms == {}


@in_loop
async def test_a_text_file_is_given_as_before(home: Path) -> None:
    key = {"path": "a.txt", "content_type": "file", "file_format": "text"}
    async with serving(home) as server:
        (server.root / "a.txt").write_text("text")
        assert await server.extension.get_document(**key) is None
        document = await server.extension.get_document(**key, create=True)
        assert document.get() == "text"
