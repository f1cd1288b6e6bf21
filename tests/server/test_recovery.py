"""Offers answered over HTTP, on servers that are killed with -9."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, until
from tests.support.loop import in_loop
from tests.support.server import RealServer

pytestmark = pytest.mark.timeout(120)

API = "/api/crdt-autosave"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A server with a notebook of two cells."""
    server = RealServer(tmp_path, "--CRDTAutosave.interval=1")
    server.write("nb.ipynb", "a", "b")
    server.start()
    try:
        yield server
    finally:
        server.close()


async def die(server: RealServer, *typed: tuple[int, str]) -> None:
    """Type, and kill the server before an autosave."""
    client = Client(server, "nb.ipynb")
    async with client.connected():
        for cell, text in typed:
            client.type(cell, text)
        await until(lambda: server.status("nb.ipynb")["unsaved"])
        server.kill()
    server.start()


def offer(server: RealServer) -> Any:
    """What is offered."""
    return server.get(f"{API}/recovery/nb.ipynb")


def answer(server: RealServer, action: str, id: str) -> tuple[int, Any]:
    """Somebody answers."""
    return server.request("POST", f"{API}/recovery/nb.ipynb", {"action": action, "id": id})


@in_loop
async def test_restore(server: RealServer) -> None:
    await die(server, (0, "1"))
    client = Client(server, "nb.ipynb")
    async with client.connected():
        found = offer(server)
        assert (found["available"], found["source"]) == (True, "document")
        assert found["cells"] == {"added": 0, "removed": 0, "changed": 1}
        (change,) = found["changes"]
        assert (change["before"]["source"], change["after"]["source"]) == ("a", "a1")
        assert server.status("nb.ipynb")["offer"] == found["id"]
        status, left = answer(server, "restore", found["id"])
        assert (status, left["available"], left["id"]) == (200, False, None)
        assert server.sources("nb.ipynb") == ["a1", "b"] == client.sources
        assert server.status("nb.ipynb")["offer"] is None


@in_loop
async def test_discard(server: RealServer) -> None:
    await die(server, (0, "1"))
    before = (server.root / "nb.ipynb").read_bytes()
    client = Client(server, "nb.ipynb")
    async with client.connected():
        found = offer(server)
        client.type(1, "2")
        await until(lambda: server.get(f"{API}/content/nb.ipynb")["cells"][1]["source"] == "b2")
        assert (server.root / "nb.ipynb").read_bytes() == before
        assert answer(server, "discard", found["id"])[0] == 200
        await until(lambda: client.sources == ["a", "b2"])
        await until(lambda: server.sources("nb.ipynb") == ["a", "b2"])


@in_loop
async def test_later_survives_another_restart(server: RealServer) -> None:
    await die(server, (0, "1"))
    before = (server.root / "nb.ipynb").read_bytes()
    async with Client(server, "nb.ipynb").connected():
        first = offer(server)
    server.terminate()
    server.start()
    assert (server.root / "nb.ipynb").read_bytes() == before
    client = Client(server, "nb.ipynb")
    async with client.connected():
        assert offer(server)["id"] == first["id"]
        assert client.sources == ["a1", "b"]


@in_loop
async def test_the_second_of_two_tabs_that_answer_at_once_gets_a_conflict(
    server: RealServer,
) -> None:
    await die(server, (0, "1"))
    client = Client(server, "nb.ipynb")
    async with client.connected():
        found = offer(server)
        answers = await asyncio.gather(
            asyncio.to_thread(answer, server, "restore", found["id"]),
            asyncio.to_thread(answer, server, "discard", found["id"]),
        )
        assert sorted(status for status, _ in answers) == [200, 409]
        (refused,) = (told for status, told in answers if status == 409)
        assert refused["reason"] == "not_offered"
        assert "nb.ipynb" in refused["message"]
        wanted = ["a1", "b"] if answers[0][0] == 200 else ["a", "b"]
        await until(lambda: client.sources == wanted)
        assert server.sources("nb.ipynb") == wanted


@pytest.mark.parametrize(
    ("action", "wanted"), [("restore", ["a1", "b theirs"]), ("discard", ["a", "b theirs"])]
)
@in_loop
async def test_a_file_that_was_changed_meanwhile_is_merged_and_offered(
    server: RealServer, action: str, wanted: list[str]
) -> None:
    client = Client(server, "nb.ipynb")
    async with client.connected():
        client.type(0, "1")
        await until(lambda: server.status("nb.ipynb")["unsaved"])
        server.kill()
    server.write("nb.ipynb", "a", "b theirs")
    server.start()
    async with Client(server, "nb.ipynb").connected():
        found = offer(server)
        (change,) = found["changes"]
        assert (change["before"]["source"], change["after"]["source"]) == ("a", "a1")
        assert answer(server, action, found["id"])[0] == 200
        assert server.sources("nb.ipynb") == wanted
        content = server.get(f"{API}/content/nb.ipynb")
        assert [cell["source"] for cell in content["cells"]] == wanted


@pytest.mark.parametrize(("action", "wanted"), [("restore", ["a1", "b"]), ("discard", ["a", "b"])])
@in_loop
async def test_the_checkpoint_of_a_lost_store(
    server: RealServer, action: str, wanted: list[str]
) -> None:
    client = Client(server, "nb.ipynb")
    async with client.connected():
        client.type(0, "1")
        await until(lambda: server.status("nb.ipynb")["unsaved"])
        server.kill()
    # Set down from the journal when the server starts.
    server.start()
    checkpoint = server.root / ".autosave" / "nb.ipynb"
    await until(checkpoint.exists)
    server.kill()
    shutil.rmtree(server.store)
    server.start()
    client = Client(server, "nb.ipynb")
    async with client.connected():
        found = offer(server)
        assert (found["source"], client.sources) == ("checkpoint", ["a", "b"])
        assert answer(server, action, found["id"])[0] == 200
        await until(lambda: client.sources == wanted)
        assert server.sources("nb.ipynb") == wanted
        await until(lambda: not checkpoint.exists())


@in_loop
async def test_reload_makes_the_document_the_file(server: RealServer) -> None:
    client = Client(server, "nb.ipynb")
    async with client.connected():
        client.type(0, "1")
        await until(lambda: server.status("nb.ipynb")["unsaved"])
        status, told = server.request("POST", f"{API}/reload/nb.ipynb")
        assert (status, told["unsaved"]) == (200, False)
        await until(lambda: client.sources == ["a", "b"])
        assert server.sources("nb.ipynb") == ["a", "b"]
        (version,) = server.get(f"{API}/versions/nb.ipynb")["versions"]
        assert version["kind"] == "discard"
        content = server.get(f"{API}/version/{version['id']}")["content"]
        assert [cell["source"] for cell in content["cells"]] == ["a1", "b"]


@pytest.mark.parametrize(
    "body", [None, [], {}, {"action": "restore"}, {"action": "both", "id": "x"}, {"id": 1}]
)
@in_loop
async def test_what_makes_no_sense_is_refused(server: RealServer, body: Any) -> None:
    async with Client(server, "nb.ipynb").connected():
        status, told = server.request("POST", f"{API}/recovery/nb.ipynb", body)
        assert (status, told["reason"]) == (400, "bad_request")


@in_loop
async def test_nothing_is_offered_for_what_is_not_open(server: RealServer) -> None:
    for path in ("nb.ipynb", "none.ipynb", "../nb.ipynb", "/etc/passwd", ".autosave/nb.ipynb"):
        status, told = server.request("GET", f"{API}/recovery/{path}")
        assert status == 404, told
