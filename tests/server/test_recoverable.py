"""Notebooks that have no file any more: listed, shown, and written back."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.handlers import BASE
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.store import Store
from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

SOON = {"document_cleanup_delay": 0.05}
MANUAL = {"interval": 600.0}


def open_rooms(server: InnerServer) -> list[Any]:
    """The rooms of notebooks, each once."""
    return list(server.extension.notebook_rooms)


async def edited(server: InnerServer, path: str, text: str, save: bool = True) -> str:
    """Type into the first cell of a notebook, and close it; the id of its document."""
    client = Client(server, path)
    async with client.connected():
        client.type(0, text)
        await until(lambda: server.texts(path) == client.sources)
        if save:
            assert (await client.save())["status"] == "success"
        document: str = server.room(path).live.about_id
    await until(lambda: not open_rooms(server))
    return document


async def listed(server: InnerServer) -> list[dict[str, Any]]:
    """What can be written back."""
    answer = await server.get(f"{BASE}/recovery")
    assert list(answer) == ["notebooks"]
    found: list[dict[str, Any]] = answer["notebooks"]
    return found


async def held(server: InnerServer, id: str) -> list[str]:
    """The sources of the cells of one of them."""
    content = await server.get(f"{BASE}/recoverable/{id}")
    assert content["nbformat"] == 4
    return ["".join(cell["source"]) for cell in content["cells"]]


async def write_back(server: InnerServer, id: Any, path: Any) -> tuple[int, Any]:
    """Write one back; status and answer."""
    answer = await server.request("POST", f"{BASE}/recovery", {"id": id, "path": path})
    return answer.status_code, answer.json()


async def delete(server: InnerServer, path: str) -> None:
    """Delete a file as JupyterLab does, and wait until the store has heard of it."""
    answer = await server.request("DELETE", f"/api/contents/{quote(path)}")
    assert answer.status_code == 204
    identity = str((server.root / path).resolve())
    store = Store(OSDisk(), str(server.store))
    await until(lambda: store.find(identity) is None)


def damage(folder: Path) -> None:
    """Make noise of everything in a journal."""
    for segment in folder.glob("*.journal"):
        data = segment.read_bytes()
        segment.write_bytes(data[:40] + os.urandom(len(data) - 40))


def notebooks(folder: Path) -> list[str]:
    """All notebook files in a folder, and below."""
    return sorted(str(found) for found in folder.rglob("*.ipynb*"))


async def reopened(server: InnerServer, path: str) -> tuple[list[str], str]:
    """What a tab that opens a notebook shows, and the id of its document."""
    client = Client(server, path)
    async with client.connected():
        return client.sources, server.room(path).live.about_id


def store_of(server: InnerServer) -> Store:
    """The server's store."""
    return Store(OSDisk(), str(server.store))


@pytest.fixture(params=["nb.ipynb", "a b/ünïcode 日本語 ✨.ipynb", "100% #1?&+.ipynb"])
def path(request: pytest.FixtureRequest) -> str:
    """Where notebooks are."""
    return str(request.param)


