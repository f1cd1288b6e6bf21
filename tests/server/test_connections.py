"""A tab's history meets the document's only where that is one history, however the line is cut."""

from __future__ import annotations

import asyncio
import json
import shutil
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pycrdt import Doc, create_sync_message, create_update_message

from jupyter_crdt_autosave import farewell, wire
from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.handshake import save_number
from jupyter_crdt_autosave.room.room import NotebookRoom
from jupyter_crdt_autosave.storage.history import read_history
from jupyter_crdt_autosave.storage.record import decode_kept
from tests.server.frail import FrailClient
from tests.server.gate import Gate
from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop
from tests.support.versions import versions_in


def kept(server: InnerServer) -> list[list[str]]:
    """The cells of what clients brought, the oldest first."""
    found = [entry.sources for entry in versions_in(server.store) if entry.side == "client"]
    return [sources for number, sources in enumerate(found) if sources not in found[:number]]


def add_cell(client: Client, source: str) -> None:
    """Append a cell, as a tab does."""
    cell = nbformat.v4.new_code_cell(source)
    client.notebook.append_cell(cell)


def shows(client: Client, sources: list[str]) -> bool:
    """Whether a tab shows these cells."""
    return client.sources == sources


async def stranger(home: Path, *sources: str) -> Client:
    """A tab from before the store was lost and the file changed."""
    async with serving(home) as server:
        server.write("nb.ipynb", *sources)
        client = FrailClient(server, "nb.ipynb")
        async with client.connected():
            client.type(0, " (typed)")
            await until(lambda: server.texts("nb.ipynb") == client.sources)
    shutil.rmtree(server.store)
    server.write("nb.ipynb", "new")
    return client


