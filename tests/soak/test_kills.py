"""Typing, and kill -9 at random moments: nothing that anybody has seen may be lost.

``SOAK_KILLS`` says how often the server is killed, ``SOAK_SEED`` which random moments are chosen.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest
from jupyter_ydoc import YNotebook
from pycrdt import Array, Map, Text

from jupyter_crdt_autosave.document.statevector import decode
from tests.support.client import Client
from tests.support.loop import in_loop
from tests.support.server import RealServer

KILLS = int(os.environ.get("SOAK_KILLS", "25"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
WORDS = ["x = 1\n", "é", "日本", "😀", "for i in y:\n", "    pass\n"]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(60 + 20 * KILLS)]


def something(client: Client, dice: random.Random) -> None:
    """One thing that a person does."""
    cells: Array[Map[object]] = client.notebook.ycells
    where = dice.randrange(len(cells))
    chance = dice.random()
    if chance < 0.05:
        client.notebook.append_cell({"cell_type": "code", "source": dice.choice(WORDS)})
    elif chance < 0.08 and len(cells) > 2:
        del cells[where]
    else:
        source = cells[where]["source"]
        assert isinstance(source, Text)
        if chance < 0.2 and len(str(source)) > 3:
            start = len(str(source)[:1].encode())
            del source[start : start + len(str(source)[1:2].encode())]
        else:
            source.insert(0 if dice.random() < 0.5 else len(source), dice.choice(WORDS))


def lacks(client: Client, seen: YNotebook) -> list[str]:
    """What somebody saw and a freshly connected client does not have."""
    mine, theirs = decode(client.doc.get_state()), decode(seen.ydoc.get_state())
    missing = [f"{who}: {clock}" for who, clock in theirs.items() if mine.get(who, 0) < clock]
    both = YNotebook()
    both.ydoc.apply_update(client.doc.get_update())
    both.ydoc.apply_update(seen.ydoc.get_update())
    if [str(cell["source"]) for cell in both.ycells] != client.sources:
        missing.append("content")
    return missing


async def session(server: RealServer, dice: random.Random, seen: YNotebook) -> YNotebook:
    """Two tabs type until the server is killed; what the second one had seen by then."""
    typist, reader = Client(server, "nb.ipynb"), Client(server, "nb.ipynb")
    try:
        async with typist.connected(), reader.connected():
            assert lacks(reader, seen) == []
            ids = [cell["id"] for cell in reader.notebook.ycells]
            assert len(set(ids)) == len(ids), "a cell stands twice"
            moment = asyncio.get_running_loop().time() + dice.random() * 0.4
            while asyncio.get_running_loop().time() < moment:
                something(typist, dice)
                await asyncio.sleep(dice.choice([0, 0, 0, 0.001, 0.01]))
            server.kill()
    except (OSError, asyncio.TimeoutError):
        pass
    return reader.notebook


@in_loop
async def test_nothing_that_a_second_client_has_seen_is_lost(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    server = RealServer(tmp_path, "--CRDTAutosave.interval=1")
    server.write("nb.ipynb", "a = 1", "b = 2")
    seen = YNotebook()
    try:
        for _ in range(KILLS):
            server.start()
            seen = await session(server, dice, seen)
            assert seen.ycells, "the session never began"
        server.start()
        last = Client(server, "nb.ipynb")
        async with last.connected():
            assert lacks(last, seen) == []
            assert (await last.save())["status"] == "success"
            assert server.sources("nb.ipynb") == last.sources
    finally:
        server.close()
