"""The archive: versions of notebooks, and what files and documents held when they agreed.

One SQLite database for all documents of a store, shared with other servers. Without it there is no
timeline, but every notebook.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from typing import Any, TypeVar

from ..errors import ArchiveUnavailable, FormatTooNew
from ..model import Version
from ..retention import Keep
from .baselines import (
    StoredBaseline,
    forget_before,
    insert_baseline,
    read_baselines,
)
from .contents import Contents
from .database import Database
from .moment import seconds_of, written
from .parts import Content
from .space import check_space, free_space
from .sweeping import sweep
from .thinning import Holdings, clear, documents, holdings, thin
from .transaction import writing
from .versions import (
    Draft,
    amend_version,
    bring_back_version,
    find_version,
    insert_version,
    list_versions,
    read_version,
    remove_version,
    rename_version,
)

__all__ = ["Archive", "Content", "Draft", "Holdings", "Keep", "StoredBaseline", "archive_in"]

TENDED = 300.0
"""Seconds between two looks for versions of a document that have had their time."""

T = TypeVar("T")


def path_in(root: str) -> str:
    """Where the archive of the store in a folder is."""
    return os.path.join(root, "archive.db")


def archive_in(root: str, keep: Keep | None = None) -> Archive:
    """The archive of the store in a folder; `keep` says how long versions are kept there."""
    return Archive(path_in(root), keep)


class Archive:
    """The versions and baselines in one database file, which other servers use as well.

    Every method blocks. An object is used by one thread at a time. Content that it is given, and
    that it gives, must not be changed: cells that are the same objects as before are not looked at
    again.

    Versions that have had their time, and what only they needed, are removed a little at a time
    whenever something is kept: where much is kept, much is removed.

    Raises:
        ArchiveUnavailable: by each method: the file cannot be read or written now. A later call
            tries again.
        FormatTooNew: by each method: a later version of this package made the file, which was left
            untouched.
    """

    def __init__(
        self,
        path: str,
        keep: Keep | None = None,
        free: Callable[[str], float] = free_space,
    ) -> None:
        """`path` is made when it is first needed; `free` tells the bytes free on its disk."""
        self._path = path
        self._keep = keep or Keep()
        self._free = free
        self._database = Database(path)
        self._contents: Contents | None = None
        self._tended: dict[str, float] = {}
        self._swept = False

    def keep_versions(self, document: str, drafts: Sequence[Draft]) -> list[Version]:
        """Keep versions of a document, all or none; they are durable on return.

        Raises:
            DiskLow: they can be done without, and the disk is nearly full.
            ValueError: one of them was made at no moment.
        """
        moments = [seconds_of(draft.created) for draft in drafts]
        check_space(self._path, {draft.kind for draft in drafts}, self._free(self._path))
        contents = [draft.content for draft in drafts]

        def keep(stock: Contents) -> list[Version]:
            with stock.storing(document, contents) as stored:
                pairs = zip(drafts, stored, strict=True)
                return [insert_version(stock.db, document, *pair) for pair in pairs]

        versions = self._run(keep)
        if moments:
            self._tend(document, max(moments))
        return versions

    def versions(self, document: str) -> list[Version]:
        """The versions of a document, newest first; of one moment, the one kept last first."""
        return self._run(lambda stock: list_versions(stock.db, document))

    def read_version(self, id: str) -> tuple[Version, Content]:
        """A version and its content.

        Raises:
            VersionMissing: there is none with that id.
        """
        version, content = self._run(lambda stock: read_version(stock, id))
        if content is None:
            raise ArchiveUnavailable(
                f"The version of {version.created} is damaged and cannot be shown. Others can be."
            )
        return version, content

    def find_version(self, id: str) -> Version:
        """A version without its content.

        Raises:
            VersionMissing: there is none with that id.
        """
        return self._run(lambda stock: find_version(stock.db, id))

    def rename_version(self, id: str, name: str | None) -> Version:
        """Give a version a name, or take it away. One of any kind is kept as long as it has one.

        Raises:
            VersionMissing: there is none with that id.
        """
        return self._run(lambda stock: rename_version(stock.db, id, name))

    def amend_version(self, id: str, details: dict[str, Any]) -> Version:
        """Replace what a version's kind adds to it.

        Raises:
            VersionMissing: there is none with that id.
        """
        return self._run(lambda stock: amend_version(stock.db, id, details))

    def remove_version(self, id: str, at: str) -> Version:
        """Remove a version, at a time; for a day `bring_back` undoes that.

        Raises:
            VersionMissing: there is none with that id.
        """
        return self._run(lambda stock: remove_version(stock.db, id, at))

    def bring_back(self, id: str) -> Version:
        """Show a version again that was removed; one that is there stays.

        Raises:
            VersionMissing: there is none with that id, or no longer.
        """
        return self._run(lambda stock: bring_back_version(stock.db, id))

    def keep_baseline(self, document: str, baseline: StoredBaseline) -> None:
        """Keep a baseline of a document, and forget those that are an hour older than it."""
        contents = [baseline.content, baseline.document]

        def keep(stock: Contents) -> None:
            with stock.storing(document, contents) as (content, own):
                number = insert_baseline(stock.db, document, baseline, content, own)
                forget_before(stock.db, document, number, baseline.at)

        self._run(keep)
        self._tend(document, seconds_of(baseline.at))

    def baselines(self, document: str, since: str) -> list[StoredBaseline]:
        """The baseline of a document that was kept last, and before it those since a time.

        Cells that several have in common are the same objects. One whose content is damaged is left
        out.
        """
        return self._run(lambda stock: read_baselines(stock, document, since))

    def thin(self, document: str, now: str) -> int:
        """Remove the versions of a document that have had their time; how many these were.

        Also those that were removed for good; what only they needed is gone with the next `sweep`.
        """
        return self._run(lambda stock: thin(stock.db, document, now, self._keep))

    def holdings(self, document: str) -> Holdings:
        """What `clear` would remove."""
        return self._run(lambda stock: holdings(stock.db, document))

    def clear(self, document: str, drafts: Sequence[Draft] = ()) -> list[Version]:
        """Remove the versions of a document but those with a name, and begin to free their space.

        What is about to be cleared elsewhere is kept as versions in the same step. What a second is
        not enough for is freed by `sweep`.
        """
        contents = [draft.content for draft in drafts]

        def replace(stock: Contents) -> list[Version]:
            with stock.storing(document, contents) as stored:
                clear(stock.db, document)
                pairs = zip(drafts, stored, strict=True)
                return [insert_version(stock.db, document, *pair) for pair in pairs]

        versions = self._run(replace)
        self.sweep(1.0)
        return versions

    def purge(self, document: str) -> None:
        """Forget all of a document, so that no byte of it is left in the file.

        But for what other documents have in common with it, and for files that were set aside: see
        `damaged`. Where this raises it has to be done again.
        """
        self.forget(document)
        self.sweep()
        # What pages were filled with before, also where their rows were moved to other pages.
        self._run(lambda stock: stock.db.execute("VACUUM"))

    def damaged(self) -> list[str]:
        """The paths of files that were set aside because they are damaged."""
        return self._database.damaged()

    def documents(self) -> list[str]:
        """The documents that have versions."""
        return self._run(lambda stock: documents(stock.db))

    def forget(self, document: str) -> None:
        """Forget all of a document; what nobody else needs is gone with the next `sweep`."""

        def forget(stock: Contents) -> None:
            stock.forget(document)
            with writing(stock.db):
                for table in ("versions", "baselines"):
                    stock.db.execute(f"DELETE FROM {table} WHERE document = ?", (document,))

        self._run(forget)

    def sweep(self, seconds: float = inf) -> int:
        """Free the space of contents and parts that nothing refers to; how many these were.

        After so many seconds the rest is left to a later call.
        """
        until = time.monotonic() + seconds
        removed, self._swept = self._run(lambda stock: sweep(stock.db, until))
        return removed

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        self._contents = None
        self._database.close()

    def _tend(self, document: str, now: float) -> None:
        """Remove something of what has had its time; with each call a little, if there is any."""
        # What was kept is kept. Where this fails, so will the next call that matters.
        with suppress(ArchiveUnavailable, FormatTooNew):
            if not 0 <= now - self._tended.get(document, -inf) < TENDED:
                self._tended[document] = now
                self.thin(document, written(now))
                self._swept = False
            if not self._swept:
                self.sweep(0)

    def _run(self, work: Callable[[Contents], T]) -> T:
        return self._database.run(lambda db: work(self._contents_in(db)))

    def _contents_in(self, db: sqlite3.Connection) -> Contents:
        """What is known of the contents of a database, if it is still the same one."""
        if self._contents is None or self._contents.db is not db:
            self._contents = Contents(db)
        return self._contents
