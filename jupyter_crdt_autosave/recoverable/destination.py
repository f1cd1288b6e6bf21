"""Where a notebook is to be written back to."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from ..errors import ExportFailed, PathRefused, PathTaken
from ..file import is_local

_LONGEST = 255
"""Bytes that a file name may have on common file systems."""


class Destination:
    """One path of a contents manager."""

    def __init__(self, manager: Any, path: str) -> None:
        """Nothing is looked at yet."""
        self.path = path
        self._manager = manager

    async def check(self, shown: Callable[[str], Awaitable[bool]], endings: set[str]) -> None:
        """Let through only a notebook's path that the contents API would show.

        Raises:
            PathRefused: it is none.
        """
        ending = os.path.splitext(self.path)[1]
        if not _is_plain(self.path) or ending not in endings or not await shown(self.path):
            raise PathRefused(
                "A notebook cannot be written there. Give a path below the server's root folder, "
                "not hidden, that ends in .ipynb."
            )

    async def insist_on_nothing(self) -> None:
        """See that nothing is there.

        Raises:
            PathTaken: something is.
        """
        exists = [self._manager.file_exists, self._manager.dir_exists]
        if is_local(self._manager):
            # A link that leads nowhere is something, too.
            exists.append(lambda path: os.path.lexists(self._manager._get_os_path(path)))
        for is_there in exists:
            if await ensure_async(is_there(self.path)):
                raise PathTaken(f"{self.path} exists already. Choose another path.")

    async def make_folders(self) -> None:
        """Make the folders that went with the file.

        Raises:
            PathRefused: one of them is a file.
            ExportFailed: one of them cannot be made.
        """
        parts = self.path.split("/")
        for count in range(1, len(parts)):
            folder = "/".join(parts[:count])
            if await ensure_async(self._manager.file_exists(folder)):
                raise PathRefused(f"{folder} is a file: nothing can be written below it.")
            if not await ensure_async(self._manager.dir_exists(folder)):
                await self._make_folder(folder)

    async def _make_folder(self, folder: str) -> None:
        try:
            await ensure_async(self._manager.save({"type": "directory"}, folder))
        except (HTTPError, OSError) as error:
            raise ExportFailed(f"The folder {folder} cannot be made: {error}") from error


def _is_plain(path: str) -> bool:
    """Whether the path leads straight down, by names that a file can have."""
    parts = path.split("/")
    return (
        path.isprintable()
        and not {"", ".", "..", ".autosave"} & {*parts}
        and all(len(part.encode()) <= _LONGEST for part in parts)
    )
