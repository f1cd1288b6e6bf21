"""Timelines over HTTP: open notebooks, closed ones, and what nobody may reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(120)

API = "/api/crdt-autosave"
NAMES = ["nb.ipynb", "folder with spaces/日本 é.ipynb"]


async def versions(server: InnerServer, path: str) -> list[dict[str, Any]]:
    """The timeline of a notebook."""
    found = await server.get(f"{API}/versions/{quote(path)}")
    listed: list[dict[str, Any]] = found["versions"]
    return listed


async def named(server: InnerServer, path: str, name: str) -> dict[str, Any]:
    """A version that somebody made."""
    answer = await server.request("POST", f"{API}/versions/{quote(path)}", {"name": name})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def sources(server: InnerServer, id: str) -> list[str]:
    """What is in a version."""
    found = await server.get(f"{API}/version/{id}")
    return [cell["source"] for cell in found["content"]["cells"]]


def write(server: InnerServer, path: str, *texts: str) -> None:
    """A notebook file, in a folder if need be."""
    (server.root / path).parent.mkdir(exist_ok=True)
    server.write(path, *texts)


@pytest.mark.parametrize("path", NAMES)
@in_loop
async def test_a_named_version_is_listed_read_and_restored(home: Path, path: str) -> None:
    async with serving(home) as server:
        write(server, path, "a", "b")
        client = Client(server, path)
        async with client.connected():
            made = await named(server, path, "before the talk")
            client.type(0, "1")
            client.type(1, "2")
            await until(lambda: server.texts(path) == ["a1", "b2"])
            assert await versions(server, path) == [made]
            assert (made["kind"], made["name"], made["cells"]) == ("named", "before the talk", 2)
            assert await sources(server, made["id"]) == ["a", "b"]
            url = f"{API}/version/{made['id']}/restore"
            assert (await server.request("POST", url, {"cells": ["cell-1"]})).status_code == 200
            await until(lambda: client.sources == ["a1", "b"])
            assert (await server.request("POST", url, {"cells": None})).status_code == 200
            await until(lambda: client.sources == ["a", "b"])
            undo = (await versions(server, path))[0]
            assert (undo["kind"], await sources(server, undo["id"])) == ("restore", ["a1", "b"])
            assert (
                await server.request("POST", f"{API}/version/{undo['id']}/restore")
            ).status_code == 200
            await until(lambda: client.sources == ["a1", "b"])


@pytest.mark.parametrize("path", NAMES)
@in_loop
async def test_a_closed_notebook_is_restored_in_its_file(home: Path, path: str) -> None:
    async with serving(home, YDocExtension={"document_cleanup_delay": 0.05}) as server:
        write(server, path, "a", "b")
        client = Client(server, path)
        async with client.connected():
            made = await named(server, path, "before")
            client.type(0, "1")
            await client.save()
        await until(lambda: not server.rooms)
        assert server.sources(path) == ["a1", "b"]
        answer = await server.request("POST", f"{API}/version/{made['id']}/restore")
        assert answer.status_code == 200
        await until(lambda: server.sources(path) == ["a", "b"])
        await until(lambda: not server.rooms)
        assert [version["kind"] for version in await versions(server, path)] == [
            "restore",
            "save",
            "named",
        ]


@in_loop
async def test_a_version_is_renamed_removed_and_brought_back(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            made = await named(server, "nb.ipynb", "one")
            url = f"{API}/version/{made['id']}"
            renamed = await server.request("PATCH", url, {"name": "two"})
            assert renamed.json() == {**made, "name": "two"}
            assert await versions(server, "nb.ipynb") == [{**made, "name": "two"}]
            assert (await server.request("DELETE", url)).status_code == 200
            assert await versions(server, "nb.ipynb") == []
            assert (await server.request("GET", url)).json()["reason"] == "version_missing"
            back = await server.request("PATCH", url, {"removed": False})
            assert back.json() == {**made, "name": "two"}
            assert await sources(server, made["id"]) == ["a"]


@in_loop
async def test_conflicts_are_listed_taken_and_dismissed(home: Path) -> None:
    async with serving(home, CRDTAutosave={"interval": 1000.0}) as server:
        events = server.listen("https://schema.jupyter.org/jupyter_crdt_autosave/file/v1")
        server.write("nb.ipynb", "x = 1", "y = 1")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            for cell, key in ((0, "x = 2"), (1, "y = 2")):
                source = client.notebook.ycells[cell]["source"]
                del source[0:5]
                source.insert(0, key)
            await until(lambda: server.texts("nb.ipynb") == ["x = 2", "y = 2"])
            server.write("nb.ipynb", "x = 3", "y = 3")
            url = f"{API}/conflicts/nb.ipynb"
            await until(lambda: len(events) == 1)
            found = (await server.get(url))["conflicts"]
            by_cell = {mark["cell"]: mark for mark in found}
            assert (by_cell["cell-0"]["ours"], by_cell["cell-0"]["theirs"]) == ("x = 2", "x = 3")
            taken = await server.request(
                "POST", url, {"action": "take", "id": by_cell["cell-0"]["id"]}
            )
            assert [mark["cell"] for mark in taken.json()["conflicts"]] == ["cell-1"]
            await until(lambda: client.sources == ["x = 3", "y = 2"])
            left = await server.request(
                "POST", url, {"action": "dismiss", "id": by_cell["cell-1"]["id"]}
            )
            assert left.json()["conflicts"] == []
            assert client.sources == ["x = 3", "y = 2"]
            again = await server.request(
                "POST", url, {"action": "take", "id": by_cell["cell-1"]["id"]}
            )
            assert (again.status_code, again.json()["reason"]) == (409, "conflict_missing")


@in_loop
async def test_content_is_the_notebook_on_the_screen(home: Path) -> None:
    async with serving(home, CRDTAutosave={"interval": 1000.0}) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "é😀")
            await until(lambda: server.texts("nb.ipynb") == ["aé😀"])
            content = await server.get(f"{API}/content/nb.ipynb")
            assert [cell["source"] for cell in content["cells"]] == ["aé😀"]
            assert server.sources("nb.ipynb") == ["a"]


@pytest.mark.parametrize(
    "path",
    ["../outside.ipynb", "%2e%2e/outside.ipynb", "/etc/passwd", ".hidden.ipynb", "none.ipynb"],
)
@in_loop
async def test_nothing_is_named_outside_of_what_jupyter_shows(home: Path, path: str) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        server.write(".hidden.ipynb", "secret")
        (home / "outside.ipynb").write_bytes((server.root / "nb.ipynb").read_bytes())
        answer = await server.request("POST", f"{API}/versions/{path}", {"name": "x"})
        assert answer.status_code in (400, 404)
        assert not list(server.root.rglob("*.db"))


@pytest.mark.parametrize("id", ["0" * 32, "nothing", "é"])
@pytest.mark.parametrize("verb", ["GET", "DELETE"])
@in_loop
async def test_there_is_no_version_of_an_unknown_id(home: Path, verb: str, id: str) -> None:
    async with serving(home) as server:
        answer = await server.request(verb, f"{API}/version/{quote(id)}")
        assert answer.status_code == 404


@pytest.mark.parametrize("body", [None, {}, {"name": ""}, {"name": 1}, [], {"name": None}])
@in_loop
async def test_a_version_needs_a_name(home: Path, body: Any) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        answer = await server.request("POST", f"{API}/versions/nb.ipynb", body)
        assert (answer.status_code, answer.json()["reason"]) == (400, "bad_request")


@in_loop
async def test_changes_of_a_timeline_are_told(home: Path) -> None:
    async with serving(home) as server:
        events = server.listen("https://schema.jupyter.org/jupyter_crdt_autosave/version/v1")
        server.write("nb.ipynb", "a")
        async with Client(server, "nb.ipynb").connected():
            made = await named(server, "nb.ipynb", "one")
            await server.request("PATCH", f"{API}/version/{made['id']}", {"name": "two"})
            await server.request("DELETE", f"{API}/version/{made['id']}")
            await until(lambda: len(events) == 3)
            assert [(event["event"], event["id"], event["path"]) for event in events] == [
                ("kept", made["id"], "nb.ipynb"),
                ("renamed", made["id"], "nb.ipynb"),
                ("removed", made["id"], "nb.ipynb"),
            ]
