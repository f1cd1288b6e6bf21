"""Finding documents by what users call them."""

from __future__ import annotations

import os
from contextlib import suppress

from ..disk import Disk
from ..errors import DocumentMissing, StorageError
from ..storage.existing import document_ids
from ..storage.history import read_history
from ..storage.store import About, Store
from .words import place

_SHORTEST = 6
"""Digits of a document's id that are enough, if no other begins with them."""


def documents(disk: Disk, store: Store) -> list[About]:
    """Every document, by the path of its notebook; also those of which little is known.

    Raises:
        StoreUnavailable: the store cannot be read.
    """
    found = [about_of(disk, store, document) for document in document_ids(disk, store)]
    return sorted(found, key=lambda about: (about.identity or about.path, about.id))


def about_of(disk: Disk, store: Store, document: str) -> About:
    """What is known of a document. Without an identity: that could not be read."""
    about = None
    with suppress(OSError):
        about = store.about(document)
    if about is not None:
        return about
    path = None
    with suppress(OSError, StorageError):
        path = read_history(disk, store.folder(document)).path
    return About(document, "", path or "")


def named(disk: Disk, store: Store, name: str) -> About:
    """The document of a notebook.

    Args:
        disk: Where the store is.
        store: Where to look.
        name: The path of the notebook's file, which may be gone, or the id of the document, or how
            that begins.

    Raises:
        DocumentMissing: there is none, or there are several.
        StoreUnavailable: the store cannot be read.
    """
    identity = os.path.realpath(name)
    about = store.find(identity) or store.find(name)
    if about is not None:
        return about
    ids = [each for each in document_ids(disk, store) if each.startswith(name)]
    if len(ids) == 1 and len(name) >= _SHORTEST:
        return about_of(disk, store, ids[0])
    raise DocumentMissing(_missing(disk, store, name, identity))


def _missing(disk: Disk, store: Store, name: str, identity: str) -> str:
    former = [each.id for each in documents(disk, store) if each.identity == identity]
    if former:
        return (
            f"{place(identity)} has no document any more. What was there is kept under the id "
            f"{' and '.join(former)}: use that in place of the path."
        )
    return (
        f"Nothing is kept of {place(name)}. `jupyter crdt-autosave list` shows what there is in "
        f"{store.root}; name another store with --store."
    )
