"""Whether a program has a file open."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import time

_LEASE: int | None = getattr(fcntl, "F_SETLEASE", None)
_SIGNAL: int | None = getattr(fcntl, "F_SETSIG", None)


def in_use(path: str, patience: float) -> bool:
    """Whether some program has the file open, so that it may still write to it.

    Linux gives the owner of a file a lease on it only if nobody else has it open. Where there are
    no leases, a file counts as open for a while.

    Args:
        path: The file; it is ours.
        patience: Seconds after which it counts no longer, from when its names changed last.

    Raises:
        OSError: the file cannot be opened.
    """
    fd = os.open(path, os.O_RDONLY)
    try:
        if _LEASE is not None and _SIGNAL is not None:
            # Who opens the file right now has us told: by default with a signal that kills.
            fcntl.fcntl(fd, _SIGNAL, signal.SIGURG)
            fcntl.fcntl(fd, _LEASE, fcntl.F_WRLCK)
            return False
    except OSError as error:
        if error.errno == errno.EAGAIN:
            return True
    finally:
        os.close(fd)
    return time.time() - os.stat(path).st_ctime < patience
