"""The timelines of all notebooks, open or closed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from .errors import NotOpen, VersionMissing
from .file import file_of
from .model import Version
from .room.clock import utc_now
from .room.live import LiveNotebook
from .room.room import NotebookRoom
from .room.surroundings import Surroundings
from .rooms import Rooms
from .storage.archive import Content, Keep, archive_in
from .worker import Worker

Visit = Callable[[str], AbstractAsyncContextManager[NotebookRoom]]
"""Has the room of the notebook at a path open for a while."""


class Timelines:
    """Lists, shows, names and removes versions, and brings them back."""

    def __init__(
        self, around: Surroundings, contents: Callable[[], Any], rooms: Rooms, visit: Visit
    ) -> None:
        """`contents` gives the server's contents manager, which is made after us."""
        self._around = around
        self._contents = contents
        self._rooms = rooms
        self._visit = visit
        self._worker = Worker("timelines")
        keep = Keep(around.settings.keep_versions, around.settings.keep_days)
        self._archive = archive_in(around.store.root, keep)

    async def versions(self, path: str) -> list[Version]:
        """The versions of the notebook at a path, newest first.

        Raises:
            StorageError: they cannot be read now.
        """
        document = await self._document(path)
        return [] if document is None else await self._worker.run(self._archive.versions, document)

    async def name(self, path: str, name: str) -> Version:
        """Keep the notebook at a path as it is now, for ever, under a name.

        Raises:
            HTTPError: 404, there is no such notebook.
            AutosaveError: it cannot be opened, or not be kept.
        """
        async with self._visit(path) as room:
            return await room.live.timeline.name(name)

    async def path_of(self, id: str) -> str:
        """The path of the notebook that a version is of, or was.

        Raises:
            VersionMissing: there is no such version of a notebook of this server.
        """
        version = await self._worker.run(self._archive.find_version, id)
        about = await self._worker.run(self._around.store.about, version.document)
        if about is None or self._identity(about.path) != about.identity:
            raise VersionMissing(f"There is no version {id}; it may have been removed.")
        return about.path

    async def read(self, id: str) -> tuple[Version, Content]:
        """A version and its content.

        Raises:
            VersionMissing: there is none with that id.
            ArchiveUnavailable: it cannot be read now.
        """
        return await self._worker.run(self._archive.read_version, id)

    async def find(self, id: str) -> Version:
        """A version without its content.

        Raises:
            VersionMissing: there is none with that id.
        """
        return await self._worker.run(self._archive.find_version, id)

    async def rename(self, id: str, name: str | None) -> Version:
        """Give a version a name, with which it is kept for ever, or take it away.

        Raises:
            VersionMissing: there is none with that id.
        """
        renamed = await self._worker.run(self._archive.rename_version, id, name)
        self._tell(await self.path_of(id), "renamed", id)
        return renamed

    async def remove(self, id: str) -> Version:
        """Remove a version; for a day `bring_back` undoes that.

        Raises:
            VersionMissing: there is none with that id.
        """
        path = await self.path_of(id)
        removed = await self._worker.run(self._archive.remove_version, id, utc_now())
        self._tell(path, "removed", id)
        return removed

    async def bring_back(self, id: str) -> Version:
        """Undo the removal of a version.

        Raises:
            VersionMissing: there is none with that id, or no longer.
        """
        version = await self._worker.run(self._archive.bring_back, id)
        self._tell(await self.path_of(id), "kept", id)
        return version

    async def restore(self, id: str, cells: Collection[str] | None) -> Version:
        """Make the notebook, or some of its cells, what they are in a version.

        One that is closed is opened for that, and exported.

        Raises:
            VersionMissing: there is none with that id.
            HTTPError: 404, its notebook is gone.
            AutosaveError: it cannot be opened, or what it is now not be kept.
        """
        version = await self._worker.run(self._archive.find_version, id)
        async with self._visit(await self.path_of(id)) as room:
            await room.live.timeline.restore(id, cells)
        return version

    async def _document(self, path: str) -> str | None:
        """The id of a notebook's document."""
        live = self._open(path)
        if live is not None:
            return live.about_id
        about = await self._worker.run(self._around.store.find, self._identity(path))
        return about.id if about else None

    def _tell(self, path: str, event: str, id: str) -> None:
        facts = {"path": path, "event": event, "id": id, "reason": None}
        self._around.report("version", facts)

    def _open(self, path: str) -> LiveNotebook | None:
        with suppress(NotOpen):
            return self._rooms.at(path).live
        return None

    def _identity(self, path: str) -> str:
        return file_of(self._contents(), path, self._around.disk, self._worker).identity
