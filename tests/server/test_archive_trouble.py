"""Without a usable archive there is no timeline, but every notebook."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, until
from tests.support.inside import InnerServer, serving
from tests.support.loop import in_loop

pytestmark = pytest.mark.timeout(120)

API = "/api/crdt-autosave"


@contextmanager
def locked(path: Path) -> Any:
    """Another process is writing all the time."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def a_folder(path: Path) -> Any:
    """Something else is in its place."""
    path.rename(path.with_name("away"))
    path.mkdir()
    yield
    path.rmdir()
    path.with_name("away").rename(path)


TROUBLE: dict[str, Callable[[Path], AbstractContextManager[Any]]] = {
    "locked": locked,
    "a folder": a_folder,
}
DAMAGE: dict[str, Callable[[Path], object]] = {
    "deleted": os.unlink,
    "truncated": lambda path: os.truncate(path, 1000),
    "garbage": lambda path: path.write_bytes(b"\x00garbage" * 1000),
}


async def listed(server: InnerServer) -> tuple[int, Any]:
    """The answer to a question for the timeline."""
    answer = await server.request("GET", f"{API}/versions/nb.ipynb")
    return answer.status_code, answer.json()


async def named(server: InnerServer, name: str) -> int:
    """Whether a version can be made."""
    answer = await server.request("POST", f"{API}/versions/nb.ipynb", {"name": name})
    return answer.status_code


@pytest.mark.parametrize("trouble", TROUBLE)
@in_loop
async def test_the_timeline_says_what_is_wrong_and_comes_back(
    home: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr("jupyter_crdt_autosave.storage.database.PATIENCE", 0.2)
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            assert await named(server, "before") == 201
            with TROUBLE[trouble](server.store / "archive.db"):
                status, told = await listed(server)
                assert (status, told["reason"]) == (507, "archive_unavailable")
                assert told["message"]
                assert await named(server, "meanwhile") == 507
                client.type(0, "1")
                await client.save()
                assert server.sources("nb.ipynb") == ["a1"]
            assert await named(server, "after") == 201
            status, told = await listed(server)
            assert status == 200
            assert [version["name"] for version in told["versions"]] == ["after", "before"]


@pytest.mark.parametrize("damage", DAMAGE)
@in_loop
async def test_a_new_archive_is_begun_where_the_old_one_is_damaged(home: Path, damage: str) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            assert await named(server, "before") == 201
            DAMAGE[damage](server.store / "archive.db")
            client.type(0, "1")
            await client.save()
            assert server.sources("nb.ipynb") == ["a1"]
            assert await named(server, "after") == 201
            status, told = await listed(server)
            assert status == 200
            assert "after" in [version["name"] for version in told["versions"]]
        set_aside = [path for path in server.store.iterdir() if "damaged" in path.name]
        assert bool(set_aside) == (damage != "deleted")


@in_loop
async def test_only_the_owner_can_read_what_is_kept(home: Path) -> None:
    async with serving(home) as server:
        server.write("nb.ipynb", "a")
        client = Client(server, "nb.ipynb")
        async with client.connected():
            client.type(0, "1")
            await client.save()
            await until((server.store / "archive.db").exists)
        assert server.store.stat().st_mode & 0o077 == 0
        for path in server.store.rglob("*"):
            if path.is_file() and path.parent.stat().st_mode & 0o077:
                assert path.stat().st_mode & 0o077 == 0, path
