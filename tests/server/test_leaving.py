"""What happens while a server stops."""

from __future__ import annotations

import asyncio
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.model import Settings
from jupyter_crdt_autosave.storage.history import read_history
from tests.server.gate import Gate
from tests.support.client import Client, until
from tests.support.inside import serving
from tests.support.loop import in_loop


@in_loop
async def test_documents_that_nobody_opens_are_looked_after_when_a_server_has_started(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def note(store: Any, now: float, keep: Any) -> None:
        seen.append((store.root, keep.versions, keep.days))

    monkeypatch.setattr("jupyter_crdt_autosave.rooms.tidy", note)
    async with serving(home, CRDTAutosave={"keep_versions": 7, "keep_days": 90.0}) as server:
        await until(lambda: seen)
        assert seen == [(str(server.store), 7, 90.0)]


@in_loop
async def test_a_disk_that_hangs_does_not_keep_the_server_from_stopping(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    free = threading.Event()
    sync: Any = OSDisk.sync
    hurried = partial(Settings, leave=0.4)
    monkeypatch.setattr("jupyter_crdt_autosave.config.Settings", hurried)
    try:
        async with serving(home) as server:
            server.write("nb.ipynb", "a")
            client = Client(server, "nb.ipynb")
            async with client.connected():

                def hang(fd: int) -> None:
                    free.wait(60)
                    sync(fd)

                monkeypatch.setattr(OSDisk, "sync", staticmethod(hang))
                client.type(0, "b")
                room = server.room("nb.ipynb")
                await until(lambda: room.live.status().unsaved)
                began = time.monotonic()
                await server.extension.stop_extension()
                assert time.monotonic() - began < 1.5
                free.set()
    finally:
        free.set()
    assert "next start" in caplog.text


@in_loop
async def test_who_saves_while_the_server_stops_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        gate = Gate(monkeypatch, "_close")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            stopping = asyncio.create_task(server.extension.stop_extension())
            await gate.reached.wait()
            reply = await client.save()
            assert reply["status"] == "failed"
            assert "stopping" in reply["reason"]
            gate.opened.set()
            await stopping


@in_loop
async def test_what_is_typed_while_the_server_stops_stays_with_the_tab_until_it_is_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client, other = Client(server, "nb.ipynb"), Client(server, "nb.ipynb")
        with monkeypatch.context() as patch:
            gate = Gate(patch, "_close")
            async with client.connected(), other.connected():
                folder = server.room("nb.ipynb").live.folder
                before = len(read_history(OSDisk(), folder).updates)
                stopping = asyncio.create_task(server.extension.stop_extension())
                await gate.reached.wait()
                client.type(0, "b")
                await client.save()
                assert other.sources == ["a"]
                assert len(read_history(OSDisk(), folder).updates) == before
                gate.opened.set()
                await stopping
    async with serving(home) as server:
        client.server = server
        async with client.connected(), Client(server, "nb.ipynb").connected() as fresh:
            await until(lambda: fresh.sources == ["ab"])


@in_loop
async def test_nobody_is_let_in_while_the_server_stops(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        await server.extension.stop_extension()
        client = Client(server, "nb.ipynb")
        async with client.connected(wait=False):
            await until(lambda: client.closed)
        assert client.closed is not None and client.closed[0] == 1012
        assert server.rooms == {}


@in_loop
async def test_stopping_twice_is_as_good_as_once(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected() as client:
            client.type(0, "b")
            await until(lambda: server.room("nb.ipynb").live.status().unsaved)
            for _ in range(2):
                await server.extension.stop_extension()
    assert server.sources("nb.ipynb") == ["ab"]
