"""A server that is killed while a notebook is written back: it is there, or it can be once more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, until
from tests.support.loop import in_loop
from tests.support.server import RealServer

API = "/api/crdt-autosave"
NAME = "nb.ipynb"

Moment = Callable[[RealServer, threading.Event], bool]

MOMENTS: dict[str, Moment] = {
    "asked": lambda server, answered: True,
    "prepared": lambda server, answered: (server.root / ".autosave").exists() or answered.is_set(),
    "written": lambda server, answered: (server.root / NAME).exists(),
    "answered": lambda server, answered: answered.is_set(),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A server that has not been started."""
    server = RealServer(tmp_path, "--YDocExtension.document_cleanup_delay=0.05")
    yield server
    server.close()


async def deleted(server: RealServer) -> str:
    """Edit a notebook, and delete it through Jupyter; the id of its document."""
    server.write(NAME, "a")
    client = Client(server, NAME)
    async with client.connected():
        client.type(0, "b")
        assert (await client.save())["status"] == "success"
    assert server.request("DELETE", f"/api/contents/{NAME}")[0] == 204
    [found] = await until(lambda: recoverable(server))
    return str(found["id"])


def recoverable(server: RealServer) -> list[dict[str, Any]]:
    """What can be written back."""
    found: list[dict[str, Any]] = server.get(f"{API}/recovery")["notebooks"]
    return found


def kill_while_writing_back(server: RealServer, id: str, moment: Moment) -> None:
    """Ask for the notebook, and kill the server at a moment."""
    answered = threading.Event()

    def ask() -> None:
        try:
            server.request("POST", f"{API}/recovery", {"id": id, "path": NAME})
        except OSError:
            # It was killed before it could answer.
            return
        answered.set()

    asking = threading.Thread(target=ask)
    asking.start()
    deadline = time.monotonic() + 60
    while not moment(server, answered):
        assert time.monotonic() < deadline
        time.sleep(0.0005)
    server.kill()
    asking.join(30)


@pytest.mark.parametrize("moment", MOMENTS)
@in_loop
async def test_a_notebook_is_written_back_or_recoverable_after_a_kill(
    server: RealServer, moment: str
) -> None:
    server.start()
    id = await deleted(server)
    kill_while_writing_back(server, id, MOMENTS[moment])
    server.start()
    left = [found["id"] for found in recoverable(server)]
    if (server.root / NAME).exists():
        assert server.sources(NAME) == ["ab"]
    else:
        assert left == [id]
        content = server.get(f"{API}/recoverable/{id}")
        assert ["".join(cell["source"]) for cell in content["cells"]] == ["ab"]
        assert server.request("POST", f"{API}/recovery", {"id": id, "path": NAME})[0] == 200
    assert moment not in ("written", "answered") or (server.root / NAME).exists()
    assert moment != "answered" or left == []
    client = Client(server, NAME)
    async with client.connected():
        assert client.sources == ["ab"]
        client.type(0, "c")
        assert (await client.save())["status"] == "success"
    assert server.sources(NAME) == ["abc"]
    assert not (server.root / ".autosave").exists()
