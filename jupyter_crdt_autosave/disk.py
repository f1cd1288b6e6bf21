"""The calls that reach the disk, in one place, so that tests can let any of them fail."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from contextlib import suppress
from typing import Protocol

_NOT_FOR_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}
_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}


class Disk(Protocol):
    """What the journal, the store and the export ask of a file system. All raise ``OSError``."""

    def open(self, path: str, flags: int, mode: int = 0o600) -> int:
        """Open `path`; the descriptor is not inherited by child processes."""

    def write(self, fd: int, data: bytes) -> int:
        """Write what goes in one call; return how many bytes that was."""

    def sync(self, fd: int) -> None:
        """Return once the file's bytes and size are on stable storage."""

    def close(self, fd: int) -> None:
        """Close a descriptor."""

    def read(self, path: str, offset: int = 0) -> bytes:
        """The bytes of `path` from `offset` to its end."""

    def rename(self, source: str, target: str) -> None:
        """Put `source` in `target`'s place in one step."""

    def link(self, source: str, target: str) -> None:
        """Give the file at `source` a second name."""

    def unlink(self, path: str) -> None:
        """Remove a name."""

    def mkdir(self, path: str, mode: int = 0o700) -> None:
        """Make a folder and its parents; one that is there is fine."""

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted."""

    def sync_folder(self, path: str) -> None:
        """Return once the names in a folder are on stable storage."""


class OSDisk:
    """The operating system's own file system."""

    open = staticmethod(os.open)
    write = staticmethod(os.write)
    close = staticmethod(os.close)
    link = staticmethod(os.link)
    unlink = staticmethod(os.unlink)
    rename = staticmethod(os.replace)

    def sync(self, fd: int) -> None:
        """Return once the file's bytes and size are on stable storage."""
        if sys.platform == "darwin":
            import fcntl

            # There, fsync leaves the bytes in the drive's own memory. Not every volume knows this.
            with suppress(OSError):
                fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
                return
            os.fsync(fd)
        else:
            os.fdatasync(fd)

    def read(self, path: str, offset: int = 0) -> bytes:
        """The bytes of `path` from `offset` to its end."""
        with open(path, "rb") as file:
            file.seek(offset)
            return file.read()

    def mkdir(self, path: str, mode: int = 0o700) -> None:
        """Make a folder and its parents; one that is there is fine."""
        parent = os.path.dirname(path)
        if parent and not os.path.isdir(parent):
            # Not left to makedirs, which gives `mode` to the last one only.
            self.mkdir(parent, mode)
        os.makedirs(path, mode=mode, exist_ok=True)

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted."""
        return sorted(os.listdir(path))

    def sync_folder(self, path: str) -> None:
        """Return once the names in a folder are on stable storage.

        Some file systems have no such call, and nothing of ours is new in a folder that we may not
        even read: both are left to the operating system.
        """
        try:
            fd = os.open(path, os.O_RDONLY)
        except OSError as error:
            if error.errno not in _NOT_OURS:
                raise
            return
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno not in _NOT_FOR_FOLDERS | _NOT_OURS:
                raise
        finally:
            os.close(fd)


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write all of `data`, however many calls that takes.

    Raises:
        OSError: what the disk answered; some of the bytes may have been written.
    """
    view = memoryview(data)
    while view:
        count = disk.write(fd, bytes(view) if len(view) < len(data) else data)
        if count <= 0:
            raise OSError(errno.EIO, "The disk takes no more bytes")
        view = view[count:]


def make_folder(disk: Disk, path: str) -> None:
    """Make a folder and its missing parents, and make their names durable.

    One that is there may have been made by a process that died before it got to the second part.

    Raises:
        OSError: what the disk answered.
    """
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        make_folder(disk, parent)
    disk.mkdir(path)
    disk.sync_folder(parent)


def replace_file(disk: Disk, path: str, data: bytes) -> None:
    """Put `data` in `path`'s place, whole or not at all, also across a power cut.

    Raises:
        OSError: what the disk answered; `path` is whole, with the old bytes or with `data`.
    """
    # Its own name, because another process may be replacing the same file.
    temporary = f"{path}.{secrets.token_hex(4)}.new"
    fd = disk.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            write_all(disk, fd, data)
            disk.sync(fd)
        finally:
            disk.close(fd)
        disk.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            disk.unlink(temporary)
        raise
    disk.sync_folder(os.path.dirname(path))
