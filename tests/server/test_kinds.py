"""Versions of every kind: made, found, read, brought back by cell and whole, and undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(120)

API = "/api/crdt-autosave"
FILE_EVENTS = "https://schema.jupyter.org/jupyter_crdt_autosave/file/v1"

Make = Callable[[InnerServer, Client], Awaitable[list[str]]]
"""Makes a version of a notebook with the cells ``a = 1`` and ``b = 1``; gives what is in it."""


async def replace(server: InnerServer, client: Client, cell: int, text: str) -> None:
    """Type something else into a cell."""
    source = client.notebook.ycells[cell]["source"]
    del source[0 : len(source)]
    client.type(cell, text)
    await until(lambda: server.texts("nb.ipynb")[cell] == text)


async def named(server: InnerServer, client: Client) -> list[str]:
    await server.request("POST", f"{API}/versions/nb.ipynb", {"name": "mine"})
    return ["a = 1", "b = 1"]


async def save(server: InnerServer, client: Client) -> list[str]:
    await replace(server, client, 0, "a = 2")
    await client.save()
    return ["a = 2", "b = 1"]


async def external(server: InnerServer, client: Client) -> list[str]:
    await replace(server, client, 0, "a = 2")
    server.write("nb.ipynb", "a = 1", "b = 3")
    await until(lambda: server.texts("nb.ipynb") == ["a = 2", "b = 3"])
    return ["a = 1", "b = 3"]


async def conflict(server: InnerServer, client: Client) -> list[str]:
    events = server.listen(FILE_EVENTS)
    await replace(server, client, 0, "a = 2")
    server.write("nb.ipynb", "a = 3", "b = 1")
    await until(lambda: events)
    return ["a = 3", "b = 1"]


async def discard(server: InnerServer, client: Client) -> list[str]:
    await replace(server, client, 0, "a = 2")
    await server.request("POST", f"{API}/reload/nb.ipynb")
    await until(lambda: client.sources == ["a = 1", "b = 1"])
    return ["a = 2", "b = 1"]


async def restore(server: InnerServer, client: Client) -> list[str]:
    made = await server.request("POST", f"{API}/versions/nb.ipynb", {"name": "mine"})
    await replace(server, client, 0, "a = 2")
    await server.request("POST", f"{API}/version/{made.json()['id']}/restore")
    await until(lambda: client.sources == ["a = 1", "b = 1"])
    return ["a = 2", "b = 1"]


async def loss(server: InnerServer, client: Client) -> list[str]:
    for cell in (0, 1):
        await replace(server, client, cell, "")
    await client.save()
    return ["a = 1", "b = 1"]


async def damaged(server: InnerServer, client: Client) -> list[str]:
    (server.root / "nb.ipynb").write_text("not a notebook")
    await replace(server, client, 0, "a = 2")
    await client.save()
    return ["not a notebook"]


async def cleared(server: InnerServer, client: Client) -> list[str]:
    await replace(server, client, 0, "a = 2")
    await server.request("POST", f"{API}/autosave/nb.ipynb")
    await until((server.root / ".autosave" / "nb.ipynb").exists)
    await server.request("DELETE", f"{API}/autosave/nb.ipynb")
    return ["a = 2", "b = 1"]


MAKERS: dict[str, Make] = {
    "named": named,
    "save": save,
    "external": external,
    "conflict": conflict,
    "discard": discard,
    "restore": restore,
    "loss": loss,
    "damaged": damaged,
    "cleared": cleared,
}


async def read(server: InnerServer, id: str) -> Any:
    """The content of a version."""
    return (await server.get(f"{API}/version/{id}"))["content"]


def sources(content: Any) -> list[str]:
    """The texts of the cells."""
    return [cell["source"] for cell in content["cells"]]


async def found(server: InnerServer, kind: str, wanted: list[str]) -> Any:
    """The version of a kind that has these texts: its id, and its content."""
    listed = (await server.get(f"{API}/versions/nb.ipynb"))["versions"]
    for version in listed:
        if version["kind"] == kind:
            content = await read(server, version["id"])
            if sources(content) == wanted:
                return version["id"], content
    raise AssertionError(f"{kind} {wanted} is not in {listed}")


@pytest.mark.parametrize("kind", MAKERS)
@in_loop
async def test_a_version_is_found_and_brought_back(home: Path, kind: str) -> None:
    target = "checkpoint" if kind == "cleared" else "notebook"
    config = {"interval": 1000.0, "autosave_target": target}
    async with serving(home, CRDTAutosave=config) as server:
        server.write("nb.ipynb", "a = 1", "b = 1")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            wanted = await MAKERS[kind](server, client)
            id, content = await found(server, kind, wanted)
            await replace(server, client, 0, "later = 1")
            before = client.sources
            first = content["cells"][0]["id"]
            restore_url = f"{API}/version/{id}/restore"
            await server.request("POST", restore_url, {"cells": [first]})
            await until(lambda: wanted[0] in client.sources)
            await server.request("POST", restore_url, {"cells": None})
            await until(lambda: client.sources == wanted)
            undo, _ = await found(server, "restore", before)
            await server.request("POST", f"{API}/version/{undo}/restore")
            await until(lambda: client.sources == before)
