"""What becomes of documents that nobody has opened for long."""

from __future__ import annotations

import os
from contextlib import closing, suppress

import xxhash

from ..disk import OSDisk
from ..errors import StorageError
from ..model import Fingerprint
from .archive import archive_in
from .compaction import DAMAGED
from .history import History, read_history
from .segment import abandoned, order_of
from .store import LOCK, About, Store

WEEK = 7 * 24 * 3600.0
BLOAT = 8
"""How many times the size of its content a closed document may take."""

_DISK = OSDisk()


def tidy(store: Store, now: float) -> list[str]:
    """Drop documents that are in their file, large, and closed for a week. Blocks.

    A new one is made when the notebook is opened again. One that has versions stays: its timeline
    would be lost.

    Returns:
        The ids of those that were dropped.
    """
    dropped = []
    store.clear()
    with suppress(OSError, StorageError), closing(archive_in(store.root)) as archive:
        for about in list(store.all()):
            if _bloated(about) and _idle(store.folder(about.id), now):
                with suppress(OSError, StorageError), store.lock(about.id, patience=0):
                    if _droppable(store, about.id, now) and not archive.versions(about.id):
                        store.drop(about)
                        archive.forget(about.id)
                        dropped.append(about.id)
        archive.sweep()
    return dropped


def _bloated(about: About) -> bool:
    large = about.fresh > 0 and about.stored > BLOAT * about.fresh
    return large and about.settled and about.released is None


def _idle(folder: str, now: float) -> bool:
    """Whether nothing was written there for a week."""
    try:
        with os.scandir(folder) as entries:
            times = [entry.stat().st_mtime for entry in entries if entry.name != LOCK]
    except OSError:
        return False
    return all(now - time >= WEEK for time in times)


def _droppable(store: Store, document: str, now: float) -> bool:
    """Whether nothing but the file's content would be lost; the document's lock is held.

    What was noted when it was closed may be of an earlier time: the journal decides.
    """
    about, folder = store.about(document), store.folder(document)
    if about is None or not _bloated(about) or not _idle(folder, now):
        return False
    with abandoned(_DISK, folder) as names:
        there = {name for name in _DISK.list(folder) if order_of(name) is not None}
        return there <= names and _all_in_file(read_history(_DISK, folder), folder, about.identity)


def _all_in_file(history: History, folder: str, path: str) -> bool:
    """Whether the file has the bytes that the document agreed with, and the journal no others."""
    if not history.settled or history.kept or os.path.exists(os.path.join(folder, DAMAGED)):
        return False
    data = _DISK.read(path)
    there = Fingerprint(xxhash.xxh3_128_hexdigest(data), len(data))
    return there.same_bytes(history.baselines[-1].file)