@in_loop
async def test_a_new_tab_gets_the_notebook(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a", "b")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            assert client.sources == ["a", "b"]


@in_loop
async def test_a_tab_from_before_a_restart_goes_on_and_sends_what_it_has(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a", "b")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "1")
            await until(lambda: server.texts("nb.ipynb") == ["a1", "b"])
    client.type(1, "2")
    add_cell(client, "offline")
    async with serving(home) as server:
        client.server = server
        async with client.connected():
            await until(lambda: server.texts("nb.ipynb") == ["a1", "b2", "offline"])
            assert client.sources == ["a1", "b2", "offline"]
            assert client.closed is None


@in_loop
async def test_equal_bytes_are_one_history_even_after_the_store_was_lost(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a", "b")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            pass
    shutil.rmtree(server.store)
    client.type(0, "!")
    async with serving(home) as server:
        client.server = server
        async with client.connected():
            await until(lambda: server.texts("nb.ipynb") == ["a!", "b"])
            assert client.sources == ["a!", "b"]


@in_loop
async def test_edits_that_a_tab_sends_before_it_has_introduced_itself_are_not_lost(
    home: Path,
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = FrailClient(server, "nb.ipynb")
        async with client.connected():
            pass
        client.type(0, "bc")
        async with client.speaking() as say:
            while not client._outgoing.empty():
                await say(client._outgoing.get_nowait())
            await say(create_sync_message(client.doc))
            await until(lambda: server.texts("nb.ipynb") == ["abc"])


@in_loop
async def test_what_only_a_stranger_has_is_merged_and_nothing_is_shown_to_it(home: Path) -> None:
    client = await stranger(home, "old", "older")
    async with serving(home) as server:
        client.server, client.received = server, []
        other = Client(server, "nb.ipynb")
        async with other.connected(), client.connected(wait=False):
            await until(lambda: client.closed)
            await until(lambda: other.sources == ["new", "older"])
            assert server.texts("nb.ipynb") == ["new", "older"]
            assert {message[1] for message in client.received} == {0}
            assert client.sources == ["old (typed)", "older"]
            assert kept(server) == [["old (typed)", "older"]]


@in_loop
async def test_unsent_edits_of_a_stranger_to_this_very_file_are_merged_as_edits(
    home: Path,
) -> None:
    """The laptop slept, the store was lost, and somebody else went on with the same file."""
    async with serving(home) as server:
        path = server.write("nb.ipynb", "a = 1\nb = 2", "gone", "c = 3")
        client = FrailClient(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "0")
            assert (await client.save())["status"] == "success"
        data = path.read_bytes()
    shutil.rmtree(server.store)
    client.type(0, "  # asleep")
    client.notebook.ycells.pop(1)
    path.write_bytes(data)
    async with serving(home) as server:
        client.server = server
        other = Client(server, "nb.ipynb")
        async with other.connected():
            other.type(0, "# awake\n", at=0)
            async with client.connected(wait=False):
                await until(lambda: client.closed)
            expected = ["# awake\na = 1\nb = 20  # asleep", "c = 3"]
            await until(lambda: other.sources == expected)
        async with Client(server, "nb.ipynb").connected() as again:
            assert again.sources == expected


@in_loop
async def test_a_stranger_is_not_shown_what_others_type_meanwhile(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await stranger(home, "old")
    async with serving(home) as server:
        client.server, client.received = server, []
        gate = Gate(monkeypatch, "take_foreign")
        other, witness = Client(server, "nb.ipynb"), Client(server, "nb.ipynb")
        async with other.connected(), witness.connected(), client.connected(wait=False):
            await gate.reached.wait()
            other.type(0, "er")
            await until(lambda: witness.sources == ["newer"])
            gate.opened.set()
            await until(lambda: client.closed)
        assert {message[1] for message in client.received} == {0}


@in_loop
async def test_a_stranger_is_told_to_reload(home: Path) -> None:
    client = await stranger(home, "old")
    async with serving(home) as server:
        client.server = server
        async with client.connected(wait=False):
            await until(lambda: client.closed)
    assert client.closed is not None
    code, reason = client.closed
    assert code == 1003
    assert len(reason.encode()) <= 123
    told = json.loads(reason)
    assert told["reason"] == "unknown_session"
    assert told["reloadable"] is True
    assert "is kept" in told["errorReason"]


@in_loop
async def test_a_stranger_that_loads_anew_is_welcome(home: Path) -> None:
    client = await stranger(home, "old")
    async with serving(home) as server:
        client.server = server
        async with client.connected(wait=False):
            await until(lambda: client.closed)
        fresh = Client(server, "nb.ipynb")
        async with fresh.connected():
            assert fresh.sources == ["new"]


@in_loop
async def test_a_stranger_that_comes_back_with_the_same_is_kept_once(home: Path) -> None:
    """A browser connects again every few seconds until its dialog was answered."""
    client = await stranger(home, "old")
    async with serving(home) as server:
        client.server = server
        for _ in range(3):
            async with client.connected(wait=False):
                await until(lambda: client.closed)
        assert kept(server) == [["old (typed)"]]


@in_loop
async def test_a_stranger_that_says_nothing_more_is_turned_away_in_the_end(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PATIENCE", 0.05)
    client = await stranger(home, "old")
    async with serving(home) as server:
        client.server = server
        monkeypatch.setattr(client, "_on_message", _ignore)
        async with client.connected(wait=False):
            await until(lambda: client.closed)
        assert client.closed is not None and client.closed[0] == 1003
        assert server.texts("nb.ipynb") == ["new"]
        assert kept(server) == []


async def _ignore(socket: Any, message: bytes) -> None:
    """A client that answers nothing."""


@in_loop
async def test_a_stranger_cannot_save(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await stranger(home, "old")
    async with serving(home) as server:
        client.server = server
        answer = client._on_message

        async def only_replies(socket: Any, message: bytes) -> None:
            if message[0] == 2:
                await answer(socket, message)

        monkeypatch.setattr(client, "_on_message", only_replies)
        async with client.connected(wait=False):
            client.synced.set()
            reply = await client.save()
            assert reply["status"] == "failed"
            assert "not synchronised" in reply["reason"]


@in_loop
async def test_what_a_stranger_has_is_kept_even_if_it_is_no_notebook(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(room: NotebookRoom, messages: list[bytes]) -> None:
        raise ValueError

    monkeypatch.setattr(NotebookRoom, "take_foreign", fail)
    client = await stranger(home, "old")
    async with serving(home) as server:
        client.server = server
        async with client.connected(wait=False):
            await until(lambda: client.closed)
        history = read_history(OSDisk(), server.room("nb.ipynb").live.folder)
        (note,) = history.kept
        assert b" (typed)" in decode_kept(note.payload).data


@in_loop
async def test_what_a_stranger_has_is_kept_even_if_it_leaves_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await stranger(home, "old")
    async with serving(home, YDocExtension={"document_cleanup_delay": 0.0}) as server:
        client.server = server
        gate = Gate(monkeypatch, "take_foreign")
        async with client.connected(wait=False):
            await gate.reached.wait()
            room = server.room("nb.ipynb")
        await until(lambda: not room.clients)
        await server.get("/api/status")
        await server.get("/api/status")
        assert server.rooms
        gate.opened.set()
        await until(lambda: not server.rooms)
        await until(room.cleaner.done)
        assert kept(server) == [["old (typed)"]]


@in_loop
async def test_a_new_tab_cut_anywhere_gets_the_notebook_whole(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a", "b")
        for messages in count():
            client = FrailClient(server, "nb.ipynb")
            more = await client.cut_after(messages)
            async with client.connected():
                assert client.sources == ["a", "b"]
            assert server.texts("nb.ipynb") == ["a", "b"]
            if not more:
                break
    assert messages > 3


@in_loop
async def test_edits_made_offline_arrive_once_wherever_the_line_is_cut(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a", "b")
        expected = ["a", "b"]
        watching = Client(server, "nb.ipynb")
        async with watching.connected():
            for messages in count():
                client = FrailClient(server, "nb.ipynb")
                async with client.connected():
                    pass
                client.type(0, f"[{messages}]")
                add_cell(client, f"cell {messages}")
                expected = [f"{expected[0]}[{messages}]", *expected[1:], f"cell {messages}"]
                more = await client.cut_after(messages)
                async with client.connected():
                    await until(partial(shows, watching, expected))
                    assert client.sources == server.texts("nb.ipynb") == expected
                if not more:
                    break
    assert messages > 4
    assert server.sources("nb.ipynb") == expected


@in_loop
async def test_a_stranger_cut_anywhere_changes_nothing(home: Path) -> None:
    client = await stranger(home, "old")
    assert isinstance(client, FrailClient)
    async with serving(home) as server:
        client.server = server
        for messages in count():
            more = await client.cut_after(messages)
            async with client.connected(wait=False):
                await until(lambda: client.closed)
            assert server.texts("nb.ipynb") == ["new"]
            assert client.sources == ["old (typed)"]
            if not more:
                break
        assert messages > 3
        assert ["old (typed)"] in kept(server)


@in_loop
async def test_what_was_sent_before_a_save_is_in_the_file(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            for keys in ("bcdefgh" * 20, "!"):
                client.type(0, keys)
                assert (await client.save())["status"] == "success"
                assert server.sources("nb.ipynb") == client.sources


@in_loop
async def test_a_save_that_fails_says_why(home: Path) -> None:
    async with serving(home) as server:
        path = server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            path.unlink()
            path.mkdir()
            client.type(0, "b")
            reply = await client.save()
            assert reply["status"] == "failed"
            assert "nb.ipynb" in reply["reason"]


@pytest.mark.parametrize(
    "noise", [b"\x02", b"\x02\x04save", b"\x02\x05other", b"", b"\x7d\x00", b"\x01"]
)
@in_loop
async def test_noise_from_one_tab_does_not_disturb_another(home: Path, noise: bytes) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        loud, quiet = Client(server, "nb.ipynb"), Client(server, "nb.ipynb")
        async with quiet.connected(), loud.connected():
            loud._outgoing.put_nowait(noise)
            loud.type(0, "b")
            await until(lambda: quiet.sources == ["ab"])
            quiet.type(0, "c")
            await until(lambda: server.texts("nb.ipynb") == ["abc"])


@in_loop
async def test_a_broken_introduction_ends_the_connection(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        client._outgoing.put_nowait(create_update_message(b"\x00\x00"))
        async with client.connected():
            client._outgoing.put_nowait(create_sync_message(Doc()))
            client.type(0, "b")
            await until(lambda: server.texts("nb.ipynb") == ["ab"])


@pytest.mark.parametrize(
    "text", ["short", "x" * 500, "日本語" * 100, '"quotes\\"' * 50, "\udcff" * 90]
)
def test_an_error_of_any_length_fits_into_a_close_frame(text: str) -> None:
    shortened = farewell.shortened(text)
    assert len(shortened.encode()) <= 123
    assert shortened == text or len(shortened) >= 30


@in_loop
async def test_why_a_notebook_does_not_open_fits_into_a_close_frame(home: Path) -> None:
    name = "日本語" * 20 + '"quoted".ipynb'
    async with serving(home) as server:
        (server.root / name).mkdir()
        client = Client(server, name)
        async with client.connected(wait=False):
            await until(lambda: client.closed)
        assert client.closed is not None
        code, reason = client.closed
        assert code == 1003
        assert len(reason.encode()) <= 123
        told = json.loads(reason)
        assert (told["reason"], told["reloadable"]) == ("initialization_error", False)
        assert told["errorReason"].startswith("日本語")
        assert server.rooms == {}


def test_only_a_request_to_save_has_a_number() -> None:
    assert save_number(b"\x02\x04save\x05") == 5
    assert save_number(b"\x02\x04save") is None
    assert save_number(b"\x02\x05other\x05") is None
    assert save_number(b"\x02") is None
    assert save_number(b"\x02\x02\xff\xff") is None


@in_loop
async def test_a_notebook_that_could_not_be_opened_opens_when_it_can(home: Path) -> None:
    async with serving(home) as server:
        path = server.root / "nb.ipynb"
        path.mkdir()
        clients = [Client(server, "nb.ipynb") for _ in range(3)]

        async def fail(client: Client) -> None:
            async with client.connected(wait=False):
                await until(lambda: client.closed)

        await asyncio.gather(*map(fail, clients))
        assert server.rooms == {}
        path.rmdir()
        server.write("nb.ipynb", "a")
        async with clients[0].connected():
            assert clients[0].sources == ["a"]
