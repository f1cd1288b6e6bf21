"""The store that is there already, for those who only want to look into it."""

from __future__ import annotations

import os

from ..disk import Disk
from ..errors import StoreUnavailable
from .store import Store


def existing(disk: Disk, root: str) -> Store:
    """The store in a folder, which is not made.

    Raises:
        StoreUnavailable: there is none, or it cannot be read.
        FormatTooNew: a later version of this package made it.
    """
    store = Store(disk, root)
    try:
        names = disk.list(store.root)
    except (FileNotFoundError, NotADirectoryError):
        names = []
    except OSError as error:
        raise StoreUnavailable(
            f"The store in {store.root} cannot be read: {error.strerror or error}. See that you "
            "are the user whose notebooks these are."
        ) from error
    if not {"store.json", "documents"} & set(names):
        raise StoreUnavailable(
            f"There is no store in {store.root}. Name the folder that the server uses with --store."
        )
    if "store.json" in names:
        store.open()
    return store


def document_ids(disk: Disk, store: Store) -> list[str]:
    """Every document, also those of which nothing is known.

    Raises:
        StoreUnavailable: the store cannot be read.
    """
    folder = os.path.join(store.root, "documents")
    try:
        return [name for name in disk.list(folder) if os.path.isdir(os.path.join(folder, name))]
    except OSError as error:
        raise StoreUnavailable(
            f"The documents in {store.root} cannot be read: {error.strerror or error}."
        ) from error
