"""A tab whose connection is lost at a chosen message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from pycrdt import YMessageType, YSyncMessageType, create_sync_message, handle_sync_message

from tests.support.client import Client
from tests.support.server import TOKEN


class _Cut(Exception):
    """The connection is lost now."""


class FrailClient(Client):
    """Loses its connection after so many messages of the handshake, sent and received."""

    async def cut_after(self, messages: int) -> bool:
        """Connect, and lose the connection; False if there were not that many messages."""
        self._left = messages
        headers = {"Authorization": f"token {TOKEN}"}
        socket: AsyncWebSocketSession
        async with httpx.AsyncClient(headers=headers, timeout=30) as http:
            url = await self._room_url(http)
            async with aconnect_ws(url, http, max_message_size_bytes=2**30) as socket:
                try:
                    await self._talk(socket)
                except _Cut:
                    await socket.stream.aclose()
                    return True
                except WebSocketDisconnect:
                    # The server ended it.
                    pass
        return False

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[Callable[[bytes], Awaitable[None]]]:
        """Connect without saying anything; gives what sends a message."""
        headers = {"Authorization": f"token {TOKEN}"}
        socket: AsyncWebSocketSession
        async with httpx.AsyncClient(headers=headers, timeout=30) as http:
            url = await self._room_url(http)
            async with aconnect_ws(url, http) as socket:
                yield socket.send_bytes

    async def _talk(self, socket: AsyncWebSocketSession) -> None:
        await self._say(socket, create_sync_message(self.doc))
        while True:
            message = await socket.receive_bytes()
            if message[0] != YMessageType.SYNC:
                continue
            self._count()
            reply = self._apply(message)
            if reply is not None:
                await self._say(socket, reply)
            if message[1] == YSyncMessageType.SYNC_STEP2:
                break
        while not self._outgoing.empty():
            await self._say(socket, self._outgoing.get_nowait())

    def _apply(self, message: bytes) -> bytes | None:
        self._applying = True
        try:
            return handle_sync_message(message[1:], self.doc)
        finally:
            self._applying = False

    async def _say(self, socket: AsyncWebSocketSession, message: bytes) -> None:
        self._count()
        await socket.send_bytes(message)

    def _count(self) -> None:
        if self._left == 0:
            raise _Cut
        self._left -= 1
