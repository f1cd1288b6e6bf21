"""The notebooks of one server that have no file any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from os.path import splitext
from typing import Any

from ..errors import NotOpen, NotRecoverable, PathTaken, StorageError
from ..file import Export, Exported, NotebookFile, file_of
from ..model import Fingerprint
from ..notebook import Sheet
from ..room.surroundings import Surroundings
from ..rooms import Rooms
from ..storage.segment import in_use
from ..storage.store import About
from ..worker import Worker
from .catalogue import Catalogue, Recoverable
from .destination import Destination
from .reading import Reader, Reading, parsed
from .settling import Settling


class Recoverables:
    """Lists them, shows what they hold, and writes them back to where nothing is."""

    def __init__(
        self,
        around: Surroundings,
        rooms: Rooms,
        contents: Callable[[], Any],
        shown: Callable[[str], Awaitable[bool]],
    ) -> None:
        """Nothing is looked for yet.

        Args:
            around: where the documents are kept.
            rooms: the live notebooks.
            contents: gives the server's contents manager, which is made after us.
            shown: whether the contents API would show a path.
        """
        self._store = around.store
        self._disk = around.disk
        self._log: logging.Logger = around.log
        self._rooms = rooms
        self._contents = contents
        self._shown = shown
        self._worker = Worker("recoverable")
        self._catalogue = Catalogue(around.store, around.disk, self._worker, contents, shown)
        self._reader = Reader(around.store.root, around.log)
        self._settling = Settling(around.store, around.disk)
        self._writing = asyncio.Lock()

    async def all(self) -> list[Recoverable]:
        """All that have any text, the last modified first.

        Raises:
            StoreUnavailable: the store cannot be read now.
        """
        found, unknown = await self._catalogue.listed()
        if unknown:
            await self._reader.survey(unknown)
            found, unknown = await self._catalogue.listed(unknown)
        if unknown:
            self._log.warning("Not listed, as nothing can be read now: %s", ", ".join(unknown))
        return sorted(found, key=lambda one: (one.modified, one.id), reverse=True)

    async def content(self, id: str) -> bytes:
        """What one holds, as a notebook file.

        Raises:
            NotRecoverable: there is no such notebook.
            StoreUnavailable: it cannot be read now.
        """
        return await self._reader.file((await self._found(id)).id)

    async def write_back(self, id: str, path: str) -> None:
        """Write one to a path where nothing is; its history goes on there.

        Raises:
            NotRecoverable: there is no such notebook.
            PathRefused: nothing may be written there.
            PathTaken: something is there.
            ExportFailed: the file could not be written.
            StoreUnavailable: it cannot be read now.
        """
        async with self._writing:
            about = await self._found(id)
            there = Destination(self._contents(), path)
            await there.check(self._shown, {".ipynb", splitext(about.path)[1]})
            await there.insist_on_nothing()
            if await self._save_where_it_is_open(about, path):
                return
            file = file_of(self._contents(), path, self._disk, self._worker)
            before = await self._standing(about, file)
            lines = await self._reader.lines(about.id)
            reading = await self._worker.run(parsed, lines)
            await there.make_folders()
            with self._rooms.sparing(path):
                exported = await self._export(file, reading)
                await self._settle(about, file, reading, exported, before)

    async def _found(self, id: str) -> About:
        about = await self._catalogue.find(id)
        if about is None:
            raise NotRecoverable(
                "There is no such notebook to recover. It may have been written back already."
            )
        return about

    async def _save_where_it_is_open(self, about: About, path: str) -> bool:
        """Whether it was open at just that path, and has been saved there now.

        Raises:
            PathTaken: another notebook is open there, or this one is open somewhere else.
        """
        with suppress(NotOpen):
            room = self._rooms.at(path)
            if room.live.about_id != about.id:
                raise PathTaken(f"A notebook is open at {path}. Choose another path.")
            await room.save()
            return True
        if not about.released and await self._worker.run(self._in_use, about):
            raise PathTaken(f"It is still open as {about.path}: save it there.")
        return False

    async def _standing(self, about: About, file: NotebookFile) -> str | None:
        """The id of another document, without a file, that has the path.

        Raises:
            PathTaken: another server has it open.
        """
        standing = await self._worker.run(self._store.find, file.identity)
        if standing is None or standing.id == about.id:
            return None
        if await self._worker.run(self._in_use, standing):
            raise PathTaken(f"A notebook is open at {file.path}. Choose another path.")
        return standing.id

    def _in_use(self, about: About) -> bool:
        with suppress(OSError):
            return in_use(self._disk, self._store.folder(about.id))
        return False

    async def _export(self, file: NotebookFile, reading: Reading) -> Exported:
        async def announce(fingerprint: Fingerprint, in_place: bool) -> None:
            """Nothing is noted before the file is there: until then the path may be another's."""

        export = Export(
            content=reading.notebook,
            render=lambda content: Sheet().render(content).data,
            known=(),
            announce=announce,
            keep=lambda _: False,
            wanted=lambda: True,
            only_new=True,
        )
        return await file.export(export)

    async def _settle(
        self,
        about: About,
        file: NotebookFile,
        reading: Reading,
        exported: Exported,
        before: str | None,
    ) -> None:
        sight, settle = exported.sight, self._settling.settle
        try:
            goes_on = await self._worker.run(settle, about, file, reading, sight, before)
        except (OSError, StorageError) as error:
            self._log.warning("%s is written, but begins a new history: %s", file.path, error)
            return
        if not goes_on:
            self._log.info("%s was opened before its history could go on there.", file.path)
