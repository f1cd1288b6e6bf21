"""Commands beside a running server that has the notebook open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.client import Client, until
from tests.support.loop import in_loop
from tests.support.server import RealServer

from .terminal import Terminal, holding, listed

pytestmark = pytest.mark.timeout(180)

SECRET = "hunter2-hunter2"
NB = os.path.join("a folder", "nb.ipynb")
QUOTED = "a%20folder/nb.ipynb"
AUTOSAVE = f"/api/crdt-autosave/autosave/{QUOTED}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A running server, whose store has a place of its own."""
    Terminal(tmp_path / "notebooks", tmp_path / "a store")
    server = RealServer(tmp_path)
    server.write("a folder/nb.ipynb", "a", "b")
    yield server.start()
    server.close()


@pytest.fixture
def terminal(server: RealServer) -> Terminal:
    """A terminal of the same user."""
    return Terminal(server.root, server.home / "a store")


async def saved(server: RealServer, client: Client, *sources: str) -> None:
    """Wait until the file has what a tab shows."""
    assert client.sources == [*sources]
    await until(lambda: server.sources(NB) == [*sources])


@in_loop
async def test_a_version_comes_back_into_an_open_notebook(
    server: RealServer, terminal: Terminal
) -> None:
    async with Client(server, NB).connected() as client:
        client.type(0, "1")
        await until(lambda: terminal.run("export", NB).sources == ["a1", "b"])
        server.request("POST", AUTOSAVE)
        await saved(server, client, "a1", "b")
        assert listed(terminal)["nb.ipynb"]["open"] is True
        client.type(1, "2")
        await until(lambda: terminal.run("export", NB).sources == ["a1", "b2"])
        server.request("POST", f"/api/crdt-autosave/versions/{QUOTED}", {"name": "before"})
        (version,) = [
            each for each in terminal.json("versions", NB)["versions"] if each["name"] == "before"
        ]
        client.type(0, "9")
        await until(lambda: terminal.run("export", NB).sources == ["a19", "b2"])
        assert terminal.run("restore", NB, "--version", version["id"]).code == 0
        assert server.sources(NB) == ["a1", "b2"]
        await until(lambda: client.sources == ["a1", "b2"])
        client.type(0, "x")
        await until(lambda: terminal.run("export", NB).sources == ["a1x", "b2"])
        server.request("POST", AUTOSAVE)
        await saved(server, client, "a1x", "b2")
    assert server.status(QUOTED)["path"] == "a folder/nb.ipynb"


@in_loop
async def test_nothing_is_lost_by_what_is_done_beside_a_server(
    server: RealServer, terminal: Terminal
) -> None:
    async with Client(server, NB).connected() as client:
        typed = ""
        for command in (
            ["compact"], ["verify"], ["clear", "--all", "--yes"], ["show", NB], ["compact"],
        ):  # fmt: skip
            client.type(0, "x")
            typed += "x"
            assert terminal.run(*command).code == 0
        await until(lambda: terminal.run("export", NB).sources == ["a" + typed, "b"])
        server.kill()
    assert terminal.run("compact").code == 0
    server.start()
    async with Client(server, NB).connected() as client:
        assert client.sources == ["a" + typed, "b"]


@in_loop
async def test_a_secret_is_purged_only_once_its_notebook_is_closed(
    server: RealServer, terminal: Terminal
) -> None:
    async with Client(server, NB).connected() as client:
        client.notebook.ycells[0]["source"].insert(1, SECRET)
        await until(lambda: terminal.run("export", NB).sources == ["a" + SECRET, "b"])
        refused = terminal.run("purge", NB, "--json", typed="nb.ipynb\n")
        assert (refused.code, refused.json["reason"]) == (1, "document_in_use")
        del client.notebook.ycells[0]["source"][1:]
        await until(lambda: terminal.run("export", NB).sources == ["a", "b"])
    server.terminate()
    assert holding(terminal.store, SECRET.encode())
    assert terminal.run("purge", NB, typed="nb.ipynb\n").code == 0
    assert holding(server.home / "notebooks", SECRET.encode()) == []
    assert holding(terminal.store, SECRET.encode()) == []
    assert server.sources(NB) == ["a", "b"]
    server.start()
    async with Client(server, NB).connected() as client:
        assert client.sources == ["a", "b"]
