"""Real WebSocket clients of a notebook's room, made of pycrdt alone."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from jupyter_ydoc import YNotebook
from pycrdt import (
    Doc,
    Encoder,
    YMessageType,
    YSyncMessageType,
    create_sync_message,
    create_update_message,
    handle_sync_message,
)

from .server import TOKEN


class Reachable(Protocol):
    """A running server."""

    @property
    def url(self) -> str:
        """Its address."""


async def until(condition: Callable[[], Any], timeout: float = 20.0) -> Any:
    """Wait for a condition; its value once it is true."""
    deadline = asyncio.get_running_loop().time() + timeout
    while not (value := condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("The condition was not met in time.")
        await asyncio.sleep(0.01)
    return value


class Client:
    """One tab. It keeps its document when the connection is lost, as a browser does."""

    def __init__(self, server: Reachable, path: str) -> None:
        self.server = server
        self.path = path
        self.notebook = YNotebook()
        self.doc: Doc[Any] = self.notebook.ydoc
        self.synced = asyncio.Event()
        self.closed: tuple[int, str] | None = None
        self.replies: list[dict[str, Any]] = []
        self.received: list[bytes] = []
        self._socket: AsyncWebSocketSession | None = None
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._applying = False
        self.doc.observe(self._on_local)

    @property
    def sources(self) -> list[str]:
        """The sources of the cells."""
        return [str(cell["source"]) for cell in self.notebook.ycells]

    def type(self, cell: int, text: str, at: int | None = None) -> None:
        """Type one key after the other into a cell; at its end unless `at` says where."""
        source = self.notebook.ycells[cell]["source"]
        for offset, key in enumerate(text):
            source.insert(len(source) if at is None else at + offset, key)

    def _on_local(self, event: Any) -> None:
        if not self._applying:
            self._outgoing.put_nowait(create_update_message(event.update))

    @asynccontextmanager
    async def connected(self, wait: bool = True) -> AsyncIterator[Client]:
        """Connect, synchronise, and stay for as long as the block runs."""
        self.synced, self.closed = asyncio.Event(), None
        headers = {"Authorization": f"token {TOKEN}"}
        async with httpx.AsyncClient(headers=headers, timeout=30) as http:
            url = await self._room_url(http)
            socket: AsyncWebSocketSession
            async with aconnect_ws(
                url, http, max_message_size_bytes=2**30, queue_size=100_000,
                keepalive_ping_interval_seconds=None,
            ) as socket:  # fmt: skip
                tasks = [
                    asyncio.create_task(self._receive(socket)),
                    asyncio.create_task(self._send(socket)),
                ]
                try:
                    if wait:
                        await asyncio.wait_for(self.synced.wait(), 30)
                    yield self
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)

    async def _room_url(self, http: httpx.AsyncClient) -> str:
        path = urllib.parse.quote(self.path)
        answer = await http.put(
            f"{self.server.url}/api/collaboration/session/{path}",
            content=json.dumps({"format": "json", "type": "notebook"}),
        )
        answer.raise_for_status()
        session = answer.json()
        return (
            f"{self.server.url}/api/collaboration/room/json:notebook:{session['fileId']}"
            f"?sessionId={session['sessionId']}"
        )

    async def _send(self, socket: AsyncWebSocketSession) -> None:
        await socket.send_bytes(create_sync_message(self.doc))
        await self.synced.wait()
        while True:
            await socket.send_bytes(await self._outgoing.get())

    async def _receive(self, socket: AsyncWebSocketSession) -> None:
        try:
            while True:
                await self._on_message(socket, await socket.receive_bytes())
        except WebSocketDisconnect as end:
            self.closed = end.code, end.reason or ""

    async def _on_message(self, socket: AsyncWebSocketSession, message: bytes) -> None:
        if message[0] == 2:
            self.replies.append(json.loads(message[message.index(b"{") :]))
        if message[0] != YMessageType.SYNC:
            return
        self.received.append(message)
        self._applying = True
        try:
            reply = handle_sync_message(message[1:], self.doc)
        finally:
            self._applying = False
        if reply is not None:
            await socket.send_bytes(reply)
        if message[1] == YSyncMessageType.SYNC_STEP2:
            self.synced.set()

    def ask_to_save(self, number: int) -> None:
        """Press Ctrl-S."""
        encoder = Encoder()
        encoder.write_var_uint(2)
        encoder.write_var_string("save")
        encoder.write_var_uint(number)
        self._outgoing.put_nowait(encoder.to_bytes())

    async def save(self, timeout: float = 20) -> dict[str, Any]:
        """Press Ctrl-S and wait for the answer."""
        number = 1000 + len(self.replies)
        self.ask_to_save(number)

        def reply() -> dict[str, Any] | None:
            found = [r for r in self.replies if r.get("responseTo") == number]
            return found[0] if found else None

        answer: dict[str, Any] = await until(reply, timeout)
        return answer
