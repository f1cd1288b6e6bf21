"""The files of one export that are not the notebook: all of them lie in ``.autosave/``."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from ..disk import Disk, write_all

FOLDER = ".autosave"
_IGNORE = b"*\n"


class Scratch:
    """Where an export of one file is prepared: beside it, on the same file system."""

    def __init__(self, disk: Disk, target: str) -> None:
        """`target` is the real path of the notebook file."""
        self._disk = disk
        self._target = target
        self.folder = os.path.join(os.path.dirname(target), FOLDER)

    def prepare(self, data: bytes, like: os.stat_result | None) -> str:
        """Write `data` durably to a new file with mode and owner as `like`; returns its path.

        Raises:
            OSError: nothing is left behind.
        """
        path = self._name("new")
        fd = self._create(path, 0o666 if like is None else 0o600)
        try:
            write_all(self._disk, fd, data)
            if like is not None:
                _dress(fd, self._target, like)
            self._disk.sync(fd)
        except BaseException:
            with suppress(OSError):
                self._disk.close(fd)
            self.remove(path)
            raise
        try:
            self._disk.close(fd)
        except BaseException:
            # Some file systems say only now that they could not keep what they took.
            self.remove(path)
            raise
        return path

    def hold(self) -> str:
        """Give the present file a second name, so that what is in it outlives the replacing.

        Raises:
            OSError: this file system has no links, or the file is gone.
        """
        path = self._name("old")
        self._disk.link(self._target, path)
        return path

    def remove(self, path: str) -> None:
        """Remove one of ours, if it is there."""
        with suppress(OSError):
            self._disk.unlink(path)

    def held(self) -> list[str]:
        """Second names that an interrupted export of this file left."""
        return self._left("old")

    def clear(self) -> None:
        """Remove what interrupted exports of this file left half written."""
        for path in self._left("new"):
            self.remove(path)

    def tidy(self) -> None:
        """Remove the folder if nothing but our own ``.gitignore`` is in it."""
        with suppress(OSError):
            if self._disk.list(self.folder) == [".gitignore"]:
                self._disk.unlink(os.path.join(self.folder, ".gitignore"))
                os.rmdir(self.folder)

    def make_folder(self) -> None:
        """Make the folder, if it is not there.

        Raises:
            OSError: what the disk answered.
        """
        self._disk.mkdir(self.folder, 0o777)
        ignore = os.path.join(self.folder, ".gitignore")
        with suppress(FileExistsError, FileNotFoundError):
            fd = self._disk.open(ignore, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                write_all(self._disk, fd, _IGNORE)
            finally:
                self._disk.close(fd)

    def _create(self, path: str, mode: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        for _ in range(3):
            self.make_folder()
            # Another notebook's export may tidy the folder away in between.
            with suppress(FileNotFoundError):
                return self._disk.open(path, flags, mode)
        return self._disk.open(path, flags, mode)

    def _name(self, ending: str) -> str:
        name = os.path.basename(self._target)
        return os.path.join(self.folder, f".{name}.{secrets.token_hex(4)}.{ending}")

    def _left(self, ending: str) -> list[str]:
        start = f".{os.path.basename(self._target)}."
        with suppress(OSError):
            return [
                os.path.join(self.folder, name)
                for name in self._disk.list(self.folder)
                if name.startswith(start)
                and name.endswith(f".{ending}")
                and len(name) == len(start) + 9 + len(ending)
            ]
        return []


def _dress(fd: int, target: str, like: os.stat_result) -> None:
    """Give a new file mode, owner and extended attributes of the one that it replaces.

    Owner and attributes as far as we may: only root can give a file away.
    """
    with suppress(OSError):
        if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(fd, like.st_uid, like.st_gid)
    os.fchmod(fd, like.st_mode & 0o7777)
    for name in _attributes(target):
        with suppress(OSError):
            os.setxattr(fd, name, os.getxattr(target, name))


def _attributes(path: str) -> list[str]:
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            return os.listxattr(path)
    return []
