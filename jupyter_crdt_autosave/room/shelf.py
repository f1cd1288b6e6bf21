"""A notebook's place in the store: finding its document, or making one, and letting it move.

Everything here blocks and runs on the notebook's worker thread.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pycrdt import Array

from ..disk import Disk
from ..errors import FormatTooNew, StorageError
from ..file import Sight
from ..model import Fingerprint
from ..storage.compaction import replay
from ..storage.history import History
from ..storage.journal import Journal
from ..storage.segment import in_use
from ..storage.store import About, Store
from ..storage.survey import Survey, stamp_of

T = TypeVar("T")


@dataclass
class Place:
    """A document's journal, not yet begun, with what it holds.

    ``damaged`` says that an earlier document could not be read and was set aside, ``shared`` that
    another server is working on it, which will bring its file up to date. Where the store
    cannot be used, what is written stays in memory until a place for it can be made.
    """

    journal: Journal
    history: History
    damaged: bool = False
    shared: bool = False


class Shelf:
    """Where the store keeps one live notebook."""

    def __init__(
        self, store: Store, disk: Disk, notify: Callable[[], None], log: logging.Logger
    ) -> None:
        """`notify` is handed to the journal."""
        self._store = store
        self._disk = disk
        self._notify = notify
        self._log = log
        self._about = About(secrets.token_hex(16), "", "")
        self._claimed = False

    @property
    def about(self) -> About:
        """What the store knows of the document."""
        return self._about

    def lock(self) -> AbstractContextManager[None]:
        """The lock between servers; none where the store cannot be used."""
        return self._store.lock(self._about.id) if self._claimed else nullcontext()

    def knows(self, identity: str) -> bool:
        """Whether there may be a document of this notebook."""
        try:
            return self._store.find(identity) is not None
        except StorageError:
            return False

    def open(self, identity: str, path: str, sight: Sight, begin: Callable[[Place], T]) -> T:
        """Find or make the notebook's document, read its journal, and take the first steps.

        No other server does anything to the document meanwhile. Trouble with the store is no
        reason not to open: see `Place`. What `begin` raises is raised.
        """
        try:
            self._store.open()
            found = self._store.find(identity) or self._moved(identity, path, sight)
            # What it holds is about to change.
            self._about = replace(found or self._store.create(identity, path), survey=None)
            self._claimed = True
            lock = self.lock()
            lock.__enter__()
        except (StorageError, OSError) as error:
            return begin(self._outside(identity, path, str(error)))
        try:
            return begin(self._read())
        finally:
            lock.__exit__(None, None, None)

    def seen(self, file: Fingerprint) -> None:
        """Note which file it is now, for the day when it has been moved or overwritten."""
        about = replace(self._about, inode=file.inode, hash=file.hash)
        if self._claimed and about != self._about:
            self._write(about)

    def closed(
        self, settled: bool, stored: int, fresh: int, content: Any, modified: str | None
    ) -> None:
        """Note how the document was left, and when its `content` (None: not known) was made."""
        if self._claimed:
            left = replace(self._about, settled=settled, stored=stored, fresh=fresh)
            self._write(replace(left, survey=self._survey(content, modified)))

    def move(self, identity: str, path: str) -> None:
        """Follow the notebook to another place."""
        if self._claimed:
            self._attempt(lambda: self._store.move(self._about, identity, path))

    def release(self, reason: str) -> None:
        """Free the notebook's path; the document stays."""
        if self._claimed:
            self._attempt(lambda: self._store.release(self._about, reason))

    def reclaim(self) -> None:
        """Take the notebook's path again."""
        if self._claimed:
            about = self._about
            self._attempt(lambda: self._store.move(about, about.identity, about.path))

    def _survey(self, content: Any, modified: str | None) -> Survey | None:
        """What the document is like; None where that has to be looked up."""
        if content is None:
            return None
        try:
            stamp = stamp_of(self._store.folder(self._about.id))
        except OSError:
            return None
        return Survey.of(content, modified, stamp)

    def _read(self) -> Place:
        about = self._about
        journal = Journal(self._disk, self._store.folder(about.id), self._notify)
        try:
            history = journal.load()
            if not history.damaged or _usable(history):
                return Place(journal, history, shared=in_use(self._disk, journal.folder))
            self._store.release(about, "damaged")
            self._about = self._store.create(about.identity, about.path)
            fresh = Journal(self._disk, self._store.folder(self._about.id), self._notify)
            return Place(fresh, fresh.load(), damaged=True)
        except (StorageError, OSError) as error:
            return self._outside(about.identity, about.path, str(error))

    def _moved(self, identity: str, path: str, sight: Sight) -> About | None:
        """A document whose own file is gone, and was the very file that is here now."""
        mark, notebook = sight.fingerprint, sight.notebook
        if mark is None or mark.inode is None or notebook is None:
            return None
        if not any(cell["source"].strip() for cell in notebook.content["cells"]):
            return None
        for about in self._store.of_inode(mark.inode):
            if not os.path.exists(about.identity):
                return self._store.move(about, identity, path)
        return None

    def _outside(self, identity: str, path: str, trouble: str) -> Place:
        """A journal that finds its place once the store can be used."""
        self._about = About(secrets.token_hex(16), identity, path)
        self._claimed = False
        folder = self._store.folder(self._about.id)
        journal = Journal(self._disk, folder, self._notify, self._claim)
        self._log.error("Edits to %s are not being kept yet: %s", path, trouble)
        return Place(journal, History())

    def _claim(self) -> None:
        """Make a place in the store.

        A document that could not be read is set aside: two histories of one notebook must not meet.
        """
        if self._claimed:
            return
        self._store.open()
        standing = self._store.find(self._about.identity)
        if standing is not None:
            self._store.release(standing, "unreadable")
        self._store.place(self._about)
        self._claimed = True

    def _write(self, about: About) -> None:
        def write() -> About:
            self._store.write(about)
            return about

        self._attempt(write)

    def _attempt(self, change: Callable[[], About]) -> None:
        """The journal decides what is kept; the catalogue may be a step behind."""
        try:
            self._about = change()
        except (OSError, FormatTooNew) as error:
            self._log.warning("The store's entry of %s is stale: %s", self._about.path, error)


def _usable(history: History) -> bool:
    """Whether the sound records add up to a notebook."""
    return len(replay(history.updates).get("cells", type=Array)) > 0
