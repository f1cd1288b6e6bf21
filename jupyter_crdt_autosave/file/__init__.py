"""A notebook's file: looking at it, and exporting to it whole or not at all."""

from __future__ import annotations

from typing import Any

from ..disk import Disk
from ..worker import Worker
from .base import Announce, Export, Exported, Keep, NotebookFile
from .sight import MISSING, SETTLING, Sight, fingerprint

__all__ = [
    "MISSING",
    "SETTLING",
    "Announce",
    "Export",
    "Exported",
    "Keep",
    "NotebookFile",
    "Sight",
    "file_of",
    "fingerprint",
    "is_local",
]


def is_local(manager: Any) -> bool:
    """Whether we may write this manager's files ourselves.

    Exactly jupyter_server's own: a subclass may do more in ``save`` than we know of.
    """
    # Loaded when there is a manager at all: the command line mostly does without.
    from jupyter_server.services.contents import filemanager, largefilemanager

    return type(manager) in (
        filemanager.AsyncFileContentsManager,
        filemanager.FileContentsManager,
        largefilemanager.AsyncLargeFileManager,
        largefilemanager.LargeFileManager,
    )


def file_of(manager: Any, path: str, disk: Disk, worker: Worker) -> NotebookFile:
    """The notebook at `path` of a contents manager."""
    from .local import LocalFile
    from .managed import ManagedFile

    if is_local(manager):
        return LocalFile(manager, path, disk, worker)
    return ManagedFile(manager, path, worker)
