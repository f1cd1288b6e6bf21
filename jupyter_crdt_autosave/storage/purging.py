"""Removing a document so that nothing of it is left in the store."""

from __future__ import annotations

import os

from ..errors import DocumentInUse, StoreUnavailable
from .archive import Archive
from .store import About, Store

PURGED = "purged"
"""Why a document was released of which nothing is to be left."""


def purge(store: Store, archive: Archive, about: About) -> None:
    """Remove all of a document; its lock is held, and no server has it open.

    It has no notebook any more as soon as that is durable. What is left to be done then is done by
    `finish`, should this process die.

    Raises:
        OSError: the store cannot be written.
        ArchiveUnavailable: the archive cannot be changed; `finish` does it later.
        StoreUnavailable: some of the journal could not be removed.
    """
    _remove(store, archive, store.release(about, PURGED))


def finish(store: Store, archive: Archive) -> list[About]:
    """Remove what is left of documents whose purge was interrupted; which these were.

    Raises:
        OSError: the store cannot be read or written.
        StorageError: as `purge`.
    """
    left = [about for about in store.all() if about.released == PURGED]
    for about in left:
        with store.lock(about.id):
            _remove(store, archive, about)
    return left


def _remove(store: Store, archive: Archive, about: About) -> None:
    if about.released != PURGED:
        # Another server moved it just now.
        raise DocumentInUse(f"{about.path} was moved meanwhile. Purge it where it is now.")
    archive.purge(about.id)
    store.drop(about)
    left = os.path.join(store.root, "dropped", about.id)
    if os.path.exists(left):
        raise StoreUnavailable(f"Not all of {left} could be removed. Remove that folder by hand.")
