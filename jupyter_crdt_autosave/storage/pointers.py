"""The small files that lead from a notebook's identity to its document."""

from __future__ import annotations

import json
import os
from typing import Any

import xxhash

from ..disk import Disk, replace_file


class Pointers:
    """One file for each notebook. A pointer that its document does not confirm is stale."""

    def __init__(self, disk: Disk, folder: str) -> None:
        """`folder` is made by the store."""
        self._disk = disk
        self._folder = folder

    def read(self, identity: str) -> str | None:
        """The id of the document that a notebook's pointer names; None if it names none.

        Raises:
            OSError: it is there, but cannot be read.
        """
        try:
            document = json.loads(self._disk.read(self._path(identity)))["id"]
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            return None
        return document if isinstance(document, str) and document.isalnum() else None

    def write(self, identity: str, document: str) -> None:
        """Let a notebook's pointer name a document, durably.

        Raises:
            OSError: it could not be written.
        """
        pointer = json.dumps({"identity": identity, "id": document}).encode()
        replace_file(self._disk, self._path(identity), pointer)

    def remove(self, identity: str, document: str) -> None:
        """Take a pointer away, durably; one to another document stays.

        Raises:
            OSError: it could not be removed.
        """
        path = self._path(identity)
        try:
            pointer: Any = json.loads(self._disk.read(path))
        except (FileNotFoundError, ValueError):
            return
        if isinstance(pointer, dict) and pointer.get("id") == document:
            self._disk.unlink(path)
            self._disk.sync_folder(os.path.dirname(path))

    def _path(self, identity: str) -> str:
        name = xxhash.xxh3_128_hexdigest(identity.encode("utf-8", "surrogatepass"))
        return os.path.join(self._folder, f"{name}.json")
