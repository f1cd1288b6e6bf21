"""Which documents of a store have no file any more, and what the user knows them by."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from ..disk import Disk
from ..errors import StoreUnavailable
from ..file import file_of, is_local
from ..storage.purging import PURGED
from ..storage.store import About, Store
from ..storage.survey import stamp_of
from ..worker import Worker

_ID = re.compile(r"[0-9a-f]{1,64}")


@dataclass(frozen=True)
class Recoverable:
    """One notebook that can be written back.

    ``reason`` is why its document was parted from its path, or ``missing`` where the file went
    without Jupyter having been told; ``modified`` is when it was last changed (ISO 8601 UTC).
    """

    id: str
    path: str
    reason: str
    modified: str
    cells: int


class Catalogue:
    """The documents without a file that the user of one contents manager may see."""

    def __init__(
        self,
        store: Store,
        disk: Disk,
        worker: Worker,
        contents: Callable[[], Any],
        shown: Callable[[str], Awaitable[bool]],
    ) -> None:
        """`contents` gives the contents manager, `shown` says whether its API would show a path."""
        self._store = store
        self._disk = disk
        self._worker = worker
        self._contents = contents
        self._shown = shown

    async def listed(
        self, looked_through: Collection[str] = ()
    ) -> tuple[list[Recoverable], list[str]]:
        """Those that are known to have text, and the ids of those that have to be looked through.

        What is known of those that were just `looked_through` counts, even if somebody has written
        to their journals since.

        Raises:
            StoreUnavailable: the store cannot be read now.
        """
        known, unknown = [], []
        for about in await self._read(self._parted):
            path = await self._path_of(about)
            if path is None or not await self._without_file(about, path):
                continue
            survey = about.survey
            fresh = about.id in looked_through or await self._worker.run(self._up_to_date, about)
            if survey is None or not fresh:
                unknown.append(about.id)
            elif not survey.blank:
                reason = about.released or "missing"
                known.append(Recoverable(about.id, path, reason, survey.modified, survey.cells))
        return known, unknown

    async def find(self, id: str) -> About | None:
        """The document with an id, if it has no file, and the user may see it.

        Raises:
            StoreUnavailable: the store cannot be read now.
        """
        about = await self._read(self._store.about, id) if _ID.fullmatch(id) else None
        if about is None or not await self._worker.run(self._may_lack_file, about):
            return None
        path = await self._path_of(about)
        return about if path is not None and await self._without_file(about, path) else None

    async def _read(self, look: Callable[..., Any], *args: object) -> Any:
        try:
            return await self._worker.run(look, *args)
        except OSError as error:
            raise StoreUnavailable(
                f"The store in {self._store.root} cannot be read: {error.strerror or error}."
            ) from error

    def _parted(self) -> list[About]:
        try:
            return [about for about in self._store.all() if self._may_lack_file(about)]
        except FileNotFoundError:
            # Nothing was ever stored.
            return []

    def _may_lack_file(self, about: About) -> bool:
        """Whether there is no file of its own, as far as can be told without the manager."""
        if about.released == PURGED:
            return False
        if about.released or not is_local(self._contents()):
            return True
        try:
            os.stat(about.identity)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except (OSError, ValueError):
            # What cannot be reached now may well be there.
            return False
        return False

    async def _without_file(self, about: About, path: str) -> bool:
        """Whether there is no file of its own, as far as the manager knows."""
        if about.released or is_local(self._contents()):
            return True
        with suppress(HTTPError):
            return not await ensure_async(self._contents().file_exists(path))
        return False

    def _up_to_date(self, about: About) -> bool:
        with suppress(OSError):
            stamp = stamp_of(self._store.folder(about.id))
            return about.survey is not None and about.survey.stamp == stamp
        return False

    async def _path_of(self, about: About) -> str | None:
        """The path that the user knows it by; None if it is not one of this manager's to see."""
        path = about.path.strip("/")
        if not path or not await self._shown(path) or self._identity(path) != about.identity:
            # Another server, with another root folder, may have given it that name.
            path = self._below_root(about.identity)
        return path if path and await self._shown(path) else None

    def _identity(self, path: str) -> str:
        return file_of(self._contents(), path, self._disk, self._worker).identity

    def _below_root(self, identity: str) -> str:
        manager = self._contents()
        if not is_local(manager) or not os.path.isabs(identity):
            return ""
        path = os.path.relpath(identity, os.path.realpath(manager.root_dir))
        return "" if path.split(os.path.sep)[0] == ".." else path.replace(os.path.sep, "/")
