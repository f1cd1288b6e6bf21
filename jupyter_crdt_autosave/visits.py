"""A notebook that is open for a moment without a client, for what a request does to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

from jupyter_server_ydoc.utils import encode_file_path

from .errors import FileMissing, NotOpen
from .room.room import NotebookRoom
from .rooms import Rooms
from .wire import Server, apart


class FileIds(Protocol):
    """The manager of file ids, as far as it is asked here."""

    def index(self, path: str) -> str | None:
        """The id of the file at `path`; one is made where there is none."""


class Visits:
    """Opens notebooks for those who have no socket, and lets them go as the last client does."""

    def __init__(
        self,
        server: Server,
        rooms: Rooms,
        ids: Callable[[], FileIds],
        delay: float | None,
        log: logging.Logger,
    ) -> None:
        """Nobody visits yet.

        Args:
            server: opens and stops rooms.
            rooms: the live notebooks.
            ids: gives the manager of file ids, which is made after us.
            delay: seconds after which a room that everybody has left is evicted (None: never).
            log: told of evictions that fail.
        """
        self._server = server
        self._rooms = rooms
        self._ids = ids
        self._delay = delay
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def visit(self, path: str) -> AsyncIterator[NotebookRoom]:
        """Have the room of the notebook at `path` open for as long as the block runs.

        One that is open is joined. Afterwards, unless somebody else is there, the file is brought
        up to date as far as autosave may do that, and the room is evicted after the usual while.

        Raises:
            HTTPError: 404, there is no such notebook, or the contents API would not show it.
            AutosaveError: the notebook cannot be opened.
        """
        room, visitor = await apart(self._server.opened(self._room_id(path))), object()
        # At once: a room with visitors is not evicted.
        self._server.visitors(room).add(visitor)
        if room.cleaner is not None:
            room.cleaner.cancel()
        try:
            yield room
        finally:
            self._leave(room, visitor)

    async def stop(self) -> None:
        """Let the rooms be: they are about to be closed by others."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _room_id(self, path: str) -> str:
        """An id of the notebook's room: one by which it is open, or that of its file.

        Raises:
            FileMissing: nothing is known of a file there.
        """
        room = self._open_at(path)
        for alias, other in self._server.rooms.items():
            # A room that is just being closed has none any more.
            if other is room:
                return str(alias)
        file_id = self._ids().index(path.strip("/"))
        if file_id is None:
            raise FileMissing(f"There is no notebook at {path}.")
        return str(encode_file_path("json", "notebook", file_id))

    def _open_at(self, path: str) -> NotebookRoom | None:
        try:
            return self._rooms.at(path)
        except NotOpen:
            return None

    def _leave(self, room: NotebookRoom, visitor: object) -> None:
        visitors = self._server.visitors(room)
        visitors.discard(visitor)
        if visitors or self._server.leaving or room.ending:
            return
        self._own(room.live.autosave())
        if room.cleaner is not None:
            room.cleaner.cancel()
        if self._delay is not None:
            room.cleaner = self._own(self._evict(room, self._delay))

    async def _evict(self, room: NotebookRoom, delay: float) -> None:
        """Evict the room after a while, but not while its kernel runs a cell."""
        await room.outlast(delay)
        await self._server.delete_room(room=room)

    def _own(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
        """Run something in the background, and see it through."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._log.error("Leaving a notebook failed", exc_info=task.exception())
