"""The WebSocket of a notebook's room, and the host's server that serves it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from jupyter_server_ydoc.handlers import YDocWebSocketHandler
from jupyter_server_ydoc.utils import LogLevel, decode_file_path, room_id_from_encoded_path
from jupyter_server_ydoc.websocketserver import JupyterWebsocketServer
from pycrdt.websocket import YRoom
from tornado import web

from .errors import AutosaveError, FileMissing
from .farewell import CLOSE_REASON, shortened
from .handshake import STALE, Handshake, Verdict, is_raw, question, save_number
from .room.room import NotebookRoom
from .rooms import PREFIX, Rooms

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that a foreign client has to send what it has."""

_LEAVING = 1012
_FAILED = 1011
"""Close codes after which a client connects anew: the server restarts; something failed."""


class Server(JupyterWebsocketServer):
    """The host's server, with our rooms for notebooks."""

    def __init__(
        self,
        notebooks: Rooms,
        path_of: Callable[[str], Awaitable[str]],
        **options: Any,
    ) -> None:
        """Nothing runs yet.

        Args:
            notebooks: the rooms that are ours.
            path_of: gives the path behind a file id, or raises 404.
            options: those of the host's server.
        """
        super().__init__(**options)
        self.leaving = False
        """Whether the server is about to exit: what clients send from now on stays with them."""
        self._notebooks = notebooks
        self._path_of = path_of
        self._gates: WeakKeyDictionary[NotebookRoom, asyncio.Lock] = WeakKeyDictionary()
        self._visitors: WeakKeyDictionary[NotebookRoom, set[Any]] = WeakKeyDictionary()
        self._ends: WeakKeyDictionary[NotebookRoom, asyncio.Task[None]] = WeakKeyDictionary()
        self._running: asyncio.Task[None] | None = None

    def visitors(self, room: NotebookRoom) -> set[Any]:
        """The clients of a room, from when they are let in until they have gone."""
        return self._visitors.setdefault(room, set())

    async def shown_path(self, room_id: str) -> str:
        """The path of a notebook that is open, or that the contents API would show.

        Raises:
            HTTPError: 404, there is none.
        """
        room = self.rooms.get(room_id)
        if isinstance(room, NotebookRoom):
            return room.live.path
        return await self._path_of(decode_file_path(room_id)[2])

    async def opened(self, room_id: str) -> NotebookRoom:
        """A notebook's room, open and reachable by this id.

        One room at a time is opened, or closed, for a notebook: whoever comes meanwhile waits.

        Raises:
            HTTPError: 404, there is no such notebook.
            AutosaveError: the notebook cannot be opened; there is no room then.
        """
        while True:
            path = await self.shown_path(room_id)
            room = self.rooms.get(room_id) or self._notebooks.room_for(room_id, path)
            if room in self._ends:
                await asyncio.wait([self._ends[room]])
                continue
            async with self._gates.setdefault(room, asyncio.Lock()):
                if room not in self._ends:
                    self.rooms[room_id] = room
                    await self._open(room)
                    return room

    async def delete_room(self, *, name: str | None = None, room: YRoom | None = None) -> None:
        """Stop a room, under all the ids by which it was reached."""
        if room is None and name is not None:
            room = self.rooms[name]
        if not isinstance(room, NotebookRoom):
            await super().delete_room(room=room)
            return
        async with self._gates.setdefault(room, asyncio.Lock()):
            end = self._end(room)
        await asyncio.shield(end)

    async def clean(self) -> None:
        """Stop, if it was ever started."""
        if self.running:
            await super().clean()

    async def _open(self, room: NotebookRoom) -> None:
        if room.ready:
            return
        try:
            if self._running is None and not self.started.is_set():
                self._running = asyncio.create_task(self.start())
            await self.started.wait()
            await self.start_room(room)
            await room.initialize()
        except BaseException:
            await asyncio.shield(self._end(room))
            raise

    def _end(self, room: NotebookRoom) -> asyncio.Task[None]:
        """Stop a room, once, and to the end even if whoever asked for it is cancelled."""
        if room not in self._ends:
            self._ends[room] = asyncio.create_task(self._stop(room))
        return self._ends[room]

    async def _stop(self, room: NotebookRoom) -> None:
        for alias in [alias for alias, other in self.rooms.items() if other is room]:
            del self.rooms[alias]
        try:
            await room.stop()
        finally:
            self._notebooks.forget(room)


