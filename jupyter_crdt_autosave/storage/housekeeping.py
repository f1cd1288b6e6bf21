"""What becomes of documents that nobody has opened for long."""

from __future__ import annotations

import os
from contextlib import closing, suppress

import xxhash

from ..disk import OSDisk
from ..errors import StorageError
from ..model import Fingerprint
from ..retention import DAY, NAMED, Keep
from .archive import Archive, archive_in
from .compaction import DAMAGED
from .history import History, read_history
from .moment import written
from .purging import finish
from .segment import abandoned, order_of
from .store import LOCK, About, Store

WEEK = 7 * 24 * 3600.0
BLOAT = 8
"""How many times the size of its content a closed document may take."""

MONTH = 30.0
"""Days for which a document without a notebook is kept at least."""

GIVEN_UP = {"deleted", "overwritten", "replaced"}
"""Why a document may have lost its notebook by somebody's own doing."""

_DISK = OSDisk()


def tidy(store: Store, now: float, keep: Keep | None = None) -> list[str]:
    """Drop documents that nobody needs, and versions that have had their time. Blocks.

    These are documents that are in their file, large, and closed for a week: a new one is made when
    the notebook is opened again. One that has versions stays, or its timeline would be lost. And
    those whose notebook was given up, by deleting it or putting another in its place, longer ago
    than versions are kept, and than a month; unless one of their versions has a name. What a purge
    that was interrupted has left goes at once.

    Returns:
        The ids of those that were dropped.
    """
    dropped = []
    store.clear()
    keep = keep or Keep()
    with suppress(OSError, StorageError), closing(archive_in(store.root, keep)) as archive:
        with suppress(OSError, StorageError):
            finish(store, archive)
        for about in list(store.all()):
            with suppress(OSError, StorageError):
                if _drop_bloated(store, archive, about, now) or _drop_expired(
                    store, archive, about, now - max(keep.days, MONTH) * DAY
                ):
                    dropped.append(about.id)
        for document in archive.documents():
            archive.thin(document, written(now))
        archive.sweep()
    return dropped


def _drop_bloated(store: Store, archive: Archive, about: About, now: float) -> bool:
    if not _bloated(about) or not _idle(store.folder(about.id), now):
        return False
    with store.lock(about.id, patience=0):
        if not _droppable(store, about.id, now) or archive.versions(about.id):
            return False
        store.drop(about)
        archive.forget(about.id)
    return True


def _drop_expired(store: Store, archive: Archive, about: About, before: float) -> bool:
    if not _expired(store, about, before):
        return False
    with store.lock(about.id, patience=0):
        current, folder = store.about(about.id), store.folder(about.id)
        if current is None or not _expired(store, current, before) or _in_use(folder):
            return False
        if any(version.kind == NAMED or version.name for version in archive.versions(about.id)):
            return False
        # In this order, so that no crash leaves versions of which nobody knows what they are of.
        archive.forget(about.id)
        store.drop(current)
    return True


def _expired(store: Store, about: About, before: float) -> bool:
    """Whether its notebook was given up before a time, and it was not written to since."""
    if about.released not in GIVEN_UP or (about.released_at or "") >= written(before):
        return False
    folder = store.folder(about.id)
    return _idle(folder, before + WEEK) and not os.path.exists(os.path.join(folder, DAMAGED))


def _in_use(folder: str) -> bool:
    """Whether a server has the document open, or one of another version wrote to it."""
    with abandoned(_DISK, folder) as names:
        return not _segments(folder) <= names


def _segments(folder: str) -> set[str]:
    return {name for name in _DISK.list(folder) if order_of(name) is not None}


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
        there = _segments(folder)
        return there <= names and _all_in_file(read_history(_DISK, folder), folder, about.identity)


def _all_in_file(history: History, folder: str, path: str) -> bool:
    """Whether the file has the bytes that the document agreed with, and the journal no others."""
    if not history.settled or history.kept or os.path.exists(os.path.join(folder, DAMAGED)):
        return False
    data = _DISK.read(path)
    there = Fingerprint(xxhash.xxh3_128_hexdigest(data), len(data))
    return there.same_bytes(history.baselines[-1].file)
