"""When a notebook's room ends, and that whoever comes meanwhile gets one that lives."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from jupyter_ydoc import YNotebook

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.room.room import NotebookRoom
from jupyter_crdt_autosave.storage.compaction import replay
from jupyter_crdt_autosave.storage.history import read_history
from tests.server.frail import FrailClient
from tests.server.gate import Gate
from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

SESSION = "https://schema.jupyter.org/jupyter_collaboration/session/v1"
SOON = {"document_cleanup_delay": 0.05}


def open_rooms(server: InnerServer) -> list[NotebookRoom]:
    """The rooms of notebooks, each once."""
    return list(server.extension.notebook_rooms)


@in_loop
async def test_when_the_last_tab_has_closed_the_file_is_up_to_date_and_the_journal_closed(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "bc")
            await until(lambda: server.texts("nb.ipynb") == ["abc"])
            folder = server.room("nb.ipynb").live.folder
        await until(lambda: not server.rooms)
        await until(lambda: not open_rooms(server))
        assert server.sources("nb.ipynb") == ["abc"]
        assert read_history(OSDisk(), folder).settled


@in_loop
async def test_when_the_last_tab_has_closed_the_file_does_not_wait_for_the_eviction(
    home: Path,
) -> None:
    async with serving(home, CRDTAutosave={"interval": 600.0}) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "bc")
            await until(lambda: server.texts("nb.ipynb") == ["abc"])
            assert server.sources("nb.ipynb") == ["a"]
        await until(lambda: server.sources("nb.ipynb") == ["abc"])
        assert open_rooms(server)


@in_loop
async def test_the_journal_of_an_evicted_notebook_is_compacted(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "key by key by key " * 5)
            await until(lambda: server.texts("nb.ipynb") == client.sources)
            folder = server.room("nb.ipynb").live.folder
        await until(lambda: not open_rooms(server))
        await until(lambda: len(read_history(OSDisk(), folder).updates) == 1)
        async with client.connected():
            assert server.texts("nb.ipynb") == client.sources == ["a" + "key by key by key " * 5]


@in_loop
async def test_a_notebook_is_the_same_after_its_eviction(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        for key in "bcd":
            async with client.connected():
                client.type(0, key)
                await until(lambda: server.texts("nb.ipynb") == client.sources)
            await until(lambda: not open_rooms(server))
        async with Client(server, "nb.ipynb").connected() as fresh:
            assert fresh.sources == ["abcd"]


@in_loop
async def test_coming_back_in_time_keeps_the_room(home: Path) -> None:
    async with serving(home, YDocExtension={"document_cleanup_delay": 30.0}) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            room = server.room("nb.ipynb")
        await until(lambda: room.cleaner)
        async with client.connected():
            assert server.room("nb.ipynb") is room
            await until(room.cleaner.cancelled)


@in_loop
async def test_without_a_delay_a_room_stays_for_ever(home: Path) -> None:
    async with serving(home, YDocExtension={"document_cleanup_delay": None}) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            room = server.room("nb.ipynb")
        await until(lambda: room.cleaner and room.cleaner.done())
        assert open_rooms(server) == [room]


@in_loop
async def test_tabs_that_close_at_the_same_moment_do_not_keep_the_room(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        first, second = Client(server, "nb.ipynb"), Client(server, "nb.ipynb")
        async with first.connected(), second.connected():
            for socket in list(server.room("nb.ipynb").clients):
                socket.on_connection_close()
        await until(lambda: not open_rooms(server))


@in_loop
async def test_a_tab_that_leaves_while_its_notebook_opens_does_not_keep_the_room(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        gate = Gate(monkeypatch, "initialize")
        assert await FrailClient(server, "nb.ipynb").cut_after(0)
        await gate.reached.wait()
        gate.opened.set()
        await until(lambda: not open_rooms(server))
        assert server.rooms == {}


@in_loop
async def test_a_tab_that_comes_while_its_room_ends_gets_a_new_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        os.symlink("nb.ipynb", server.root / "link.ipynb")
        client = Client(server, "nb.ipynb")
        gate = Gate(monkeypatch, "_close")
        async with client.connected():
            client.type(0, "b")
            old = server.room("nb.ipynb")
            await until(lambda: server.texts("nb.ipynb") == ["ab"])
        await gate.reached.wait()
        asked = watch(server.extension.ywebsocket_server, "opened", monkeypatch)
        comers = [Client(server, "nb.ipynb"), Client(server, "link.ipynb")]
        coming = asyncio.gather(*(typed_by(comer, "!") for comer in comers))
        await until(lambda: len(asked) == 2)
        gate.opened.set()
        await coming
        (room,) = open_rooms(server)
        assert room is not old
        assert server.texts("nb.ipynb") == ["ab!!"]


def watch(owner: Any, method: str, patch: pytest.MonkeyPatch) -> list[Any]:
    """A list that fills with the arguments of every call of an async method."""
    calls: list[Any] = []
    original = getattr(owner, method)

    async def noted(*arguments: Any) -> Any:
        calls.append(arguments)
        return await original(*arguments)

    patch.setattr(owner, method, noted)
    return calls


async def typed_by(client: Client, text: str) -> None:
    """Connect and type."""
    async with client.connected():
        client.type(0, text)
        assert (await client.save())["status"] == "success"


@in_loop
async def test_a_notebook_and_a_link_to_it_are_one(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        os.symlink("nb.ipynb", server.root / "link.ipynb")
        first, second = Client(server, "nb.ipynb"), Client(server, "link.ipynb")
        async with first.connected():
            async with second.connected():
                assert server.room("nb.ipynb") is server.room("link.ipynb")
                first.type(0, "b")
                await until(lambda: second.sources == ["ab"])
                second.type(0, "c")
                await until(lambda: first.sources == ["abc"])
            assert server.room("nb.ipynb") is server.room("link.ipynb")
            first.type(0, "d")
            assert (await first.save())["status"] == "success"
        await until(lambda: not open_rooms(server))
        assert server.rooms == {}
        assert (server.root / "link.ipynb").is_symlink()
        assert server.sources("nb.ipynb") == ["abcd"]


@in_loop
async def test_tabs_that_open_a_notebook_and_a_link_at_once_meet(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", *["a"] * 50)
        names = ["nb.ipynb"]
        for number in range(4):
            os.symlink("nb.ipynb", server.root / f"{number}.ipynb")
            names.append(f"{number}.ipynb")
        await asyncio.gather(*(typed_by(Client(server, name), "!") for name in names))
        assert len(open_rooms(server)) == 1
        assert server.texts("nb.ipynb") == ["a!!!!!", *["a"] * 49]


@in_loop
async def test_a_notebook_that_is_renamed_while_open_is_joined_under_its_new_name(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("old.ipynb", "a")
        first = Client(server, "old.ipynb")
        async with first.connected():
            room = server.room("old.ipynb")
            answer = await server.request("PATCH", "/api/contents/old.ipynb", {"path": "new.ipynb"})
            assert answer.status_code == 200
            await until(lambda: first.notebook.path == "new.ipynb")
            second = Client(server, "new.ipynb")
            async with second.connected():
                assert server.room("new.ipynb") is room
                first.type(0, "b")
                await until(lambda: second.sources == ["ab"])
                assert (await second.save())["status"] == "success"
            assert (await server.status("new.ipynb"))["path"] == "new.ipynb"
        assert server.sources("new.ipynb") == ["ab"]
        assert not (server.root / "old.ipynb").exists()


@in_loop
async def test_tabs_of_a_notebook_that_is_moved_by_another_program_stay_together(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("old.ipynb", "a")
        first, second = Client(server, "old.ipynb"), Client(server, "new.ipynb")
        async with first.connected():
            first.type(0, "b")
            assert (await first.save())["status"] == "success"
            os.rename(server.root / "old.ipynb", server.root / "new.ipynb")
            async with second.connected():
                first.type(0, "c")
                await until(lambda: second.sources == ["abc"])
                second.type(0, "d")
                await until(lambda: first.sources == ["abcd"])
    assert server.sources("new.ipynb") == ["abcd"]
    assert not (server.root / "old.ipynb").exists()


@in_loop
async def test_a_new_notebook_at_the_old_name_leaves_the_renamed_one_alone(home: Path) -> None:
    """Both are live: neither may be forgotten, or nobody brings its file up to date."""
    async with serving(home) as server:
        server.write("old.ipynb", "a")
        first, second = Client(server, "old.ipynb"), Client(server, "old.ipynb")
        async with first.connected():
            renamed = server.room("old.ipynb")
            await server.request("PATCH", "/api/contents/old.ipynb", {"path": "new.ipynb"})
            await until(lambda: first.notebook.path == "new.ipynb")
            server.write("old.ipynb", "another")
            async with second.connected():
                assert second.sources == ["another"]
                assert set(open_rooms(server)) == {renamed, server.room("old.ipynb")}
                assert (await server.status("new.ipynb"))["path"] == "new.ipynb"
                first.type(0, "b")
                await until(lambda: server.texts("new.ipynb") == ["ab"])
    assert server.sources("new.ipynb") == ["ab"]
    assert server.sources("old.ipynb") == ["another"]


@in_loop
async def test_a_new_notebook_in_the_place_of_a_deleted_one_leaves_its_tabs_alone(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        first, second = Client(server, "nb.ipynb"), Client(server, "nb.ipynb")
        async with first.connected():
            deleted = server.room("nb.ipynb")
            await server.request("DELETE", "/api/contents/nb.ipynb")
            await until(lambda: deleted.live.released)
            server.write("nb.ipynb", "another")
            async with second.connected():
                assert second.sources == ["another"]
                assert set(open_rooms(server)) == {deleted, server.room("nb.ipynb")}
                first.type(0, "b")
        folder = deleted.live.folder
    assert server.sources("nb.ipynb") == ["another"]
    (cell,) = YNotebook(replay(read_history(OSDisk(), folder).updates)).ycells
    assert str(cell["source"]) == "ab"


@in_loop
async def test_the_room_of_a_deleted_notebook_is_evicted_without_complaint(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        server.listen(SESSION)
        async with Client(server, "nb.ipynb").connected():
            room = server.room("nb.ipynb")
            await server.request("DELETE", "/api/contents/nb.ipynb")
            await until(lambda: room.live.released)
        await until(lambda: not open_rooms(server))
        await until(room.cleaner.done)
        assert room.cleaner.exception() is None
    assert [record.getMessage() for record in caplog.records if record.levelno >= 40] == []


@in_loop
async def test_a_tab_comes_back_to_a_notebook_that_was_deleted_while_it_was_away(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            room_id = server.room_id("nb.ipynb")
        await server.request("DELETE", "/api/contents/nb.ipynb")
        client.type(0, "b")
        url = f"{server.url}/api/collaboration/room/{room_id}"

        async def room_url(http: Any) -> str:
            return url

        client._room_url = room_url  # type: ignore[method-assign]
        async with client.connected():
            document = server.rooms[room_id]._document
            await until(lambda: [str(cell["source"]) for cell in document.ycells] == ["ab"])


@in_loop
async def test_the_host_is_told_that_a_room_was_cleaned(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        events = server.listen(SESSION)
        async with Client(server, "nb.ipynb").connected():
            pass
        await until(lambda: "Room deleted." in [event.get("msg") for event in events])