class Socket(YDocWebSocketHandler):
    """The host's handler; a notebook's saves are truthful and its clients' histories checked."""

    _notebook: str | None = None
    """The path, if the room is a notebook's."""
    _handshake: Handshake | None = None
    _farewell: asyncio.Task[None] | None = None
    _joined = False
    _cleanup_delay: float | None

    async def prepare(self) -> None:
        """Let nobody make a room who may not read the notebook, or for what is no notebook.

        Raises:
            HTTPError: 403, not logged in, not allowed, or from another site; 404, no such notebook.
        """
        await JupyterHandler.prepare(self, _redirect_to_login=False)
        user = self.current_user
        if user is None or not await ensure_async(
            self.authorizer.is_authorized(self, user, "read", "contents")
        ):
            raise web.HTTPError(403)
        if not self.check_origin(""):
            raise web.HTTPError(403)
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise web.HTTPError(400)
        self._room_id = room_id_from_encoded_path(unquote(self.request.path))
        if self._room_id.startswith(PREFIX):
            self._notebook = await apart(self._websocket_server.shown_path(self._room_id))
        else:
            await apart(super().prepare())

    def check_origin(self, origin: str) -> bool:
        """The server's own rule."""
        return JupyterHandler.check_origin(self, origin)

    async def open(self, room_id: str) -> None:
        """The connection stands: open the notebook and serve the client.

        Whether a client from before a restart may go on is judged by its history alone.
        """
        if self._notebook is None:
            await apart(super().open(room_id))
            return
        if self._websocket_server.leaving:
            self.close(_LEAVING)
            return
        try:
            await apart(self._enter())
        except Exception as error:
            self._refuse(error)

    async def on_message(self, message: bytes | str) -> None:
        """A message of the client."""
        if self._notebook is None or isinstance(message, str):
            await super().on_message(message)
        elif self._handshake is None or not message:
            return
        elif is_raw(message):
            # Its turn comes after the edits that were sent before it.
            self._message_queue.put_nowait(message)
        elif not self._websocket_server.leaving:
            await self._on_sync(message, self._handshake)

    async def __anext__(self) -> bytes:
        """The client's next message for the room."""
        while is_raw(message := await super().__anext__()):
            number = save_number(message)
            if number is not None:
                self.create_task(self._save(number))
        return bytes(message)

    async def send(self, message: bytes) -> None:
        """Send to the client, while it is there, what it may see."""
        if self._notebook is not None and self.ws_connection is None:
            return
        if self._handshake is None or self._handshake.lets_out(message):
            await super().send(message)

    def on_close(self) -> None:
        """The connection is gone."""
        if self._notebook is None:
            super().on_close()
            return
        self._message_queue.put_nowait(b"")
        if self._joined:
            self._emit_awareness_event(self.current_user.username, "leave")

    async def _enter(self) -> None:
        """Open the notebook, and count the client in at once: a room with visitors is not evicted.

        Raises:
            HTTPError: 404, there is no such notebook.
            AutosaveError: it cannot be opened.
        """
        self.room = room = await self._websocket_server.opened(self._room_id)
        self._websocket_server.visitors(room).add(self)
        if room.cleaner is not None:
            room.cleaner.cancel()
        self._handshake = Handshake(room.live)
        self.create_task(self._serve(room))
        if self.ws_connection is not None:
            self._joined = True
            self._emit_awareness_event(self.current_user.username, "join")
        self._emit(LogLevel.INFO, "initialize", "New client connected.")

    async def _serve(self, room: NotebookRoom) -> None:
        await self._websocket_server.serve(self)
        # Nobody would read what the client sends: let it connect anew.
        self.close(_FAILED)
        if self._farewell is not None:
            await asyncio.wait([self._farewell])
        visitors = self._websocket_server.visitors(room)
        visitors.discard(self)
        if not visitors and not self._websocket_server.leaving:
            self._vacate(room)

    def _vacate(self, room: NotebookRoom) -> None:
        """Nobody is left: bring the file up to date, and evict the room after a while."""
        # Even if no tab of it said that it is one.
        self.create_task(room.live.autosave())
        if room.cleaner is not None:
            room.cleaner.cancel()
        room.cleaner = asyncio.create_task(self._clean_room())

    async def _clean_room(self) -> None:
        """Evict the room after a while, but not while its kernel runs a cell."""
        if isinstance(self.room, NotebookRoom) and self._cleanup_delay is not None:
            await self.room.outlast(self._cleanup_delay)
            # It has passed.
            self._cleanup_delay = 0
        await super()._clean_room()

    def _emit(self, level: LogLevel, action: str | None = None, msg: str | None = None) -> None:
        """As the host does; a file that Jupyter no longer knows has no path to tell."""
        if self._file_id_manager.get_path(decode_file_path(self._room_id)[2]) is not None:
            super()._emit(level, action, msg)

    async def _save(self, number: int) -> None:
        reply: dict[str, Any] = {"type": "save", "responseTo": number, "status": "success"}
        try:
            if self._handshake is None or not self._handshake.admitted:
                raise AutosaveError("This tab is not synchronised with the notebook.")
            if self._websocket_server.leaving:
                raise AutosaveError("The server is stopping. Keep this tab open until it is back.")
            await self.room.save()
        except AutosaveError as error:
            reply |= {"status": "failed", "reason": str(error)}
        except Exception as error:
            self.log.exception("Saving %s failed", self._notebook)
            reply |= {"status": "failed", "reason": f"{type(error).__name__}: {error}"}
        await self.send(self._encode_json_message(reply))

    async def _on_sync(self, message: bytes, handshake: Handshake) -> None:
        verdict = handshake.judge(message)
        if verdict is Verdict.ASK:
            await self.send(question())
            self.create_task(self._lose_patience(handshake))
        elif verdict is Verdict.FOREIGN:
            self._farewell = asyncio.create_task(self._turn_away(handshake))
        elif verdict is Verdict.PASS:
            await super().on_message(message)
            if handshake.admitted:
                held, handshake.held = handshake.held, []
                for early in held:
                    await super().on_message(early)

    async def _lose_patience(self, handshake: Handshake) -> None:
        await asyncio.sleep(PATIENCE)
        if self.ws_connection is not None and handshake.give_up():
            self._farewell = asyncio.create_task(self._turn_away(handshake))

    async def _turn_away(self, handshake: Handshake) -> None:
        """Keep what a foreign client has, and let it load the document anew."""
        try:
            if handshake.held:
                await self.room.take_foreign(handshake.held)
        except Exception:
            self.log.exception("What a foreign client of %s has is kept as it came", self._notebook)
            await self.room.live.set_aside(b"".join(handshake.held), "foreign history")
        self.close(1003, STALE)

    def _refuse(self, error: Exception) -> None:
        """Close with what went wrong."""
        missing = isinstance(error, web.HTTPError) and error.status_code == 404
        if missing or isinstance(error, FileMissing):
            self.log.warning("Not opened: %s", error)
            self.close(4404, shortened(str(error)))
            return
        self.log.error("Opening %s failed", self._notebook, exc_info=error)
        payload = {"reason": "initialization_error", "reloadable": False, "errorReason": ""}
        room = CLOSE_REASON - len(json.dumps(payload))
        payload["errorReason"] = shortened(str(error), room)
        self.close(1003, json.dumps(payload, ensure_ascii=False))


def apart(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Do something in a task of its own.

    A worker thread of anyio lives as long as the outermost task that asked for it first, and keeps
    the server from exiting: that must not be the task of a socket.
    """
    return asyncio.create_task(work)
