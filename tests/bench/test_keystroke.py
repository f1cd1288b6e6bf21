"""What a keystroke costs on the event loop, and how soon it is durable."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio import create_memory_object_stream
from pycrdt import Array, Doc, Text, TransactionEvent, create_update_message, handle_sync_message
from pycrdt.websocket import YRoom
from pycrdt.websocket.yutils import put_updates

from jupyter_crdt_autosave.disk import OSDisk
from jupyter_crdt_autosave.document.mirror import Mirror
from jupyter_crdt_autosave.document.untracked import UntrackedNotebook
from jupyter_crdt_autosave.storage.journal import Journal

from .measure import best, report

pytestmark = pytest.mark.bench

KEYS = 3000


def history() -> tuple[bytes, list[bytes]]:
    """A notebook of a hundred cells, and the messages of a client that types into one."""
    notebook = UntrackedNotebook()
    cell = {"cell_type": "code", "source": "print(1)\n" * 10, "metadata": {}, "outputs": []}
    cells = [{**cell, "id": f"c{index}"} for index in range(100)]
    notebook.set({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    base = notebook.ydoc.get_update()
    client: Doc[Any] = Doc()
    client.apply_update(base)
    messages: list[bytes] = []
    client.observe(lambda event: messages.append(create_update_message(event.update)))
    source = client.get("cells", type=Array)[5]["source"]
    assert isinstance(source, Text)
    for key in range(KEYS):
        source.insert(3 + key, "x")
    return base, messages


def seconds_per_key(base: bytes, messages: list[bytes], watch: Callable[..., object]) -> float:
    """CPU time of this thread for one message, with `watch` observing the document."""
    notebook = UntrackedNotebook()
    notebook.ydoc.apply_update(base)
    send, receive = create_memory_object_stream[bytes](2 * KEYS)
    kept_alive = watch(notebook, send)
    began = time.thread_time()
    for message in messages:
        handle_sync_message(message[1:], notebook.ydoc)
    took = (time.thread_time() - began) / len(messages)
    del kept_alive
    send.close()
    receive.close()
    return took


class Tab:
    """One client of a room: sends what it is given, and takes what it gets."""

    path = "tab"

    def __init__(self, messages: list[bytes]) -> None:
        self._messages = iter(messages)

    def __aiter__(self) -> Tab:
        return self

    async def __anext__(self) -> bytes:
        # The room passes the last message on before the next one is there.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        try:
            return next(self._messages)
        except StopIteration:
            raise StopAsyncIteration from None

    async def send(self, message: bytes) -> None:
        """Take a message."""

    async def recv(self) -> bytes:
        """The next message."""
        return await self.__anext__()


async def idle(tab: Tab) -> None:
    """What it costs to go through the messages without doing anything."""
    async for _ in tab:
        pass


async def in_a_room(base: bytes, messages: list[bytes]) -> float:
    """CPU time that pycrdt's own room takes for a keystroke that one other client is told of."""
    began = time.thread_time()
    await idle(Tab(messages))
    nothing = time.thread_time() - began
    room = YRoom()
    room.ydoc.apply_update(base)
    async with room:
        room.clients.add(Tab([]))
        began = time.thread_time()
        await room.serve(Tab(messages))
        took = time.thread_time() - began
    return (took - nothing) / len(messages)


def test_observing_a_keystroke_costs_little(tmp_path: Path) -> None:
    """Baseline: what pycrdt's own room does for the keystroke, from the message to one reader.

    Printed beside it: the ratio to decoding and applying the update alone.
    """
    base, messages = history()
    count = 0

    def stock(notebook: UntrackedNotebook, send: Any) -> object:
        return notebook.ydoc.observe(partial(put_updates, send))

    def ours(notebook: UntrackedNotebook, send: Any) -> object:
        nonlocal count
        count += 1
        journal = Journal(OSDisk(), str(tmp_path / str(count)), lambda: None)
        journal.load()
        # Without the thread that syncs: it takes nothing of the loop's own time.
        journal._writer._thread.start = lambda: None  # type: ignore[method-assign]
        journal.start(1, "nb.ipynb")
        mirror = Mirror(notebook)

        def observe(event: TransactionEvent) -> None:
            update = event.update
            journal.outlives_us(journal.update(update))
            send.send_nowait(update)

        return mirror, notebook.ydoc.observe(observe)

    applying = best(lambda: seconds_per_key(base, messages, stock))
    whole = best(lambda: seconds_per_key(base, messages, ours))
    room = best(lambda: asyncio.run(in_a_room(base, messages)))
    observers = (whole - applying) * 1e6
    report("observers, against applying the update alone", observers, applying * 1e6, "µs", 0.8)
    assert report("observers per keystroke", observers, room * 1e6, "µs", 0.3) <= 0.3


def test_an_update_is_durable_about_as_soon_as_the_disk_allows(tmp_path: Path) -> None:
    """Baseline: append and fdatasync of the same bytes."""
    journal = Journal(OSDisk(), str(tmp_path / "doc"), lambda: None)
    journal.load()
    journal.start(1, "nb.ipynb")
    fd = os.open(tmp_path / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    update = b"x" * 35

    def kept() -> float:
        began = time.perf_counter()
        journal.update(update)
        assert journal.flush(5)
        return time.perf_counter() - began

    def raw() -> float:
        began = time.perf_counter()
        os.write(fd, update + b"x" * 33)
        os.fdatasync(fd)
        return time.perf_counter() - began

    pairs = [(kept(), raw()) for _ in range(500)]
    os.close(fd)
    assert journal.close(True, 5)
    ours, baseline = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert report("accepted to durable, p50", ours * 1e6, baseline * 1e6, "µs", 2) <= 2
