"""All live notebooks of one server: opened, found again, moved, released, and left in order."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from jupyter_events import EventLogger

from .document.untracked import UntrackedNotebook
from .errors import NotOpen, StorageError
from .file import file_of
from .process import run_module
from .room.live import LiveNotebook
from .room.room import NotebookRoom
from .room.surroundings import Surroundings
from .storage.archive import Keep
from .storage.housekeeping import tidy
from .storage.store import About
from .worker import Worker

PREFIX = "json:notebook:"


class Rooms:
    """The notebooks that are open, by what they are rather than by what a client calls them."""

    def __init__(
        self,
        around: Surroundings,
        contents: Callable[[], Any],
        events: EventLogger,
        handle: Callable[[Exception, logging.Logger], bool],
    ) -> None:
        """`contents` gives the server's contents manager, which is made after us."""
        self._around = around
        self._contents = contents
        self._events = events
        self._handle = handle
        self._rooms: list[NotebookRoom] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._compacting = asyncio.Lock()
        self._store_worker = Worker("store")
        self._spared: set[str] = set()

    def __iter__(self) -> Iterator[NotebookRoom]:
        """Every live room, once."""
        return iter(self._rooms.copy())

    def room_for(self, room_id: str, path: str) -> NotebookRoom:
        """The room of the notebook at `path`; one that is live under another name is joined."""
        worker = Worker(f"notebook {path}")
        file = file_of(self._contents(), path, self._around.disk, worker)
        identity = file.identity
        room = self._find(identity)
        if room is not None:
            return room

        def make_live(notebook: UntrackedNotebook) -> LiveNotebook:
            return LiveNotebook(notebook, file, worker, self._around)

        room = NotebookRoom(room_id, path, make_live, self._events, self._around.log, self._handle)
        self._rooms.append(room)
        return room

    def at(self, path: str) -> NotebookRoom:
        """The live room of a path.

        Raises:
            NotOpen: there is none.
        """
        wanted = path.strip("/")
        for room in self:
            open_there = room.live.path.strip("/") == wanted and room.ready and not room.ending
            if open_there and not room.live.released:
                return room
        raise NotOpen(f"{wanted} is not open.")

    def forget(self, room: NotebookRoom) -> None:
        """The room was stopped: its notebook will be opened anew, and its journal compacted."""
        self._rooms = [other for other in self._rooms if other is not room]
        if room.ready and room.live.crowded:
            self.compact(room.live.folder)

    def compact(self, folder: str) -> None:
        """Compact a document's closed segments when there is time."""
        self._own(self._compact(folder))

    def on_contents_event(self, data: dict[str, Any]) -> None:
        """Something was done to a file through Jupyter."""
        action, path = data.get("action"), str(data.get("path", ""))
        if action == "delete":
            self._own(self._deleted(path))
        elif action == "rename":
            self._own(self._renamed(str(data.get("source_path", "")), path))
        elif action == "save":
            self._own(self._written(path))

    @contextmanager
    def sparing(self, path: str) -> Iterator[None]:
        """While the block runs, what is written to `path` is a document's own content."""
        self._spared.add(path.strip("/"))
        try:
            yield
        finally:
            self._spared.discard(path.strip("/"))

    async def leave(self) -> None:
        """Make everything durable, then bring the files up to date, in the time that is left."""
        timeout = self._around.settings.leave
        await asyncio.gather(*(room.live.flush(timeout / 2) for room in self if room.ready))
        await asyncio.gather(*(room.stop() for room in self), return_exceptions=True)
        self._around.watch.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start_tidying(self) -> None:
        """Look after documents that nobody has opened for long."""
        settings = self._around.settings
        kept = Keep(settings.keep_versions, settings.keep_days)
        self._own(self._store_worker.run(tidy, self._around.store, time.time(), kept))
        self._own(self._catch_up())

    def _find(self, identity: str) -> NotebookRoom | None:
        for room in self:
            if not room.live.released and room.live.file.identity == identity:
                return room
        return None

    def _own(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something in the background, and see it through."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._around.log.error("A background task failed", exc_info=task.exception())

    async def _deleted(self, path: str) -> None:
        for room in self._below(path):
            await room.live.release("deleted")
        await self._in_store(path, lambda about: self._around.store.release(about, "deleted"))

    async def _renamed(self, old: str, new: str) -> None:
        self._around.kernels().moved(old, new)
        for room in self._below(old):
            await room.live.move(new + room.live.path.strip("/")[len(old) :])
        start, end = self._identity(old), self._identity(new)

        def follow(about: About) -> None:
            path = new + about.path.strip("/")[len(old) :]
            self._around.store.move(about, end + about.identity[len(start) :], path)

        await self._in_store(old, follow)

    async def _written(self, path: str) -> None:
        """A file was saved through Jupyter, by us or by a client without our wire."""
        room = self._find(self._identity(path))
        if room is not None:
            await room.live.tick()
        elif path.strip("/") not in self._spared:
            await self._overwritten(path)

    async def _overwritten(self, path: str) -> None:
        """Somebody put another file in a closed notebook's place: that one starts anew."""
        file = file_of(self._contents(), path, self._around.disk, self._store_worker)
        store = self._around.store
        about = await self._store_worker.run(store.find, file.identity)
        if about is None:
            return
        mark = (await file.look()).fingerprint
        if mark is None or about.hash != mark.hash:
            await self._store_worker.run(store.release, about, "overwritten")

    async def _in_store(self, path: str, change: Callable[[About], object]) -> None:
        """Change the store's entries of a closed notebook, or of those in a folder."""
        identity = self._identity(path)
        live = {room.live.about_id for room in self if room.ready}

        def work() -> None:
            for about in self._around.store.below(identity):
                if about.id not in live:
                    change(about)

        try:
            await self._store_worker.run(work)
        except OSError as error:
            self._around.log.warning("The store did not hear of a change to %s: %s", path, error)

    def _below(self, path: str) -> list[NotebookRoom]:
        inside = path.rstrip("/") + "/"
        return [
            room
            for room in self
            if room.live.path.strip("/") == path or room.live.path.strip("/").startswith(inside)
        ]

    def _identity(self, path: str) -> str:
        return file_of(self._contents(), path, self._around.disk, self._store_worker).identity

    async def _catch_up(self) -> None:
        """Set down what a crash left in documents only."""
        store = self._around.store
        with suppress(OSError, StorageError):
            if await self._store_worker.run(lambda: any(True for _ in store.all())):
                await self._apart("room.behind", store.root)

    async def _compact(self, folder: str) -> None:
        async with self._compacting:
            await self._apart("storage.compaction", folder)

    async def _apart(self, module: str, folder: str) -> None:
        """Run a module in a process of its own: it holds the interpreter for long at a time."""
        code, _, complaint = await run_module(module, folder)
        if code:
            self._around.log.warning("%s of %s failed: %s", module, folder, complaint)
