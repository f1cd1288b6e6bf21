"""What makes a file that was written back a notebook's own again. Everything here blocks."""

from __future__ import annotations

from contextlib import closing, suppress

from ..disk import Disk
from ..errors import StorageError, StoreUnavailable
from ..file import NotebookFile, Sight
from ..model import Baseline, Fingerprint
from ..notebook import untrusted
from ..room.clock import utc_now
from ..storage.archive import StoredBaseline, archive_in
from ..storage.journal import Journal
from ..storage.store import About, Store
from .reading import Reading

_FLUSH = 5.0
"""Seconds that a journal may take to get durable what is noted in it."""


class Settling:
    """Lets a document go on at a file that was made of it.

    Whatever interrupts that, the file is whole and the document recoverable still.
    """

    def __init__(self, store: Store, disk: Disk) -> None:
        """Where the documents are."""
        self._store = store
        self._disk = disk

    def settle(
        self, about: About, file: NotebookFile, reading: Reading, sight: Sight, before: str | None
    ) -> bool:
        """Note that file and document agree, and give the document the file's path.

        Args:
            about: the document.
            file: the file.
            reading: what the document held when the file was made of it.
            sight: the file as it was read back.
            before: the document that stood at the path before; it becomes recoverable.

        Returns:
            False if another document was made of the file meanwhile: this one stays recoverable.

        Raises:
            OSError: the store cannot be written.
            StorageError: the same.
        """
        mark = sight.fingerprint
        if mark is None:
            return False
        with self._store.lock(about.id):
            self._agree(about, file.path, reading, mark)
        with suppress(StorageError):
            self._remember(about, reading, sight)
        return self._store.claim(about, file.identity, file.path, mark, before)

    def _agree(self, about: About, path: str, reading: Reading, mark: Fingerprint) -> None:
        journal = Journal(self._disk, self._store.folder(about.id), lambda: None)
        history = journal.load()
        journal.start(history.lineage or 0, path)
        try:
            journal.confirm(
                Baseline(
                    mark, reading.content, reading.substance, utc_now(), position=reading.position
                )
            )
            journal.moved(path)
        finally:
            durable = journal.close(history.position == reading.position, _FLUSH)
        if not durable:
            raise StoreUnavailable(f"It cannot be noted that {path} was written back.")

    def _remember(self, about: About, reading: Reading, sight: Sight) -> None:
        """Keep what the file holds: later changes of it are measured against that."""
        if sight.notebook is None or sight.fingerprint is None:
            return
        cells = [untrusted(cell) for cell in reading.notebook["cells"]]
        document = {**reading.notebook, "cells": cells}
        held = sight.notebook.content
        baseline = StoredBaseline(sight.fingerprint, utc_now(), held, document, exported=True)
        with closing(archive_in(self._store.root)) as archive:
            archive.keep_baseline(about.id, baseline)
