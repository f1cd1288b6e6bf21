"""Locks between processes, freed by the operating system when their holder dies."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..errors import StoreUnavailable

_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


def claim(fd: int, without_locks: bool = True) -> bool:
    """Take the lock of an open file without waiting; False if another process holds it.

    `without_locks` is the answer where the file system has none: one server on it works as it
    should, but nobody can be shown to be gone.

    Raises:
        OSError: the disk failed.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        return without_locks
    return True


@contextmanager
def exclusive(path: str, patience: float = 10.0) -> Iterator[None]:
    """Hold the lock file at `path`, waiting up to `patience` seconds for another server.

    Blocks its thread.

    Raises:
        StoreUnavailable: another server held it all the time, or it cannot be opened or locked.
    """
    deadline = time.monotonic() + patience
    try:
        while (fd := _attempt(path)) is None:
            if time.monotonic() >= deadline:
                raise StoreUnavailable(f"Another server has held {path} for {patience:.0f} s.")
            time.sleep(0.01)
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be locked: {error.strerror}.") from error
    try:
        yield
    finally:
        with suppress(OSError):
            os.close(fd)


def _attempt(path: str) -> int | None:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Whoever held it may have removed the file together with what it guards.
        if claim(fd) and os.path.samestat(os.fstat(fd), os.stat(path)):
            return fd
    except FileNotFoundError:
        pass
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None