@in_loop
async def test_a_notebook_deleted_through_jupyter_is_listed_shown_and_written_back(
    home: Path, path: str
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write(path, "a", "second")
        document = await edited(server, path, "bc")
        assert await listed(server) == []
        await delete(server, path)
        [found] = await listed(server)
        assert (found["id"], found["path"]) == (document, path)
        assert (found["reason"], found["cells"]) == ("deleted", 2)
        assert await held(server, document) == ["abc", "second"]
        status, answer = await write_back(server, document, path)
        assert (status, answer) == (200, {"id": document, "path": path})
        assert server.sources(path) == ["abc", "second"]
        assert await listed(server) == []
        assert await reopened(server, path) == (["abc", "second"], document)


@in_loop
async def test_a_notebook_removed_while_closed_is_listed_shown_and_written_back(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "b")
        (server.root / "nb.ipynb").unlink()
        [found] = await listed(server)
        assert (found["id"], found["reason"]) == (document, "missing")
        assert await held(server, document) == ["ab"]
        assert (await write_back(server, document, "nb.ipynb"))[0] == 200
        assert server.sources("nb.ipynb") == ["ab"]
        assert await reopened(server, "nb.ipynb") == (["ab"], document)


@in_loop
async def test_a_notebook_overwritten_through_jupyter_is_written_back_beside_the_new_one(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        other = json.loads(server.write("other.ipynb", "other").read_text())
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "b")
        model = {"type": "notebook", "format": "json", "content": other}
        assert (await server.request("PUT", "/api/contents/nb.ipynb", model)).status_code == 200
        await until(lambda: store_of(server).find(str(server.root / "nb.ipynb")) is None)
        [found] = await listed(server)
        assert (found["id"], found["path"]) == (document, "nb.ipynb")
        assert found["reason"] == "overwritten"
        assert await held(server, document) == ["ab"]
        status, answer = await write_back(server, document, "nb.ipynb")
        assert (status, answer["reason"]) == (409, "path_taken")
        assert server.sources("nb.ipynb") == ["other"]
        assert (await write_back(server, document, "nb-recovered.ipynb"))[0] == 200
        assert server.sources("nb-recovered.ipynb") == ["ab"]
        assert server.sources("nb.ipynb") == ["other"]
        assert await reopened(server, "nb-recovered.ipynb") == (["ab"], document)
        assert (await reopened(server, "nb.ipynb"))[0] == ["other"]


@in_loop
async def test_what_can_be_read_of_a_damaged_journal_is_written_back(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "bc")
        folder = Path(store_of(server).folder(document))
        await until(lambda: read_history(OSDisk(), str(folder)).settled)
    damage(folder)
    async with serving(home, YDocExtension=SOON) as server:
        assert (await reopened(server, "nb.ipynb"))[0] == ["abc"]
        await until(lambda: not open_rooms(server))
        [found] = await listed(server)
        assert (found["id"], found["reason"]) == (document, "damaged")
        assert await held(server, document) == ["abc"]
        assert (await write_back(server, document, "salvaged.ipynb"))[0] == 200
        assert server.sources("salvaged.ipynb") == ["abc"]
        assert server.sources("nb.ipynb") == ["abc"]
        assert (await reopened(server, "salvaged.ipynb"))[0] == ["abc"]


@in_loop
async def test_a_new_notebook_that_was_never_saved_is_written_back(home: Path) -> None:
    async with serving(home, YDocExtension=SOON, CRDTAutosave=MANUAL) as server:
        answer = await server.request("POST", "/api/contents", {"type": "notebook"})
        path = answer.json()["path"]
        assert path == "Untitled.ipynb"
        client = Client(server, path)
        async with client.connected():
            room = server.room(path)
            document = room.live.about_id
            (server.root / path).unlink()
            with client.doc.transaction():
                client.notebook.append_cell({"cell_type": "code", "source": "never saved"})
            await until(lambda: server.texts(path)[-1:] == ["never saved"])
            [found] = await listed(server)
            assert (found["id"], found["reason"]) == (document, "missing")
        await until(lambda: not open_rooms(server))
        assert not (server.root / path).exists()
        [found] = await listed(server)
        assert (found["id"], found["path"]) == (document, path)
        assert (await held(server, document))[-1] == "never saved"
        assert (await write_back(server, document, path))[0] == 200
        assert server.sources(path)[-1] == "never saved"
        sources, same = await reopened(server, path)
        assert (sources[-1], same) == ("never saved", document)


@in_loop
async def test_a_folder_that_was_deleted_with_its_notebook_is_made_again(home: Path) -> None:
    async with serving(
        home, YDocExtension=SOON, FileContentsManager={"always_delete_dir": True}
    ) as server:
        server.write("folder/inner/nb.ipynb", "a")
        document = await edited(server, "folder/inner/nb.ipynb", "b")
        await delete(server, "folder")
        [found] = await listed(server)
        assert found["path"] == "folder/inner/nb.ipynb"
        assert (await write_back(server, document, found["path"]))[0] == 200
        assert server.sources("folder/inner/nb.ipynb") == ["ab"]
        assert await reopened(server, "folder/inner/nb.ipynb") == (["ab"], document)


@in_loop
async def test_what_was_never_written_to_the_file_is_written_back_and_its_history_goes_on(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            room = server.room("nb.ipynb")
            document = room.live.about_id
            lineage = (await server.status("nb.ipynb"))["lineage"]
            await delete(server, "nb.ipynb")
            client.type(0, "b")
            await until(lambda: str(room.live.notebook.ycells[0]["source"]) == "ab")
        await until(lambda: not open_rooms(server))
        assert (await write_back(server, document, "nb.ipynb"))[0] == 200
        assert server.sources("nb.ipynb") == ["ab"]
        async with client.connected():
            # The tab of before meets the document as its own.
            assert client.sources == ["ab"]
            status = await server.status("nb.ipynb")
            assert (status["lineage"], status["unsaved"], status["offer"]) == (lineage, False, None)
            client.type(0, "c")
            assert (await client.save())["status"] == "success"
        assert server.sources("nb.ipynb") == ["abc"]


@in_loop
async def test_a_file_written_back_and_changed_by_a_program_is_merged(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        file = server.write("nb.ipynb", "one", "two")
        document = await edited(server, "nb.ipynb", "!")
        await delete(server, "nb.ipynb")
        assert (await write_back(server, document, "nb.ipynb"))[0] == 200
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, " mine")
            changed = json.loads(file.read_text())
            changed["cells"][1]["source"] = "two theirs"
            file.write_text(json.dumps(changed))
            await until(lambda: client.sources == ["one! mine", "two theirs"])


@in_loop
async def test_the_last_modified_comes_first_and_empty_ones_do_not_come_at_all(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        ids = []
        for name in ("first", "second", "third"):
            server.write(f"{name}.ipynb", name)
            ids.append(await edited(server, f"{name}.ipynb", "!"))
        server.write("empty.ipynb", "", " \n")
        empty = Client(server, "empty.ipynb")
        async with empty.connected():
            empty.type(0, " ")
            assert (await empty.save())["status"] == "success"
        await until(lambda: not open_rooms(server))
        for name in ("second", "first", "third", "empty"):
            await delete(server, f"{name}.ipynb")
        found = await listed(server)
        assert [one["id"] for one in found] == ids[::-1]
        times = [one["modified"] for one in found]
        assert times == sorted(times, reverse=True)
        assert all(time.endswith("Z") and "T" in time for time in times)


@in_loop
async def test_a_notebook_that_is_open_or_has_its_file_is_not_listed(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "b")
            await until(lambda: server.texts("nb.ipynb") == ["ab"])
            assert await listed(server) == []
        await until(lambda: not open_rooms(server))
        assert await listed(server) == []


@in_loop
async def test_writing_back_where_a_notebook_without_a_file_is_open_saves_that_one(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON, CRDTAutosave=MANUAL) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            document = server.room("nb.ipynb").live.about_id
            (server.root / "nb.ipynb").unlink()
            client.type(0, "b")
            await until(lambda: server.texts("nb.ipynb") == ["ab"])
            status, answer = await write_back(server, document, "elsewhere.ipynb")
            assert (status, answer["reason"]) == (409, "path_taken")
            assert (await write_back(server, document, "nb.ipynb"))[0] == 200
            assert server.sources("nb.ipynb") == ["ab"]
            assert client.sources == ["ab"]
        assert not (server.root / "elsewhere.ipynb").exists()


@in_loop
async def test_a_path_where_another_notebook_is_open_without_a_file_is_taken(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON, CRDTAutosave=MANUAL) as server:
        server.write("gone.ipynb", "gone")
        document = await edited(server, "gone.ipynb", "!")
        await delete(server, "gone.ipynb")
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            (server.root / "nb.ipynb").unlink()
            status, answer = await write_back(server, document, "nb.ipynb")
            assert (status, answer["reason"]) == (409, "path_taken")
            assert not (server.root / "nb.ipynb").exists()
        assert await held(server, document) == ["gone!"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
@in_loop
async def test_nothing_is_overwritten(home: Path, kind: str) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "b")
        await delete(server, "nb.ipynb")
        there = server.root / "nb.ipynb"
        if kind == "file":
            there.write_text("not even a notebook")
        elif kind == "folder":
            there.mkdir()
        else:
            there.symlink_to(home / "outside.ipynb")
        status, answer = await write_back(server, document, "nb.ipynb")
        assert (status, answer["reason"]) == (409, "path_taken")
        assert "nb.ipynb" in answer["message"]
        assert kind != "file" or there.read_text() == "not even a notebook"
        assert not (home / "outside.ipynb").exists()
        assert [one["id"] for one in await listed(server)] == [document]


@in_loop
async def test_a_file_that_appears_at_the_last_moment_is_not_overwritten(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "b")
        await delete(server, "nb.ipynb")
        link = OSDisk.link

        def late(source: str, target: str) -> None:
            Path(target).write_text("somebody else's")
            link(source, target)

        monkeypatch.setattr(OSDisk, "link", staticmethod(late))
        status, answer = await write_back(server, document, "nb.ipynb")
        assert (status, answer["reason"]) == (409, "path_taken")
        assert (server.root / "nb.ipynb").read_text() == "somebody else's"
        assert [one["id"] for one in await listed(server)] == [document]
        assert await held(server, document) == ["ab"]
        assert not (server.root / ".autosave").exists()


@in_loop
async def test_of_two_that_are_written_back_to_one_path_at_once_one_is_refused(
    home: Path,
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        ids = []
        for name in ("one", "two"):
            server.write(f"{name}.ipynb", name)
            ids.append(await edited(server, f"{name}.ipynb", "!"))
            await delete(server, f"{name}.ipynb")
        answers = await asyncio.gather(*(write_back(server, id, "nb.ipynb") for id in ids))
        assert sorted(status for status, _ in answers) == [200, 409]
        winner = [status for status, _ in answers].index(200)
        assert server.sources("nb.ipynb") == [["one!"], ["two!"]][winner]
        [left] = await listed(server)
        assert left["id"] == ids[1 - winner]


@in_loop
async def test_another_document_that_had_the_path_becomes_recoverable(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        for name in ("one", "two"):
            server.write(f"{name}.ipynb", name)
        one = await edited(server, "one.ipynb", "!")
        two = await edited(server, "two.ipynb", "!")
        for name in ("one", "two"):
            (server.root / f"{name}.ipynb").unlink()
        assert (await write_back(server, one, "two.ipynb"))[0] == 200
        [left] = await listed(server)
        assert left["id"] == two
        assert await held(server, two) == ["two!"]
        assert await reopened(server, "two.ipynb") == (["one!"], one)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "../outside.ipynb",
        "folder/../../outside.ipynb",
        "folder/../nb.ipynb",
        "/nb.ipynb",
        "//nb.ipynb",
        "folder//nb.ipynb",
        ".hidden.ipynb",
        ".hidden/nb.ipynb",
        "folder/.autosave/nb.ipynb",
        "nb.txt",
        "nb",
        "nb.ipynb/",
        "nul\0.ipynb",
        "line\n.ipynb",
        "\ud800.ipynb",
        "x" * 300 + ".ipynb",
        "other.ipynb/nb.ipynb",
    ],
)
@in_loop
async def test_no_notebook_is_written_where_none_belongs(home: Path, path: str) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("other.ipynb", "other")
        server.write("gone.ipynb", "a")
        document = await edited(server, "gone.ipynb", "b")
        await delete(server, "gone.ipynb")
        before = notebooks(home)
        status, answer = await write_back(server, document, path)
        assert (status, answer["reason"]) == (400, "path_refused")
        assert notebooks(home) == before
        assert [one["id"] for one in await listed(server)] == [document]


@in_loop
async def test_the_root_may_not_be_left_by_an_absolute_path(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "b")
        await delete(server, "nb.ipynb")
        outside = home / "outside.ipynb"
        assert (await write_back(server, document, str(outside)))[0] == 400
        assert not outside.exists()


@pytest.mark.parametrize("id", ["0" * 32, "no such", "..", "../documents", "%2e%2e%2f", "a\0"])
@in_loop
async def test_an_id_that_nobody_gave_is_not_found(home: Path, id: str) -> None:
    async with serving(home) as server:
        status, answer = await write_back(server, id, "nb.ipynb")
        assert (status, answer["reason"]) == (404, "not_recoverable")
        got = await server.request("GET", f"{BASE}/recoverable/{quote(id, safe='')}")
        assert got.status_code == 404


@pytest.mark.parametrize(
    "body",
    [None, [], "text", {}, {"id": 1, "path": "a"}, {"id": "a"}, {"id": "a", "path": ""}],
)
@in_loop
async def test_a_request_that_says_nothing_is_refused(home: Path, body: Any) -> None:
    async with serving(home) as server:
        answer = await server.request("POST", f"{BASE}/recovery", body)
        assert answer.status_code == 400


@in_loop
async def test_a_notebook_with_a_file_can_neither_be_read_nor_written_back(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "b")
        assert (await write_back(server, document, "copy.ipynb"))[0] == 404
        answer = await server.request("GET", f"{BASE}/recoverable/{document}")
        assert answer.status_code == 404
        assert not (server.root / "copy.ipynb").exists()


@pytest.mark.parametrize("place", ["../outside.ipynb", ".hidden/nb.ipynb"])
@in_loop
async def test_what_jupyter_would_not_show_is_neither_listed_nor_read(
    home: Path, place: str
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "secret")
        store = store_of(server)
        about = store.about(document)
        assert about is not None
        store.move(about, str((server.root / place).resolve()), place)
        assert await listed(server) == []
        answer = await server.request("GET", f"{BASE}/recoverable/{document}")
        assert answer.status_code == 404
        assert (await write_back(server, document, "nb2.ipynb"))[0] == 404


@in_loop
async def test_a_server_with_another_root_shows_what_is_below_it(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        for name in ("inner/nb.ipynb", "outer.ipynb"):
            server.write(name, name)
            await edited(server, name, "!")
            (server.root / name).unlink()
    inner = {"root_dir": str(home / "notebooks" / "inner")}
    async with serving(home, YDocExtension=SOON, FileContentsManager=inner) as server:
        [found] = await listed(server)
        assert found["path"] == "nb.ipynb"
        assert (await write_back(server, found["id"], "nb.ipynb"))[0] == 200
    assert server.sources("inner/nb.ipynb") == ["inner/nb.ipynb!"]


@in_loop
async def test_what_was_noted_when_a_notebook_was_closed_is_not_looked_up_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a", "b")
        document = await edited(server, "nb.ipynb", "!")
        await delete(server, "nb.ipynb")

        async def never(*arguments: object) -> bytes:
            raise AssertionError("A journal was read.")

        reader = "jupyter_crdt_autosave.recoverable.reading.Reader._run"
        monkeypatch.setattr(reader, never)
        [found] = await listed(server)
        assert (found["id"], found["cells"]) == (document, 2)


@in_loop
async def test_what_was_noted_before_a_crash_is_looked_up_again(home: Path) -> None:
    async with serving(home, YDocExtension=SOON) as server:
        server.write("nb.ipynb", "a")
        document = await edited(server, "nb.ipynb", "!")
        store = store_of(server)
        noted = store.about(document)
        assert noted is not None and noted.survey is not None and noted.survey.cells == 1
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.notebook.append_cell({"cell_type": "code", "source": "later"})
            await until(lambda: server.texts("nb.ipynb") == ["a!", "later"])
            # As if it had been killed now: nothing of this was noted anywhere but in the journal.
            await delete(server, "nb.ipynb")
            [found] = await listed(server)
            assert found["cells"] == 2
            assert found["modified"] > noted.survey.modified


@in_loop
async def test_before_anything_was_stored_nothing_is_recoverable(home: Path) -> None:
    async with serving(home) as server:
        assert await listed(server) == []
        assert (await write_back(server, "0" * 32, "nb.ipynb"))[0] == 404
